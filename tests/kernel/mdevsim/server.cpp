// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace mdevsim {

namespace {

// No request blocks a thread, so the number affects only speed and races.
unsigned thread_count()
{
    return std::clamp(std::thread::hardware_concurrency(), 2U, 4U);
}

std::string mount_options()
{
    std::string options = "default_permissions,fsname=mdevsim,subtype="
                          "mdevsim";
    // Other users need the permission of root.
    if (geteuid() == 0)
        options += ",allow_other";
    return options;
}

fuse_session* make_session(Filesystem& filesystem)
{
    std::string program = "mdevsim";
    std::string flag = "-o";
    auto options = mount_options();
    std::array<char*, 4> words{
        program.data(), flag.data(), options.data(), nullptr};
    fuse_args arguments{3, words.data(), 0};
    auto operations = Filesystem::operations();
    auto* session = fuse_session_new(
        &arguments, &operations, sizeof operations, &filesystem);
    fuse_opt_free_args(&arguments);
    if (!session)
        throw std::runtime_error("cannot start a FUSE session");
    return session;
}

/// Waits for a request, and wakes only as many threads as there are requests.
class Doorbell {
public:
    Doorbell(int requests, int stop)
        : stop_(stop),
          epoll_(epoll_create1(EPOLL_CLOEXEC))
    {
        add(requests, EPOLLIN | EPOLLEXCLUSIVE);
        add(stop, EPOLLIN);
    }

    ~Doorbell() { ::close(epoll_); }

    Doorbell(const Doorbell&) = delete;
    Doorbell& operator=(const Doorbell&) = delete;

    /// Returns whether the thread continues.
    bool wait() const
    {
        epoll_event event{};
        int count = epoll_wait(epoll_, &event, 1, -1);
        return count < 0 ? errno == EINTR : event.data.fd != stop_;
    }

private:
    void add(int fd, unsigned events) const
    {
        epoll_event event{};
        event.events = events;
        event.data.fd = fd;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }

    int stop_;
    int epoll_;
};

}

Server::Server(const std::string& mountpoint, Filesystem& filesystem,
    std::function<void()> on_end)
    : stop_event_(eventfd(0, EFD_CLOEXEC)),
      on_end_(std::move(on_end))
{
    session_ = make_session(filesystem);
    if (fuse_session_mount(session_, mountpoint.c_str()) != 0) {
        fuse_session_destroy(session_);
        ::close(stop_event_);
        throw std::runtime_error("cannot mount on " + mountpoint);
    }
    int fd = fuse_session_fd(session_);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    for (unsigned i = 0; i < thread_count(); ++i)
        threads_.emplace_back([this] { work(); });
}

Server::~Server()
{
    stop();
    fuse_session_unmount(session_);
    fuse_session_destroy(session_);
    ::close(stop_event_);
}

void Server::stop()
{
    eventfd_write(stop_event_, 1);
    for (auto& thread : threads_)
        thread.join();
    threads_.clear();
}

void Server::work()
{
    Doorbell doorbell(fuse_session_fd(session_), stop_event_);
    fuse_buf buffer{};
    while (doorbell.wait()) {
        int size = fuse_session_receive_buf(session_, &buffer);
        if (size > 0)
            fuse_session_process_buf(session_, &buffer);
        else if (size != -EAGAIN && size != -EINTR) {
            on_end_();
            break;
        }
    }
    std::free(buffer.mem);
}

}
