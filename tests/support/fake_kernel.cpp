// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fake_kernel.hpp"

#include "environment_impl.hpp"
#include "file_descriptor.hpp"
#include "kernel_error.hpp"
#include "sysfs.hpp"

#include <cerrno>
#include <exception>
#include <map>
#include <mutex>
#include <ostream>
#include <sys/eventfd.h>
#include <thread>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

/// Returns the real directory of a parent: of a virtual one, like those of the
/// samples.
fs::path parent_directory(const fs::path& root, const std::string& parent)
{
    return root / "sys/devices/virtual" / parent / parent;
}

void count_instances(const fs::path& type, int change)
{
    const auto file = type / "available_instances";
    const auto now = std::stoi(file_content(file)) + change;
    // Changes the file in one step, so that other threads never see a part of
    // the number, as in sysfs.
    const auto changed = type / "changed";
    put_file(changed, std::to_string(now) + "\n");
    fs::rename(changed, file);
}

fs::path device_link(const fs::path& root, const std::string& uuid)
{
    return root / "sys/bus/mdev/devices" / uuid;
}

}

bool operator==(const Write& a, const Write& b)
{
    return a.attribute == b.attribute && a.value == b.value;
}

std::ostream& operator<<(std::ostream& out, const Write& write)
{
    return out << '\'' << write.value << "' to " << write.attribute;
}

class FakeKernel::FakeSysfs : public Sysfs {
public:
    explicit FakeSysfs(fs::path root) : root_(std::move(root)) {}

    void write(const Directory& directory, const std::string& attribute,
        std::string_view value) const override;
    bool write_apart(const Directory& directory, const std::string& attribute,
        std::string_view value,
        const std::function<bool(int)>& wait) const override;

    void make_device(const fs::path& parent, const std::string& uuid,
        const std::string& type) const;
    void remove_device(const fs::path& device) const;

    mutable std::mutex mutex;
    mutable std::vector<Write> writes;
    std::map<std::string, int> failures;
    std::map<std::size_t, int> numbered_failures;
    std::function<void(const Write&)> hook;
    std::vector<std::string> attributes;

private:
    int failure_of(const Write& write, const std::string& attribute) const;
    void create(const fs::path& type, const std::string& uuid) const;

    fs::path root_;
    /// Writes whose callers no longer wait. They end before this object.
    mutable std::vector<std::jthread> left_;
};

/// A thread represents the other process.
bool FakeKernel::FakeSysfs::write_apart(const Directory& directory,
    const std::string& attribute, std::string_view value,
    const std::function<bool(int)>& wait) const
{
    const auto over = std::make_shared<FileDescriptor>(eventfd(0, EFD_CLOEXEC));
    const auto error = std::make_shared<std::exception_ptr>();
    // A copy of the directory that exists until the end of the write.
    const auto copy = std::make_shared<const Directory>(*directory.find("."));
    std::jthread writer(
        [this, over, error, copy, attribute, text = std::string(value)] {
            try {
                write(*copy, attribute, text);
            } catch (...) {
                *error = std::current_exception();
            }
            eventfd_write(over->number(), 1);
        });
    if (!wait(over->number())) {
        const std::lock_guard lock(mutex);
        left_.push_back(std::move(writer));
        return false;
    }
    writer.join();
    if (*error)
        std::rethrow_exception(*error);
    return true;
}

void FakeKernel::FakeSysfs::write(const Directory& directory,
    const std::string& attribute, std::string_view value) const
{
    auto path = directory.path();
    if (path.filename() == ".")
        path = path.parent_path();
    const Write write{path.lexically_relative(root_).string() + "/" + attribute,
        std::string(value)};
    if (hook)
        hook(write);
    if (const int error = failure_of(write, attribute))
        throw kernel_error(
            error, "Cannot write '" + write.value + "' to", path, attribute);
    // The real kernel opens the file.
    Sysfs::write(directory, attribute, value);
    const std::lock_guard lock(mutex);
    if (attribute == "create")
        create(directory.path(), write.value);
    else if (attribute == "remove")
        remove_device(directory.path());
    else if (attribute == "nvidia/current_vgpu_type")
        put_file(directory.path() / attribute, write.value + "\n");
}

/// Records the write. Returns 0, or the error that the write must have.
int FakeKernel::FakeSysfs::failure_of(
    const Write& write, const std::string& attribute) const
{
    const std::lock_guard lock(mutex);
    writes.push_back(write);
    if (const auto found = numbered_failures.find(writes.size());
        found != numbered_failures.end())
        return found->second;
    const auto found = failures.find(attribute);
    return found == failures.end() ? 0 : found->second;
}

