// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "mdev_python_casters.hpp"
#include "mdev_python_gil.hpp"

#include <pybind11/pybind11.h>
#include <string>
#include <utility>

namespace mdev::python {

/// The first line of a docstring, from which inspect.signature() learns what a
/// function takes: made of what pybind11 is told.
class Signature {
public:
    explicit Signature(std::string first) : parameters_(std::move(first)) {}

    void add(const pybind11::arg& argument) { append(argument.name); }
    void add(const pybind11::arg_v& argument);
    void add(const pybind11::kw_only&) { append("*"); }
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
void define_function(pybind11::module_& module, const char* name,
    Function&& function, const char* text, const Extras&... extras)
{
    module.def(name, std::forward<Function>(function),
        docstring("", name, text, extras...).c_str(), extras...);
}

/// A class of the module `mdev` whose members all have docstrings.
template <class T> class Class : public pybind11::class_<T> {
public:
    Class(pybind11::handle scope, const char* name, const char* text)
        : pybind11::class_<T>(scope, name, text)
    {
        // Not `mdev._mdev`, which is nobody's business.
        this->attr("__module__") = "mdev";
    }

    template <class Function, class... Extras>
    Class& constructor(Function make, const Extras&... extras)
    {
        this->def(pybind11::init(make),
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
    /// because other threads may change the object meanwhile.
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
            pybind11::is_operator());
        return *this;
    }

    template <class Key> Class& hashed_by(Key key)
    {
        equal_by(key);
        this->def(
            "__hash__", [key](const T& a) { return pybind11::hash(key(a)); });
        return *this;
    }
};

}
