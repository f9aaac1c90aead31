// SPDX-License-Identifier: LGPL-2.1-or-later
#include "exit_code.hpp"
#include "run_command.hpp"
#include "streams.hpp"

#include <algorithm>
#include <csignal>

int main(int argc, char** argv)
try {
    occupy_streams();
    // A process inherits an ignored SIGCHLD from its parent, and could then not
    // learn the exit status of scripts.
    (void)std::signal(SIGCHLD, SIG_DFL);
    // A file that reaches its limit (RLIMIT_FSIZE) is an error of the write,
    // which a message can name; the signal would end a command before `post`.
    (void)std::signal(SIGXFSZ, SIG_IGN);
    const std::string_view program(argc > 0 ? argv[0] : "");
    const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    const auto name = program.substr(program.rfind('/') + 1);
    return name == "lsmdev" ? run_lsmdev(words) : run_mdevctl(words);
} catch (const std::exception& error) {
    return explain(error);
}
