// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// Parts that every file of the binding uses: the interpreter lock, functions of
// Python that the library calls, and classes whose members have docstrings.

#include "casters.hpp"

#include <mdev/mdev.hpp>

#include <cxxabi.h>
#include <memory>
#include <optional>
#include <pybind11/pybind11.h>
#include <string>
#include <utility>
#include <vector>

namespace mdev::python {

namespace py = pybind11;

/// A name that may be left out: a str or None.
using Name = std::optional<Text>;

/// Waits for the process to end.
[[noreturn]] void wait_for_end();
/// wait_for_end(), if the interpreter has ended and this thread is not one of
/// its own.
void wait_if_ended();

/// Calls `work`, which takes or has the interpreter lock.
///
/// When the interpreter ends, it ends every other thread that asks for the
/// lock, also within a Python function, by an exception. The exception must not
/// leave a destructor, nor destroy Python objects without the lock. Here such a
/// thread waits for the process to end, as in Python 3.14.
template <class Work> auto end_with_process(Work&& work)
{
    try {
        return work();
    } catch (const abi::__forced_unwind&) {
        wait_for_end();
    }
}

/// Releases the interpreter lock while it lives, so that other Python threads
/// continue. It replaces pybind11's gil_scoped_release, whose destructor may
/// throw when the interpreter ends: see end_with_process().
class Unlock {
public:
    Unlock();
    Unlock(const Unlock&) = delete;
    Unlock& operator=(const Unlock&) = delete;
    ~Unlock();

private:
    PyThreadState* state_;
};

/// Calls `work`, which may wait, read files or run scripts, while other Python
/// threads continue. `work` must not use Python.
template <class Work> auto unlocked(Work&& work)
{
    const Unlock unlock;
    return work();
}

/// Calls `work` with the interpreter lock, in any thread, including the
/// library's own.
template <class Work> auto locked(Work&& work)
{
    wait_if_ended();
    return end_with_process([&] {
        const py::gil_scoped_acquire lock;
        return end_with_process(work);
    });
}

/// Calls `work`, which may execute Python code and returns a new reference, or
/// nullptr and sets Python's error. See end_with_process().
template <class Work> py::object python_result(Work&& work)
{
    auto* result = end_with_process(work);
    if (result == nullptr)
        throw py::error_already_set();
    return py::reinterpret_steal<py::object>(result);
}

/// Calls a Python function, as each call of one must be made: see
/// end_with_process().
template <class... Words>
py::object call(const py::object& function, Words&&... words)
{
    const auto arguments = py::make_tuple(std::forward<Words>(words)...);
    return python_result(
        [&] { return PyObject_CallObject(function.ptr(), arguments.ptr()); });
}

/// Returns a module's function, class or other object.
py::object member(const char* module, const char* name);

/// A Python function that the library calls and releases in any thread. Its
/// exceptions do not reach the library.
class Listener {
public:
    /// Throws TypeError, whose message begins with `name`, unless `function` is
    /// callable.
    Listener(py::object function, const char* name);

    template <class... Words> void operator()(Words&&... words) const
    {
        locked([&] {
            try {
                call(*function_, std::forward<Words>(words)...);
            } catch (py::error_already_set& error) {
                pass_over(error);
            }
        });
    }

private:
    void pass_over(py::error_already_set& error) const;

    std::shared_ptr<const py::object> function_;
};

/// The first line of a docstring, in the form that inspect.signature() parses,
/// made from the arguments that pybind11 gets.
class Signature {
public:
    explicit Signature(std::string first) : parameters_(std::move(first)) {}

    void add(const py::arg& argument) { append(argument.name); }
    void add(const py::arg_v& argument);
    void add(const py::kw_only&) { append("*"); }
    template <class Other> void add(const Other&) {}

    std::string docstring(const std::string& name, const char* text) const;

private:
    void append(const std::string& parameter);

