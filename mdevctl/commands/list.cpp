// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "columns.hpp"
#include "interruption.hpp"
#include "output.hpp"

#include <mdev/listed_device.hpp>

#include <algorithm>
#include <cstdlib>

namespace {

using Devices = std::vector<mdev::ListedDevice>;

/// What active devices have is for their scripts to say, where it is wanted.
mdev::AskScripts asked_scripts(
    const Arguments& arguments, const std::vector<const Column*>& columns)
{
    const bool any = arguments.has("dumpjson") || arguments.has("json") ||
        arguments.has("verbose") ||
        std::any_of(columns.begin(), columns.end(),
            [](const Column* column) { return column->needs_scripts; });
    return any ? mdev::AskScripts::yes : mdev::AskScripts::no;
}

Devices listed(const mdev::Environment& env, const Arguments& arguments,
    const std::vector<const Column*>& columns)
{
    const auto uuid = arguments.uuid();
    const auto parent = arguments.value("parent");
    if (arguments.has("defined"))
        return mdev::ListedDevice::defined(uuid, parent, env);
    const auto asked = asked_scripts(arguments, columns);
    return mdev::ListedDevice::active(uuid, parent, asked,
        asked == mdev::AskScripts::yes ? interruptible(env) : env);
}

std::string dump(const Devices& list, bool a_single_one_is_bare)
{
    if (a_single_one_is_bare && list.size() == 1)
        return list.front().definition().to_json();
    return mdev::to_json(list, mdev::JsonFormat::compatible);
}

void append_lines(
    Output& output, const Devices& list, const Arguments& arguments)
{
    const bool defined = arguments.has("defined");
    const auto attributes =
        arguments.has("verbose") ? Attributes::shown : Attributes::hidden;
    for (const auto& device : list) {
        std::string_view mark;
        if (defined && device.is_active())
            mark = " (active)";
        else if (!defined && device.is_defined())
            mark = " (defined)";
        append_device(output, device.definition(), mark, attributes);
    }
}

}

int run_list(const mdev::Environment& env, const Arguments& arguments)
{
    const auto columns = chosen_columns(arguments);
    const auto list = listed(env, arguments, columns);
    Output output;
    if (arguments.has("dumpjson"))
        output.text(dump(list, arguments.has("uuid"))).text("\n");
    else if (arguments.has("json"))
        output.text(mdev::to_json(list, mdev::JsonFormat::flat)).text("\n");
    else if (!columns.empty())
        append_table(output, columns, list, !arguments.has("noheadings"));
    else
        append_lines(output, list, arguments);
    output.send();
    return EXIT_SUCCESS;
}
