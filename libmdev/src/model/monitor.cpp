// SPDX-License-Identifier: LGPL-2.1-or-later
#include "function_watch.hpp"
#include "kernel_error.hpp"
#include "monitor_impl.hpp"
#include "store_watch.hpp"

#include <mdev/device.hpp>
#include <mdev/error.hpp>
#include <mdev/export.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace mdev {

// One epoll descriptor in front of three sources: the kernel's uevents
// (netlink) for devices and parents, a timer for virtual functions, whose
// devices have no events, and inotify (StoreWatch) for definitions. The sources
// have different guarantees: a uevent says what has happened, an inotify event
// only where to look. Both can overflow; then the reader must read the full
// state again.

namespace {

/// The multicast group of the kernel's own events. Group 2 repeats them after
/// udev has processed them, which needs a running udev.
constexpr unsigned kernel_group = 1;
constexpr int queue_size = 1024 * 1024;
/// How many messages one read() takes.
constexpr int messages_at_once = 256;
/// How many changes of definitions one read() returns: a directory with many
/// definitions may appear at once, and each of them is a file to read.
constexpr std::size_t changes_at_once = 1000;
/// More messages than a queue of the above size holds.
constexpr int more_than_queued = 16 * 1024;

/// Whether an errno means that this process may not use netlink: a filter of
/// system calls, an LSM, or a kernel without it. A lack of resources is
/// something else.
bool is_refusal(int error)
{
    return error == EPERM || error == EACCES || error == ENOSYS ||
        error == EAFNOSUPPORT || error == EPROTONOSUPPORT;
}

/// Nothing if this process may not listen, with a warning in the log.
FileDescriptor open_uevents(const Environment& env)
{
    FileDescriptor socket_fd(socket(AF_NETLINK,
        SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    struct sockaddr_nl address {};
    address.nl_family = AF_NETLINK;
    address.nl_groups = kernel_group;
    if (!socket_fd ||
        bind(socket_fd.number(), reinterpret_cast<sockaddr*>(&address),
            sizeof address) != 0) {
        const int error = errno;
        const auto failure =
            kernel_error(error, "Cannot listen to", "the kernel's uevents");
        if (!is_refusal(error))
            throw failure;
        env.log(LogLevel::warning,
            std::string(failure.what()) +
                "; only definitions and virtual functions are monitored, not "
                "mediated devices and their parents. "
                "Allow netlink sockets (systemd: "
                "RestrictAddressFamilies=AF_NETLINK)");
        return {};
    }
    // Loading a driver with many devices makes hundreds of events at once. A
    // failure is ignored: the default size works, and an overflow is reported.
    setsockopt(socket_fd.number(), SOL_SOCKET, SO_RCVBUF, &queue_size,
        sizeof queue_size);
    return socket_fd;
}

/// Whether the kernel sends its uevents to this network namespace: to those
/// that belong to the initial user namespace, whose inode has a fixed number.
/// True if this cannot be found out.
bool has_uevents_here()
{
    constexpr ino_t initial_user_namespace = 0xEFFFFFFD;
    const FileDescriptor network(
        open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!network)
        return true;
    // EPERM: it belongs to a user namespace around that of this process.
    const FileDescriptor owner(ioctl(network.number(), NS_GET_USERNS));
    struct stat status {};
    return !owner || fstat(owner.number(), &status) != 0 ||
        status.st_ino == initial_user_namespace;
}

/// Whether the kernel has sent the message. Processes with CAP_NET_ADMIN can
/// send to the socket as well.
bool is_from_kernel(const sockaddr_nl& sender)
{
    return sender.nl_family == AF_NETLINK && sender.nl_pid == 0 &&
        sender.nl_groups == kernel_group;
}

/// Reads at most `limit` messages. Returns whether some are about PCI
/// functions.
bool read_uevents(int fd, int limit, std::vector<Event>& events)
{
    bool is_pci = false;
    std::array<char, 16 * 1024> buffer{};
    for (int i = 0; i < limit; ++i) {
        struct sockaddr_nl sender {};
        socklen_t size = sizeof sender;
        const auto got = recvfrom(fd, buffer.data(), buffer.size(),
            MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&sender), &size);
        if (got < 0 && errno == EAGAIN)
            break;
        // The kernel dropped messages and reports it once. The socket remains
        // usable.
        if (got < 0 && errno == ENOBUFS)
            events.push_back(make_event(EventKind::overflow, "", {}));
        else if (got < 0 && errno != EINTR)
            throw kernel_error("Cannot listen to", "the kernel's uevents");
        if (got < 0 || !is_from_kernel(sender))
            continue;
        const std::string_view message(
            buffer.data(), static_cast<std::size_t>(got));
        is_pci = is_pci || is_pci_uevent(message);
        if (auto event = parse_uevent(message))
            events.push_back(std::move(*event));
    }
    return is_pci;
}

}

struct Monitor::Impl {
    Environment env;
    EventFilter filter;
    FileDescriptor uevents; ///< none if they are forbidden or not wanted
    bool has_uevents = false;
    std::optional<FunctionWatch> functions; ///< nothing if they are not wanted
    std::optional<StoreWatch> store; ///< nothing if it is not wanted
    /// Changes of definitions that the next read() returns, without details.
    std::deque<Event> unread;
    /// Always readable. Only there while there are unread events.
    FileDescriptor unread_mark;
    FileDescriptor poll{epoll_create1(EPOLL_CLOEXEC)};

