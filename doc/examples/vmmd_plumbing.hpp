// SPDX-License-Identifier: LGPL-2.1-or-later
// Parts of vmmd.cpp that do not use the library: descriptors, connections,
// threads.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept
        : number_(std::exchange(other.number_, -1))
    {
    }
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor()
    {
        if (number_ >= 0)
            close(number_);
    }
    int number() const { return number_; }

private:
    int number_;
};

/// A connection. Any thread may send; the main thread receives.
class Client {
public:
    explicit Client(Descriptor socket) : socket_(std::move(socket)) {}

    int number() const { return socket_.number(); }
    /// A client that does not read, or has disconnected, gets nothing.
    void send(const std::string& line)
    {
        const auto text = line + "\n";
        const std::lock_guard lock(mutex_);
        ::send(number(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    /// Returns the received lines; nothing at the end of the connection.
    std::optional<std::vector<std::string>> receive()
    {
        char buffer[4096];
        const auto got = recv(number(), buffer, sizeof buffer, 0);
        if (got <= 0)
            return {};
        unread_.append(buffer, static_cast<std::size_t>(got));
        std::vector<std::string> lines;
        for (std::size_t end; (end = unread_.find('\n')) != unread_.npos;) {
            lines.push_back(unread_.substr(0, end));
            unread_.erase(0, end + 1);
        }
        return lines;
    }

private:
    Descriptor socket_;
    std::mutex mutex_;
    std::string unread_;
};

/// Threads that run requests. A command may wait for a script, or for a device
/// that is in use, and must not delay events.
class Pool {
public:
    explicit Pool(int size)
    {
        for (int i = 0; i < size; ++i)
            threads_.emplace_back([this] { run(); });
    }
    ~Pool()
    {
        std::unique_lock lock(mutex_);
        is_ended_ = true;
        lock.unlock();
        changed_.notify_all();
        for (auto& thread : threads_)
            thread.join();
    }
    void add(std::function<void()> work)
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(work));
        changed_.notify_one();
    }

private:
    void run()
    {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [&] { return is_ended_ || !queue_.empty(); });
            if (is_ended_)
                return;
            const auto work = std::move(queue_.front());
            queue_.pop_front();
            lock.unlock();
            work();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
    bool is_ended_ = false;
    std::vector<std::thread> threads_;
};
