// SPDX-License-Identifier: LGPL-2.1-or-later
#include "options.hpp"

#include "profiles.hpp"
#include "vendor_gpu.hpp"

namespace mdevsim {

namespace {

constexpr auto usage =
    R"(Usage: mdevsim MOUNTPOINT [OPTION]... [-- COMMAND [ARGUMENT]...]

Mounts on MOUNTPOINT, an existing directory, the part of a /sys tree that is
about mediated devices, and answers in it as a kernel would. With COMMAND, it
is there while that runs, and the exit status is the command's (128 + N after
signal N). Without, it prints "ready" once it is usable, and stays until
SIGINT, SIGTERM or SIGHUP.

Options:
  --parent NAME=PROFILE      add a parent device
  --device UUID=PARENT/TYPE  create a device
  --fault GLOB:N:ACTION      let writes fail, see below
  --help                     print this

All may be repeated. Profiles:
)";

constexpr auto more = R"(
A fault applies to the Nth write (N = * is every write) to an attribute whose
path below MOUNTPOINT matches GLOB; a * also matches slashes. Real paths count,
and those through class/mdev_bus/PARENT and bus/mdev/devices/UUID. ACTION is
  EIO, ENOSPC, EBUSY...      fail so, and do nothing
  slow=MILLISECONDS          take that long
  lost                       succeed, and do nothing
  vanish                     the device disappears first: ENODEV
For example --fault '*/mtty-1/create:2:EIO', --fault '*/remove:*:slow=500'.

MOUNTPOINT/.mdevsim/control takes one command a write; EINVAL is a bad one:
  add-parent NAME=PROFILE    as the option
  remove-parent NAME         and its devices; EBUSY while one is held
  fault GLOB:N:ACTION        as the option
  clear-faults
  clear-log
  vanish UUID                the device is gone at once
  hold UUID                  as if open: removing it will wait...
  release UUID               ...for this
  sriov GPU N                N new virtual functions; EBUSY while one is held
  ready GPU                  its functions list types from now on
UUID may be the address of a virtual function.
MOUNTPOINT/.mdevsim/log has a line for each write to an attribute once it has
ended: 0 or the name of the error, the path, and what was written, quoted.
MOUNTPOINT/.mdevsim/pending has the paths of the writes that have not.
)";

std::string padded(std::string text)
{
    const std::size_t width = 12;
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

Options::NewParent parse_parent(const std::string& text)
{
    auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        throw UsageError("--parent needs NAME=PROFILE, not " + text);
    auto profile = text.substr(equals + 1);
    if (!find_profile(profile) && !GpuOptions::parse(profile))
        throw UsageError("no such profile: " + profile);
    return {text.substr(0, equals), profile};
}

Options::NewDevice parse_device(const std::string& text)
{
    auto equals = text.find('=');
    auto slash = text.rfind('/');
    if (equals == std::string::npos || slash == std::string::npos ||
        slash < equals)
        throw UsageError("--device needs UUID=PARENT/TYPE, not " + text);
    return {text.substr(0, equals), text.substr(equals + 1, slash - equals - 1),
        text.substr(slash + 1)};
}

/// Returns the words one by one.
class Parser {
public:
    explicit Parser(const std::vector<std::string>& words)
        : at_(words.begin()),
          end_(words.end())
    {
    }

    Options parse()
    {
        while (at_ != end_ && *at_ != "--")
            parse_word(*at_++);
        if (at_ != end_)
            options_.command.assign(at_ + 1, end_);
        if (at_ != end_ && options_.command.empty())
            throw UsageError("no command after --");
        if (options_.mountpoint.empty() && !options_.help)
            throw UsageError("no mountpoint");
        return options_;
    }

private:
    void parse_word(const std::string& word)
    {
        if (word == "--help" || word == "-h")
            options_.help = true;
        else if (word.starts_with("-"))
            parse_option(word);
        else if (options_.mountpoint.empty())
            options_.mountpoint = word;
        else
            throw UsageError("a second mountpoint: " + word);
    }

    void parse_option(const std::string& word)
    {
        auto equals = word.find('=');
        auto name = word.substr(0, equals);
        if (name != "--parent" && name != "--device" && name != "--fault")
            throw UsageError("no such option: " + word);
        auto value = equals == std::string::npos ? next_word(name)
                                                 : word.substr(equals + 1);
        if (name == "--parent")
            options_.parents.push_back(parse_parent(value));
        else if (name == "--device")
            options_.devices.push_back(parse_device(value));
        else
            options_.faults.push_back(value);
    }

    std::string next_word(const std::string& option)
    {
        if (at_ == end_)
            throw UsageError(option + " needs a value");
        return *at_++;
    }

    std::vector<std::string>::const_iterator at_;
    std::vector<std::string>::const_iterator end_;
    Options options_;
};

}

Options parse_options(const std::vector<std::string>& words)
{
    return Parser(words).parse();
}

std::string help_text()
{
    std::string text = usage;
    for (const auto& profile : profiles())
        text += "  " + padded(profile.name) + profile.summary + "\n";
    text += "  " + padded("plain:N:M") +
        "M types with N instances each, for benchmarks\n";
    text += R"(  nvidia-vfio:N[:OPTION]...
              a GPU with N virtual functions that become virtual GPUs without
              the mdev bus. OPTION is
                upstream   the errnos of the driver of the mainline kernel
                mixed      devices of several sizes beside each other
                unready    no types until "ready"
                no-params  no nvidia/vgpu_params
)";
    return text + more;
}

}
