// SPDX-License-Identifier: LGPL-2.1-or-later
// The input is the description of a type by a driver: the contents of the files
// available_instances, device_api, name and description, which end with NUL
// bytes, and then the name of an attribute.
#include "name.hpp"
#include "target.hpp"
#include "temporary_directory.hpp"

#include <mdev/environment.hpp>
#include <mdev/error.hpp>
#include <mdev/mdev_type.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>

namespace {

/// A root with one parent. It exists until the program ends.
class Tree {
public:
    Tree()
    {
        mdev::test::put_link(
            directory_.path() / "sys/class/mdev_bus/P", "../../devices/P");
    }

    void put(const char* file, std::string_view content) const
    {
        mdev::test::put_file(
            directory_.path() / "sys/devices/P/mdev_supported_types/T" / file,
            content);
    }

    mdev::Environment environment() const
    {
        return mdev::Environment(directory_.path());
    }

private:
    mdev::test::TemporaryDirectory directory_;
};

}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Tree tree;
    auto text = text_of(data, size);
    for (const auto* file :
        {"available_instances", "device_api", "name", "description"}) {
        const auto content = text.substr(0, text.find('\0'));
        tree.put(file, content);
        text.remove_prefix(std::min(content.size() + 1, text.size()));
    }
    promise(!mdev::is_attribute_name(text) || text.front() != '/');
    try {
        const auto env = tree.environment();
        for (const auto& type : mdev::ParentDevice::find("P", env)->types()) {
            promise(type.id() == "T");
            promise(type.description().find('\n') == std::string::npos);
        }
    } catch (const mdev::Error&) {
    }
    return 0;
}
