// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/export.hpp>
#include <mdev/monitor.hpp>

#include <mdev.h>

MDEV_API int mdev_monitor_new(const mdev_environment* env, mdev_monitor** made)
{
    return make(
        made, "made", [&] { return mdev::Monitor(require(env, "env").value); });
}

MDEV_API int mdev_monitor_copy(
    const mdev_monitor* monitor, mdev_monitor** copied)
{
    return copy(monitor, copied);
}

MDEV_API void mdev_monitor_free(mdev_monitor* monitor)
{
    delete monitor;
}

MDEV_API int mdev_monitor_descriptor(const mdev_monitor* monitor)
{
    return guard_number(
        [&] { return require(monitor, "monitor").value.descriptor(); });
}

MDEV_API int mdev_monitor_read(
    const mdev_monitor* monitor, mdev_event_list** events)
{
    return make(events, "events",
        [&] { return require(monitor, "monitor").value.read(); });
}

MDEV_API int mdev_monitor_current(
    const mdev_monitor* monitor, mdev_event_list** events)
{
    return make(events, "events",
        [&] { return require(monitor, "monitor").value.current(); });
}

MDEV_API int mdev_event_kind(const mdev_event* event)
{
    return guard_number(
        [&] { return static_cast<int>(require(event, "event").value.kind()); });
}

MDEV_API const char* mdev_event_word(const mdev_event* event)
{
    return guard_pointer([&] { return require(event, "event").value.word(); });
}

MDEV_API int mdev_event_json(const mdev_event* event, mdev_string** json)
{
    return make(
        json, "json", [&] { return require(event, "event").value.to_json(); });
}

MDEV_API const char* mdev_event_parent(const mdev_event* event)
{
    return guard_pointer(
        [&] { return require(event, "event").value.parent().c_str(); });
}

MDEV_API const mdev_uuid* mdev_event_uuid(const mdev_event* event)
{
    return guard_pointer([&] {
        const auto& whole = require(event, "event");
        return whole.asked ? &whole.uuid : nullptr;
    });
}

MDEV_API int mdev_event_copy(const mdev_event* event, mdev_event** copied)
{
    return copy(event, copied);
}

MDEV_API void mdev_event_free(mdev_event* event)
{
    delete event;
}

MDEV_API size_t mdev_event_list_count(const mdev_event_list* list)
{
    return count_of(list);
}

MDEV_API const mdev_event* mdev_event_list_at(
    const mdev_event_list* list, size_t index)
{
    return guard_pointer([&] { return &item(list, index); });
}

MDEV_API void mdev_event_list_free(mdev_event_list* list)
{
    delete list;
}
