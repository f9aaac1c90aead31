// SPDX-License-Identifier: LGPL-2.1-or-later
#include "definition_impl.hpp"

#include <mdev/export.hpp>
#include <mdev/listed_device.hpp>

namespace mdev {

// Lists of devices as JSON, which are written as the devices come: a list of
// 100,000 takes no more memory than one of a thousand.

namespace {

/// Passes a text on in pieces, so that the sink is not called for each device.
class Pieces {
public:
    explicit Pieces(const JsonSink& sink) : sink_(sink) {}

    std::string& text() noexcept { return text_; }

    void pass_on(std::size_t from = 64 * 1024)
    {
        if (text_.size() < from)
            return;
        sink_(text_);
        text_.clear();
    }

private:
    const JsonSink& sink_;
    std::string text_;
};

void write_compatible(const ListedDeviceSource& each, const JsonSink& sink)
{
    Pieces pieces(sink);
    json::Writer writer(pieces.text(), json::Layout::pretty);
    DefinitionList list(writer);
    each([&](const ListedDevice& device) {
        list.add(device.definition());
        pieces.pass_on();
    });
    list.end();
    pieces.pass_on(1);
}

json::object flat_json(const ListedDevice& device)
{
    auto object = flat_json(device.definition());
    object["active"] = device.is_active();
    object["defined"] = device.is_defined();
    object["differs"] = json::strings(device.differences());
    object["path"] = json::or_null(device.path().string());
    object["file"] = json::or_null(device.file().string());
    object["framework"] = nullptr;
    if (const auto framework = device.framework())
        object["framework"] = word(*framework);
    return object;
}

void write_flat(const ListedDeviceSource& each, const JsonSink& sink)
{
    Pieces pieces(sink);
    json::Writer writer(pieces.text(), json::Layout::pretty);
    writer.begin_object();
    writer.key("version");
    writer.add(1);
    writer.key("devices");
    writer.begin_array();
    each([&](const ListedDevice& device) {
        writer.add(flat_json(device));
        pieces.pass_on();
    });
    writer.end_array();
    writer.end_object();
    pieces.pass_on(1);
}

}

MDEV_API void write_json(
    const ListedDeviceSource& each, JsonFormat format, const JsonSink& sink)
{
    if (format == JsonFormat::flat)
        write_flat(each, sink);
    else
        write_compatible(each, sink);
}

MDEV_API std::string to_json(
    const std::vector<ListedDevice>& devices, JsonFormat format)
{
    std::string text;
    write_json(
        [&](const ListedDeviceVisitor& visit) {
            for (const auto& device : devices)
                visit(device);
        },
        format, [&](std::string_view piece) { text += piece; });
    return text;
}

}
