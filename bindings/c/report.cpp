// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <cerrno>
#include <mdev.h>

// Reports: lists of devices, the status of one, findings, the test of a script,
// the state of a host.

namespace {

/// Ends the list if a C function wants that.
void check_answer(int answer)
{
    if (answer != 0)
        throw CallbackFailed{answer < 0 ? answer : -ECANCELED};
}

}

MDEV_HANDLE(listed_device)
MDEV_MEMBER(listed_device, const mdev_definition*, definition)
MDEV_NUMBER(listed_device, is_active)
MDEV_NUMBER(listed_device, is_defined)
MDEV_MEMBER(listed_device, const mdev_string_list*, differences)
MDEV_FRAMEWORK(listed_device)
MDEV_MEMBER(listed_device, const char*, path)
MDEV_MEMBER(listed_device, const char*, file)

MDEV_API int mdev_listed_device_active(const mdev_uuid* uuid,
    const char* parent, int ask_scripts, const mdev_environment* env,
    mdev_listed_device_list** devices)
{
    return make(devices, "devices", [&] {
        return mdev::ListedDevice::active(optional_uuid(uuid),
            optional_text(parent),
            require_enum<mdev::AskScripts>(ask_scripts, "ask_scripts"),
            value_of(env));
    });
}

MDEV_API int mdev_listed_device_defined(const mdev_uuid* uuid,
    const char* parent, int ask_scripts, const mdev_environment* env,
    mdev_listed_device_list** devices)
{
    return make(devices, "devices", [&] {
        return mdev::ListedDevice::defined(optional_uuid(uuid),
            optional_text(parent),
            require_enum<mdev::AskScripts>(ask_scripts, "ask_scripts"),
            value_of(env));
    });
}

MDEV_API int mdev_listed_device_each_defined(const mdev_uuid* uuid,
    const char* parent, int ask_scripts, const mdev_environment* env,
    mdev_listed_device_function visit, void* user_data)
{
    return guard([&] {
        require(visit, "visit");
        mdev::ListedDevice::each_defined(optional_uuid(uuid),
            optional_text(parent),
            require_enum<mdev::AskScripts>(ask_scripts, "ask_scripts"),
            value_of(env), [&](const mdev::ListedDevice& device) {
                const mdev_listed_device handle{device};
                check_answer(visit(&handle, user_data));
            });
    });
}

MDEV_LIST(listed_device_list, const mdev_listed_device*)
MDEV_FREE(listed_device_list)

MDEV_API int mdev_listed_device_list_to_json(
    const mdev_listed_device_list* list, int format, mdev_string** json)
{
    return make(json, "json", [&] {
        return mdev::to_json(values_of<mdev::ListedDevice>(list),
            require_enum<mdev::JsonFormat>(format, "format"));
    });
}

MDEV_API int mdev_listed_device_write_json(const mdev_uuid* uuid,
    const char* parent, int ask_scripts, const mdev_environment* env,
    int format, mdev_json_function sink, void* user_data)
{
    return guard([&] {
        require(sink, "sink");
        const auto wanted = optional_uuid(uuid);
        const auto on_parent = optional_text(parent);
        const auto ask =
            require_enum<mdev::AskScripts>(ask_scripts, "ask_scripts");
        const auto& used = value_of(env);
        mdev::write_json(
            [&](const mdev::ListedDeviceVisitor& visit) {
                mdev::ListedDevice::each_defined(
                    wanted, on_parent, ask, used, visit);
            },
            require_enum<mdev::JsonFormat>(format, "format"),
            [&](std::string_view piece) {
                check_answer(sink(piece.data(), piece.size(), user_data));
            });
    });
}

MDEV_HANDLE(device_status)
MDEV_MEMBER(device_status, const mdev_uuid*, uuid)
MDEV_MEMBER(device_status, const mdev_device*, active)
MDEV_MEMBER(device_status, const mdev_definition_list*, definitions)
MDEV_MEMBER(device_status, const mdev_string_list*, files)
MDEV_MEMBER(device_status, const mdev_string_list*, differences)
MDEV_MEMBER(device_status, const mdev_type*, type)
MDEV_FRAMEWORK(device_status)
MDEV_MEMBER(device_status, const mdev_attribute_list*, active_attributes)
MDEV_TEXT(device_status, script)
MDEV_TEXT(device_status, iommu_group)
MDEV_MEMBER(device_status, const mdev_string_list*, device_files)
MDEV_MEMBER(device_status, const mdev_string_list*, users)
MDEV_JSON(device_status)

