// SPDX-License-Identifier: LGPL-2.1-or-later
// The model of the host in vmmd.cpp.
#pragma once

#include <mdev/mdev.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

/// Parents, devices and definitions, updated by events. For the main thread
/// only.
class Model {
public:
    explicit Model(const mdev::Environment& env) : monitor_(env) { reload(); }

    int descriptor() const { return monitor_.descriptor(); }
    const std::set<std::string>& things() const { return things_; }
    /// Returns the changes since the last call, as sentences.
    std::vector<std::string> news()
    {
        const auto before = things_;
        for (const auto& event : monitor_.read())
            if (event.kind() == mdev::EventKind::overflow)
                reload();
            else
                apply(event, things_);
        return differences(before);
    }
    /// Reads everything again: events are hints, and without netlink the
    /// Monitor reports no devices.
    std::vector<std::string> news_of_all()
    {
        const auto before = things_;
        reload();
        return differences(before);
    }

private:
    static void apply(const mdev::Event& event, std::set<std::string>& things)
    {
        std::string word = event.word(); // such as "device-added"
        const auto dash = word.find('-');
        const auto thing = word.substr(0, dash) + " " +
            (event.uuid() ? event.uuid()->string() + " on " : "") +
            event.parent();
        const auto what = word.substr(dash + 1);
        if (what == "removed" || what == "unregistered")
            things.erase(thing);
        else
            things.insert(thing);
    }
    void reload()
    {
        std::set<std::string> things;
        for (const auto& event : monitor_.current())
            apply(event, things);
        things_ = std::move(things);
    }
    std::vector<std::string> differences(
        const std::set<std::string>& before) const
    {
        std::vector<std::string> news;
        for (const auto& thing : things_)
            if (before.count(thing) == 0)
                news.push_back("new: " + thing);
        for (const auto& thing : before)
            if (things_.count(thing) == 0)
                news.push_back("gone: " + thing);
        return news;
    }

    mdev::Monitor monitor_;
    std::set<std::string> things_;
};
