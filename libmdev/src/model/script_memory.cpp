// SPDX-License-Identifier: LGPL-2.1-or-later
#include "script_memory.hpp"

namespace mdev {

std::size_t ScriptMemory::hanging_pairs(
    const std::filesystem::path& script) const
{
    auto& answers = answers_.here();
    const std::lock_guard guard(answers.mutex);
    return answers.hanging[script].size();
}

void ScriptMemory::remember_hanging(
    const std::filesystem::path& script, const Pair& pair) const
{
    auto& answers = answers_.here();
    const std::lock_guard guard(answers.mutex);
    answers.hanging[script].insert(pair);
}

}
