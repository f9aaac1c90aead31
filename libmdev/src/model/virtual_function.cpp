// SPDX-License-Identifier: LGPL-2.1-or-later
#include "virtual_function.hpp"

#include "kernel_error.hpp"
#include "sysfs.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <cerrno>
#include <sys/stat.h>

namespace mdev {

namespace fs = std::filesystem;

namespace {

/// This UUID must never change: definitions may have UUIDs that were computed
/// from it.
Uuid uuid_of_address(const std::string& name)
{
    return Uuid::from_name(Uuid::from_name("vendor-vfio"), name);
}

const VendorFiles* files_in(const Directory& devices, const std::string& name)
{
    for (const auto* files : all_vendor_files)
        if (devices.exists(name + "/" + std::string(files->current_file)))
            return files;
    return nullptr;
}

std::string required(const Directory& directory, std::string_view file)
{
    if (auto text = Sysfs::read(directory, std::string(file)))
        return std::move(*text);
    throw kernel_error(ENOENT, "Cannot read", directory.path(), file);
}

/// The last component of the target of a link; empty if there is none.
std::string link_name(const Directory& directory, const std::string& link)
{
    const auto target = directory.link_target(link);
    return target ? target->substr(target->rfind('/') + 1) : std::string();
}

}

fs::path pci_directory(const Environment& env)
{
    return env.root() / "sys/bus/pci/devices";
}

VirtualFunction::VirtualFunction(const Environment& env,
    const VendorFiles& files, std::string name, Directory directory)
    : env_(env),
      files_(&files),
      name_(std::move(name)),
      directory_(std::move(directory))
{
}

std::optional<VirtualFunction> VirtualFunction::find(
    const Environment& env, const std::string& name)
{
    auto directory = Directory::at(pci_directory(env) / name);
    if (!directory)
        return {};
    const auto* files = files_in(*directory, ".");
    if (!files)
        return {};
    return VirtualFunction(env, *files, name, std::move(*directory));
}

std::vector<VirtualFunction> VirtualFunction::all(const Environment& env)
{
    std::vector<VirtualFunction> found;
    const auto devices = Directory::at(pci_directory(env));
    if (!devices)
        return found;
    for (const auto& entry : devices->entries())
        if (files_in(*devices, entry.name))
            if (auto function = find(env, entry.name))
                found.push_back(std::move(*function));
    return found;
}

std::optional<VirtualFunction> VirtualFunction::find_by_address(
    const Environment& env, const Uuid& uuid)
{
    // Only a name-based UUID can be that of an address.
    constexpr int name_based = 5;
    const auto devices = uuid.bytes()[6] >> 4 == name_based
        ? Directory::at(pci_directory(env))
        : std::nullopt;
    // A UUID takes less time than the files of a function.
    for (const auto& entry :
        devices ? devices->entries() : std::vector<Entry>())
        if (uuid_of_address(entry.name) == uuid)
            return find(env, entry.name);
    return {};
}

std::string VirtualFunction::physical() const
{
    return link_name(directory_, "physfn");
}

std::vector<VirtualFunction> VirtualFunction::siblings() const
{
    std::vector<VirtualFunction> found;
    const auto card = physical();
    const auto directory =
        card.empty() ? std::nullopt : Directory::at(pci_directory(env_) / card);
    for (const auto& entry :
        directory ? directory->entries() : std::vector<Entry>())
        if (entry.name.starts_with("virtfn"))
            if (auto function = find(env_, link_name(*directory, entry.name)))
                found.push_back(std::move(*function));
    if (found.empty())
        if (auto function = find(env_, name_))
            found.push_back(std::move(*function));
    std::sort(found.begin(), found.end(),
        [](const auto& a, const auto& b) { return a.name() < b.name(); });
    return found;
}

std::string VirtualFunction::current() const
{
    return files_->parse_current(required(directory_, files_->current_file));
}

std::vector<VendorType> VirtualFunction::offered() const
{
    return files_->parse_types(required(directory_, files_->types_file));
}

std::optional<VendorNote> VirtualFunction::valid_note() const
{
    return note_about(current());
}

/// The note, if it is about a device of this type. A start writes the note
/// before the type, so the type has to be read first.
std::optional<VendorNote> VirtualFunction::note_about(
    const std::string& type_id) const
{
    auto note = read_note(env_, name_);
    if (!note || note->type_id.empty() || note->type_id != type_id ||
        note->directory != identity())
        return {};
    return note;
}

std::optional<FunctionDevice> VirtualFunction::device() const
{
    auto type = current();
    if (type.empty())
        return {};
    const auto note = note_about(type);
    return FunctionDevice{
        note ? note->uuid : uuid_of_address(name_), std::move(type)};
}

std::uint64_t VirtualFunction::identity() const
{
    return identity_of(directory_);
}

std::uint64_t identity_of(const Directory& function)
{
    struct stat status {};
    if (fstat(function.number(), &status) != 0)
        throw kernel_error("Cannot examine", function.path());
    return status.st_ino;
}

std::vector<VendorType> known_types(
    const Environment& env, const std::vector<VirtualFunction>& siblings)
{
    std::vector<VendorType> known;
    const auto add = [&](const std::vector<VendorType>& types) {
        for (const auto& type : types) {
            const auto same = std::find_if(known.begin(), known.end(),
                [&](const VendorType& each) { return each.id == type.id; });
            if (same == known.end())
                known.push_back(type);
            else if (same->name.empty())
                same->name = type.name;
        }
    };
    // Free functions list the same, so that the first list is enough: the
    // driver may take its time for each.
    for (const auto& function : siblings)
        if (known.empty() && function.current().empty())
            add(function.offered());
    for (const auto& function : siblings) {
        const auto note = read_note(env, function.name());
        if (note && note->directory == function.identity())
            add(note->types);
        if (const auto type = function.current(); !type.empty())
            add({{type, ""}});
    }
    return known;
}

}
