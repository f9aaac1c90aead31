// SPDX-License-Identifier: LGPL-2.1-or-later
#include "script_memory.hpp"

#include <memory>
#include <unistd.h>

namespace mdev {

ScriptMemory::ScriptMemory() : answers_(new Answers{getpid()})
{
}

ScriptMemory::~ScriptMemory()
{
    // What a child process has got from its parent is left alone: a thread that
    // the child does not have may have been changing it.
    const auto* last = answers_.load();
    if (last->process == getpid())
        delete last;
}

ScriptMemory::Answers& ScriptMemory::here() const
{
    auto* known = answers_.load();
    while (known->process != getpid()) {
        auto made = std::unique_ptr<Answers>(new Answers{getpid()});
        if (answers_.compare_exchange_strong(known, made.get()))
            return *made.release();
    }
    return *known;
}

std::size_t ScriptMemory::hanging_pairs(
    const std::filesystem::path& script) const
{
    auto& answers = here();
    const std::lock_guard guard(answers.mutex);
    return answers.hanging[script].size();
}

void ScriptMemory::remember_hanging(
    const std::filesystem::path& script, const Pair& pair) const
{
    auto& answers = here();
    const std::lock_guard guard(answers.mutex);
    answers.hanging[script].insert(pair);
}

}
