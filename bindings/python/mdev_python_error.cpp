// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

namespace mdev::python {

namespace {

/// The number of the Errc; None for what only the kernel knows.
py::object number_of(const std::error_code& code)
{
    if (code.category() == error_category())
        return py::int_(code.value());
    return py::none();
}

/// What the kernel said; 0 if it said nothing.
int errno_of(const Error& error)
{
    if (error.cause())
        return error.cause().value();
    return error.code().category() == error_category() ? 0
                                                       : error.code().value();
}

/// Which class that is in Python, and its errno where the kernel gave none, is
/// decided there.
py::object exception_of(const Error& error)
{
    return py::module_::import("mdev._errors")
        .attr("from_library")(number_of(error.code()), errno_of(error),
            text_object(error.subject()), text_object(error.what()));
}

void raise(const Error& error)
try {
    const auto exception = exception_of(error);
    PyErr_SetObject(py::type::handle_of(exception).ptr(), exception.ptr());
} catch (py::error_already_set& other) {
    other.restore(); // as Ctrl-C, which came first
}

void translate(std::exception_ptr thrown)
try {
    if (thrown)
        std::rethrow_exception(std::move(thrown));
} catch (const Error& error) {
    raise(error);
}

}

void bind_errors()
{
    py::register_local_exception_translator(translate);
}

}
