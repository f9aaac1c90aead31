// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resolve_names.hpp"

#include "name.hpp"
#include "text.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <algorithm>
#include <cctype>
#include <iterator>

namespace mdev {

namespace {

/// Returns every parent; called only if the spelling is not a parent's name.
using AllParents = std::function<const std::vector<ParentDevice>&()>;

std::string lower(std::string text)
{
    for (auto& c : text)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

/// Whether `text` has the form of `pattern`, in which `x` stands for a
/// hexadecimal digit.
bool has_form(std::string_view text, std::string_view pattern)
{
    return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(),
        [](char c, char expected) {
            return expected == 'x'
                ? std::isxdigit(static_cast<unsigned char>(c)) != 0
                : c == expected;
        });
}

/// The domain of a PCI address as the kernel writes it: of at least four
/// digits. nvidia-smi(1) writes eight.
std::string pci_domain(std::string_view digits)
{
    constexpr std::size_t least = 4;
    while (digits.size() > least && digits.front() == '0')
        digits.remove_prefix(1);
    return std::string(digits);
}

/// Returns a PCI address in the kernel's form; nothing if `text` is none.
/// `pattern` is that of the bus, device and function. The domain before it may
/// be missing: lspci(8) does not print it on hosts with one.
std::optional<std::string> pci_address(
    std::string_view text, std::string_view pattern)
{
    constexpr std::size_t longest_domain = 8;
    if (text.size() < pattern.size())
        return {};
    auto address = std::string(text.substr(text.size() - pattern.size()));
    auto domain = text.substr(0, text.size() - pattern.size());
    if (!has_form(address, pattern))
        return {};
    address[2] = ':';
    address[5] = '.';
    if (domain.empty())
        return "0000:" + address;
    const auto separator = pattern[2];
    if (domain.back() != separator)
        return {};
    domain.remove_suffix(1);
    if (domain.size() < 4 || domain.size() > longest_domain ||
        !has_form(domain, std::string(domain.size(), 'x')))
        return {};
    return pci_domain(domain) + ":" + address;
}

/// The bus id of an s390 subchannel or device.
bool is_ccw_bus_id(std::string_view text)
{
    return has_form(text, "x.x.xxxx");
}

/// Returns what follows `prefix`, the name of a bus in the name of a libvirt
/// node device; nothing if `text` begins otherwise.
std::optional<std::string> behind(
    std::string_view text, std::string_view prefix)
{
    if (text.substr(0, prefix.size()) != prefix)
        return {};
    return std::string(text.substr(prefix.size()));
}

/// Returns the kernel's name for that of a libvirt node device, which is the
/// bus and the kernel's name with underscores for all punctuation.
std::optional<std::string> name_of_node_device(const std::string& text)
{
    if (text == "ap_matrix")
        return "matrix";
    if (const auto address = behind(text, "pci_"))
        return pci_address(*address, "xx_xx_x");
    auto id = behind(text, "css_");
    if (!id || !has_form(*id, "x_x_xxxx"))
        return {};
    std::replace(id->begin(), id->end(), '_', '.');
    return id;
}

std::string joined_names(const std::vector<ParentDevice>& parents)
{
    std::vector<std::string> names;
    for (const auto& parent : parents)
        names.push_back(parent.name());
    return joined(names);
}

std::string joined_ids(const std::vector<MdevType>& types)
{
    std::vector<std::string> ids;
    for (const auto& type : types)
        ids.push_back(type.id());
    return joined(ids);
}

bool has_other_name(const ParentDevice& parent, const std::string& name)
try {
    const auto names = parent.other_names();
    return std::find(names.begin(), names.end(), name) != names.end();
} catch (const Error&) {
    // The parent has disappeared or cannot be read: it does not match.
    return false;
}

std::optional<ParentDevice> find_parent(std::string_view spelling,
    const Environment& env, const AllParents& all_parents)
{
    const auto name = without_directories(spelling);
    if (auto parent = ParentDevice::find(name, env))
        return parent;
    const auto canonical = canonical_parent_name(name);
    if (canonical != name)
        if (auto parent = ParentDevice::find(canonical, env))
            return parent;
    // Other names are read from the kernel for each parent, and have this form.
    const bool may_be_other_name = is_ccw_bus_id(canonical);
    std::vector<ParentDevice> found;
    for (const auto& parent : all_parents())
        if (is_same_but_for_case(parent.name(), canonical) ||
            (may_be_other_name && has_other_name(parent, canonical)))
            found.push_back(parent);
    if (found.size() > 1)
        throw Error(Errc::ambiguous, std::string(spelling),
            "'" + std::string(spelling) +
                "' is ambiguous: it matches the parents " +
                joined_names(found));
    return found.empty() ? std::nullopt : std::optional(found.front());
}

/// The type that is called `spelling`, but is not a type's id. Nothing if there
/// is none. Throws Error (Errc::ambiguous).
std::optional<MdevType> find_type(std::string_view spelling,
    const std::string& parent, const std::vector<MdevType>& types)
{
    const auto found = types_called(spelling, types);
    if (found.size() > 1)
        throw Error(Errc::ambiguous, std::string(spelling),
            "Parent " + parent + " has several types named '" +
                std::string(spelling) + "': " + joined_ids(found));
    return found.empty() ? std::nullopt : std::optional(found.front());
}

/// The type of that id. Nothing if the parent does not offer the type, or
/// cannot tell.
std::optional<MdevType> type_of_id(
    const ParentDevice& parent, const std::string& id)
try {
    return parent.type(id);
} catch (const Error&) {
    return {};
}

}

std::vector<MdevType> types_called(
    std::string_view spelling, const std::vector<MdevType>& types)
{
    std::vector<MdevType> found;
    std::copy_if(types.begin(), types.end(), std::back_inserter(found),
        [&](const MdevType& type) {
            return type.id() == spelling || type.name() == spelling;
        });
    if (found.empty())
        std::copy_if(types.begin(), types.end(), std::back_inserter(found),
            [&](const MdevType& type) {
                return is_same_but_for_case(type.id(), spelling) ||
                    is_same_but_for_case(type.name(), spelling);
            });
    return found;
}

std::string without_directories(std::string_view spelling)
{
    while (spelling.size() > 1 && spelling.back() == '/')
        spelling.remove_suffix(1);
    if (spelling.substr(0, 1) == "/")
        spelling.remove_prefix(spelling.rfind('/') + 1);
    return std::string(spelling);
}

std::string canonical_parent_name(std::string name)
{
    const auto text = lower(name);
    if (const auto address = pci_address(text, "xx:xx.x"))
        return *address;
    if (const auto kernel_name = name_of_node_device(text))
        return *kernel_name;
    return is_ccw_bus_id(text) ? text : name;
}

MDEV_API std::optional<ParentDevice> ParentDevice::resolve(
    std::string_view spelling, const Environment& env)
{
    std::vector<ParentDevice> all;
    return find_parent(
        spelling, env, [&]() -> const std::vector<ParentDevice>& {
            // A search has nothing to warn of.
            return all = ParentDevice::all(env.with_log({}));
        });
}

MDEV_API std::optional<MdevType> ParentDevice::resolve_type(
    std::string_view spelling) const
{
    // A vendor's name may contain a slash, and an id may not.
    if (is_component(spelling))
        if (auto found = type(spelling))
            return found;
    return find_type(spelling, name(), types());
}

MDEV_API std::vector<MdevType> MdevType::all_available(
    std::string_view spelling, const Environment& env)
{
    std::vector<MdevType> found;
    const auto parents = ParentDevice::all(env);
    // By id first: reading one type is far cheaper than reading all.
    for (const auto& parent : parents)
        if (auto type = type_of_id(parent, std::string(spelling)))
            found.push_back(std::move(*type));
    if (found.empty())
        for (const auto& parent : parents)
            for (auto& type : types_called(spelling, parent.types()))
                found.push_back(std::move(type));
    std::erase_if(found,
        [](const MdevType& type) { return type.available_instances() == 0; });
    return found;
}

NameResolver::NameResolver(const Environment& env) : env_(env)
{
}

NameResolver::Parent& NameResolver::resolve(const std::string& spelling)
{
    const auto known = parents_.find(spelling);
    if (known != parents_.end())
        return known->second;
    Parent parent;
    parent.device =
        find_parent(spelling, env_, [&]() -> const std::vector<ParentDevice>& {
            if (!all_)
                all_ = ParentDevice::all(env_.with_log({}));
            return *all_;
        });
    parent.name = parent.device
        ? parent.device->name()
        : canonical_parent_name(without_directories(spelling));
    return parents_.emplace(spelling, std::move(parent)).first->second;
}

const std::string& NameResolver::parent(const std::string& spelling)
{
    return resolve(spelling).name;
}

const std::string& NameResolver::type_id(
    const std::string& spelling, const std::string& parent_spelling)
{
    auto& parent = resolve(parent_spelling);
    const auto known = parent.type_ids.find(spelling);
    if (known != parent.type_ids.end())
        return known->second;
    return parent.type_ids.emplace(spelling, find_type_id(spelling, parent))
        .first->second;
}

std::string NameResolver::find_type_id(
    const std::string& spelling, Parent& parent)
{
    if (parent.device) {
        if (type_of_id(*parent.device, spelling))
            return spelling;
        if (!parent.types)
            parent.types = parent.device->types();
        if (const auto type = find_type(spelling, parent.name, *parent.types))
            return type->id();
    }
    // No driver's id contains a blank, but most names of vendors do. Such a
    // name can only be resolved while the parent exists; taken as an id it
    // would be stored as a type that can never be started.
    if (spelling.find(' ') != spelling.npos)
        throw Error(Errc::no_such_type, spelling,
            parent.device ? "Parent " + parent.name + " has no type named '" +
                    spelling + "'"
                          : "Parent " + parent.name +
                    " does not exist; its types must be known to resolve the "
                    "name '" +
                    spelling + "'");
    return spelling;
}

}
