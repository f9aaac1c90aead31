// SPDX-License-Identifier: LGPL-2.1-or-later
#include "vendor_note.hpp"

#include "environment_impl.hpp"
#include "json.hpp"
#include "kernel_error.hpp"
#include "lock_file.hpp"
#include "write_all.hpp"

#include <mdev/error.hpp>

#include <cstdio>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

namespace mdev {

namespace {

constexpr std::string_view note_suffix = ".json";
constexpr std::size_t largest_note = 64 * 1024;

std::string note_name(const std::string& parent)
{
    return parent + std::string(note_suffix);
}

std::filesystem::path notes_of_functions(const Environment& env)
{
    return env.root() / "run/mdevctl";
}

FileDescriptor lock_function(const Environment& env, const std::string& parent,
    std::chrono::milliseconds timeout)
{
    return lock_file(Directory::make(notes_of_functions(env)),
        note_name(parent) + ".lock", Deadline(timeout), cancellation(env))
        .descriptor;
}

/// Throws an exception unless write_note() could have written the text.
VendorNote parse(std::string_view text)
{
    const auto document = json::parse(text);
    const auto& object = document.as_object();
    const auto text_of = [](const json::value& value) {
        return std::string(std::string_view(value.as_string()));
    };
    const auto uuid = Uuid::parse(text_of(object.at("uuid")));
    if (!uuid)
        throw std::invalid_argument("uuid");
    VendorNote note{*uuid, text_of(object.at("type")),
        object.at("directory").to_number<std::uint64_t>()};
    for (const auto& [id, name] : object.at("types").as_object())
        note.types.push_back(
            {std::string(std::string_view(id)), text_of(name)});
    return note;
}

}

std::optional<VendorNote> read_note(
    const Environment& env, const std::string& parent)
try {
    const auto directory = Directory::at(notes_of_functions(env));
    const auto text = directory
        ? directory->read(note_name(parent), largest_note)
        : std::nullopt;
    if (!text)
        return {};
    return parse(*text);
} catch (const std::exception& error) {
    env.log(LogLevel::info,
        "The note about " + parent + " in " + notes_of_functions(env).string() +
            " is ignored: " + error.what());
    return {};
}

void write_note(
    const Environment& env, const std::string& parent, const VendorNote& note)
{
    json::object types;
    for (const auto& type : note.types)
        types[type.id] = type.name;
    json::object object;
    object["uuid"] = note.uuid.string();
    object["type"] = note.type_id;
    object["directory"] = note.directory;
    object["types"] = std::move(types);
    // The note is written completely under a temporary name, and then renamed.
    // It need not survive a crash of the host, because the device does not
    // survive one either.
    const auto directory = Directory::make(notes_of_functions(env));
    const auto name = note_name(parent);
    const auto temporary = "." + name;
    const FileDescriptor file(openat(directory.number(), temporary.c_str(),
        O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!file || !write_all(file.number(), json::pretty(object) + "\n") ||
        renameat(directory.number(), temporary.c_str(), directory.number(),
            name.c_str()) != 0)
        throw kernel_error("Cannot write", directory.path(), name);
}

void remove_note(const Environment& env, const std::string& parent) noexcept
{
    unlink((notes_of_functions(env) / note_name(parent)).c_str());
}

std::vector<std::string> noted_parents(const Environment& env)
try {
    std::vector<std::string> names;
    const auto directory = Directory::at(notes_of_functions(env));
    for (const auto& entry :
        directory ? directory->entries() : std::vector<Entry>())
        if (entry.name.ends_with(note_suffix))
            names.push_back(
                entry.name.substr(0, entry.name.size() - note_suffix.size()));
    return names;
} catch (const Error& error) {
    env.log(LogLevel::info, error.what());
    return {};
}

FileDescriptor lock_function(const Environment& env, const std::string& parent)
{
    return lock_function(env, parent, env.lock_timeout());
}

FileDescriptor try_lock_function(
    const Environment& env, const std::string& parent)
try {
    return lock_function(env, parent, std::chrono::milliseconds(0));
} catch (const Error& error) {
    if (error.code() != Errc::timed_out)
        throw;
    return {};
}

}
