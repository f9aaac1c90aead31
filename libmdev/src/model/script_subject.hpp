// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/device.hpp>
#include <mdev/uuid.hpp>

#include <string>
#include <utility>
#include <vector>

namespace mdev {

/// The device that a script is called for: its arguments and, in JSON, its
/// standard input. A type of its own, because an active device is not a
/// Definition: its attributes are not stored.
struct ScriptSubject {
    /// A defined device, or one that is about to be. Not explicit: every
    /// command on a definition passes it.
    ScriptSubject(const Definition& definition)
        : uuid(definition.uuid()),
          parent(definition.parent()),
          type_id(definition.type_id()),
          start(definition.start()),
          attributes(definition.attributes())
    {
    }
    /// An active device, without attributes: only the script knows them.
    /// `start_mode` is that of its definition.
    explicit ScriptSubject(
        const Device& device, StartMode start_mode = StartMode::manual)
        : uuid(device.uuid()),
          parent(device.parent()),
          type_id(device.type_id()),
          start(start_mode)
    {
    }

    /// Parent and type: devices that have both in common are served by the same
    /// script.
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

/// Returns what scripts read on stdin: one line, without unknown members, which
/// belong to other programs.
std::string compact_json(const ScriptSubject& subject);

}
