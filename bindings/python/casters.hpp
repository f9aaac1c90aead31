// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// The conversion of values between C++ and Python. Names and texts of the
// kernel are bytes; a str represents them by "surrogateescape", like file
// names.

#include <mdev/mdev.hpp>

#include <chrono>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>
#include <string>
#include <utility>
#include <vector>

namespace mdev::python {

/// The bytes that a str represents.
struct Text : std::string {
    Text() = default;
    explicit Text(std::string text) : std::string(std::move(text)) {}
};

/// A list of (name, value).
struct Attributes {
    std::vector<Attribute> list;
};

/// A float or int of seconds, or a timedelta. milliseconds::max() is no limit;
/// in Python it is timedelta.max, or whatever is longer.
struct Limit {
    std::chrono::milliseconds time{};
};

/// The moment at which a Limit from now passes.
std::chrono::steady_clock::time_point deadline_in(Limit limit);

/// An int or an object with fileno(); None is -1.
struct Descriptor {
    int number = -1;
};

/// The Python class of an enum, created by bind_enums() and never freed.
template <class Enum> inline PyObject* enum_class = nullptr;

// The functions behind the casters. `load_…` return false for a wrong type and
// throw for an invalid value.
bool load_text(pybind11::handle source, std::string& text);
pybind11::str text_object(const std::string& text);
/// An mdev.Errc or the kernel's errno; None for no error.
pybind11::object code_object(const std::error_code& code);
/// A list of mdev.DeviceUser, which is Python's own.
pybind11::object users_object(const std::vector<DeviceUser>& users);
pybind11::list texts_object(const std::vector<std::string>& list);
bool load_uuid(pybind11::handle source, Uuid& uuid);
pybind11::object uuid_object(const Uuid& uuid);
bool load_attributes(pybind11::handle source, std::vector<Attribute>& list);
pybind11::list attributes_object(const std::vector<Attribute>& list);
bool load_limit(pybind11::handle source, std::chrono::milliseconds& time);
pybind11::object limit_object(std::chrono::milliseconds time);
bool load_enum(pybind11::handle source, PyObject* type, int& value);
pybind11::object enum_object(PyObject* type, int value);
/// Throws TypeError for an object of __new__() without __init__().
void check_initialised(pybind11::handle object, const std::type_info& type);

/// For every class: pybind11 alone would use the uninitialized memory of an
/// object whose __init__() was not called.
template <class T> struct ClassCaster : pybind11::detail::type_caster_base<T> {
    bool load(pybind11::handle source, bool convert)
    {
        check_initialised(source, typeid(T));
        return pybind11::detail::type_caster_base<T>::load(source, convert);
    }
};

template <class Enum> struct EnumCaster {
    PYBIND11_TYPE_CASTER(Enum, pybind11::detail::const_name("enum.Enum"));

    bool load(pybind11::handle source, bool)
    {
        int number = 0;
        if (!load_enum(source, enum_class<Enum>, number))
            return false;
        value = static_cast<Enum>(number);
        return true;
    }
    static pybind11::handle cast(
        Enum source, pybind11::return_value_policy, pybind11::handle)
    {
        return enum_object(enum_class<Enum>, static_cast<int>(source))
            .release();
    }
};

}

