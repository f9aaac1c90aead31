// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/callout_engine.hpp>
#include <mdev/export.hpp>

#include <mdev.h>

namespace {

const mdev::CalloutEngine& value_of(const mdev_callout_engine* engine)
{
    return require(engine, "engine").value;
}

const mdev::Definition& value_of(const mdev_definition* definition)
{
    return require(definition, "definition").value;
}

mdev::CalloutEvent event_of(int event)
{
    return require_enum(event, mdev::CalloutEvent::notify, "event");
}

mdev::CalloutAction action_of(int action)
{
    return require_enum(action, mdev::CalloutAction::capabilities, "action");
}

mdev::CalloutState state_of(int state)
{
    return require_enum(state, mdev::CalloutState::failure, "state");
}

std::optional<mdev::CalloutResult> optional_result(
    const mdev_callout_result* result)
{
    return result ? std::optional(result->value) : std::nullopt;
}

std::optional<std::string> text(
    const std::optional<std::filesystem::path>& path)
{
    return path ? std::optional(path->string()) : std::nullopt;
}

}

MDEV_API int mdev_callout_engine_new(
    const mdev_environment* env, mdev_callout_engine** made)
{
    return make(made, "made",
        [&] { return mdev::CalloutEngine(require(env, "env").value); });
}

MDEV_API int mdev_callout_engine_copy(
    const mdev_callout_engine* engine, mdev_callout_engine** copied)
{
    return copy(engine, copied);
}

MDEV_API void mdev_callout_engine_free(mdev_callout_engine* engine)
{
    delete engine;
}

MDEV_API int mdev_callout_engine_has_scripts(const mdev_callout_engine* engine)
{
    return guard_number([&] { return value_of(engine).has_scripts() ? 1 : 0; });
}

MDEV_API int mdev_callout_engine_versioned_script(
    const mdev_callout_engine* engine, const mdev_definition* definition,
    mdev_string** script)
{
    return find(script, "script", [&] {
        return text(value_of(engine).versioned_script(value_of(definition)));
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
    const mdev_definition* device, mdev_attribute_list** attributes)
{
    return make(attributes, "attributes", [&] {
        return value_of(engine).attributes(require(device, "device").value);
    });
}

MDEV_API int mdev_callout_engine_add_attributes(
    const mdev_callout_engine* engine, mdev_definition_list* devices)
{
    return guard([&] {
        auto& items = require(devices, "devices").items;
        auto values = values_of<mdev::Definition>(items);
        value_of(engine).add_attributes(values);
        for (std::size_t i = 0; i < values.size(); ++i)
            items[i].value = values[i];
    });
}

MDEV_API int mdev_callout_engine_under_lock(
    const mdev_callout_engine* engine, mdev_callout_engine** made)
{
    return make(made, "made", [&] { return value_of(engine).under_lock(); });
}
