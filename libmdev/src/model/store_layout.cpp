// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store_layout.hpp"

#include "name.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <endian.h>
#include <functional>
#include <numeric>
#include <set>

namespace mdev {

namespace {

/// The first bytes of a UUID as a number that sorts as the UUID does.
std::uint64_t beginning(const Uuid& uuid)
{
    const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(uuid);
    return be64toh(halves[0]);
}

/// Sorts by UUID. The kernel's spelling has an empty `other_spelling` and
/// therefore comes before the others.
bool comes_before(const DefinitionName& a, const DefinitionName& b)
{
    return a.uuid == b.uuid ? a.other_spelling < b.other_spelling
                            : a.uuid < b.uuid;
}

/// Sorts the names and removes those that are there several times, because the
/// directory was read several times.
void sort_once(std::vector<DefinitionName>& names)
{
    std::sort(
        names.begin(), names.end(), [](const auto& a, const auto& b) noexcept {
            const auto first = beginning(a.uuid);
            const auto other = beginning(b.uuid);
            return first == other ? comes_before(a, b) : first < other;
        });
    const auto last = std::unique(names.begin(), names.end(),
        [](const DefinitionName& a, const DefinitionName& b) {
            return a.uuid == b.uuid && a.other_spelling == b.other_spelling;
        });
    names.erase(last, names.end());
}

/// Whether the name of a UUID is the kernel's spelling. The name is known to be
/// a UUID, and only the kernel's form has 36 characters.
bool is_canonical(std::string_view name)
{
    constexpr std::size_t hyphenated_length = 36;
    if (name.size() != hyphenated_length)
        return false;
    // Of the characters of a UUID, only A to F do not have the bit 'a' - 'A'.
    constexpr std::uint32_t lower_case = 0x20202020;
    std::array<std::uint32_t, hyphenated_length / sizeof lower_case> characters;
    std::memcpy(characters.data(), name.data(), hyphenated_length);
    return std::accumulate(characters.begin(), characters.end(), lower_case,
               std::bit_and<>()) == lower_case;
}

DefinitionName definition_name(
    const Uuid& uuid, EntryKind kind, std::string_view name)
{
    return {uuid, kind, is_canonical(name) ? std::string() : std::string(name)};
}

/// Whether a name ends in the last digit of the wanted UUID. Every spelling
/// ends in the last digit, except for a closing brace. The comparison spares
/// parsing 15 of 16 names in a directory of many thousands.
bool ends_alike(std::string_view name, char last_digit) noexcept
{
    // Sets the bit in which `A` to `F` differ from `a` to `f`. The digits `0`
    // to `9` have the bit already. Other characters may become equal by
    // accident, which costs one parse.
    constexpr char to_lower_case = 0x20;
    if (name.back() == '}')
        name.remove_suffix(1);
    return !name.empty() && (name.back() | to_lower_case) == last_digit;
}

}

bool is_parent_directory(const Entry& entry)
{
    return entry.kind != EntryKind::file && can_name_parent(entry.name);
}

std::vector<std::string> parents_in(const Directory& root)
{
    // Parents are few. To sort strings would take 5 KiB of this library.
    std::set<std::string> parents;
    for (const auto& entry : root.entries())
        if (is_parent_directory(entry))
            parents.insert(entry.name);
    return {parents.begin(), parents.end()};
}

std::vector<DefinitionName> find_names(
    const Directory& directory, const OddNames& odd)
{
    std::vector<DefinitionName> names;
    std::set<std::string> others;
    directory.each_entry_despite_changes([&](auto name, EntryKind kind) {
        if (is_hidden(name))
            return;
        if (const auto uuid = Uuid::parse(name))
            names.push_back(definition_name(*uuid, kind, name));
        else
            others.emplace(name);
    });
    for (const auto& name : others)
        odd.not_uuid(name);
    sort_once(names);
    // std::unique() keeps the first of equal neighbors, which comes_before()
    // has made the one that counts.
    const auto last = std::unique(names.begin(), names.end(),
        [&](const DefinitionName& first, const DefinitionName& other) {
            if (first.uuid == other.uuid)
                odd.duplicate(other.name());
            return first.uuid == other.uuid;
        });
    names.erase(last, names.end());
    return names;
}

std::vector<DefinitionName> find_names(
    const Directory& directory, const Uuid& uuid)
{
    std::vector<DefinitionName> names;
    const auto last_digit = uuid.string().back();
    directory.each_entry_despite_changes([&](auto name, EntryKind kind) {
        if (ends_alike(name, last_digit) && Uuid::parse(name) == uuid)
            names.push_back(definition_name(uuid, kind, name));
    });
    sort_once(names);
    return names;
}

std::optional<DefinitionName> find_name(
    const Directory& directory, const Uuid& uuid)
{
    // One system call for the usual name, instead of reading the directory.
    if (const auto kind = directory.kind_of(uuid.string()))
        return DefinitionName{uuid, *kind, {}};
    auto names = find_names(directory, uuid);
    if (names.empty())
        return {};
    return std::move(names.front());
}

void each_parent(const Environment& env,
    const std::optional<std::string>& parent,
    const std::function<void(std::string name, Directory directory)>& look,
    const std::function<void(const Error& error)>& fail, const Directory* store)
{
    const auto path = env.definitions_directory();
    const auto attempt = [&](std::string name, auto open) {
        std::optional<Directory> directory;
        try {
            directory = open(name);
        } catch (const Error& error) {
            return fail(error);
        }
        if (directory)
            look(std::move(name), std::move(*directory));
    };
    if (parent) {
        check_parent_name(*parent);
        return attempt(*parent,
            [&](const auto& name) { return Directory::at(path / name); });
    }
    const auto opened = store ? std::nullopt : Directory::at(path);
    const auto* root = store ? store : opened ? &*opened : nullptr;
    if (!root)
        return;
    for (auto& name : parents_in(*root))
        attempt(std::move(name),
            [&](const auto& each) { return root->find(each); });
}

std::vector<DefinitionFile> find_files(const Environment& env, const Uuid& uuid,
    const std::optional<std::string>& parent, const Directory* store)
{
    std::vector<DefinitionFile> files;
    std::vector<Error> unreadable;
    const auto fail = [&](const Error& error) { unreadable.push_back(error); };
    each_parent(
        env, parent,
        [&](std::string name, Directory directory) {
            try {
                if (const auto file = find_name(directory, uuid))
                    files.push_back({uuid, std::move(name),
                        std::make_shared<Directory>(std::move(directory)),
                        file->name(), file->kind});
            } catch (const Error& error) {
                fail(error);
            }
        },
        fail, store);
    // Collected and thrown at the end: one readable directory with the file is
    // a good answer.
    if (files.empty() && !unreadable.empty())
        throw unreadable.front();
    for (const auto& error : unreadable)
        env.log(LogLevel::warning, error.what());
    return files;
}

std::vector<std::string> parents_of(const std::vector<DefinitionFile>& files)
{
    std::vector<std::string> parents;
    parents.reserve(files.size());
    for (const auto& file : files)
        parents.push_back(file.parent);
    return parents;
}

}
