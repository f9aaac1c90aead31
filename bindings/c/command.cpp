// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <cerrno>
#include <limits>
#include <mdev.h>
#include <optional>
#include <utility>
#include <vector>

// The commands, their arguments, and their results.

namespace {

/// What mdev_last_outcomes() returns. The list is made when it is asked for.
struct LastOutcomes {
    std::vector<mdev::Outcome> outcomes;
    std::optional<mdev_outcome_list> list;
};

// Until the thread's next command.
thread_local LastOutcomes last; // NOLINT(*-avoid-non-const-global-variables)

/// The results of one command of this thread.
class Results {
public:
    Results() noexcept : outer_(std::exchange(innermost, this)) {}
    Results(const Results&) = delete;
    Results& operator=(const Results&) = delete;
    ~Results()
    {
        innermost = outer_;
        last.outcomes = std::move(outcomes_);
        last.list.reset();
    }
    /// Adds a result to the command that this thread runs.
    static void add(const mdev::Outcome& outcome)
    {
        if (innermost)
            innermost->outcomes_.push_back(outcome);
    }

private:
    inline static thread_local Results* innermost = nullptr;
    Results* outer_; ///< of the command whose listener gives this one
    std::vector<mdev::Outcome> outcomes_;
};

/// Returns a listener that collects the results and calls a C function, which
/// may be NULL.
mdev::OutcomeFunction listener_of(
    mdev_outcome_function listener, void* user_data)
{
    return [listener, user_data](const mdev::Outcome& outcome) {
        Results::add(outcome);
        if (!listener)
            return;
        const mdev_outcome handle{outcome};
        listener(&handle, user_data);
    };
}

/// Calls a C function that changes `definition`.
void run_edit(
    mdev_edit_function edit, void* user_data, mdev::Definition& definition)
{
    mdev_definition handle{definition};
    const int answer = edit(&handle, user_data);
    if (answer != 0)
        throw CallbackFailed{answer < 0 ? answer : -ECANCELED};
    definition = handle.value;
}

}

MDEV_HANDLE(device_spec)
MDEV_MEMBER(device_spec, const mdev_uuid*, uuid)
MDEV_TEXT(device_spec, parent)
MDEV_TEXT(device_spec, type_id)
MDEV_NUMBER(device_spec, start)

MDEV_API int mdev_device_spec_new(mdev_device_spec** made)
{
    return make(made, "made", [] { return mdev::DeviceSpec(); });
}

MDEV_API int mdev_device_spec_set_uuid(
    mdev_device_spec* spec, const mdev_uuid* uuid)
{
    return change(spec, [&](auto& value) { value.uuid(require_uuid(uuid)); });
}

MDEV_API int mdev_device_spec_set_parent(
    mdev_device_spec* spec, const char* parent)
{
    return change(spec,
        [&](auto& value) { value.parent(require_text(parent, "parent")); });
}

MDEV_API int mdev_device_spec_set_type_id(
    mdev_device_spec* spec, const char* type_id)
{
    return change(spec,
        [&](auto& value) { value.type_id(require_text(type_id, "type_id")); });
}

MDEV_API int mdev_device_spec_set_start(mdev_device_spec* spec, int start)
{
    return change(spec, [&](auto& value) {
        value.start(require_enum<mdev::StartMode>(start, "start"));
    });
}

MDEV_HANDLE(outcome)
MDEV_NUMBER(outcome, action)
MDEV_TEXT(outcome, word)
MDEV_MEMBER(outcome, const mdev_uuid*, uuid)
MDEV_TEXT(outcome, parent)
MDEV_TEXT(outcome, type_id)
MDEV_NUMBER(outcome, is_changed)
MDEV_MEMBER(outcome, const mdev_string_list*, differences)
MDEV_TEXT(outcome, error)
MDEV_MEMBER(outcome, const mdev_device_user_list*, users)
MDEV_MEMBER(outcome, const mdev_definition*, before)
MDEV_MEMBER(outcome, const mdev_definition*, after)
MDEV_JSON(outcome)