namespace pybind11::detail {

template <> struct type_caster<mdev::python::Text> {
    PYBIND11_TYPE_CASTER(mdev::python::Text, const_name("str"));
    bool load(handle source, bool)
    {
        return mdev::python::load_text(source, value);
    }
    static handle cast(
        const mdev::python::Text& source, return_value_policy, handle)
    {
        return mdev::python::text_object(source).release();
    }
};

template <> struct type_caster<mdev::Uuid> {
    PYBIND11_TYPE_CASTER(mdev::Uuid, const_name("uuid.UUID"));
    bool load(handle source, bool)
    {
        return mdev::python::load_uuid(source, value);
    }
    static handle cast(const mdev::Uuid& source, return_value_policy, handle)
    {
        return mdev::python::uuid_object(source).release();
    }
};

template <> struct type_caster<mdev::python::Attributes> {
    PYBIND11_TYPE_CASTER(
        mdev::python::Attributes, const_name("List[Tuple[str, str]]"));
    bool load(handle source, bool)
    {
        return mdev::python::load_attributes(source, value.list);
    }
    static handle cast(
        const mdev::python::Attributes& source, return_value_policy, handle)
    {
        return mdev::python::attributes_object(source.list).release();
    }
};

template <> struct type_caster<mdev::python::Limit> {
    PYBIND11_TYPE_CASTER(
        mdev::python::Limit, const_name("datetime.timedelta | float"));
    bool load(handle source, bool)
    {
        return mdev::python::load_limit(source, value.time);
    }
    static handle cast(
        const mdev::python::Limit& source, return_value_policy, handle)
    {
        return mdev::python::limit_object(source.time).release();
    }
};

template <> struct type_caster<mdev::python::Descriptor> {
    PYBIND11_TYPE_CASTER(mdev::python::Descriptor, const_name("descriptor"));
    bool load(handle source, bool)
    {
        if (!source.is_none())
            value.number = PyObject_AsFileDescriptor(source.ptr());
        if (PyErr_Occurred() != nullptr)
            throw error_already_set();
        return true;
    }
};

template <>
struct type_caster<mdev::LogLevel> : mdev::python::EnumCaster<mdev::LogLevel> {
    static constexpr auto name = const_name("mdev.LogLevel");
};
template <>
struct type_caster<mdev::StartMode>
    : mdev::python::EnumCaster<mdev::StartMode> {
    static constexpr auto name = const_name("mdev.StartMode");
};
template <>
struct type_caster<mdev::CalloutEvent>
    : mdev::python::EnumCaster<mdev::CalloutEvent> {
    static constexpr auto name = const_name("mdev.CalloutEvent");
};
template <>
struct type_caster<mdev::CalloutAction>
    : mdev::python::EnumCaster<mdev::CalloutAction> {
    static constexpr auto name = const_name("mdev.CalloutAction");
};
template <>
struct type_caster<mdev::CalloutState>
    : mdev::python::EnumCaster<mdev::CalloutState> {
    static constexpr auto name = const_name("mdev.CalloutState");
};
template <>
struct type_caster<mdev::EventKind>
    : mdev::python::EnumCaster<mdev::EventKind> {
    static constexpr auto name = const_name("mdev.EventKind");
};

template <>
struct type_caster<mdev::RemarkKind>
    : mdev::python::EnumCaster<mdev::RemarkKind> {
    static constexpr auto name = const_name("mdev.RemarkKind");
};
template <>
struct type_caster<mdev::Severity> : mdev::python::EnumCaster<mdev::Severity> {
    static constexpr auto name = const_name("mdev.Severity");
};
template <>
struct type_caster<mdev::Activity> : mdev::python::EnumCaster<mdev::Activity> {
    static constexpr auto name = const_name("mdev.Activity");
};
template <>
struct type_caster<mdev::Prune> : mdev::python::EnumCaster<mdev::Prune> {
    static constexpr auto name = const_name("mdev.Prune");
};
template <>
struct type_caster<mdev::ActiveDevices>
    : mdev::python::EnumCaster<mdev::ActiveDevices> {
    static constexpr auto name = const_name("mdev.ActiveDevices");
};
template <>
struct type_caster<mdev::AskScripts>
    : mdev::python::EnumCaster<mdev::AskScripts> {
    static constexpr auto name = const_name("mdev.AskScripts");
};

template <>
struct type_caster<mdev::Framework>
    : mdev::python::EnumCaster<mdev::Framework> {
    static constexpr auto name = const_name("mdev.Framework");
};
template <>
struct type_caster<mdev::JsonFormat>
    : mdev::python::EnumCaster<mdev::JsonFormat> {
    static constexpr auto name = const_name("mdev.JsonFormat");
};
template <>
struct type_caster<mdev::InUse> : mdev::python::EnumCaster<mdev::InUse> {
    static constexpr auto name = const_name("mdev.WhenInUse");
};
template <>
struct type_caster<mdev::LiveScope>
    : mdev::python::EnumCaster<mdev::LiveScope> {
    static constexpr auto name = const_name("mdev.LiveScope");
};

template <>
struct type_caster<mdev::CalloutEngine>
    : mdev::python::ClassCaster<mdev::CalloutEngine> {
};
template <>
struct type_caster<mdev::CalloutResult>
    : mdev::python::ClassCaster<mdev::CalloutResult> {
};
template <>
struct type_caster<mdev::ConfigStore>
    : mdev::python::ClassCaster<mdev::ConfigStore> {
};
template <>
struct type_caster<mdev::Definition>
    : mdev::python::ClassCaster<mdev::Definition> {
};
template <>
struct type_caster<mdev::Device> : mdev::python::ClassCaster<mdev::Device> {
};
template <>
struct type_caster<mdev::DeviceSpec>
    : mdev::python::ClassCaster<mdev::DeviceSpec> {
};
template <>
struct type_caster<mdev::DeviceStatus>
    : mdev::python::ClassCaster<mdev::DeviceStatus> {
};
template <>
struct type_caster<mdev::Finding> : mdev::python::ClassCaster<mdev::Finding> {
};
template <>
struct type_caster<mdev::Environment>
    : mdev::python::ClassCaster<mdev::Environment> {
};
template <>
struct type_caster<mdev::Event> : mdev::python::ClassCaster<mdev::Event> {
};
template <>
struct type_caster<mdev::HostDevice>
    : mdev::python::ClassCaster<mdev::HostDevice> {
};
template <>
struct type_caster<mdev::HostState>
    : mdev::python::ClassCaster<mdev::HostState> {
};
template <>
struct type_caster<mdev::ListedDevice>
    : mdev::python::ClassCaster<mdev::ListedDevice> {
};
template <>
struct type_caster<mdev::Manager> : mdev::python::ClassCaster<mdev::Manager> {
};
template <>
struct type_caster<mdev::MdevType> : mdev::python::ClassCaster<mdev::MdevType> {
};
template <>
struct type_caster<mdev::Outcome> : mdev::python::ClassCaster<mdev::Outcome> {
};
template <>
struct type_caster<mdev::ParentDevice>
    : mdev::python::ClassCaster<mdev::ParentDevice> {
};
template <>
struct type_caster<mdev::ScriptRemark>
    : mdev::python::ClassCaster<mdev::ScriptRemark> {
};

}
