// SPDX-License-Identifier: LGPL-2.1-or-later
// Everything about one device, and the faults of the host.
#include <mdev/mdev.hpp>

#include <cstdio>

int main(int argc, char** argv)
try {
    const mdev::Environment env(argc > 1 ? argv[1] : "/");
    const auto uuid =
        mdev::Uuid::parse("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001").value();

    if (const auto status = mdev::DeviceStatus::find(uuid, env)) {
        if (status->active())
            std::printf(
                "active with type %s\n", status->active()->type_id().c_str());
        for (const auto& definition : status->definitions())
            std::printf("defined with type %s\n", definition.type_id().c_str());
        for (const auto& difference : status->differences())
            std::printf("differs in %s\n", difference.c_str());
    }

    for (const auto& finding : mdev::diagnose(env))
        if (finding.severity() == mdev::Severity::error &&
            finding.id() == "definition-broken")
            std::printf("%s:\n%s\n", finding.advice().c_str(),
                finding.command().c_str());
} catch (const mdev::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
