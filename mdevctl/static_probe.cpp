// SPDX-License-Identifier: LGPL-2.1-or-later
// Links if the program can be linked statically: the compiler's library,
// threads, exceptions and Boost's options are there as archives.
#include <boost/program_options.hpp>
#include <thread>

int main(int argc, char** argv)
try {
    namespace options = boost::program_options;
    options::variables_map values;
    options::store(options::parse_command_line(
                       argc, argv, options::options_description("all")),
        values);
    std::thread([] {}).join();
    return 0;
} catch (const std::exception&) {
    return 1;
}