MDEV_API int mdev_outcome_code(const mdev_outcome* outcome)
{
    return guard_number([&] { return code_of(value_of(outcome).code()); });
}

MDEV_API int mdev_outcome_errno(const mdev_outcome* outcome)
{
    return guard_number(
        [&] { return kernel_number(value_of(outcome).cause()); });
}

MDEV_LIST(outcome_list, const mdev_outcome*)
MDEV_HANDLE(outcome_list)

MDEV_API const mdev_outcome_list* mdev_last_outcomes(void)
{
    if (!last.list)
        guard([] { last.list.emplace(last.outcomes); });
    static const mdev_outcome_list empty;
    return last.list ? &*last.list : &empty;
}

MDEV_HANDLE(manager)

MDEV_API int mdev_manager_new(const mdev_environment* env, mdev_manager** made)
{
    return make(made, "made", [&] {
        return mdev::Manager(value_of(env))
            .with_listener(listener_of(nullptr, nullptr));
    });
}

MDEV_API int mdev_manager_with_environment(const mdev_manager* manager,
    const mdev_environment* env, mdev_manager** changed)
{
    return make(changed, "changed",
        [&] { return value_of(manager).with_environment(value_of(env)); });
}

MDEV_API int mdev_manager_with_cancel(
    const mdev_manager* manager, int descriptor, mdev_manager** changed)
{
    return make(changed, "changed", [&] {
        if (descriptor < -1)
            throw_bad_argument("descriptor", "must not be below -1");
        return value_of(manager).with_cancel(descriptor);
    });
}

MDEV_API int mdev_manager_with_deadline(
    const mdev_manager* manager, long milliseconds, mdev_manager** changed)
{
    return make(changed, "changed", [&] {
        return value_of(manager).with_deadline(require_deadline(milliseconds));
    });
}

MDEV_API int mdev_manager_with_listener(const mdev_manager* manager,
    mdev_outcome_function listener, void* user_data, mdev_manager** changed)
{
    return make(changed, "changed", [&] {
        return value_of(manager).with_listener(
            listener_of(listener, user_data));
    });
}

