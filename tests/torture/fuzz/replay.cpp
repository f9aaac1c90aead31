// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs a target on files, and on the files in directories, without a fuzzer.
// Prints TAP.
#include "target.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(int count, char** arguments)
{
    std::vector<fs::path> files;
    for (int i = 1; i < count; ++i) {
        if (!fs::is_directory(arguments[i]))
            files.emplace_back(arguments[i]);
        else
            for (const auto& entry : fs::directory_iterator(arguments[i]))
                files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

}

int main(int count, char** arguments)
{
    const auto files = files_in(count, arguments);
    std::printf("1..%zu\n", files.size());
    std::size_t number = 0;
    for (const auto& path : files) {
        std::ifstream file(path, std::ios::binary);
        const std::string input((std::istreambuf_iterator<char>(file)),
            std::istreambuf_iterator<char>());
        // Print the name first, because a broken promise ends the program.
        std::printf("# %s\n", path.c_str());
        std::fflush(stdout);
        LLVMFuzzerTestOneInput(
            reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
        std::printf("ok %zu - %s\n", ++number, path.filename().c_str());
    }
    return files.empty();
}
