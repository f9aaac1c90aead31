// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config_store_impl.hpp"
#include "definition_impl.hpp"
#include "manager_impl.hpp"
#include "name.hpp"

#include <mdev/export.hpp>
#include <mdev/parent_device.hpp>

namespace mdev {

namespace {

Error not_defined(const Uuid& uuid, const std::optional<std::string>& parent)
{
    return {Errc::not_defined, uuid.string(),
        "Device " + uuid.string() + " is not defined" +
            (parent ? " on " + *parent : "")};
}

/// What an active device has is for its script to say.
void add_attributes(Definition& definition, const CalloutEngine& engine)
try {
    definition.set_attributes(engine.attributes(definition));
} catch (const Error& error) {
    throw with_context(error, "Cannot define " + called(definition));
}

/// A live change cannot make another device of it.
void check_active(const Definition& definition, const Environment& env)
{
    const auto device = Device::find(definition.uuid(), env);
    const auto uuid = definition.uuid().string();
    if (!device)
        throw Error(Errc::not_active, uuid, "Device is not active");
    if (device->parent() != definition.parent())
        throw Error(Errc::no_such_parent, uuid,
            "Device is active under parent '" + device->parent() + "'");
    if (device->type() != definition.type())
        throw Error(Errc::no_such_type, uuid,
            "Device is active with type '" + device->type() + "', not '" +
                definition.type() + "'");
}

/// A definition whose parent is there may be checked against it already.
void warn_of_misspelling(const Definition& definition, const Environment& env)
try {
    const auto parent = ParentDevice::find(definition.parent(), env);
    if (parent && !parent->type(definition.type()))
        env.log(LogLevel::warning,
            "Parent " + definition.parent() + " does not offer the type " +
                definition.type() + " of device " + definition.uuid().string() +
                " now");
} catch (const Error& error) {
    env.log(LogLevel::info, error.what());
}

}

std::string called(const Definition& definition)
{
    return "device " + definition.uuid().string() + " on " +
        definition.parent();
}

Error incomplete(const std::optional<Uuid>& uuid, const std::string& why)
{
    const auto subject = uuid ? uuid->string() : "";
    return {Errc::incomplete, subject,
        "Device " + (uuid ? subject + " " : "") +
            "is insufficiently specified: " + why};
}

void Manager::Impl::tell(OutcomeAccess::Parts outcome) const
{
    if (listener)
        listener(OutcomeAccess::make(std::move(outcome)));
}

Turn Manager::Impl::turn() const
{
    return is_dry_run ? Turn() : take_turn(env, engine);
}

/// Not in a dry run, which must not even make the file to lock.
std::optional<StoreLock> Manager::Impl::lock() const
{
    return is_dry_run ? std::nullopt : std::optional(store.lock());
}

/// The parents under which the UUID is defined, of which one may be meant.
std::vector<std::string> Manager::Impl::candidates(
    const Uuid& uuid, const std::optional<std::string>& parent) const
{
    return ConfigStoreAccess::parents_of(store, uuid, parent);
}

std::optional<Definition> Manager::Impl::sole(
    const Uuid& uuid, const std::optional<std::string>& parent) const
{
    const auto parents = candidates(uuid, parent);
    if (parents.empty())
        return {};
    if (parents.size() > 1)
        throw Error(Errc::ambiguous, uuid.string(),
            "Multiple definitions found for device " + uuid.string() +
                ": specify a parent with --parent: " + choices(parents));
    return store.find(uuid, parents.front());
}

MDEV_API Manager::Manager(const Environment& env)
    : impl_(std::make_shared<const Impl>(
          Impl{env, ConfigStore(env), CalloutEngine(env), {}}))
{
}

Manager::Manager(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API Manager Manager::with_listener(OutcomeFunction listener) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->listener = std::move(listener);
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

MDEV_API Manager Manager::with_wait(std::chrono::milliseconds wait) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->wait = wait;
    return Manager(std::move(changed));
}

/// Throws Error if it is defined, unless that is as good as done.
bool Manager::Impl::is_defined_so(const Definition& definition) const
{
    if (candidates(definition.uuid(), definition.parent()).empty())
        return false;
    std::string why = "it is already defined";
    const auto stored = is_idempotent
        ? store.find(definition.uuid(), definition.parent())
        : std::nullopt;
    if (stored) {
        const auto different = differences(*stored, definition);
        if (different.empty())
            return true;
        why += " differently, in " + choices(different);
    }
    throw Error(Errc::already_defined, definition.uuid().string(), why);
}

void Manager::Impl::add(const Definition& definition, Force force) const
try {
    write({CalloutAction::define, definition, force},
        [&](const StoreLock& held) { store.add(definition, held); });
} catch (const Error& error) {
    if (error.code() != Errc::already_defined || !is_defined_so(definition))
        throw;
}

MDEV_API void Manager::define(const Definition& definition, Force force) const
{
    const auto parts = OutcomeAccess::about(CalloutAction::define, definition);
    impl_->perform(
        parts, "Cannot define " + called(definition), [&](auto& outcome) {
            const auto turn = impl_->turn();
            warn_of_misspelling(definition, impl_->env);
            // Asked before the scripts, which need not hear of it; asked again
            // when it is written.
            outcome.is_changed = !impl_->is_defined_so(definition);
            if (outcome.is_changed && !impl_->is_dry_run)
                impl_->add(definition, force);
        });
}

MDEV_API Definition Manager::define(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent,
    const std::optional<std::string>& type, StartMode start, Force force) const
{
    std::optional<Device> device;
    if (uuid && (!parent || !type))
        device = Device::find(*uuid, impl_->env);
    if (device && parent && device->parent() != *parent)
        throw incomplete(uuid,
            "it is active on " + device->parent() + ", not on " + *parent +
                ", so its type must be given");
    if (!device && (!parent || !type))
        throw incomplete(uuid,
            uuid ? "it is not active, so its parent and type must be given"
                 : "its parent and type must be given");
    Definition definition(uuid ? *uuid : Uuid::random(),
        parent ? *parent : device->parent(), type ? *type : device->type());
    definition.set_start(start);
    if (device)
        add_attributes(definition, impl_->engine);
    define(definition, force);
    return definition;
}

std::optional<Definition> Manager::Impl::definition_to_undefine(
    const Uuid& uuid, const std::string& parent, Force force) const
try {
    return store.find(uuid, parent);
} catch (const Error& error) {
    if (force == Force::no)
        throw Error(error.code(), error.cause(), error.subject(),
            error.what() + std::string("; --force removes it unread"));
    env.log(LogLevel::warning, error.what());
    return {};
}

void Manager::Impl::undefine_one(
    const Uuid& uuid, const std::string& parent, Force force) const
{
    const auto erase = [&](const StoreLock& held) {
        if (!store.erase(uuid, parent, held) && !is_idempotent)
            throw not_defined(uuid, parent);
    };
    perform({CalloutAction::undefine, uuid, parent, {}, true, {}, {}},
        "Cannot undefine device " + uuid.string() + " on " + parent,
        [&](auto& outcome) {
            const auto definition = definition_to_undefine(uuid, parent, force);
            if (definition)
                outcome.type = definition->type();
            if (is_dry_run)
                return;
            if (definition)
                write({CalloutAction::undefine, *definition, force}, erase);
            else
                erase(store.lock());
        });
}

void Manager::Impl::tell_not_defined(
    const Uuid& uuid, const std::optional<std::string>& parent) const
{
    const auto error = not_defined(uuid, parent);
    tell({CalloutAction::undefine, uuid, parent.value_or(""), {}, false, {},
        is_idempotent ? "" : error.what()});
    if (!is_idempotent)
        throw error;
}

MDEV_API void Manager::undefine(const Uuid& uuid,
    const std::optional<std::string>& parent, Force force) const
{
    const auto parents = impl_->candidates(uuid, parent);
    if (parents.empty())
        return impl_->tell_not_defined(uuid, parent);
    const auto turn = impl_->turn();
    std::vector<Error> errors;
    for (const auto& name : parents)
        try {
            impl_->undefine_one(uuid, name, force);
        } catch (const Error& error) {
            errors.push_back(error);
        }
    if (errors.size() == parents.size() && errors.size() == 1)
        throw errors.front();
    for (const auto& error : errors)
        impl_->env.log(LogLevel::error, error.what());
    if (!errors.empty())
        throw Error(Errc::partial_failure, uuid.string(),
            std::to_string(errors.size()) + " of " +
                std::to_string(parents.size()) + " definitions of device " +
                uuid.string() + " could not be removed");
}

/// The lock, if nobody has it for long. Scripts may hold something that the
/// one who has it waits for, so where there are any, long is short.
StoreLock Manager::Impl::lock_soon() const
{
    constexpr std::chrono::milliseconds soon(1000);
    if (!engine.has_scripts() || env.lock_timeout() <= soon)
        return store.lock();
    try {
        return ConfigStore(env.with_lock_timeout(soon)).lock();
    } catch (const Error& error) {
        if (error.code() == Errc::timed_out)
            throw StoreBusy();
        throw;
    }
}

/// Asks the scripts and then locks the store to write. `modify` has to do it
/// the other way round: so that the two cannot wait for each other for ever,
/// whoever does not get the lock soon frees what the scripts hold, and begins
/// again with the lock.
void Manager::Impl::write(
    const Deed& deed, const std::function<void(const StoreLock&)>& write) const
{
    std::optional<StoreLock> held;
    try {
        return run_in_order(
            env, engine, deed, held, [&] { write(lock_soon()); });
    } catch (const StoreBusy&) {
        held = store.lock();
    }
    run_in_order(env, engine, deed, held, [&] { write(*held); });
}

/// Writes what a command has made of a definition, under the lock.
void Manager::Impl::replace(OutcomeAccess::Parts& outcome,
    const std::optional<Definition>& before, const Definition& after,
    std::optional<StoreLock>& held, Force force) const
{
    outcome.parent = after.parent();
    outcome.type = after.type();
    if (before)
        outcome.differences = differences(*before, after);
    outcome.is_changed = !before || !outcome.differences.empty();
    if (is_dry_run || (is_idempotent && !outcome.is_changed))
        return;
    run_in_order(env, engine, {CalloutAction::modify, after, force}, held,
        [&] { store.save(after, *held); });
}

MDEV_API void Manager::modify(const Uuid& uuid,
    const std::optional<std::string>& parent,
    const std::function<void(Definition&)>& edit, Force force) const
{
    impl_->perform(
        {CalloutAction::modify, uuid, parent.value_or(""), {}, true, {}, {}},
        "Cannot modify device " + uuid.string(), [&](auto& outcome) {
            // Asked before the lock: where nothing is, nothing is to be made.
            if (!ConfigStoreAccess::is_defined(impl_->store, uuid, parent))
                throw not_defined(uuid, parent);
            const auto turn = impl_->turn();
            auto held = impl_->lock();
            const auto before = impl_->sole(uuid, parent);
            if (!before)
                throw not_defined(uuid, parent);
            auto after = *before;
            edit(after);
            impl_->replace(outcome, before, after, held, force);
        });
}

/// What is replaced; a file that cannot be understood is nothing to lose.
std::optional<Definition> Manager::Impl::stored(
    const Definition& definition) const
try {
    return store.find(definition.uuid(), definition.parent());
} catch (const Error& error) {
    env.log(LogLevel::info, error.what());
    return {};
}

MDEV_API void Manager::modify(const Definition& definition, Force force) const
{
    const auto parts = OutcomeAccess::about(CalloutAction::modify, definition);
    impl_->perform(
        parts, "Cannot modify " + called(definition), [&](auto& outcome) {
            const auto turn = impl_->turn();
            auto held = impl_->lock();
            impl_->replace(
                outcome, impl_->stored(definition), definition, held, force);
        });
}

MDEV_API void Manager::modify_live(
    const Definition& definition, Also also, Force force) const
{
    const auto parts = OutcomeAccess::about(CalloutAction::modify, definition);
    impl_->perform(parts, "Cannot modify " + called(definition) + " live",
        [&](auto& outcome) {
            const auto turn = impl_->turn();
            std::optional<StoreLock> held;
            if (also == Also::definition)
                held = impl_->lock();
            check_active(definition, impl_->env);
            if (impl_->is_dry_run)
                return check_live(impl_->engine, definition);
            run_live(impl_->env, impl_->engine, definition, held);
            if (also == Also::nothing)
                return;
            held = impl_->lock();
            impl_->replace(outcome, {}, definition, held, force);
        });
}

}