MDEV_API int mdev_manager_with_force(
    const mdev_manager* manager, mdev_manager** changed)
{
    return make(
        changed, "changed", [&] { return value_of(manager).with_force(); });
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

MDEV_API int mdev_manager_with_in_use(
    const mdev_manager* manager, int in_use, mdev_manager** changed)
{
    return make(changed, "changed", [&] {
        return value_of(manager).with_in_use(
            require_enum<mdev::InUse>(in_use, "in_use"));
    });
}

MDEV_API int mdev_manager_with_timeout(
    const mdev_manager* manager, long milliseconds, mdev_manager** changed)
{
    return make(changed, "changed", [&] {
        return value_of(manager).with_timeout(require_time(milliseconds));
    });
}

MDEV_API int mdev_manager_with_wait(
    const mdev_manager* manager, long milliseconds, mdev_manager** changed)
{
    return make(changed, "changed", [&] {
        return value_of(manager).with_wait(require_time(milliseconds));
    });
}

MDEV_API int mdev_manager_with_retries(const mdev_manager* manager, long count,
    long milliseconds, mdev_manager** changed)
{
    return make(changed, "changed", [&] {
        if (count < 0 || count > std::numeric_limits<int>::max())
            throw_bad_argument("count", "must be a number of times");
        return value_of(manager).with_retries(
            static_cast<unsigned>(count), require_time(milliseconds));
    });
}

MDEV_API int mdev_manager_define(
    const mdev_manager* manager, const mdev_definition* definition)
{
    const Results results;
    return guard([&] { value_of(manager).define(value_of(definition)); });
}

MDEV_API int mdev_manager_define_spec(const mdev_manager* manager,
    const mdev_device_spec* spec, mdev_definition** stored)
{
    const Results results;
    return make_if_wanted(
        stored, [&] { return value_of(manager).define(value_of(spec)); });
}

MDEV_API int mdev_manager_undefine(
    const mdev_manager* manager, const mdev_uuid* uuid, const char* parent)
{
    const Results results;
    return guard([&] {
        value_of(manager).undefine(require_uuid(uuid), optional_text(parent));
    });
}

MDEV_API int mdev_manager_modify(const mdev_manager* manager,
    const mdev_uuid* uuid, const char* parent, mdev_edit_function edit,
    void* user_data)
{
    const Results results;
    return guard([&] {
        require(edit, "edit");
        value_of(manager).modify(require_uuid(uuid), optional_text(parent),
            [&](mdev::Definition& definition) {
                run_edit(edit, user_data, definition);
            });
    });
}

MDEV_API int mdev_manager_modify_to(
    const mdev_manager* manager, const mdev_definition* definition)
{
    const Results results;
    return guard([&] { value_of(manager).modify(value_of(definition)); });
}

MDEV_API int mdev_manager_modify_live(
    const mdev_manager* manager, const mdev_definition* definition, int scope)
{
    const Results results;
    return guard([&] {
        value_of(manager).modify_live(value_of(definition),
            require_enum<mdev::LiveScope>(scope, "scope"));
    });
}

MDEV_API int mdev_manager_edit_live(const mdev_manager* manager,
    const mdev_uuid* uuid, mdev_edit_function edit, void* user_data, int scope)
{
    const Results results;
    return guard([&] {
        require(edit, "edit");
        value_of(manager).modify_live(
            require_uuid(uuid),
            [&](mdev::Definition& definition) {
                run_edit(edit, user_data, definition);
            },
            require_enum<mdev::LiveScope>(scope, "scope"));
    });
}

MDEV_API int mdev_manager_start(const mdev_manager* manager,
    const mdev_definition* definition, mdev_device** device)
{
    const Results results;
    return make_if_wanted(
        device, [&] { return value_of(manager).start(value_of(definition)); });
}

MDEV_API int mdev_manager_start_spec(const mdev_manager* manager,
    const mdev_device_spec* spec, mdev_device** device)
{
    const Results results;
    return make_if_wanted(
        device, [&] { return value_of(manager).start(value_of(spec)); });
}

MDEV_API int mdev_manager_stop(
    const mdev_manager* manager, const mdev_uuid* uuid)
{
    const Results results;
    return guard([&] { value_of(manager).stop(require_uuid(uuid)); });
}

MDEV_API int mdev_manager_start_parent(
    const mdev_manager* manager, const char* parent, long milliseconds)
{
    const Results results;
    return guard([&] {
        value_of(manager).start_parent(
            require_text(parent, "parent"), require_time(milliseconds));
    });
}

MDEV_API int mdev_manager_start_all(
    const mdev_manager* manager, long milliseconds)
{
    const Results results;
    return guard(
        [&] { value_of(manager).start_all(require_time(milliseconds)); });
}

MDEV_API int mdev_manager_start_defined(
    const mdev_manager* manager, const char* parent)
{
    const Results results;
    return guard(
        [&] { value_of(manager).start_defined(optional_text(parent)); });
}

MDEV_API int mdev_manager_stop_all(
    const mdev_manager* manager, const char* parent)
{
    const Results results;
    return guard([&] { value_of(manager).stop_all(optional_text(parent)); });
}

MDEV_API int mdev_manager_apply(const mdev_manager* manager,
    const mdev_host_state* state, int prune, int active_devices)
{
    const Results results;
    return guard([&] {
        value_of(manager).apply(value_of(state),
            require_enum<mdev::Prune>(prune, "prune"),
            require_enum<mdev::ActiveDevices>(
                active_devices, "active_devices"));
    });
}

MDEV_API int mdev_manager_diff(const mdev_manager* manager,
    const mdev_host_state* state, int prune, int active_devices,
    mdev_outcome_list** changes)
{
    return make(changes, "changes", [&] {
        return value_of(manager).diff(value_of(state),
            require_enum<mdev::Prune>(prune, "prune"),
            require_enum<mdev::ActiveDevices>(
                active_devices, "active_devices"));
    });
}
