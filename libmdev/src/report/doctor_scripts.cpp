// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor_impl.hpp"
#include "name.hpp"
#include "script_directory.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mdev {

// Looks at the files in the script directories as list_scripts() does, but
// keeps the files that are not scripts: every command silently ignores a script
// without an execute bit.

namespace {

namespace fs = std::filesystem;

/// The first word of a line of a script, if it is plain: without quotes and
/// variables.
std::string first_word(std::string_view line)
{
    constexpr std::string_view blanks = " \t";
    const auto begin = line.find_first_not_of(blanks);
    if (begin == line.npos)
        return {};
    line.remove_prefix(begin);
    const auto word = line.substr(0, line.find_first_of(blanks));
    return word.find_first_of("$\"'`\\*?;|&<>(){}=#") == word.npos
        ? std::string(word)
        : "";
}

/// Whether there is a program of that path, or of that name in PATH.
bool exists(const std::string& program)
{
    if (program.empty() || program.find('/') != program.npos)
        return access(program.c_str(), X_OK) == 0;
    const char* path = std::getenv("PATH");
    const auto directories = split(path ? path : "/usr/bin:/bin", ':');
    return std::any_of(directories.begin(), directories.end(),
        [&](std::string_view directory) {
            const auto file = std::string(directory) + "/" + program;
            return access(file.c_str(), X_OK) == 0;
        });
}

/// The interpreter in the first line of a script, behind `#!`: or the program
/// behind `env`.
std::string interpreter_of(std::string_view line)
{
    auto program = first_word(line);
    if (!program.ends_with("/env") || !exists(program))
        return program;
    auto rest = line.substr(line.find(program) + program.size());
    auto name = first_word(rest);
    if (name == "-S")
        name = first_word(rest.substr(rest.find(name) + name.size()));
    // An option or a variable: the program is unknown.
    return name.empty() || name.starts_with('-') ? program : name;
}

/// Returns a missing program that a script needs: its interpreter, or a program
/// that a shell script ends with or executes in its place. Returns an empty
/// text if nothing is missing as far as the text of the script shows. Wrappers
/// that are left of a package are such scripts: they fail for every device, and
/// a `pre` that fails refuses the command. A program that is named elsewhere in
/// the text as well is one that the script looks for before it runs it.
std::string missing_program(const std::string& text)
{
    if (!text.starts_with("#!"))
        return {};
    auto lines = split(text, '\n');
    const auto interpreter = interpreter_of(lines.front().substr(2));
    lines.erase(lines.begin());
    if (!interpreter.empty() && !exists(interpreter))
        return interpreter;
    const auto is_missing = [&text](const std::string& program) {
        return program.starts_with('/') && !exists(program) &&
            text.find(program) == text.rfind(program);
    };
    if (!interpreter.ends_with("sh"))
        return {};
    std::string_view last;
    for (const auto line : lines) {
        const auto command = first_word(line);
        if (command == "exec") {
            auto program = first_word(line.substr(line.find(command) + 4));
            if (is_missing(program))
                return program;
        }
        if (line.find_first_not_of(" \t") != line.npos)
            last = line;
    }
    auto program = first_word(last);
    return is_missing(program) ? program : "";
}

void examine_text(
    Doctor& doctor, const Directory& directory, const std::string& name)
{
    constexpr std::size_t enough = 64 * 1024;
    std::string text;
    try {
        text = directory.read(name, enough).value_or("");
    } catch (const Error&) {
        return; // a large program, or one that may only be executed
    }
    const auto path = (directory.path() / name).string();
    const auto program = missing_program(text);
    if (!program.empty())
        doctor.add("script-broken", Severity::error, path,
            path + " needs " + program +
                ", which does not exist, so the script refuses every command "
                "for which it is called",
            "Install the missing program, or remove the script");
}

void examine_script_directory(
    Doctor& doctor, const fs::path& path, const fs::path& system_directory)
{
    const auto directory = Directory::at(path);
    if (!directory) {
        std::error_code ignored;
        if (fs::exists(fs::symlink_status(path, ignored)))
            doctor.add("script-ignored", Severity::warning, path.string(),
                path.string() +
                    " is not a directory, nor a link to one: no script in it "
                    "is run",
                "Repair the link, or remove it");
        return;
    }
    doctor.check_owner(*directory, ".", "from which root runs scripts");
    auto entries = directory->entries();
    std::sort(entries.begin(), entries.end(),
        [](const Entry& a, const Entry& b) { return a.name < b.name; });
    for (const auto& entry : entries) {
        const auto file = (path / entry.name).string();
        if (is_hidden(entry.name))
            continue;
        if (const auto why = why_no_script(*directory, entry.name);
            !why.empty()) {
            doctor.add("script-ignored", Severity::warning, file,
                file + " is not run: " + std::string(why),
                "Make it an executable file, or remove it");
            continue;
        }
        if (struct stat status{};
            fstatat(directory->number(), entry.name.c_str(), &status, 0) != 0) {
            doctor.add("script-broken", Severity::error, file,
                file + " cannot be executed: its target cannot be found",
                "Repair the link, or remove it");
            continue;
        }
        doctor.check_owner(*directory, entry.name, "which root runs");
        examine_text(doctor, *directory, entry.name);
        if (path != system_directory)
            doctor.add("script-deprecated", Severity::warning, file,
                file + " is in a deprecated directory",
                "Move it to the directory " + system_directory.string());
    }
}

}

void examine_scripts(Doctor& doctor)
{
    for (const auto& directories :
        {doctor.env.callout_directories(), doctor.env.notifier_directories()})
        for (const auto& directory : directories)
            doctor.attempt([&] {
                examine_script_directory(
                    doctor, directory, directories.front());
            });
}

}