MDEV_API int mdev_device_status_find(const mdev_uuid* uuid,
    const mdev_environment* env, mdev_device_status** found)
{
    return find(found, "found", [&] {
        return mdev::DeviceStatus::find(require_uuid(uuid), value_of(env));
    });
}

MDEV_HANDLE(finding)
MDEV_TEXT(finding, id)
MDEV_NUMBER(finding, severity)
MDEV_TEXT(finding, subject)
MDEV_TEXT(finding, message)
MDEV_TEXT(finding, advice)
MDEV_TEXT(finding, command)

MDEV_API int mdev_diagnose(
    const mdev_environment* env, mdev_finding_list** findings)
{
    return make(
        findings, "findings", [&] { return mdev::diagnose(value_of(env)); });
}

MDEV_LIST(finding_list, const mdev_finding*)
MDEV_FREE(finding_list)

MDEV_API int mdev_finding_list_to_json(
    const mdev_finding_list* list, mdev_string** json)
{
    return make(json, "json",
        [&] { return mdev::to_json(values_of<mdev::Finding>(list)); });
}

MDEV_HANDLE(script_remark)
MDEV_NUMBER(script_remark, kind)
MDEV_TEXT(script_remark, word)
MDEV_TEXT(script_remark, what)
MDEV_TEXT(script_remark, why)
MDEV_JSON(script_remark)

MDEV_API int mdev_test_script(const char* script,
    const mdev_definition* definition, const mdev_environment* env,
    mdev_script_remark_list** remarks)
{
    return make(remarks, "remarks", [&] {
        return mdev::test_script(require_text(script, "script"),
            value_of(definition), value_of(env));
    });
}

MDEV_LIST(script_remark_list, const mdev_script_remark*)
MDEV_FREE(script_remark_list)

MDEV_HANDLE(host_device)
MDEV_MEMBER(host_device, const mdev_definition*, definition)
MDEV_TEXT(host_device, name)
MDEV_NUMBER(host_device, is_defined)
MDEV_NUMBER(host_device, activity)

MDEV_API int mdev_host_device_new(
    const mdev_definition* definition, mdev_host_device** made)
{
    return make(
        made, "made", [&] { return mdev::HostDevice(value_of(definition)); });
}

MDEV_API int mdev_host_device_set_defined(
    mdev_host_device* device, int is_defined)
{
    return change(device, [&](auto& value) {
        if (is_defined != 0 && is_defined != 1)
            throw_bad_argument("is_defined", "must be 0 or 1");
        value.defined(is_defined == 1);
    });
}

MDEV_API int mdev_host_device_set_activity(
    mdev_host_device* device, int activity)
{
    return change(device, [&](auto& value) {
        value.activity(require_enum<mdev::Activity>(activity, "activity"));
    });
}

MDEV_LIST(host_device_list, const mdev_host_device*)
MDEV_FREE(host_device_list)

MDEV_API int mdev_host_device_list_new(mdev_host_device_list** made)
{
    return make(made, "made", [] { return mdev_host_device_list(); });
}

MDEV_API int mdev_host_device_list_append(
    mdev_host_device_list* list, const mdev_host_device* device)
{
    return guard([&] { require(list).items.push_back(require(device)); });
}

MDEV_HANDLE(host_state)
MDEV_NUMBER(host_state, is_complete)
MDEV_JSON(host_state)

MDEV_API int mdev_host_state_new(
    const mdev_host_device_list* list, mdev_host_state** made)
{
    return make(made, "made",
        [&] { return mdev::HostState(values_of<mdev::HostDevice>(list)); });
}

MDEV_API int mdev_host_state_devices(
    const mdev_host_state* state, mdev_host_device_list** devices)
{
    return make(devices, "devices", [&] { return value_of(state).devices(); });
}

MDEV_API int mdev_host_state_of(
    const mdev_environment* env, mdev_host_state** made)
{
    return make(
        made, "made", [&] { return mdev::HostState::of(value_of(env)); });
}

MDEV_API int mdev_host_state_from_json(
    const char* json, const char* source, mdev_host_state** made)
{
    return make(made, "made", [&] {
        return mdev::HostState::from_json(
            require_text(json, "json"), require_text(source, "source"));
    });
}

MDEV_API int mdev_host_state_from_file(
    const char* file, const mdev_environment* env, mdev_host_state** made)
{
    return make(made, "made", [&] {
        return mdev::HostState::from_file(
            require_text(file, "file"), value_of(env));
    });
}
