// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/export.hpp>
#include <mdev/manager.hpp>

#include <cerrno>
#include <mdev.h>

namespace {

const mdev::Manager& value_of(const mdev_manager* manager)
{
    return needed(manager, "manager").value;
}

const mdev::Definition& value_of(const mdev_definition* definition)
{
    return needed(definition, "definition").value;
}

mdev::Force force_of(int force)
{
    return enumerator(force, mdev::Force::yes, "force");
}

/// A listener that says it to a caller's function.
mdev::OutcomeFunction listener_of(
    mdev_outcome_function listener, void* user_data)
{
    if (!listener)
        return {};
    return [listener, user_data](const mdev::Outcome& outcome) {
        const mdev_outcome handle{outcome};
        listener(&handle, user_data);
    };
}

/// Lets a caller's function change a definition.
void run_edit(
    mdev_edit_function edit, void* user_data, mdev::Definition& definition)
{
    mdev_definition handle{definition};
    const int answer = edit(&handle, user_data);
    if (answer != 0)
        throw Stopped{answer < 0 ? answer : -ECANCELED};
    definition = handle.value;
}

}

MDEV_API int mdev_manager_new(const mdev_environment* env, mdev_manager** made)
{
    return make(
        made, "made", [&] { return mdev::Manager(needed(env, "env").value); });
}

MDEV_API int mdev_manager_copy(
    const mdev_manager* manager, mdev_manager** copied)
{
    return copy(manager, copied);
}

MDEV_API void mdev_manager_free(mdev_manager* manager)
{
    delete manager;
}

MDEV_API int mdev_manager_with_listener(const mdev_manager* manager,
    mdev_outcome_function listener, void* user_data, mdev_manager** changed)
{
    return make(changed, "changed", [&] {
        return value_of(manager).with_listener(
            listener_of(listener, user_data));
    });
}

MDEV_API int mdev_manager_with_dry_run(
    const mdev_manager* manager, mdev_manager** changed)
{
    return make(
        changed, "changed", [&] { return value_of(manager).with_dry_run(); });
}

MDEV_API int mdev_manager_with_idempotence(
    const mdev_manager* manager, mdev_manager** changed)
{
    return make(changed, "changed",
        [&] { return value_of(manager).with_idempotence(); });
}

MDEV_API int mdev_manager_with_wait(
    const mdev_manager* manager, long milliseconds, mdev_manager** changed)
{
    return make(changed, "changed",
        [&] { return value_of(manager).with_wait(needed_time(milliseconds)); });
}

MDEV_API int mdev_manager_define(
    const mdev_manager* manager, const mdev_definition* definition, int force)
{
    return guard([&] {
        value_of(manager).define(value_of(definition), force_of(force));
    });
}

MDEV_API int mdev_manager_define_given(const mdev_manager* manager,
    const mdev_uuid* uuid, const char* parent, const char* type, int start,
    int force, mdev_definition** stored)
{
    return make_if_wanted(stored, [&] {
        return value_of(manager).define(optional_uuid(uuid),
            optional_text(parent), optional_text(type),
            enumerator(start, mdev::StartMode::automatic, "start"),
            force_of(force));
    });
}

MDEV_API int mdev_manager_undefine(const mdev_manager* manager,
    const mdev_uuid* uuid, const char* parent, int force)
{
    return guard([&] {
        value_of(manager).undefine(
            needed_uuid(uuid), optional_text(parent), force_of(force));
    });
}

MDEV_API int mdev_manager_modify(const mdev_manager* manager,
    const mdev_uuid* uuid, const char* parent, mdev_edit_function edit,
    void* user_data, int force)
{
    return guard([&] {
        if (!edit)
            throw_bad_argument("edit", "must not be NULL");
        value_of(manager).modify(
            needed_uuid(uuid), optional_text(parent),
            [&](mdev::Definition& definition) {
                run_edit(edit, user_data, definition);
            },
            force_of(force));
    });
}

MDEV_API int mdev_manager_modify_to(
    const mdev_manager* manager, const mdev_definition* definition, int force)
{
    return guard([&] {
        value_of(manager).modify(value_of(definition), force_of(force));
    });
}

MDEV_API int mdev_manager_modify_live(const mdev_manager* manager,
    const mdev_definition* definition, int also, int force)
{
    return guard([&] {
        value_of(manager).modify_live(value_of(definition),
            enumerator(also, mdev::Also::definition, "also"), force_of(force));
    });
}

MDEV_API int mdev_manager_start(const mdev_manager* manager,
    const mdev_definition* definition, int force, mdev_device** device)
{
    return make_if_wanted(device, [&] {
        return value_of(manager).start(value_of(definition), force_of(force));
    });
}

MDEV_API int mdev_manager_start_given(const mdev_manager* manager,
    const mdev_uuid* uuid, const char* parent, const char* type, int force,
    mdev_device** device)
{
    return make_if_wanted(device, [&] {
        return value_of(manager).start(optional_uuid(uuid),
            optional_text(parent), optional_text(type), force_of(force));
    });
}

MDEV_API int mdev_manager_stop(
    const mdev_manager* manager, const mdev_uuid* uuid, int force)
{
    return guard(
        [&] { value_of(manager).stop(needed_uuid(uuid), force_of(force)); });
}

MDEV_API int mdev_manager_start_parent(
    const mdev_manager* manager, const char* parent, long milliseconds)
{
    return guard([&] {
        value_of(manager).start_parent(
            needed_text(parent, "parent"), needed_time(milliseconds));
    });
}

MDEV_API int mdev_manager_start_all(
    const mdev_manager* manager, long milliseconds)
{
    return guard(
        [&] { value_of(manager).start_all(needed_time(milliseconds)); });
}

MDEV_API int mdev_manager_start_defined(
    const mdev_manager* manager, const char* parent, int force)
{
    return guard([&] {
        value_of(manager).start_defined(optional_text(parent), force_of(force));
    });
}

MDEV_API int mdev_manager_stop_all(
    const mdev_manager* manager, const char* parent, int force)
{
    return guard([&] {
        value_of(manager).stop_all(optional_text(parent), force_of(force));
    });
}

MDEV_API int mdev_manager_apply(const mdev_manager* manager,
    const mdev_host_state* wanted, int prune, int running)
{
    return guard([&] {
        value_of(manager).apply(needed(wanted, "wanted").value,
            enumerator(prune, mdev::Prune::yes, "prune"),
            enumerator(running, mdev::Running::matched, "running"));
    });
}
