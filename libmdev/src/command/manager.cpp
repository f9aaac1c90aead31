// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config_store_impl.hpp"
#include "environment_impl.hpp"
#include "manager_impl.hpp"
#include "text.hpp"

#include <mdev/export.hpp>

#include <algorithm>
#include <unistd.h>

namespace mdev {

namespace {

/// Whether the caller may not do that. root may: for root the fault is that of
/// the device, such as an attribute that cannot be written.
bool is_denied(const Error& error)
{
    return geteuid() != 0 &&
        (error.cause() == std::errc::permission_denied ||
            error.cause() == std::errc::operation_not_permitted);
}

}

std::string describe(const Definition& definition)
{
    return "device " + definition.uuid().string() + " on " +
        definition.parent();
}

std::string devices_of(const std::optional<std::string>& parent)
{
    return parent ? "devices of parent " + *parent : "devices";
}

Error partial_failure(const std::vector<Error>& errors, std::size_t count,
    const std::string& subject, const std::string& sentence)
{
    const bool is_caller_at_fault = errors.size() == count &&
        std::all_of(errors.begin(), errors.end(), is_denied);
    if (!is_caller_at_fault)
        return {Errc::partial_failure, subject, sentence};
    return {errors.front().code(), errors.front().cause(), subject, sentence};
}

Error some_failed(const std::vector<Error>& errors, std::size_t count,
    const std::string& whose, const std::string& verb)
{
    return partial_failure(errors, count, whose,
        std::to_string(errors.size()) + " of " + std::to_string(count) + " " +
            whose + " could not be " + verb);
}

Error not_active(const Uuid& uuid)
{
    return {Errc::not_active, uuid.string(), "Device is not active"};
}

Error not_defined(const Uuid& uuid, const std::optional<std::string>& parent,
    const std::string& name)
{
    return {Errc::not_defined, uuid.string(),
        (name.empty() ? "Device " + uuid.string() : name) + " is not defined" +
            (parent ? " on " + *parent : "")};
}

Error incomplete(const std::optional<Uuid>& uuid, const std::string& why)
{
    const auto subject = uuid ? uuid->string() : "";
    return {Errc::incomplete, subject,
        "Device " + (uuid ? subject + " " : "") +
            "is insufficiently specified: " + why};
}

std::string missing(const std::optional<std::string>& parent,
    const std::optional<std::string>& type_id)
{
    if (!parent && !type_id)
        return "its parent and type are not specified";
    return parent ? "its type is not specified" : "its parent is not specified";
}

Outcome Manager::Impl::notify_listener(OutcomeParts parts) const
{
    auto outcome = Access::make<Outcome>(std::move(parts));
    if (outcomes)
        outcomes->push_back(outcome);
    if (listener)
        listener(outcome);
    return outcome;
}

std::vector<Outcome> Manager::Impl::run_several(
    const std::function<void(Impl& several)>& command) const
{
    std::vector<Outcome> results;
    auto several = *this;
    several.outcomes = &results;
    // A command for several devices may be a step of another.
    const auto pass_on = [&] {
        if (outcomes)
            outcomes->insert(outcomes->end(), results.begin(), results.end());
    };
    try {
        command(several);
        pass_on();
    } catch (const Error& error) {
        pass_on();
        std::erase_if(results,
            [](const Outcome& outcome) { return outcome.error().empty(); });
        throw with_outcomes(error, std::move(results));
    }
    return results;
}

HeldLocks Manager::Impl::locks() const
{
    if (!is_dry_run)
        EditInProgress::check_is_not_here();
    return {CalloutLocks(env.callout_lock_timeout(), cancellation(env))};
}

std::optional<StoreLock> Manager::Impl::lock_store() const
{
    return is_dry_run ? std::nullopt : std::optional(store.lock());
}

void Manager::Impl::run_with_store(
    HeldLocks& held, const std::function<void()>& command) const
{
    for (;;)
        try {
            held.store = lock_store();
            return command();
        } catch (const ScriptBusy& busy) {
            held.store.reset();
            held.scripts.take(busy.script);
        }
}

void Manager::Impl::run(CalloutAction action, const ScriptSubject& subject,
    HeldLocks& held, const std::function<void()>& command) const
{
    run_in_order(env, engine, {action, subject, is_forced}, held, command);
}

std::optional<DefinitionFile> Manager::Impl::find_unique(const Uuid& uuid,
    const std::optional<std::string>& parent,
    const std::optional<StoreLock>& held) const
{
    auto files = held ? Access::impl(store).find_files(uuid, parent, *held)
                      : find_files(env, uuid, parent);
    if (files.empty())
        return {};
    // The number of files decides, not their contents: a broken definition must
    // not make the other one look unique.
    if (files.size() > 1)
        throw Error(Errc::ambiguous, uuid.string(),
            "Multiple definitions found for device " + uuid.string() +
                ": specify a parent with --parent: " +
                joined(parents_of(files)));
    std::optional<DefinitionFile> only(std::move(files.front()));
    return only;
}

MDEV_API Manager::Manager(const Environment& env)
    : impl_(std::make_shared<const Impl>(
          Impl{env, ConfigStore(env), CalloutEngine(env)}))
{
}

Manager::Manager(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API Manager Manager::with_environment(const Environment& env) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->env = env;
    changed->store = ConfigStore(env);
    changed->engine = impl_->engine.with_environment(env);
    return Manager(std::move(changed));
}

MDEV_API Manager Manager::with_cancel(int descriptor) const
{
    return with_environment(impl_->env.with_cancel(descriptor));
}

MDEV_API Manager Manager::with_deadline(
    std::chrono::steady_clock::time_point deadline) const
{
    return with_environment(impl_->env.with_deadline(deadline));
}

MDEV_API Manager Manager::with_listener(OutcomeFunction listener) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->listener = std::move(listener);
    return Manager(std::move(changed));
}

MDEV_API Manager Manager::with_force() const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->is_forced = true;
    return Manager(std::move(changed));
}

MDEV_API Manager Manager::with_dry_run() const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->is_dry_run = true;
    return Manager(std::move(changed));
}

MDEV_API Manager Manager::with_idempotence() const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->is_idempotent = true;
    return Manager(std::move(changed));
}

MDEV_API Manager Manager::with_retries(
    unsigned count, std::chrono::milliseconds pause) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->retries = count;
    changed->retry_pause = pause;
    return Manager(std::move(changed));
}

MDEV_API Manager Manager::with_in_use(InUse in_use) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->in_use = in_use;
    return Manager(std::move(changed));
}

MDEV_API Manager Manager::with_timeout(std::chrono::milliseconds limit) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->timeout = limit;
    return Manager(std::move(changed));
}

MDEV_API Manager Manager::with_wait(std::chrono::milliseconds wait) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->wait = wait;
    return Manager(std::move(changed));
}

}
