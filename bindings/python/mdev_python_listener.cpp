// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python_listener.hpp"

#include <string>

namespace mdev::python {

namespace {

namespace py = pybind11;

/// Keeps an object of Python that is let go in whatever thread.
std::shared_ptr<const py::object> kept(py::object object)
{
    return {new py::object(std::move(object)), [](const py::object* last) {
                const Lock lock;
                delete last;
            }};
}

}

Listener::Listener(py::object function, const char* name)
{
    if (PyCallable_Check(function.ptr()) == 0)
        throw py::type_error(std::string(name) + " must be callable or None");
    function_ = kept(std::move(function));
}

/// Ctrl-C comes back when Python code runs again.
void Listener::pass_over(py::error_already_set& error) const
{
    if (error.matches(PyExc_KeyboardInterrupt))
        PyErr_SetInterrupt();
    else
        error.discard_as_unraisable(*function_);
}

}
