// SPDX-License-Identifier: LGPL-2.1-or-later
#include "vendor_files.hpp"

#include <algorithm>
#include <cctype>

namespace mdev {

// `nvidia/creatable_vgpu_types` has a heading, which may be missing, and a line
// for each type: "1147  : NVIDIA L40S-1Q". `nvidia/current_vgpu_type` has the
// number of the type, or 0. Ids of types have the form that NVIDIA's mediated
// devices have.

namespace {

constexpr std::string_view id_prefix = "nvidia-";

bool is_number(std::string_view text)
{
    constexpr std::size_t most_digits = 10;
    return !text.empty() && text.size() <= most_digits &&
        std::all_of(text.begin(), text.end(),
            [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const auto begin = text.find_first_not_of(blanks);
    if (begin == text.npos)
        return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string id_of(std::string_view number)
{
    return std::string(id_prefix).append(number);
}

std::vector<VendorType> parse_types(std::string_view text)
{
    std::vector<VendorType> types;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        // A name may contain colons.
        const auto colon = line.find(':');
        const auto number = trimmed(line.substr(0, colon));
        if (colon != line.npos && is_number(number))
            types.push_back(
                {id_of(number), std::string(trimmed(line.substr(colon + 1)))});
    }
    return types;
}

std::string parse_current(std::string_view text)
{
    const auto number = trimmed(text);
    const bool is_none = number.find_first_not_of('0') == number.npos;
    return is_none || !is_number(number) ? std::string() : id_of(number);
}

std::string written(const std::string& type_id)
{
    if (!type_id.starts_with(id_prefix))
        return {};
    auto number = type_id.substr(id_prefix.size());
    return parse_current(number).empty() ? std::string() : number;
}

// "2" of "NVIDIA L40S-2Q": gigabytes, and letters for the purpose of the type.
std::string size_in(std::string_view name)
{
    const auto dash = name.rfind('-');
    if (dash == name.npos)
        return {};
    const auto end = std::find_if(name.begin() + dash + 1, name.end(),
        [](unsigned char c) { return std::isdigit(c) == 0; });
    return {name.begin() + dash + 1, end};
}

std::string command_to_make(const std::string& physical)
{
    return "/usr/lib/nvidia/sriov-manage -e " + physical;
}

}

const VendorFiles nvidia_vgpu = {
    "NVIDIA",
    "nvidia",
    "nvidia/creatable_vgpu_types",
    "nvidia/current_vgpu_type",
    "0",
    parse_types,
    parse_current,
    written,
    size_in,
    command_to_make,
    "stop them, or allow several sizes while none is active: nvidia-smi vgpu "
    "-shm 1",
};

}
