// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <memory>
#include <unistd.h>

namespace mdev {

/// An object that each process has of its own. After fork(2), a child has a
/// copy of its parent's object, but not the parent's threads. One of these may
/// have been changing the object, or hold its mutex. So the child begins with a
/// new object and does not touch the copy. Any thread may use it.
template <class Value> class PerProcess {
public:
    PerProcess() = default;
    PerProcess(const PerProcess&) = delete;
    PerProcess& operator=(const PerProcess&) = delete;
    ~PerProcess()
    {
        if (auto* const last = current_.load(); is_own(last))
            delete last;
    }

    /// The object of this process, made on the first use.
    Value& here() const
    {
        auto* known = current_.load();
        while (!is_own(known)) {
            auto made = std::make_unique<Owned>();
            if (current_.compare_exchange_strong(known, made.get()))
                return made.release()->value;
        }
        return known->value;
    }
    /// Whether an object was made, here or in a process that this one was
    /// forked from. Costs no system call.
    bool is_used() const noexcept { return current_.load() != nullptr; }
    /// Whether the object is the one of this process. Makes none.
    bool is_here(const Value& value) const noexcept
    {
        const auto* const known = current_.load();
        return is_own(known) && &known->value == &value;
    }

private:
    struct Owned {
        const pid_t process = getpid();
        Value value{};
    };

    static bool is_own(const Owned* owned) noexcept
    {
        return owned && owned->process == getpid();
    }

    mutable std::atomic<Owned*> current_ = nullptr;
};

}
