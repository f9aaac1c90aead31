// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev.h>

// Callout scripts and their results.

namespace {

mdev::CalloutEvent event_of(int event)
{
    return require_enum<mdev::CalloutEvent>(event, "event");
}

mdev::CalloutAction action_of(int action)
{
    return require_enum<mdev::CalloutAction>(action, "action");
}

mdev::CalloutState state_of(int state)
{
    return require_enum<mdev::CalloutState>(state, "state");
}

std::optional<mdev::CalloutResult> optional_result(
    const mdev_callout_result* result)
{
    return result ? std::optional(result->value) : std::nullopt;
}

std::optional<std::string> optional_string(
    const std::optional<std::filesystem::path>& path)
{
    return path ? std::optional(path->string()) : std::nullopt;
}

/// Returns bytes, and stores their number if `size` is not null.
const char* lend_bytes(const std::string& bytes, size_t* size)
{
    if (size)
        *size = bytes.size();
    return bytes.c_str();
}

}

MDEV_HANDLE(callout_engine)
MDEV_NUMBER(callout_engine, has_scripts)

MDEV_API int mdev_callout_engine_new(
    const mdev_environment* env, mdev_callout_engine** made)
{
    return make(
        made, "made", [&] { return mdev::CalloutEngine(value_of(env)); });
}

MDEV_API int mdev_callout_engine_with_environment(
    const mdev_callout_engine* engine, const mdev_environment* env,
    mdev_callout_engine** changed)
{
    return make(changed, "changed",
        [&] { return value_of(engine).with_environment(value_of(env)); });
}

MDEV_API int mdev_callout_engine_versioned_script(
    const mdev_callout_engine* engine, const mdev_definition* definition,
    mdev_string** script)
{
    return find(script, "script", [&] {
        return optional_string(
            value_of(engine).versioned_script(value_of(definition)));
    });
}

MDEV_API int mdev_callout_engine_run(const mdev_callout_engine* engine,
    int event, int action, const mdev_definition* definition,
    mdev_callout_result** result)
{
    return find(result, "result", [&] {
        return value_of(engine).run(
            event_of(event), action_of(action), value_of(definition));
    });
}

MDEV_API int mdev_callout_engine_post(const mdev_callout_engine* engine,
    const mdev_callout_result* pre, int action, int state,
    const mdev_definition* definition, mdev_callout_result** result)
{
    return find(result, "result", [&] {
        return value_of(engine).post(optional_result(pre), action_of(action),
            state_of(state), value_of(definition));
    });
}

MDEV_API int mdev_callout_engine_notify(const mdev_callout_engine* engine,
    int action, int state, const mdev_definition* definition,
    mdev_callout_result_list** results)
{
    return make(results, "results", [&] {
        return value_of(engine).notify(
            action_of(action), state_of(state), value_of(definition));
    });
}

MDEV_API int mdev_callout_engine_attributes(const mdev_callout_engine* engine,
    const mdev_definition* definition, mdev_attribute_list** attributes)
{
    return make(attributes, "attributes",
        [&] { return value_of(engine).attributes(value_of(definition)); });
}

MDEV_API int mdev_callout_engine_add_attributes(
    const mdev_callout_engine* engine, mdev_definition_list* list)
{
    return guard([&] {
        auto values = values_of<mdev::Definition>(list);
        value_of(engine).add_attributes(values);
        for (std::size_t i = 0; i < values.size(); ++i)
            list->items[i] = mdev_definition{values[i]};
    });
}

MDEV_HANDLE(callout_result)
MDEV_TEXT(callout_result, script)
MDEV_NUMBER(callout_result, is_accepted)
MDEV_TEXT(callout_result, reason)

MDEV_API int mdev_callout_result_exit_status(
    const mdev_callout_result* result, int* status)
{
    return guard([&] {
        int& out = require(status, "status");
        out = value_of(result).exit_status().value_or(-1);
    });
}

MDEV_API int mdev_callout_result_signal(const mdev_callout_result* result)
{
    return guard_number([&] { return value_of(result).signal().value_or(0); });
}

MDEV_API const char* mdev_callout_result_output(
    const mdev_callout_result* result, size_t* size)
{
    return guard_pointer(
        [&] { return lend_bytes(value_of(result).output(), size); });
}

MDEV_API const char* mdev_callout_result_errors(
    const mdev_callout_result* result, size_t* size)
{
    return guard_pointer(
        [&] { return lend_bytes(value_of(result).errors(), size); });
}

MDEV_LIST(callout_result_list, const mdev_callout_result*)
MDEV_FREE(callout_result_list)
