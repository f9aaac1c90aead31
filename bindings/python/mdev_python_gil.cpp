// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python_gil.hpp"

#include <cxxabi.h>
#include <unistd.h>

namespace mdev::python {

namespace {

/// Where `take` would end the thread, the thread waits for the process to end.
template <class Take> void take_or_stay(Take take) noexcept
{
    try {
        take();
    } catch (const abi::__forced_unwind&) {
        for (;;)
            pause();
    }
}

}

Unlock::Unlock() : state_(PyEval_SaveThread())
{
}

Unlock::~Unlock()
{
    take_or_stay([this] { PyEval_RestoreThread(state_); });
}

Lock::Lock()
{
    take_or_stay([this] {
        acquired_ = std::make_unique<pybind11::gil_scoped_acquire>();
    });
}

}
