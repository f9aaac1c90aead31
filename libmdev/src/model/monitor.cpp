// SPDX-License-Identifier: LGPL-2.1-or-later
#include "json.hpp"
#include "kernel_error.hpp"
#include "monitor_impl.hpp"
#include "store_watch.hpp"

#include <mdev/device.hpp>
#include <mdev/error.hpp>
#include <mdev/export.hpp>
#include <mdev/parent_device.hpp>

#include <array>
#include <cerrno>
#include <linux/netlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace mdev {

// One epoll descriptor in front of two sources: the kernel's uevents (netlink)
// for devices and parents, and inotify (StoreWatch) for definitions. The
// sources have different guarantees: a uevent says what has happened, an
// inotify event only where to look. Both can overflow; the reader is then told
// to ask for everything again.

namespace {

/// The multicast group of the kernel's own events. Group 2 repeats them after
/// udev has processed them, which needs a running udev.
constexpr unsigned kernel_group = 1;
constexpr int queue_size = 1024 * 1024;

FileDescriptor open_uevents()
{
    FileDescriptor socket_fd(socket(AF_NETLINK,
        SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    struct sockaddr_nl address {};
    address.nl_family = AF_NETLINK;
    address.nl_groups = kernel_group;
    if (!socket_fd ||
        bind(socket_fd.number(), reinterpret_cast<sockaddr*>(&address),
            sizeof address) != 0)
        throw kernel_error("Cannot listen to", "the kernel's uevents");
    // Loading a driver with many devices makes hundreds of events at once. A
    // failure is ignored: the default size works, and an overflow is reported.
    setsockopt(socket_fd.number(), SOL_SOCKET, SO_RCVBUF, &queue_size,
        sizeof queue_size);
    return socket_fd;
}

/// Whether the kernel has sent the message. Processes with CAP_NET_ADMIN can
/// send to the socket as well.
bool is_from_kernel(const sockaddr_nl& sender)
{
    return sender.nl_family == AF_NETLINK && sender.nl_pid == 0 &&
        sender.nl_groups == kernel_group;
}

void read_uevents(int fd, std::vector<Event>& events)
{
    std::array<char, 16 * 1024> buffer{};
    for (;;) {
        struct sockaddr_nl sender {};
        socklen_t size = sizeof sender;
        const auto got = recvfrom(fd, buffer.data(), buffer.size(),
            MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&sender), &size);
        if (got < 0 && errno == EAGAIN)
            return;
        // The kernel dropped messages and reports it once. The socket remains
        // usable.
        if (got < 0 && errno == ENOBUFS)
            events.push_back(make_event(EventKind::overflow, "", {}));
        else if (got < 0 && errno != EINTR)
            throw kernel_error("Cannot listen to", "the kernel's uevents");
        if (got < 0 || !is_from_kernel(sender))
            continue;
        if (auto event =
                parse_uevent({buffer.data(), static_cast<std::size_t>(got)}))
            events.push_back(std::move(*event));
    }
}

}

struct Monitor::Impl {
    Environment env;
    FileDescriptor uevents;
    StoreWatch store;
    FileDescriptor poll;

    explicit Impl(Environment environment)
        : env(std::move(environment)),
          uevents(open_uevents()),
          store(env),
          poll(epoll_create1(EPOLL_CLOEXEC))
    {
        for (const int fd : {uevents.number(), store.number()}) {
            struct epoll_event wanted {};
            wanted.events = EPOLLIN;
            if (!poll ||
                epoll_ctl(poll.number(), EPOLL_CTL_ADD, fd, &wanted) != 0)
                throw kernel_error("Cannot wait for", "events");
        }
    }
};

Event::Event(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl))
{
}

MDEV_API const char* Event::word() const noexcept
{
    switch (kind()) {
    case EventKind::device_added: return "device-added";
    case EventKind::device_removed: return "device-removed";
    case EventKind::parent_registered: return "parent-registered";
    case EventKind::parent_unregistered: return "parent-unregistered";
    case EventKind::definition_added: return "definition-added";
    case EventKind::definition_changed: return "definition-changed";
    case EventKind::definition_removed: return "definition-removed";
    default: return "overflow";
    }
}

MDEV_API std::string Event::to_json() const
{
    json::object object;
    object["event"] = word();
    object["parent"] = json::or_null(parent());
    object["uuid"] = json::or_null(uuid() ? uuid()->string() : "");
    return json::line(object);
}

MDEV_API EventKind Event::kind() const noexcept
{
    return impl_->kind;
}

MDEV_API const std::string& Event::parent() const noexcept
{
    return impl_->parent;
}

MDEV_API std::optional<Uuid> Event::uuid() const noexcept
{
    return impl_->uuid;
}

MDEV_API Monitor::Monitor(const Environment& env)
    : impl_(std::make_shared<Impl>(env))
{
}

MDEV_API int Monitor::descriptor() const noexcept
{
    return impl_->poll.number();
}

MDEV_API std::vector<Event> Monitor::read() const
{
    std::vector<Event> events;
    read_uevents(impl_->uevents.number(), events);
    impl_->store.read(events);
    return events;
}

MDEV_API std::vector<Event> Monitor::current() const
{
    // The queue is emptied before the state is read. What happens in between is
    // reported twice, by the state and by an event, but never missed. The other
    // order could miss it.
    std::vector<Event> events;
    read_uevents(impl_->uevents.number(), events);
    events.clear();
    for (const auto& parent : ParentDevice::all(impl_->env))
        events.push_back(
            make_event(EventKind::parent_registered, parent.name(), {}));
    for (const auto& device : Device::all(impl_->env))
        events.push_back(make_event(
            EventKind::device_added, device.parent(), device.uuid()));
    impl_->store.current(events);
    return events;
}

}
