// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python_class.hpp"

namespace mdev::python {

namespace {

namespace py = pybind11;

/// inspect.signature() understands nothing but literals.
bool is_literal(const py::object& value)
{
    return value.is_none() || py::isinstance<py::bool_>(value) ||
        py::isinstance<py::int_>(value) || py::isinstance<py::float_>(value) ||
        py::isinstance<py::str>(value);
}

bool is_enum(const py::object& value)
{
    return py::isinstance(value, py::module_::import("enum").attr("Enum"));
}

}

void Signature::add(const py::arg_v& argument)
{
    const auto& value = argument.value;
    const bool is_shown = is_literal(value) && !is_enum(value);
    append(std::string(argument.name) + "=" +
        (is_shown ? py::repr(value).cast<std::string>() : "..."));
}

void Signature::append(const std::string& parameter)
{
    if (!parameters_.empty())
        parameters_ += ", ";
    parameters_ += parameter;
}

std::string Signature::docstring(
    const std::string& name, const char* text) const
{
    return name + "(" + parameters_ + ")\n--\n\n" + text;
}

}
