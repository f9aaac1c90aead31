// SPDX-License-Identifier: LGPL-2.1-or-later
#include "command.hpp"
#include "options.hpp"
#include "scheduler.hpp"
#include "server.hpp"
#include "stale_mount.hpp"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <unistd.h>

using namespace mdevsim;

namespace {

constexpr int exit_usage = 2;

void check(int error, const std::string& what)
{
    if (error)
        throw std::system_error(error, std::system_category(), what);
}

void populate(Model& model, const Options& options)
{
    for (const auto& parent : options.parents)
        check(model.add_parent(parent.name, parent.profile),
            "parent " + parent.name);
    for (const auto& device : options.devices)
        check(model.create(device.parent, device.type, device.uuid),
            "device " + device.uuid + " of type " + device.type + " on " +
                device.parent);
    for (const auto& rule : options.faults) {
        if (model.add_fault(rule))
            throw UsageError("not a fault rule: " + rule);
    }
}

std::string resolved(const std::string& path)
{
    std::string result;
    if (char* real = realpath(path.c_str(), nullptr)) {
        result = real;
        std::free(real);
    }
    return result;
}

// The path as in /proc/self/mounts. A stale mount itself cannot be resolved,
// only the directory around it.
std::string absolute(std::string path)
{
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    auto real = resolved(path);
    if (!real.empty())
        return real;
    auto slash = path.rfind('/');
    auto in = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    return resolved(in) + "/" + path.substr(slash + 1);
}

int serve(const Options& options, const Signals& signals)
{
    if (!options.command.empty())
        return run_command(options.command, signals);
    std::cout << "ready" << std::endl;
    signals.wait_for_end();
    return EXIT_SUCCESS;
}

int run(const Options& options)
{
    Signals signals; // before any thread starts
    Scheduler scheduler;
    Model model(
        [&](auto time, auto task) { scheduler.after(time, std::move(task)); });
    populate(model, options);
    auto mountpoint = absolute(options.mountpoint);
    clean_mountpoint(mountpoint);
    Filesystem filesystem(model, geteuid(), getegid());
    Server server(mountpoint, filesystem, [] { Signals::end(); });
    int status = serve(options, signals);
    server.stop();
    // No process may be left waiting for an answer.
    scheduler.finish();
    model.give_up();
    return status;
}

}

int main(int argc, char** argv)
{
    try {
        auto options = parse_options({argv + 1, argv + argc});
        if (!options.help)
            return run(options);
        std::cout << help_text();
        return EXIT_SUCCESS;
    } catch (const UsageError& error) {
        std::cerr << "mdevsim: " << error.what() << " (see --help)\n";
        return exit_usage;
    } catch (const std::exception& error) {
        std::cerr << "mdevsim: " << error.what() << "\n";
        return EXIT_FAILURE;
    }
}
