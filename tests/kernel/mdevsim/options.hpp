// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace mdevsim {

struct Options {
    struct NewParent {
        std::string name;
        std::string profile;
    };
    struct NewDevice {
        std::string uuid;
        std::string parent;
        std::string type;
    };

    bool help = false;
    std::string mountpoint;
    std::vector<NewParent> parents;
    std::vector<NewDevice> devices;
    std::vector<std::string> faults;
    std::vector<std::string> command;
};

struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Parses the arguments of the program.
Options parse_options(const std::vector<std::string>& words);

std::string help_text();

}
