// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cancellation.hpp"
#include "environment_impl.hpp"
#include "manager_impl.hpp"
#include "parent_locks.hpp"
#include "text.hpp"

#include <mdev/export.hpp>

#include <algorithm>

namespace mdev {

// Starting many devices, for example at boot. Hundreds may fail for one reason:
// each reason is logged once, at the end, and each device separately on level
// info.
//
// Devices that failed are tried again here (Manager::with_retries()) and not by
// systemd, which would start a new process each time. One process waits only
// once for a script that hangs, and reports the result once.

namespace {

using std::chrono::milliseconds;

std::vector<Definition> automatic(std::vector<Definition> definitions)
{
    std::erase_if(definitions, [](const Definition& definition) {
        return definition.start() != StartMode::automatic;
    });
    return definitions;
}

/// A cause without the UUID of the device, so that the same cause of several
/// devices is the same text.
std::string without_uuid(std::string cause, const std::string& uuid)
{
    for (auto at = cause.find(uuid); at != cause.npos;
         at = cause.find(uuid, at))
        cause.replace(at, uuid.size(), "UUID");
    return cause;
}

/// Devices of one parent and type that failed for the same reason.
struct Failure {
    std::string parent;
    std::string type_id;
    std::string cause;
    std::vector<std::string> uuids{};
    std::string sentence; ///< of the first device
};

}

/// The devices that failed in one round.
class Manager::Impl::Failures {
public:
    void add(const Definition& definition, const StartResult& result)
    {
        definitions.push_back(definition);
        outcomes.push_back(result.outcome);
        errors.push_back(*result.error);
        auto uuid = definition.uuid().string();
        auto cause = without_uuid(result.cause, uuid);
        auto found =
            std::find_if(kinds_.begin(), kinds_.end(), [&](const auto& each) {
                return each.parent == definition.parent() &&
                    each.type_id == definition.type_id() && each.cause == cause;
            });
        if (found == kinds_.end())
            found = kinds_.insert(kinds_.end(),
                {definition.parent(), definition.type_id(), std::move(cause),
                    {}, result.outcome.error});
        found->uuids.push_back(std::move(uuid));
    }

    void log(const Environment& system) const
    {
        for (const auto& kind : kinds_)
            system.log(LogLevel::error,
                kind.uuids.size() == 1
                    ? kind.sentence
                    : "Cannot start " + std::to_string(kind.uuids.size()) +
                        " devices of type " + kind.type_id + " on " +
                        kind.parent + ": " + kind.cause + " (" +
                        joined(kind.uuids) + ")");
    }

    std::vector<Definition> definitions;
    std::vector<OutcomeParts> outcomes;
    std::vector<Error> errors;

private:
    std::vector<Failure> kinds_;
};

Manager::Impl::Failures Manager::Impl::start_once(
    std::vector<Definition> definitions, milliseconds time,
    const std::string& whose, bool is_last_round) const
{
    ParentLocks locks(env);
    Failures failures;
    try {
        start_with_retry(
            std::move(definitions), time, whose,
            [&](const Definition& definition, const StartResult& result) {
                const bool is_cancelled =
                    result.error && is_end_of_command(env, *result.error);
                if (!result.error || is_last_round || is_cancelled)
                    notify_listener(result.outcome);
                if (!result.error)
                    return;
                if (is_cancelled)
                    throw *result.error;
                env.log(LogLevel::info, result.error->what());
                failures.add(definition, result);
            },
            is_dry_run ? nullptr : &locks);
    } catch (const Error&) {
        // These devices are not tried again.
        if (!is_last_round)
            notify_listener(failures);
        failures.log(env);
        throw;
    }
    return failures;
}

void Manager::Impl::notify_listener(const Failures& failures) const
{
    for (const auto& outcome : failures.outcomes)
        notify_listener(outcome);
}

void Manager::Impl::start_definitions(std::vector<Definition> definitions,
    milliseconds time, const std::string& whose) const
{
    const auto count = definitions.size();
    if (count == 0)
        return;
    // A device that is already active is not a failure of the automatic start.
    auto idempotent = *this;
    idempotent.is_idempotent = true;
    const auto rounds = is_dry_run ? 0 : retries;
    auto failures =
        idempotent.start_once(std::move(definitions), time, whose, rounds == 0);
    for (unsigned i = 1; i <= rounds && !failures.definitions.empty(); ++i) {
        env.log(LogLevel::info,
            some_failed(failures.errors, count, whose, "started").what() +
                std::string("; retrying"));
        if (cancellation(env).is_requested_within(retry_pause)) {
            notify_listener(failures);
            failures.log(env);
            throw cancellation(env).error("Starting the " + whose, whose);
        }
        failures = idempotent.start_once(std::move(failures.definitions),
            milliseconds(0), whose, i == rounds);
    }
    failures.log(env);
    if (!failures.definitions.empty())
        throw some_failed(failures.errors, count, whose, "started");
}

MDEV_API std::vector<Outcome> Manager::start_parent(
    std::string_view parent, milliseconds wait) const
{
    return impl_->run_several([&](const Impl& several) {
        several.start_definitions(automatic(several.store.of_parent(parent)),
            wait, devices_of(std::string(parent)));
    });
}

MDEV_API std::vector<Outcome> Manager::start_all(milliseconds wait) const
{
    return impl_->run_several([&](const Impl& several) {
        several.start_definitions(
            automatic(several.store.all()), wait, devices_of({}));
    });
}

MDEV_API std::vector<Outcome> Manager::start_defined(
    const std::optional<std::string>& parent) const
{
    return impl_->run_several([&](const Impl& several) {
        several.start_definitions(
            parent ? several.store.of_parent(*parent) : several.store.all(),
            several.wait, devices_of(parent));
    });
}

}
