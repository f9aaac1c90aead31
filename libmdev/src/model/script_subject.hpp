// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/device.hpp>
#include <mdev/uuid.hpp>

#include <string>
#include <utility>
#include <vector>

namespace mdev {

/// What a script is told about the device that it is called for: in its
/// arguments and, as JSON, on its standard input.
struct ScriptSubject {
    /// A device as it is stored.
    ScriptSubject(const Definition& definition)
        : uuid(definition.uuid()),
          parent(definition.parent()),
          type_id(definition.type_id()),
          start(definition.start()),
          attributes(definition.attributes())
    {
    }
    /// An active device, whose attributes nobody but the script knows; how it
    /// starts is what its definition says.
    explicit ScriptSubject(
        const Device& device, StartMode start = StartMode::manual)
        : uuid(device.uuid()),
          parent(device.parent()),
          type_id(device.type_id()),
          start(start)
    {
    }

    /// Devices that have both in common are served by the same script.
    std::pair<std::string, std::string> key() const
    {
        return {parent, type_id};
    }

    Uuid uuid;
    std::string parent;
    std::string type_id;
    StartMode start;
    std::vector<Attribute> attributes;
};

/// On one line, without members that this version does not know: what scripts
/// read.
std::string compact_json(const ScriptSubject& subject);

}
