// SPDX-License-Identifier: LGPL-2.1-or-later
// A definition and its JSON.
#include <mdev/definition.hpp>
#include <mdev/error.hpp>

#include <chrono>
#include <cstdio>

int main()
{
    const auto uuid =
        mdev::Uuid::parse("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001").value();

    mdev::Definition definition(uuid, "mtty", "mtty-1");
    definition.set_start(mdev::StartMode::automatic);
    definition.append_attribute("power/control", "on");
    std::printf("%s\n", definition.to_json().c_str());

    // Copies are independent of each other.
    auto other = definition;
    other.erase_attribute(0);
    std::printf("%zu and %zu\n", definition.attributes().size(),
        other.attributes().size());

    // Reads JSON; an error message begins with the name of the source.
    const auto read = mdev::Definition::from_json(
        R"({"mdev_type": "mtty-2", "start": "manual"})", uuid, "mtty",
        "a test");
    std::printf("%s\n", read.type_id().c_str());

    // The caller decides how long to wait for a pipe without data.
    try {
        mdev::Definition::from_file("/dev/stdin", uuid, "mtty",
            mdev::Environment().with_deadline(
                std::chrono::steady_clock::now()));
    } catch (const mdev::Error& error) {
        std::printf("%s\n",
            error.code() == mdev::Errc::timed_out ? "too late" : error.what());
    }

    try {
        mdev::Definition(uuid, "../etc", "mtty-1");
    } catch (const mdev::Error& error) {
        std::printf("%s\n", error.what());
    }
}
