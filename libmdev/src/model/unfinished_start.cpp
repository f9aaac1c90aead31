// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unfinished_start.hpp"

#include "device_impl.hpp"
#include "kernel_error.hpp"

#include <mdev/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mdev {

namespace {

constexpr std::string_view suffix = ".start";

std::string note_name(const Uuid& uuid)
{
    return uuid.string().append(suffix);
}

std::filesystem::path run_directory(const Environment& env)
{
    return env.root() / "run";
}

/// The number that tells a device's directory from those of all others since
/// the host was booted.
std::string identity(const Directory& device)
{
    struct stat status {};
    if (fstat(device.number(), &status) != 0)
        throw kernel_error("Cannot look at", device.path());
    return std::to_string(status.st_ino);
}

}

StartNote::StartNote(const Environment& env, const Uuid& uuid)
    : name_(note_name(uuid))
{
    try {
        open(env);
    } catch (const Error& error) {
        env.log(LogLevel::info, error.what());
    }
}

void StartNote::open(const Environment& env)
{
    const auto run = run_directory(env);
    if (!Directory::at(run))
        return;
    directory_ = Directory::make(run / "mdevctl");
    FileDescriptor note(openat(directory_->number(), name_.c_str(),
        O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644));
    if (!note)
        throw kernel_error("Cannot write", directory_->path(), name_);
    // Another process that starts the device may have the note; the kernel lets
    // only one of the two create the device.
    if (flock(note.number(), LOCK_EX | LOCK_NB) != 0 ||
        ftruncate(note.number(), 0) != 0)
        return;
    note_ = std::move(note);
}

StartNote::~StartNote()
{
    if (note_ && !is_kept_)
        unlinkat(directory_->number(), name_.c_str(), 0);
}

void StartNote::add_device(const Directory& device) const
{
    if (!note_)
        return;
    const auto text = identity(device);
    if (pwrite(note_.number(), text.data(), text.size(), 0) < 0)
        throw kernel_error("Cannot write", directory_->path(), name_);
}

std::set<Uuid> noted_starts(const Environment& env)
try {
    std::set<Uuid> found;
    const auto directory = Directory::at(run_directory(env) / "mdevctl");
    for (const auto& entry :
        directory ? directory->entries() : std::vector<Entry>())
        if (entry.name.ends_with(suffix))
            if (const auto uuid = Uuid::parse(
                    entry.name.substr(0, entry.name.size() - suffix.size())))
                found.insert(*uuid);
    return found;
} catch (const Error& error) {
    env.log(LogLevel::info, error.what());
    return {};
}

bool is_start_unfinished(const Environment& env, const Device& device)
try {
    const auto directory = Directory::at(run_directory(env) / "mdevctl");
    const auto name = note_name(device.uuid());
    if (!directory)
        return false;
    const FileDescriptor note(openat(directory->number(), name.c_str(),
        O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!note || flock(note.number(), LOCK_SH | LOCK_NB) != 0)
        return false;
    const auto text = directory->read(name, 64);
    const auto found = Access::impl(device).find_directory();
    // Empty: the process was killed before it could say which device it made.
    return text && found && (text->empty() || *text == identity(*found));
} catch (const Error& error) {
    env.log(LogLevel::info, error.what());
    return false;
}

}
