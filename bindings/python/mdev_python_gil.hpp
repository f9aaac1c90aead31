// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <pybind11/pybind11.h>

namespace mdev::python {

/// Lets other threads of Python go on as long as it lives.
///
/// Not pybind11's own: when the interpreter ends, it ends each other thread
/// that wants to go on, which goes wrong where C++ may not be left by an
/// exception. Here such a thread stays where it is, as in Python 3.14.
class Unlock {
public:
    Unlock();
    Unlock(const Unlock&) = delete;
    Unlock& operator=(const Unlock&) = delete;
    ~Unlock();

private:
    PyThreadState* state_;
};

/// Makes a thread of whatever kind one that may use Python.
class Lock {
public:
    Lock();

private:
    std::unique_ptr<pybind11::gil_scoped_acquire> acquired_;
};

/// Does what may wait, touch files or run scripts, while other threads of
/// Python go on. `work` must not use Python.
template <class Work> auto unlocked(Work&& work)
{
    const Unlock unlock;
    return work();
}

}
