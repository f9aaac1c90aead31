// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unfinished_start.hpp"

#include "device_impl.hpp"
#include "environment_impl.hpp"
#include "kernel_error.hpp"
#include "lock_file.hpp"
#include "write_all.hpp"

#include <mdev/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mdev {

namespace {

constexpr std::string_view suffix = ".start";
constexpr std::size_t note_limit = 64;
/// The content of a note until the device is created. A process that is killed
/// during the creation has written nothing else.
constexpr std::string_view not_created = "-";

std::string note_name(const Uuid& uuid)
{
    return uuid.string().append(suffix);
}

std::filesystem::path run_directory(const Environment& env)
{
    return env.root() / "run";
}

std::filesystem::path note_directory(const Environment& env)
{
    return env.root() / "run/mdevctl";
}

/// The number that tells a device's directory from those of all others since
/// the host was booted.
std::string identity(const Directory& device)
{
    struct stat status {};
    if (fstat(device.number(), &status) != 0)
        throw kernel_error("Cannot examine", device.path());
    return std::to_string(status.st_ino);
}

bool is_about(const std::string& note, const Directory& device)
{
    return note == not_created || (!note.empty() && note == identity(device));
}

FileDescriptor lock_note(
    const Environment& env, const Directory& directory, const std::string& name)
{
    return lock_file(
        directory, name, Deadline(env.lock_timeout()), cancellation(env))
        .descriptor;
}

}

StartProgress start_progress(const Environment& env, const Device& device)
try {
    const auto directory = Directory::at(note_directory(env));
    const auto name = note_name(device.uuid());
    if (!directory)
        return StartProgress::complete;
    const FileDescriptor note(openat(directory->number(), name.c_str(),
        O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!note)
        return StartProgress::complete;
    // Shared, and given back at once: a start that begins now waits for that.
    if (flock(note.number(), LOCK_SH | LOCK_NB) != 0)
        return StartProgress::going_on;
    const auto text = directory->read(name, note_limit);
    const auto found = Access::impl(device).find_directory();
    return text && found && is_about(*text, *found) ? StartProgress::ended
                                                    : StartProgress::complete;
} catch (const Error& error) {
    env.log(LogLevel::info, error.what());
    return StartProgress::complete;
}

void wait_for_start(const Environment& env, const Uuid& uuid)
{
    const StartNote note(env, uuid);
}

void forget_start(const Environment& env, const Uuid& uuid) noexcept
try {
    const auto name = note_name(uuid);
    const auto path = note_directory(env) / name;
    const FileDescriptor note(
        open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!note || flock(note.number(), LOCK_EX | LOCK_NB) != 0)
        return;
    const auto directory = Directory::at(note_directory(env));
    if (directory && is_name_of(note, *directory, name))
        unlinkat(directory->number(), name.c_str(), 0);
} catch (const std::exception&) {
    // A note that stays is about a device that is gone.
}

std::set<Uuid> noted_starts(const Environment& env)
try {
    std::set<Uuid> found;
    const auto directory = Directory::at(note_directory(env));
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

StartNote::StartNote(const Environment& env, const Uuid& uuid)
    : env_(env),
      name_(note_name(uuid))
{
    try {
        if (!Directory::at(run_directory(env)))
            return;
        directory_ = Directory::make(note_directory(env));
        note_ = lock_note(env, *directory_, name_);
        before_ = directory_->read(name_, note_limit).value_or("");
    } catch (const Error& error) {
        if (error.code() == Errc::timed_out || error.code() == Errc::cancelled)
            throw;
        env.log(LogLevel::info, error.what());
    }
    // A note that may not have been written is kept unchanged.
    is_kept_ = !before_.empty();
}

StartNote::~StartNote()
{
    if (note_ && !is_kept_)
        unlinkat(directory_->number(), name_.c_str(), 0);
}

bool StartNote::was_about(const Directory& device) const
{
    return is_about(before_, device);
}

void StartNote::begin()
{
    is_kept_ = false;
    write(std::string(not_created));
}

void StartNote::add_device(const Directory& device)
{
    write(identity(device));
}

void StartNote::write(const std::string& text)
{
    if (!note_)
        return;
    // Locks are opened for reading only; see lock_file().
    const FileDescriptor file(openat(directory_->number(), name_.c_str(),
        O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file || !write_all(file.number(), text))
        env_.log(LogLevel::info,
            kernel_error("Cannot write", directory_->path(), name_).what());
}

}