    Impl(Environment environment, EventFilter wanted);
    bool selects_kinds(EventKind first, EventKind last) const;
    void add_to_poll(int fd) const;
    bool mark_unread();
    void unmark_unread();
    void read_store();
    std::vector<Event> selected(const std::vector<Event>& events) const;
    void append_unread(std::vector<Event>& events);
    void append_state(std::vector<Event>& events) const;
};

Monitor::Impl::Impl(Environment environment, EventFilter wanted)
    : env(std::move(environment)),
      filter(std::move(wanted))
{
    if (!poll)
        throw kernel_error("Cannot wait for", "events");
    if (selects_kinds(
            EventKind::device_added, EventKind::parent_unregistered)) {
        uevents = open_uevents(env);
        if (uevents)
            add_to_poll(uevents.number());
        has_uevents = uevents && has_uevents_here();
        if (uevents && !has_uevents)
            env.log(LogLevel::warning,
                "The kernel sends no uevents to this network namespace; only "
                "definitions and virtual functions are monitored, not mediated "
                "devices and their parents. Use the host's network namespace");
        add_to_poll(functions.emplace(env, has_uevents).number());
    }
    if (selects_kinds(
            EventKind::definition_added, EventKind::definition_removed))
        add_to_poll(store.emplace(env).number());
}

bool Monitor::Impl::selects_kinds(EventKind first, EventKind last) const
{
    return Access::impl(filter).selects_kinds(first, last);
}

void Monitor::Impl::add_to_poll(int fd) const
{
    struct epoll_event wanted {};
    wanted.events = EPOLLIN;
    if (epoll_ctl(poll.number(), EPOLL_CTL_ADD, fd, &wanted) != 0)
        throw kernel_error("Cannot wait for", "events");
}

/// Makes the monitor's descriptor readable. Returns false if that cannot be
/// done.
bool Monitor::Impl::mark_unread()
try {
    if (unread_mark)
        return true;
    FileDescriptor mark(eventfd(1, EFD_CLOEXEC));
    if (!mark)
        return false;
    add_to_poll(mark.number());
    unread_mark = std::move(mark);
    return true;
} catch (const Error&) {
    return false;
}

/// Closing alone would not do: a child process may have the descriptor.
void Monitor::Impl::unmark_unread()
{
    if (!unread_mark)
        return;
    epoll_ctl(poll.number(), EPOLL_CTL_DEL, unread_mark.number(), nullptr);
    unread_mark = FileDescriptor();
}

/// Takes changes of definitions from the kernel, unless there are some left.
void Monitor::Impl::read_store()
{
    if (!store || !unread.empty())
        return;
    std::vector<Event> changes;
    store->read(changes);
    for (auto& change : changes)
        if (Access::impl(filter).selects(change))
            unread.push_back(std::move(change));
}

/// Appends as many of them as one read() returns, or all if the descriptor
/// would not become readable for the rest.
void Monitor::Impl::append_unread(std::vector<Event>& events)
{
    auto count = std::min(unread.size(), changes_at_once);
    if (count < unread.size() && !mark_unread())
        count = unread.size();
    for (; count > 0; --count) {
        events.push_back(with_details(unread.front(), env));
        unread.pop_front();
    }
    if (unread.empty())
        unmark_unread();
}

/// The events that the filter selects, with their details.
std::vector<Event> Monitor::Impl::selected(
    const std::vector<Event>& events) const
{
    std::vector<Event> selected;
    for (const auto& event : events)
        if (Access::impl(filter).selects(event))
            selected.push_back(with_details(event, env));
    return selected;
}

/// Appends what exists in the kernel.
void Monitor::Impl::append_state(std::vector<Event>& events) const
{
    if (selects_kinds(
            EventKind::parent_registered, EventKind::parent_registered))
        for (const auto& parent : ParentDevice::all(env))
            events.push_back(
                make_event(EventKind::parent_registered, parent.name(), {}));
    if (selects_kinds(EventKind::device_added, EventKind::device_added))
        for (const auto& device : Device::all(env))
            events.push_back(Access::make<Event>({EventKind::device_added,
                device.parent(), device.uuid(), device.type_id()}));
}

MDEV_API Monitor::Monitor(const Environment& env) : Monitor(env, EventFilter())
{
}

MDEV_API Monitor::Monitor(const Environment& env, const EventFilter& filter)
    : impl_(std::make_shared<Impl>(env, filter))
{
}

MDEV_API bool Monitor::has_uevents() const noexcept
{
    return impl_->has_uevents;
}

MDEV_API int Monitor::descriptor() const noexcept
{
    return impl_->poll.number();
}

MDEV_API std::vector<Event> Monitor::read() const
{
    std::vector<Event> uevents;
    const bool is_pci = impl_->uevents &&
        read_uevents(impl_->uevents.number(), messages_at_once, uevents);
    if (impl_->functions && is_pci)
        impl_->functions->look(uevents);
    else if (impl_->functions)
        impl_->functions->read(uevents);
    auto events = impl_->selected(uevents);
    impl_->read_store();
    impl_->append_unread(events);
    return events;
}

MDEV_API std::vector<Event> Monitor::current() const
{
    // The queue is emptied before the state is read. What happens in between is
    // reported twice, by the state and by an event, but never missed. The other
    // order could miss it.
    std::vector<Event> events;
    if (impl_->uevents)
        read_uevents(impl_->uevents.number(), more_than_queued, events);
    if (impl_->functions)
        impl_->functions->look(events);
    events.clear();
    impl_->unread.clear();
    impl_->unmark_unread();
    impl_->append_state(events);
    if (impl_->store)
        impl_->store->current(events);
    return impl_->selected(events);
}

}
