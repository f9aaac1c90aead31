// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "mdev_python_gil.hpp"

#include <memory>
#include <pybind11/pybind11.h>
#include <utility>

namespace mdev::python {

/// A function of Python that the library calls, and lets go, in whatever
/// thread. The library cannot use what it raises.
class Listener {
public:
    /// Throws TypeError, which says `name`, if it cannot be called.
    Listener(pybind11::object function, const char* name);

    template <class... Words> void operator()(Words&&... words) const
    {
        const Lock lock;
        try {
            (*function_)(std::forward<Words>(words)...);
        } catch (pybind11::error_already_set& error) {
            pass_over(error);
        }
    }

private:
    void pass_over(pybind11::error_already_set& error) const;

    std::shared_ptr<const pybind11::object> function_;
};

}
