// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor_impl.hpp"
#include "script_directory.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <sys/stat.h>

namespace mdev {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view rule = "60-mdevctl.rules";
constexpr std::string_view unit = "mdevctl-start-parent@.service";

void examine_script_directory(
    Examination& examination, const fs::path& path, bool is_deprecated)
{
    const auto directory = Directory::at(path);
    if (!directory)
        return;
    examination.check_owner(*directory, ".", "from which root runs scripts");
    auto entries = directory->entries();
    std::sort(entries.begin(), entries.end(),
        [](const Entry& a, const Entry& b) { return a.name < b.name; });
    for (const auto& entry : entries) {
        const auto file = (path / entry.name).string();
        if (entry.name.front() == '.')
            continue;
        if (const auto why = why_no_script(*directory, entry.name);
            !why.empty()) {
            examination.add("script-ignored", Severity::warning, file,
                file + " is not run: " + std::string(why),
                "Make it an executable file, or remove it");
            continue;
        }
        examination.check_owner(*directory, entry.name, "which root runs");
        if (is_deprecated)
            examination.add("script-deprecated", Severity::warning, file,
                file + " is in a directory that is deprecated",
                "Move it to where the system's scripts are: "
                "/usr/lib/mdevctl/scripts.d");
    }
}

/// The file that counts: what an administrator says stands before what the
/// system brings. Nothing if there is none.
std::optional<fs::path> first_of(
    const fs::path& root, const std::string& kind, std::string_view name)
{
    for (const auto* where :
        {"etc", "run", "usr/local/lib", "usr/lib", "lib"}) {
        const auto path = root / where / kind / name;
        struct stat about {};
        if (lstat(path.c_str(), &about) == 0)
            return path;
    }
    return {};
}

/// Its words; empty if it is masked, as udev and systemd understand that.
std::string text_of(const fs::path& path)
{
    std::error_code error;
    if (fs::is_symlink(path, error) &&
        fs::read_symlink(path, error) == "/dev/null")
        return {};
    constexpr std::size_t limit = 1024 * 1024;
    return read_file(path, limit);
}

/// The program that a rule or unit runs; empty if it runs none of ours.
std::string program_in(const std::string& text)
{
    const auto at = text.find("mdevctl start-parent-mdevs");
    if (at == text.npos)
        return {};
    const auto begin = text.find_last_of("=\"\n \t", at) + 1;
    return text.substr(begin, at + std::string_view("mdevctl").size() - begin);
}

void examine_program(
    Examination& examination, const fs::path& file, const std::string& text)
{
    const fs::path program = program_in(text);
    if (!program.is_absolute())
        return;
    const auto path = examination.env.root() / program.relative_path();
    if (access(path.c_str(), X_OK) != 0)
        examination.add("program-missing", Severity::error, file.string(),
            file.string() + " runs " + program.string() +
                ", which cannot be run",
            "Install mdevctl there, or correct the path");
}

/// Nothing, and a finding, if the file is not there or says nothing.
std::optional<std::string> find_autostart_file(
    Examination& examination, const std::string& kind, std::string_view name)
{
    const auto& root = examination.env.root();
    const auto path = first_of(root, kind, name);
    if (!path) {
        examination.add("autostart-missing", Severity::error, std::string(name),
            "Devices are marked to start automatically, but " + kind + "/" +
                std::string(name) + " is not installed",
            "Install it with mdevctl, or run 'mdevctl start-all' at boot");
        return {};
    }
    auto text = text_of(*path);
    if (text.empty()) {
        examination.add("autostart-masked", Severity::warning, path->string(),
            "Devices are marked to start automatically, but " + path->string() +
                " is masked",
            "Remove the mask, or run 'mdevctl start-all' at boot");
        return {};
    }
    examine_program(examination, *path, text);
    return text;
}

}

void examine_scripts(Examination& examination)
{
    for (const auto& directories : {examination.env.callout_directories(),
             examination.env.notifier_directories()})
        for (std::size_t i = 0; i < directories.size(); ++i)
            examination.attempt([&] {
                examine_script_directory(examination, directories[i], i > 0);
            });
}

void examine_autostart(Examination& examination)
{
    const auto& definitions = examination.definitions;
    const bool is_wanted = std::any_of(definitions.begin(), definitions.end(),
        [](const Definition& definition) {
            return definition.start() == StartMode::automatic;
        });
    if (!is_wanted)
        return;
    const auto text = find_autostart_file(examination, "udev/rules.d", rule);
    if (text && text->find("mdevctl-start-parent@") != text->npos)
        find_autostart_file(examination, "systemd/system", unit);
}

}