void FakeKernel::FakeSysfs::create(
    const fs::path& type, const std::string& uuid) const
{
    if (fs::is_symlink(device_link(root_, uuid)))
        throw kernel_error(EEXIST, "Cannot write to", type, "create");
    if (std::stoi(file_content(type / "available_instances")) <= 0)
        throw kernel_error(EUSERS, "Cannot write to", type, "create");
    const auto real = fs::canonical(type);
    make_device(real.parent_path().parent_path(), uuid, real.filename());
}

void FakeKernel::FakeSysfs::make_device(const fs::path& parent,
    const std::string& uuid, const std::string& type) const
{
    const auto device = parent / uuid;
    const auto name = parent.filename();
    put_file(device / "remove");
    for (const auto& attribute : attributes)
        put_file(device / attribute);
    put_link(device / "mdev_type", "../mdev_supported_types/" + type);
    put_link(parent / "mdev_supported_types" / type / "devices" / uuid,
        "../../../" + uuid);
    put_link(device_link(root_, uuid),
        fs::path("../../../devices/virtual") / name / name / uuid);
    count_instances(device / "mdev_type", -1);
}

void FakeKernel::FakeSysfs::remove_device(const fs::path& device) const
{
    const auto real = fs::canonical(device);
    const auto type = fs::canonical(device / "mdev_type");
    fs::remove(device_link(root_, real.filename()));
    fs::remove(type / "devices" / real.filename());
    fs::remove_all(real);
    count_instances(type, 1);
}

FakeKernel::FakeKernel()
    : log_(std::make_shared<CapturedLog>()),
      sysfs_(std::make_shared<FakeSysfs>(directory_.path()))
{
}

FakeKernel::~FakeKernel() = default;

Environment FakeKernel::env() const
{
    const auto plain = Environment(root()).with_log(
        [log = log_](
            LogLevel level, std::string_view text) { log->add(level, text); });
    return with_sysfs(plain, sysfs_);
}

const fs::path& FakeKernel::root() const noexcept
{
    return directory_.path();
}

const CapturedLog& FakeKernel::log() const noexcept
{
    return *log_;
}

void FakeKernel::add_parent(const std::string& parent)
{
    const auto link = root() / "sys/class/mdev_bus" / parent;
    if (fs::is_symlink(link))
        return;
    fs::create_directories(
        parent_directory(root(), parent) / "mdev_supported_types");
    put_link(link, fs::path("../../devices/virtual") / parent / parent);
}

void FakeKernel::add_type(
    const std::string& parent, const std::string& type, const TypeFiles& files)
{
    add_parent(parent);
    const auto directory = type_path(parent, type);
    fs::create_directories(directory / "devices");
    put_file(directory / "create");
    put_file(
        directory / "available_instances", files.available_instances + "\n");
    put_file(directory / "device_api", files.device_api + "\n");
    if (!files.name.empty())
        put_file(directory / "name", files.name + "\n");
    if (!files.description.empty())
        put_file(directory / "description", files.description + "\n");
}

void FakeKernel::add_device(
    const Uuid& uuid, const std::string& parent, const std::string& type)
{
    if (!fs::exists(type_path(parent, type)))
        add_type(parent, type);
    sysfs_->make_device(parent_directory(root(), parent), uuid.string(), type);
}

void FakeKernel::remove_device(const Uuid& uuid)
{
    sysfs_->remove_device(device_path(uuid));
}

void FakeKernel::give_attributes(std::vector<std::string> names)
{
    sysfs_->attributes = std::move(names);
}

void FakeKernel::define(
    const std::string& parent, const std::string& file, std::string_view text)
{
    put_file(definition_path(parent, file), text);
}

fs::path FakeKernel::add_script(std::string_view body)
{
    auto path = env().callout_directories().front() / "vendor.sh";
    put_file(path, "#!/bin/sh\n" + std::string(body));
    fs::permissions(path, fs::perms(0755));
    return path;
}

void FakeKernel::fail(const std::string& attribute, int error)
{
    sysfs_->failures[attribute] = error;
}

void FakeKernel::fail_write(std::size_t number, int error)
{
    sysfs_->numbered_failures[number] = error;
}

void FakeKernel::before_write(std::function<void(const Write&)> hook)
{
    sysfs_->hook = std::move(hook);
}

std::vector<Write> FakeKernel::writes() const
{
    const std::lock_guard lock(sysfs_->mutex);
    return sysfs_->writes;
}

fs::path FakeKernel::type_path(
    const std::string& parent, const std::string& type) const
{
    return root() / "sys/class/mdev_bus" / parent / "mdev_supported_types" /
        type;
}

fs::path FakeKernel::device_path(const Uuid& uuid) const
{
    return device_link(root(), uuid.string());
}

fs::path FakeKernel::definition_path(
    const std::string& parent, const std::string& file) const
{
    return root() / "etc/mdevctl.d" / parent / file;
}

}
