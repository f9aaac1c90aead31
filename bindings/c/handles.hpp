// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "guard.hpp"

#include <mdev/mdev.hpp>

#include <deque>
#include <mdev.h>
#include <string>
#include <vector>

// What the handles are: a value of the C++ library, and beside it what C asks
// for by pointer and C++ gives by value.

struct mdev_environment {
    mdev::Environment value;
    std::string parents_directory = value.parents_directory();
    std::string devices_directory = value.devices_directory();
    std::string definitions_directory = value.definitions_directory();
};

struct mdev_parent_device {
    mdev::ParentDevice value;
};

struct mdev_type {
    mdev::MdevType value;
    std::string path = value.path();
};

struct mdev_device {
    mdev::Device value;
    mdev_uuid uuid = uuid_of(value.uuid());
    std::string path = value.path();
};

struct mdev_definition {
    mdev::Definition value;
    mdev_uuid uuid = uuid_of(value.uuid());
};

struct mdev_config_store {
    mdev::ConfigStore value;
};

struct mdev_store_lock {
    mdev::StoreLock value;
};

struct mdev_callout_engine {
    mdev::CalloutEngine value;
};

struct mdev_callout_result {
    mdev::CalloutResult value;
};

struct mdev_manager {
    mdev::Manager value;
};

struct mdev_monitor {
    mdev::Monitor value;
};

struct mdev_event {
    mdev::Event value;
    std::optional<mdev::Uuid> asked = value.uuid();
    mdev_uuid uuid = uuid_of(asked.value_or(mdev::Uuid()));
};

struct mdev_device_status {
    mdev::DeviceStatus value;
    mdev_uuid uuid = uuid_of(value.uuid());
};

struct mdev_finding {
    mdev::Finding value;
};

struct mdev_outcome {
    mdev::Outcome value;
    mdev_uuid uuid = uuid_of(value.uuid());
};

struct mdev_host_state {
    mdev::HostState value;
};

struct mdev_listed_device {
    mdev::ListedDevice value;
    mdev_definition definition{value.definition()};
    std::string path = value.path();
    std::string file = value.file();
};

struct mdev_string {
    std::string value;
};

/// Items stay where they are when there are more, as pointers to them must.
template <class Item> struct List {
    std::deque<Item> items;

    List() = default;
    template <class Value> explicit List(std::vector<Value> values)
    {
        for (auto& value : values)
            items.push_back(Item{std::move(value)});
    }
};

struct mdev_string_list : List<std::string> {
    using List::List;
};
struct mdev_attribute_list : List<mdev::Attribute> {
    using List::List;
};
struct mdev_parent_device_list : List<mdev_parent_device> {
    using List::List;
};
struct mdev_type_list : List<mdev_type> {
    using List::List;
};
struct mdev_device_list : List<mdev_device> {
    using List::List;
};
struct mdev_definition_list : List<mdev_definition> {
    using List::List;
};
struct mdev_callout_result_list : List<mdev_callout_result> {
    using List::List;
};
struct mdev_event_list : List<mdev_event> {
    using List::List;
};
struct mdev_finding_list : List<mdev_finding> {
    using List::List;
};
struct mdev_listed_device_list : List<mdev_listed_device> {
    using List::List;
};

/// What a list's handles stand for.
template <class Value, class Item>
std::vector<Value> values_of(const std::deque<Item>& items)
{
    std::vector<Value> values;
    values.reserve(items.size());
    for (const auto& item : items)
        values.push_back(item.value);
    return values;
}
