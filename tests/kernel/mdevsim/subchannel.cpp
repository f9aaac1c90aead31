// SPDX-License-Identifier: LGPL-2.1-or-later
#include "subchannel.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace mdevsim {

namespace {


std::string device_behind(const std::string& subchannel)
{
    const auto dot = subchannel.rfind('.');
    if (dot == std::string::npos)
        return "none";
    const auto number =
        std::strtoul(subchannel.substr(dot + 1).c_str(), nullptr, 16) + 1;
    std::array<char, 8> digits{};
    std::snprintf(
        digits.data(), digits.size(), "%04x", unsigned(number & 0xffff));
    return subchannel.substr(0, dot + 1) + digits.data();
}

}

void add_subchannel_files(Node& directory, const std::string& name)
{
    const auto says = [&](const char* file, std::string text) {
        directory.file(
            file, read_only, [text = std::move(text)] { return text; });
    };
    says("chpids", "00 00 00 00 00 00 00 00 \n");
    says("dev_busid", device_behind(name) + "\n");
    says("modalias", "css:t0\n");
    says("pimpampom", "80 80 ff\n");
    says("type", "0\n");
    directory.file(
        "driver_override", read_write, [] { return "vfio_ccw\n"; },
        [](const std::string&) { return 0; });
}

std::string subchannel_uevent()
{
    return "DRIVER=vfio_ccw\nST=0\nMODALIAS=css:t0\n";
}

}
