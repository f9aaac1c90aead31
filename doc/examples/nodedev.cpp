// SPDX-License-Identifier: LGPL-2.1-or-later
// The commands that libvirt's node device driver runs, replaced by calls of the
// library: the class NodeDevices. The program reads requests, one a line:
//   list | define PARENT XML... | create PARENT XML... | start UUID |
//   destroy UUID | undefine UUID | autostart UUID on|off |
//   update UUID live|config|both XML...
// where XML... is the values of a device's XML: TYPE, then [uuid=UUID], then
// NAME=VALUE for each attribute.
#include <mdev/mdev.hpp>

#include <iostream>
#include <sstream>

namespace {

/// The values of a device's XML.
struct Values {
    std::string type;
    std::optional<mdev::Uuid> uuid;
    std::vector<mdev::Attribute> attributes;
};

/// A device as the driver keeps it.
struct NodeDevice {
    mdev::Definition definition;
    bool is_active = false;
    bool is_persistent = false;
};

/// One object for the daemon; its functions throw mdev::Error, whose sentence
/// is what virsh shows. Any thread may call them.
class NodeDevices {
public:
    explicit NodeDevices(const mdev::Environment& env)
        : env_(env),
          manager_(env)
    {
    }

    /// Called at the start, and when the Monitor has events. Starts no process,
    /// and no script unless a device is active.
    std::vector<NodeDevice> list() const
    {
        using mdev::ListedDevice;
        std::vector<NodeDevice> devices;
        constexpr auto ask = mdev::AskScripts::yes;
        for (const auto& active : ListedDevice::active({}, {}, ask, env_))
            devices.push_back({active.definition(), true, active.is_defined()});
        constexpr auto quietly = mdev::AskScripts::no;
        for (const auto& stored : ListedDevice::defined({}, {}, quietly, env_))
            if (!stored.is_active())
                devices.push_back({stored.definition(), false, true});
        return devices;
    }

    /// nodedev-define: a new definition, or other values for an old one, which
    /// keeps its start mode.
    mdev::Uuid define(const std::string& parent, const Values& values) const
    {
        const auto wanted = definition(parent, values);
        const mdev::ConfigStore store(env_);
        if (values.uuid && store.find(*values.uuid, parent))
            update(*values.uuid, values, false, true);
        else
            manager_.define(wanted);
        return wanted.uuid();
    }

    /// nodedev-create: a transient device.
    mdev::Uuid create(const std::string& parent, const Values& values) const
    {
        return manager_.start(definition(parent, values)).uuid();
    }

    void start(const mdev::Uuid& uuid) const
    {
        manager_.start(mdev::DeviceSpec().uuid(uuid));
    }

    /// nodedev-destroy: a device in use is refused, with its users in
    /// mdev::Error::users(), where mdevctl would wait for them.
    void destroy(const mdev::Uuid& uuid) const
    {
        manager_.with_in_use(mdev::InUse::refuse).stop(uuid);
    }

    void undefine(const mdev::Uuid& uuid) const { manager_.undefine(uuid, {}); }

    void set_autostart(const mdev::Uuid& uuid, bool is_on) const
    {
        manager_.modify(uuid, {}, [&](mdev::Definition& stored) {
            stored.set_start(
                is_on ? mdev::StartMode::automatic : mdev::StartMode::manual);
        });
    }

    /// nodedev-update. The XML has no start mode, so the start mode stays.
    void update(const mdev::Uuid& uuid, const Values& values, bool live,
        bool config) const
    {
        const auto edit = [&](mdev::Definition& device) {
            device.set_type_id(values.type);
            device.set_attributes(values.attributes);
        };
        if (live)
            manager_.modify_live(uuid, edit,
                config ? mdev::LiveScope::device_and_definition
                       : mdev::LiveScope::device);
        else
            manager_.modify(uuid, {}, edit);
    }

private:
    static mdev::Definition definition(
        const std::string& parent, const Values& values)
    {
        mdev::Definition made(
            values.uuid.value_or(mdev::Uuid::random()), parent, values.type);
        made.set_attributes(values.attributes);
        return made;
    }

    mdev::Environment env_;
    mdev::Manager manager_;
};

Values read_values(std::istream& words)
{
    Values values;
    words >> values.type;
    for (std::string word; words >> word;) {
        const auto equals = word.find('=');
        const auto name = word.substr(0, equals);
        const auto value = word.substr(equals + 1);
        if (name == "uuid")
            values.uuid = mdev::Uuid::parse(value);
        else
            values.attributes.emplace_back(name, value);
    }
    return values;
}

void list(const NodeDevices& devices)
{
    for (const auto& [definition, is_active, is_persistent] : devices.list())
        std::cout << definition.uuid().string() << ' ' << definition.parent()
                  << ' ' << definition.type_id() << (is_active ? " active" : "")
                  << (is_persistent ? " persistent" : "")
                  << (definition.start() == mdev::StartMode::automatic
                             ? " autostart"
                             : "")
                  << '\n';
}

void execute(const NodeDevices& devices, const std::string& line)
try {
    std::istringstream words(line);
    std::string verb, subject, how;
    words >> verb >> subject;
    const auto uuid = mdev::Uuid::parse(subject).value_or(mdev::Uuid());
    if (verb == "list")
        return list(devices);
    if (verb == "define")
        subject = devices.define(subject, read_values(words)).string();
    else if (verb == "create")
        subject = devices.create(subject, read_values(words)).string();
    else if (verb == "start")
        devices.start(uuid);
    else if (verb == "destroy")
        devices.destroy(uuid);
    else if (verb == "undefine")
        devices.undefine(uuid);
    else if (verb == "autostart" && words >> how)
        devices.set_autostart(uuid, how == "on");
    else if (verb == "update" && words >> how)
        devices.update(
            uuid, read_values(words), how != "config", how != "live");
    std::cout << "done: " << subject << '\n';
} catch (const mdev::Error& error) {
    std::cout << "failed: " << error.what() << '\n';
}

}

int main(int argc, char** argv)
try {
    const NodeDevices devices(mdev::Environment(argc > 1 ? argv[1] : "/"));
    for (std::string line; std::getline(std::cin, line);)
        execute(devices, line);
} catch (const mdev::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
