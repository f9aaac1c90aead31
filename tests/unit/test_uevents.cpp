// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "file_descriptor.hpp"
#include "temporary_directory.hpp"

#include <mdev/environment.hpp>
#include <mdev/monitor.hpp>

#include <cstring>
#include <functional>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <stdexcept>
#include <sys/socket.h>

namespace mdev::test {

namespace {

using namespace std::string_literals;

const std::string device =
    "ACTION=add\0"
    "DEVPATH=/devices/virtual/mtty/mtty/11111111-2222-3333-4444-555555555501\0"
    "SUBSYSTEM=mdev\0"s;
const std::string module =
    "ACTION=add\0DEVPATH=/module/mtty\0SUBSYSTEM=module\0"s;

/// Sends messages to the listeners for uevents in this process's network
/// namespace.
class Sender {
public:
    Sender()
        : socket_(socket(
              AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT))
    {
    }

    /// Sends the message from this process, as any privileged program can.
    void forge(const std::string& message) const { send(message, 1); }

    /// Makes the kernel send the message, as if a driver had requested it.
    void send_by_kernel(const std::string& message) const
    {
        nlmsghdr header{};
        header.nlmsg_len =
            static_cast<unsigned>(sizeof header + message.size());
        header.nlmsg_type = NLMSG_MIN_TYPE;
        header.nlmsg_flags = NLM_F_REQUEST;
        std::string packet(sizeof header, '\0');
        std::memcpy(packet.data(), &header, sizeof header);
        send(packet + message, 0);
    }

private:
    void send(const std::string& packet, unsigned groups) const
    {
        sockaddr_nl address{};
        address.nl_family = AF_NETLINK;
        address.nl_groups = groups;
        if (sendto(socket_.number(), packet.data(), packet.size(), 0,
                reinterpret_cast<sockaddr*>(&address), sizeof address) < 0)
            throw std::runtime_error("the message could not be sent");
    }

    FileDescriptor socket_;
};

const std::string no_network = "cannot create a network namespace here";

/// Returns the result of `work` in a network namespace of its own, where no
/// other program of this machine receives the uevents.
std::string outcome_in_network(const std::function<std::string()>& work)
{
    return outcome_in_child([&]() -> std::string {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
            return no_network;
        return work();
    });
}

/// Returns the events that a monitor reports for the messages.
std::string heard(const std::function<void(const Sender&)>& send)
{
    return outcome_in_network([&] {
        const TemporaryDirectory root;
        const Monitor monitor(Environment(root.path()));
        send(Sender());
        std::string events;
        for (const auto& event : monitor.read())
            events += event.to_json() + "\n";
        return events;
    });
}

}

TEST_CASE("uevents of the kernel are reported with their values", "[uevents]")
{
    const auto events = heard([](const Sender& sender) {
        sender.send_by_kernel(device);
        sender.send_by_kernel(module);
    });

    if (events == no_network)
        return skip(events);
    CHECK(events ==
        R"({"event": "device-added", "parent": "mtty", )"
        R"("uuid": "11111111-2222-3333-4444-555555555501", )"
        R"("type": null, "start": null, "types": null})"
        "\n");
}

TEST_CASE("uevents of other programs are ignored", "[uevents]")
{
    const auto events =
        heard([](const Sender& sender) { sender.forge(device); });

    if (events == no_network)
        return skip(events);
    CHECK(events.empty());
}

TEST_CASE("uevents that arrive too fast are reported as lost", "[uevents]")
{
    const auto events = heard([](const Sender& sender) {
        for (int sent = 0; sent < 10'000; ++sent)
            sender.send_by_kernel(module);
        sender.send_by_kernel(device);
    });

    if (events == no_network)
        return skip(events);
    CHECK(events ==
        R"({"event": "overflow", "parent": null, "uuid": null, )"
        R"("type": null, "start": null, "types": null})"
        "\n");
}

TEST_CASE("a flood of uevents is read in parts", "[uevents]")
{
    const auto sizes = outcome_in_network([] {
        const TemporaryDirectory root;
        const Monitor monitor(Environment(root.path()));
        const Sender sender;
        for (int sent = 0; sent < 300; ++sent)
            sender.send_by_kernel(device);
        std::string text;
        for (int i = 0; i < 3; ++i)
            text += std::to_string(monitor.read().size()) + " ";
        return text;
    });

    if (sizes == no_network)
        return skip(sizes);
    CHECK(sizes == "256 44 0 ");
}

TEST_CASE("reading the present state empties the queue", "[uevents]")
{
    const auto sizes = outcome_in_network([] {
        const TemporaryDirectory root;
        const Monitor monitor(Environment(root.path()));
        const Sender sender;
        for (int sent = 0; sent < 300; ++sent)
            sender.send_by_kernel(device);
        const auto present = monitor.current().size();
        return std::to_string(present) + " " +
            std::to_string(monitor.read().size());
    });

    if (sizes == no_network)
        return skip(sizes);
    CHECK(sizes == "0 0");
}

TEST_CASE("a network namespace without uevents causes a warning", "[uevents]")
{
    const auto warning = outcome_in_network([]() -> std::string {
        const TemporaryDirectory root;
        std::string said;
        const auto env =
            Environment(root.path())
                .with_log([&](LogLevel level, std::string_view text) {
                    if (level == LogLevel::warning)
                        said += text;
                });
        return Monitor(env).has_uevents() ? "it has uevents" : said;
    });

    if (warning == no_network)
        return skip(warning);
    CHECK_THAT(warning,
        starts_with("The kernel sends no uevents to this network namespace"));
}

namespace {

void add_function(const std::filesystem::path& root)
{
    const auto files = root / "sys/bus/pci/devices/0000:41:00.4/nvidia";
    put_file(files / "creatable_vgpu_types", "1147 : NVIDIA L40S-1Q\n");
    put_file(files / "current_vgpu_type", "0\n");
}

const std::string registered =
    R"({"event": "parent-registered", "parent": "0000:41:00.4", )"
    R"("uuid": null, "type": null, "start": null, "types": ["nvidia-1147"]})";

}

TEST_CASE("without uevents, functions are polled", "[uevents]")
{
    const auto events = outcome_in_network([]() -> std::string {
        const TemporaryDirectory root;
        const Monitor monitor(Environment(root.path()));
        add_function(root.path());
        pollfd asked{monitor.descriptor(), POLLIN, 0};
        constexpr int more_than_enough = 60'000;
        // Other sources can also make the descriptor readable.
        while (poll(&asked, 1, more_than_enough) > 0)
            if (const auto found = monitor.read(); !found.empty())
                return found.front().to_json();
        return "nothing";
    });

    if (events == no_network)
        return skip(events);
    CHECK(events == registered);
}

TEST_CASE("functions are examined when a driver is bound", "[uevents]")
{
    const auto events = outcome_in_network([]() -> std::string {
        const TemporaryDirectory root;
        const Monitor monitor(Environment(root.path()));
        add_function(root.path());
        Sender().send_by_kernel(
            "ACTION=bind\0DEVPATH=/devices/pci0000:00/0000:41:00.4\0"
            "SUBSYSTEM=pci\0"s);
        const auto found = monitor.read();
        return found.empty() ? "" : found.front().to_json();
    });

    if (events == no_network)
        return skip(events);
    CHECK(events == registered);
}

}
