// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "callout_protocol.hpp"
#include "per_process.hpp"

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace mdev {

/// The answers of one script for one pair of parent and type. Only certain
/// answers are remembered: a script that was killed or could not be executed is
/// asked again.
struct KnownScript {
    /// The answer to `get capabilities`; the inner optional is empty if the
    /// script is not versioned.
    std::optional<std::optional<Capabilities>> capabilities;
    /// The questions that it answered with 2 ("not my type"). The meaning of a
    /// 2 depends on the question: a script may decline `pre define` and guard
    /// `pre start`.
    std::set<std::pair<CalloutEvent, CalloutAction>> declined;
    /// Its time-out before a command, or as a notifier.
    std::optional<CalloutResult> timed_out;
    /// Its time-out in `post`. A script whose `post` hangs still guards `pre`.
    std::optional<CalloutResult> post_timed_out;
    /// Whether a warning has reported that its capabilities are unknown.
    bool is_loss_told = false;
};

/// The answers of the scripts, for each pair of parent and type. Nothing is
/// ever invalidated: a CalloutEngine lives for one command, or until its owner
/// makes a new one.
///
/// Its mutex is never held while a script runs. Each process has a memory of
/// its own: after fork(2), a child begins with an empty one.
class ScriptMemory {
public:
    using Pair = std::pair<std::string, std::string>;

    /// Calls `look` with the known answers of the script, and returns its
    /// result. No other thread uses the memory during the call.
    template <class Look>
    auto with(
        const Pair& pair, const std::filesystem::path& script, Look look) const
    {
        auto& answers = answers_.here();
        const std::lock_guard guard(answers.mutex);
        return look(answers.known[{pair, script}]);
    }

    /// For how many pairs the script has outlived its time limit.
    std::size_t hanging_pairs(const std::filesystem::path& script) const;
    void remember_hanging(
        const std::filesystem::path& script, const Pair& pair) const;

private:
    struct Answers {
        std::mutex mutex;
        std::map<std::pair<Pair, std::filesystem::path>, KnownScript> known;
        std::map<std::filesystem::path, std::set<Pair>> hanging;
    };

    PerProcess<Answers> answers_;
};

}
