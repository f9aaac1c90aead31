// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor_impl.hpp"

#include <algorithm>
#include <array>
#include <sys/stat.h>
#include <unistd.h>

namespace mdev {

// Whether devices that are marked `auto` can be started at boot: the udev rule
// must be installed and not masked, the systemd unit that it pulls in as well,
// and both must run a program that exists. (A packaged rule of mdevctl 1.x ran
// a path that did not exist, and no message reported this.) The files are
// searched as udev and systemd do it, not as this build would install them.

namespace {

namespace fs = std::filesystem;

constexpr std::string_view rule = "60-mdevctl.rules";
constexpr std::string_view unit = "mdevctl-start-parent@.service";

/// The file that takes effect: a file in /etc hides one of the same name in
/// /run, and so on, as udev(7) and systemd.unit(5) say. Nothing if none exists.
std::optional<fs::path> first_of(
    const fs::path& root, const std::string& kind, std::string_view name)
{
    for (const auto* where :
        {"etc", "run", "usr/local/lib", "usr/lib", "lib"}) {
        const auto path = root / where / kind / name;
        struct stat status {};
        if (lstat(path.c_str(), &status) == 0)
            return path;
    }
    return {};
}

/// The content of the file; empty if it is masked, that is, a link to
/// /dev/null.
std::string text_of(const fs::path& path)
{
    std::error_code error;
    if (fs::is_symlink(path, error) &&
        fs::read_symlink(path, error) == "/dev/null")
        return {};
    constexpr std::size_t limit = 1024 * 1024;
    return read_file(path, limit);
}

/// The program that a rule or unit runs; empty if it does not run mdevctl.
std::string program_in(const std::string& text)
{
    const auto at = text.find("mdevctl start-parent-mdevs");
    if (at == text.npos)
        return {};
    const auto begin = text.find_last_of("=\"\n \t", at) + 1;
    return text.substr(begin, at + std::string_view("mdevctl").size() - begin);
}

void examine_program(
    Doctor& doctor, const fs::path& file, const std::string& text)
{
    const fs::path program = program_in(text);
    if (!program.is_absolute())
        return;
    const auto path = doctor.env.root() / program.relative_path();
    if (access(path.c_str(), X_OK) != 0)
        doctor.add("program-missing", Severity::error, file.string(),
            file.string() + " runs " + program.string() +
                ", which does not exist or is not executable",
            "Install mdevctl there, or correct the path");
}

/// Returns the text of a file. Returns nothing and adds a finding if the file
/// is missing or masked.
std::optional<std::string> find_autostart_file(
    Doctor& doctor, const std::string& kind, std::string_view name)
{
    const auto& root = doctor.env.root();
    const auto path = first_of(root, kind, name);
    if (!path) {
        doctor.add("autostart-missing", Severity::error, std::string(name),
            "Devices are marked to start automatically, but " + kind + "/" +
                std::string(name) + " is not installed",
            "Install it with mdevctl, or run 'mdevctl start-all' at boot");
        return {};
    }
    auto text = text_of(*path);
    if (text.empty()) {
        doctor.add("autostart-masked", Severity::warning, path->string(),
            "Devices are marked to start automatically, but " + path->string() +
                " is masked",
            "Remove the mask, or run 'mdevctl start-all' at boot");
        return {};
    }
    examine_program(doctor, *path, text);
    return text;
}

}

void examine_autostart(Doctor& doctor)
{
    const auto& definitions = doctor.definitions;
    const bool is_wanted = std::any_of(definitions.begin(), definitions.end(),
        [](const Definition& definition) {
            return definition.start() == StartMode::automatic;
        });
    // A host that starts nothing automatically needs no rule.
    if (!is_wanted)
        return;
    const auto text = find_autostart_file(doctor, "udev/rules.d", rule);
    // A rule for hosts without systemd runs mdevctl itself and needs no unit.
    if (text && text->find("mdevctl-start-parent@") != text->npos)
        find_autostart_file(doctor, "systemd/system", unit);
}

}
