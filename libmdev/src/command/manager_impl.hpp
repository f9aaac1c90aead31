// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "command_order.hpp"
#include "kernel_error.hpp"
#include "outcome_impl.hpp"

#include <mdev/config_store.hpp>
#include <mdev/error.hpp>
#include <mdev/manager.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mdev {

struct Manager::Impl {
    Environment env;
    ConfigStore store;
    CalloutEngine engine;
    OutcomeFunction listener;
    bool is_dry_run = false;
    bool is_idempotent = false;
    std::chrono::milliseconds wait{};

    /// Does `command`, which fills in what comes of it, and tells that. What it
    /// throws gets `sentence: ` in front.
    template <class Command>
    void perform(OutcomeAccess::Parts outcome, const std::string& sentence,
        Command command) const;
    void tell(OutcomeAccess::Parts outcome) const;
    /// Does one of several things: what it throws is logged, not passed on,
    /// unless all of them are cancelled. How many have failed: 0 or 1.
    template <class Step> std::size_t fails(Step step) const;
    /// The turn to run scripts; a dry run runs none.
    Turn turn() const;
    std::optional<StoreLock> lock() const;

    std::vector<std::string> candidates(
        const Uuid& uuid, const std::optional<std::string>& parent) const;
    std::optional<Definition> sole(
        const Uuid& uuid, const std::optional<std::string>& parent) const;

    bool is_defined_so(const Definition& definition) const;
    void add(const Definition& definition, Force force) const;
    std::optional<Definition> stored(const Definition& definition) const;
    void tell_not_defined(
        const Uuid& uuid, const std::optional<std::string>& parent) const;
    void undefine_one(
        const Uuid& uuid, const std::string& parent, Force force) const;
    std::optional<Definition> definition_to_undefine(
        const Uuid& uuid, const std::string& parent, Force force) const;
    void write(const Deed& deed,
        const std::function<void(const StoreLock&)>& write) const;
    StoreLock lock_soon() const;
    void replace(OutcomeAccess::Parts& outcome,
        const std::optional<Definition>& before, const Definition& after,
        std::optional<StoreLock>& held, Force force) const;

    std::optional<Device> running(const Definition& definition) const;
    Device make(const Definition& definition, Force force,
        OutcomeAccess::Parts& outcome) const;
    Device start_late(const Definition& definition, Force force) const;
    void start_several(std::vector<Definition> definitions, Force force,
        std::chrono::milliseconds time, const std::string& whose) const;
    Definition to_start(const std::optional<Uuid>& uuid,
        const std::optional<std::string>& parent,
        const std::optional<std::string>& type) const;
    Definition stopped(const Device& device) const;
    bool remove(const Device& device, Force force) const;
};

template <class Command>
void Manager::Impl::perform(OutcomeAccess::Parts outcome,
    const std::string& sentence, Command command) const
{
    try {
        command(outcome);
    } catch (const Error& cause) {
        const auto error = with_context(cause, sentence);
        outcome.is_changed = false;
        outcome.error = error.what();
        tell(std::move(outcome));
        throw error;
    }
    tell(std::move(outcome));
}

template <class Step> std::size_t Manager::Impl::fails(Step step) const
try {
    step();
    return 0;
} catch (const Error& error) {
    if (error.code() == Errc::cancelled)
        throw;
    env.log(LogLevel::error, error.what());
    return 1;
}

/// For sentences: "device UUID on PARENT".
std::string called(const Definition& definition);
Error incomplete(const std::optional<Uuid>& uuid, const std::string& why);

}
