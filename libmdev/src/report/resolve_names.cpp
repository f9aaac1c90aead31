// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_state_impl.hpp"
#include "text.hpp"

#include <mdev/error.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <cctype>

namespace mdev {

// Names as people write them, in host states. Commands take exact names only,
// with a suggestion in the error: a command has a user who can correct it,
// while a host state is written once for hosts that differ.

namespace {

/// Whether a name has the form BUS:DEVICE.FUNCTION in hexadecimal digits, which
/// lspci(8) prints on hosts with one PCI domain.
bool is_pci_without_domain(const std::string& name)
{
    constexpr std::string_view pattern = "xx:xx.x";
    return std::equal(name.begin(), name.end(), pattern.begin(), pattern.end(),
        [](char c, char expected) {
            return expected == 'x'
                ? std::isxdigit(static_cast<unsigned char>(c)) != 0
                : c == expected;
        });
}

}

std::string resolve_parent(const std::string& spelling, const Environment& env)
{
    auto name = spelling;
    while (name.size() > 1 && name.back() == '/')
        name.pop_back();
    // A path: the last component is the parent's name.
    if (name.substr(0, 1) == "/")
        name.erase(0, name.rfind('/') + 1);
    if (is_pci_without_domain(name))
        name.insert(0, "0000:");
    if (ParentDevice::find(name, env))
        return name;
    // Several parents that differ in letter case only cannot be told apart; the
    // name is then left as it is, and the command reports that it does not
    // exist.
    std::vector<std::string> similar;
    for (const auto& parent : ParentDevice::all(env))
        if (is_same_but_for_case(parent.name(), name))
            similar.push_back(parent.name());
    return similar.size() == 1 ? similar.front() : name;
}

std::string resolve_type(const std::string& spelling, const std::string& parent,
    const Environment& env)
{
    const auto found = ParentDevice::find(parent, env);
    std::vector<std::string> ids;
    for (const auto& type : found ? found->types() : std::vector<MdevType>()) {
        if (type.id() == spelling)
            return spelling;
        if (type.name() == spelling)
            ids.push_back(type.id());
    }
    if (ids.size() == 1)
        return ids.front();
    if (ids.size() > 1)
        throw Error(Errc::ambiguous, spelling,
            "parent " + parent + " calls several types '" + spelling +
                "': " + joined(ids));
    // No driver's id contains a blank, but most names of vendors do. Such a
    // name can only be resolved while the parent exists; taken as an id it
    // would be stored as a type that can never be started.
    if (spelling.find(' ') != spelling.npos)
        throw Error(Errc::no_such_type, spelling,
            found
                ? "parent " + parent + " has no type called '" + spelling + "'"
                : "parent " + parent +
                    " is not there, so it is unknown which type is called '" +
                    spelling + "'");
    return spelling;
}

}
