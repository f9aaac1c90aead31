// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor_impl.hpp"
#include "name.hpp"
#include "script_directory.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <sys/stat.h>

namespace mdev {

// Looks at the files in the script directories as list_scripts() does, but
// keeps those that are no scripts: a script without an execute bit is ignored
// without a word by every command.

namespace {

namespace fs = std::filesystem;

void examine_script_directory(
    Doctor& doctor, const fs::path& path, const fs::path& system_directory)
{
    const auto directory = Directory::at(path);
    if (!directory)
        return;
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
        doctor.check_owner(*directory, entry.name, "which root runs");
        if (path != system_directory)
            doctor.add("script-deprecated", Severity::warning, file,
                file + " is in a directory that is deprecated",
                "Move it to where the system's scripts are: " +
                    system_directory.string());
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
