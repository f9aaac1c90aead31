// SPDX-License-Identifier: LGPL-2.1-or-later
#include "name.hpp"

#include <mdev/error.hpp>

#include <climits>
#include <string>

namespace mdev {

namespace {

/// The kernel's file that removes a device.
constexpr std::string_view kernel_remove = "remove";

[[noreturn]] void throw_invalid(
    const char* what, std::string_view name, const char* rule)
{
    throw Error(Errc::invalid_name, std::string(name),
        "Invalid " + std::string(what) + " '" + std::string(name) +
            "': " + rule);
}

}

bool is_component(std::string_view name) noexcept
{
    return !name.empty() && name.size() <= NAME_MAX && name != "." &&
        name != ".." && name.find('/') == name.npos &&
        name.find('\0') == name.npos;
}

bool is_attribute_name(std::string_view name) noexcept
{
    // open(2) could not take a longer path, and the kernel's message
    // (ENAMETOOLONG) would come only after the device was created.
    if (name.size() >= PATH_MAX)
        return false;
    for (auto slash = name.find('/'); slash != name.npos;
         slash = name.find('/')) {
        if (!is_component(name.substr(0, slash)))
            return false;
        name.remove_prefix(slash + 1);
    }
    return is_component(name);
}

bool is_hidden(std::string_view name) noexcept
{
    return name.front() == '.';
}

bool can_name_parent(std::string_view component) noexcept
{
    return !is_hidden(component) && component != deprecated_scripts;
}

void check_parent_name(std::string_view name)
{
    if (!is_component(name))
        throw_invalid("parent", name,
            "the name of a parent is one path component, such as 0000:00:02.0");
    // A definition in a hidden directory would never be read again.
    if (!can_name_parent(name))
        throw_invalid("parent", name, "no parent device can have this name");
}

void check_type_name(std::string_view name)
{
    if (!is_component(name))
        throw_invalid("mdev type", name,
            "the name of a type is one path component, such as mtty-1");
}

bool can_name_attribute(std::string_view name) noexcept
{
    return is_attribute_name(name) && name != kernel_remove;
}

void check_attribute_name(std::string_view name)
{
    if (!is_attribute_name(name))
        throw_invalid("attribute", name,
            "the name of an attribute is a relative path below the device, "
            "such as power/control, without empty, '.' or '..' components");
    // Writing to this attribute removes the device, and the start would report
    // success.
    if (name == kernel_remove)
        throw_invalid("attribute", name,
            "writing to the kernel's file with this name removes the device");
}

}
