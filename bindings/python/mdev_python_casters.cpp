// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python_casters.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace mdev::python {

namespace {

namespace py = pybind11;

/// Longer than anybody waits, and still short for every clock.
constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365 * 50);

py::object member(const char* module, const char* name)
{
    return py::module_::import(module).attr(name);
}

py::object stolen(PyObject* object)
{
    if (object == nullptr)
        throw py::error_already_set();
    return py::reinterpret_steal<py::object>(object);
}

/// Nothing that is neither a number nor a timedelta; a bool is no number here.
std::optional<double> seconds_of(py::handle source)
{
    if (py::isinstance(source, member("datetime", "timedelta")))
        return source.attr("total_seconds")().cast<double>();
    if (PyBool_Check(source.ptr()) ||
        !(PyFloat_Check(source.ptr()) || PyLong_Check(source.ptr())))
        return {};
    const double seconds = PyFloat_AsDouble(source.ptr());
    if (PyErr_Occurred() != nullptr)
        throw py::error_already_set();
    return seconds;
}

bool load_attribute(py::handle source, Attribute& attribute)
{
    if (!PyTuple_Check(source.ptr()) && !PyList_Check(source.ptr()))
        return false;
    const auto pair = py::reinterpret_borrow<py::sequence>(source);
    return pair.size() == 2 && load_text(pair[0], attribute.first) &&
        load_text(pair[1], attribute.second);
}

}

bool load_text(py::handle source, std::string& text)
{
    if (!PyUnicode_Check(source.ptr()))
        return false;
    const auto bytes = stolen(
        PyUnicode_AsEncodedString(source.ptr(), "utf-8", "surrogateescape"));
    text.assign(PyBytes_AS_STRING(bytes.ptr()),
        static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.ptr())));
    return true;
}

py::str text_object(const std::string& text)
{
    return stolen(PyUnicode_DecodeUTF8(
        text.data(), static_cast<Py_ssize_t>(text.size()), "surrogateescape"));
}

py::list texts_object(const std::vector<std::string>& list)
{
    py::list result;
    for (const auto& text : list)
        result.append(text_object(text));
    return result;
}

bool load_uuid(py::handle source, Uuid& uuid)
{
    std::string text;
    if (load_text(source, text)) {
        const auto parsed = Uuid::parse(text);
        if (!parsed)
            throw py::value_error("badly formed UUID: " +
                py::repr(text_object(text)).cast<std::string>());
        uuid = *parsed;
        return true;
    }
    if (!py::isinstance(source, member("uuid", "UUID")))
        return false;
    const py::object bytes = source.attr("bytes");
    std::array<std::uint8_t, 16> raw{};
    if (!PyBytes_Check(bytes.ptr()) ||
        PyBytes_GET_SIZE(bytes.ptr()) != static_cast<Py_ssize_t>(raw.size()))
        return false;
    std::memcpy(raw.data(), PyBytes_AS_STRING(bytes.ptr()), raw.size());
    uuid = Uuid(raw);
    return true;
}

py::object uuid_object(const Uuid& uuid)
{
    const auto& raw = uuid.bytes();
    return member("uuid", "UUID")(
        py::arg("bytes") =
            py::bytes(reinterpret_cast<const char*>(raw.data()), raw.size()));
}

bool load_attributes(py::handle source, std::vector<Attribute>& list)
{
    if (PyUnicode_Check(source.ptr()) || PyBytes_Check(source.ptr()) ||
        PyDict_Check(source.ptr()) || !py::isinstance<py::iterable>(source))
        return false;
    list.clear();
    for (const auto item : source) {
        Attribute attribute;
        if (!load_attribute(item, attribute))
            return false;
        list.push_back(std::move(attribute));
    }
    return true;
}

py::list attributes_object(const std::vector<Attribute>& list)
{
    py::list result;
    for (const auto& [name, value] : list)
        result.append(py::make_tuple(text_object(name), text_object(value)));
    return result;
}

bool load_limit(py::handle source, std::chrono::milliseconds& time)
{
    const auto seconds = seconds_of(source);
    if (!seconds)
        return false;
    if (!(*seconds >= 0)) // nor is NaN
        throw py::value_error("a time limit cannot be negative");
    const auto most = static_cast<double>(longest.count());
    // Rounded up: a short wait is not the same as none.
    time = std::chrono::milliseconds(
        static_cast<std::int64_t>(std::min(std::ceil(*seconds * 1000), most)));
    return true;
}

py::object limit_object(std::chrono::milliseconds time)
{
    return member("datetime", "timedelta")(
        py::arg("milliseconds") = time.count());
}

bool load_enum(py::handle source, PyObject* type, int& value)
{
    if (!py::isinstance(source, type))
        return false;
    value = source.attr("value").cast<int>();
    return true;
}

void check_initialised(py::handle object, const std::type_info& type)
{
    const auto* known = py::detail::get_type_info(type);
    if (!object || known == nullptr ||
        !py::isinstance(object, reinterpret_cast<PyObject*>(known->type)))
        return;
    auto* instance = reinterpret_cast<py::detail::instance*>(object.ptr());
    if (instance->get_value_and_holder(known).value_ptr() == nullptr)
        throw py::type_error(
            py::repr(py::type::handle_of(object)).cast<std::string>() +
            ".__init__() was not called");
}

}
