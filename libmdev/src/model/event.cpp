// SPDX-License-Identifier: LGPL-2.1-or-later
#include "definition_impl.hpp"
#include "directory.hpp"
#include "json.hpp"
#include "kernel_interface.hpp"
#include "monitor_impl.hpp"

#include <mdev/config_store.hpp>
#include <mdev/device.hpp>
#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <algorithm>

namespace mdev {

namespace {

/// The names of the types only: a parent may offer hundreds, each with files.
std::vector<std::string> type_ids_of(
    const std::string& parent, const Environment& env)
{
    const auto* kernel = interface_of(env, parent);
    if (!kernel)
        return {};
    auto ids = kernel->type_ids(env, parent);
    std::sort(ids.begin(), ids.end());
    return ids;
}

void add_type(auto& event, const Environment& env)
{
    if (!event.type_id.empty())
        return; // it is known from a list of devices
    const auto device = Device::find(*event.uuid, env);
    if (device && device->parent() == event.parent)
        event.type_id = device->type_id();
}

void add_definition(auto& event, const Environment& env)
{
    const auto definition = ConfigStore(env).find(*event.uuid, event.parent);
    if (!definition)
        return;
    event.type_id = definition->type_id();
    event.start = definition->start();
}

}

Event::Event(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl))
{
}

MDEV_API EventKind Event::kind() const noexcept
{
    return impl_->kind;
}

MDEV_API const char* word(EventKind kind) noexcept
{
    switch (kind) {
    case EventKind::device_added: return "device-added";
    case EventKind::device_removed: return "device-removed";
    case EventKind::parent_registered: return "parent-registered";
    case EventKind::parent_unregistered: return "parent-unregistered";
    case EventKind::definition_added: return "definition-added";
    case EventKind::definition_changed: return "definition-changed";
    case EventKind::definition_removed: return "definition-removed";
    default: return "overflow";
    }
}

MDEV_API const char* Event::word() const noexcept
{
    return mdev::word(kind());
}

MDEV_API const std::string& Event::parent() const noexcept
{
    return impl_->parent;
}

MDEV_API std::optional<Uuid> Event::uuid() const noexcept
{
    return impl_->uuid;
}

MDEV_API const std::string& Event::type_id() const noexcept
{
    return impl_->type_id;
}

MDEV_API std::optional<StartMode> Event::start() const noexcept
{
    return impl_->start;
}

MDEV_API const std::vector<std::string>&
Event::offered_type_ids() const noexcept
{
    return impl_->offered_type_ids;
}

MDEV_API std::string Event::to_json() const
{
    json::object object;
    object["event"] = word();
    object["parent"] = json::or_null(parent());
    object["uuid"] = json::or_null(uuid() ? uuid()->string() : "");
    object["type"] = json::or_null(type_id());
    object["start"] = json::or_null(start() ? mdev::word(*start()) : "");
    object["types"] = nullptr;
    if (kind() == EventKind::parent_registered)
        object["types"] = json::strings(offered_type_ids());
    return json::line(object);
}

Event with_details(const Event& event, const Environment& env)
{
    auto impl = Access::impl(event);
    try {
        if (impl.kind == EventKind::device_added)
            add_type(impl, env);
        else if (impl.kind == EventKind::parent_registered)
            impl.offered_type_ids = type_ids_of(impl.parent, env);
        else if (impl.kind == EventKind::definition_added ||
            impl.kind == EventKind::definition_changed)
            add_definition(impl, env);
    } catch (const Error& error) {
        // The event is reported all the same: its subject did change.
        env.log(LogLevel::debug, error.what());
    }
    return Access::make<Event>(std::move(impl));
}

MDEV_API EventFilter::EventFilter() : impl_(std::make_shared<const Impl>())
{
}

MDEV_API EventFilter& EventFilter::parent(std::string parent)
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->parent = std::move(parent);
    impl_ = std::move(changed);
    return *this;
}

MDEV_API EventFilter& EventFilter::uuid(const Uuid& uuid)
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->uuid = uuid;
    impl_ = std::move(changed);
    return *this;
}

MDEV_API EventFilter& EventFilter::kind(EventKind kind)
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->kinds.insert(kind);
    impl_ = std::move(changed);
    return *this;
}

bool EventFilter::Impl::selects_kinds(EventKind first, EventKind last) const
{
    const auto found = kinds.lower_bound(first);
    return kinds.empty() || (found != kinds.end() && *found <= last);
}

bool EventFilter::Impl::selects(const Event& event) const
{
    return event.kind() == EventKind::overflow ||
        ((!parent || event.parent() == *parent) &&
            (!uuid || event.uuid() == uuid) &&
            (kinds.empty() || kinds.contains(event.kind())));
}

}