    std::string parameters_;
};

template <class... Extras>
std::string docstring(const char* self, const char* name, const char* text,
    const Extras&... extras)
{
    Signature signature(self);
    (signature.add(extras), ...);
    return signature.docstring(name, text);
}

template <class Function, class... Extras>
void define_function(py::module_& module, const char* name, Function&& function,
    const char* text, const Extras&... extras)
{
    module.def(name, std::forward<Function>(function),
        docstring("", name, text, extras...).c_str(), extras...);
}

/// A class of the module `mdev` whose members all have docstrings.
template <class T> class Class : public py::class_<T> {
public:
    Class(py::handle scope, const char* name, const char* text)
        : py::class_<T>(scope, name, text)
    {
        // Not `mdev._mdev`, which is private.
        this->attr("__module__") = "mdev";
    }

    template <class Function, class... Extras>
    Class& constructor(Function make, const Extras&... extras)
    {
        this->def(py::init(make),
            docstring("self", "__init__",
                "Initializes the object; the class describes the arguments.",
                extras...)
                .c_str(),
            extras...);
        return *this;
    }

    template <class Function, class... Extras>
    Class& method(const char* name, Function&& function, const char* text,
        const Extras&... extras)
    {
        this->def(name, std::forward<Function>(function),
            docstring("self", name, text, extras...).c_str(), extras...);
        return *this;
    }

    template <class Function, class... Extras>
    Class& static_method(const char* name, Function&& function,
        const char* text, const Extras&... extras)
    {
        this->def_static(name, std::forward<Function>(function),
            docstring("", name, text, extras...).c_str(), extras...);
        return *this;
    }

    /// The first of two ways to call a method; `text` describes both. The
    /// caller adds the second way with def(), without a docstring.
    template <class Function, class... Extras>
    Class& overloaded(const char* name, Function&& function, const char* text,
        const Extras&... extras)
    {
        this->def(name, std::forward<Function>(function),
            Signature("self, *args, **kwargs").docstring(name, text).c_str(),
            extras...);
        return *this;
    }

    /// The method to_json(), which may ask the kernel. It works on a copy,
    /// because other threads may change the object in the meantime.
    Class& json(const char* text)
    {
        return method(
            "to_json",
            [](const T& self) {
                const T copy = self;
                return Text(unlocked([&] { return copy.to_json(); }));
            },
            text);
    }

    template <class Getter>
    Class& property(const char* name, Getter&& getter, const char* text)
    {
        this->def_property_readonly(name, std::forward<Getter>(getter), text);
        return *this;
    }

    /// A property that is a str.
    Class& text_property(const char* name,
        const std::string& (T::*getter)() const noexcept, const char* text)
    {
        return property(
            name,
            [getter](const T& self) { return text_object((self.*getter)()); },
            text);
    }

    /// A property that is a list of str.
    Class& texts_property(const char* name,
        const std::vector<std::string>& (T::*getter)() const noexcept,
        const char* text)
    {
        return property(
            name,
            [getter](const T& self) { return texts_object((self.*getter)()); },
            text);
    }

    template <class Getter, class Setter>
    Class& property(
        const char* name, Getter&& getter, Setter&& setter, const char* text)
    {
        this->def_property(name, std::forward<Getter>(getter),
            std::forward<Setter>(setter), text);
        return *this;
    }

    /// Two are equal if their keys, which are Python objects, are.
    template <class Key> Class& equal_by(Key key)
    {
        this->def(
            "__eq__",
            [key](const T& a, const T& b) { return key(a).equal(key(b)); },
            py::is_operator());
        return *this;
    }

    template <class Key> Class& hashed_by(Key key)
    {
        equal_by(key);
        this->def("__hash__", [key](const T& a) { return py::hash(key(a)); });
        return *this;
    }
};

/// Each adds the classes of one part of the API to the module. The order
/// matters: a default argument shows a value of a class that exists already.
void bind_values(py::module_& module);
void bind_definitions(py::module_& module);
void bind_devices(py::module_& module);
void bind_monitor(py::module_& module);
void bind_reports(py::module_& module);
void bind_diagnosis(py::module_& module);
void bind_callouts(py::module_& module);
void bind_commands(py::module_& module);

}
