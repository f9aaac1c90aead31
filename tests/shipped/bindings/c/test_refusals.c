/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bad arguments, which must not change anything. */
#include "refusals.h"
#include "tap.h"

#include <errno.h>
#include <string.h>

struct handles good;
struct handles made;
char text[MDEV_UUID_SIZE];
int number;
size_t size;
mdev_uuid uuid;

int unwanted_edit(mdev_definition* definition, void* user_data)
{
    CHECK(!"called");
    return definition == user_data;
}

int unwanted_device(const mdev_listed_device* device, void* user_data)
{
    CHECK(!"called");
    return device == user_data;
}

int unwanted_json(const char* piece, size_t length, void* user_data)
{
    CHECK(!"called");
    return length == 0 || piece == user_data;
}

void unwanted_log(int level, const char* message, void* user_data)
{
    (void)level;
    CHECK(message == user_data);
}

void unwanted_outcome(const mdev_outcome* outcome, void* user_data)
{
    CHECK((const void*)outcome == user_data);
}

static void keep_outcome(const mdev_outcome* outcome, void* user_data)
{
    mdev_outcome** kept = user_data;

    mdev_outcome_free(*kept);
    OK(mdev_outcome_copy(outcome, kept));
}

/* Shows an active device that cannot be started or stopped. */
static void show_device(void)
{
    CHECK(shell("mkdir -p sys/devices/P/" TEXT_UUID "\n"
                "ln -s ../mdev_supported_types/T sys/devices/P/" TEXT_UUID
                "/mdev_type\n"
                "ln -s ../../../devices/P/" TEXT_UUID " sys/bus/mdev/devices"));
}

static void make_good_handles(void)
{
    mdev_manager* first;

    if (!no_scripts()) {
        write_script("callouts", "vendor", "exit 0");
        write_script("notifiers", "notifier", "exit 0");
    }
    show_device();
    good.environment = world.env;
    OK(mdev_event_filter_new(&good.event_filter));
    OK(mdev_monitor_new(world.env, &good.monitor));
    first = new_manager();
    OK(mdev_manager_with_listener(
        first, keep_outcome, &good.outcome, &good.manager));
    mdev_manager_free(first);
    OK(mdev_callout_engine_new(world.env, &good.callout_engine));
    OK(mdev_config_store_new(world.env, &good.config_store));
    good.device_spec = new_spec(&world.uuid, "P", "T");
    OK(define_spec(good.manager, &world.uuid, "P", "T", MDEV_START_MANUAL,
        &good.definition));
    OK(mdev_monitor_read(good.monitor, &good.event_list));
    OK(mdev_event_copy(mdev_event_list_at(good.event_list, 0), &good.event));
    OK(mdev_config_store_lock(good.config_store, &good.store_lock));
    OK(mdev_config_store_all(good.config_store, &good.definition_list));
    OK(mdev_attribute_list_copy(
        mdev_definition_attributes(good.definition), &good.attribute_list));
    OK(mdev_definition_to_json(good.definition, &good.string));
    OK(mdev_string_list_copy(
        mdev_environment_callout_directories(world.env), &good.string_list));
    OK(mdev_callout_engine_run(good.callout_engine, MDEV_CALLOUT_EVENT_PRE,
        MDEV_CALLOUT_ACTION_START, good.definition, &good.callout_result));
    OK(mdev_callout_engine_notify(good.callout_engine,
        MDEV_CALLOUT_ACTION_START, MDEV_CALLOUT_STATE_SUCCESS, good.definition,
        &good.callout_result_list));
    OK(mdev_device_find(&world.uuid, world.env, &good.device));
    CHECK(shell("ln -s groups/7 sys/devices/P/" TEXT_UUID "/iommu_group\n"
                "mkdir -p proc/172/fd\n"
                "ln -s /dev/vfio/7 proc/172/fd/5"));
    OK(mdev_device_users(good.device, &good.device_user_list));
    OK(mdev_device_user_copy(
        mdev_device_user_list_at(good.device_user_list, 0), &good.device_user));
    OK(mdev_device_all(world.env, &good.device_list));
    OK(mdev_parent_device_find("P", world.env, &good.parent_device));
    OK(mdev_parent_device_all(world.env, &good.parent_device_list));
    OK(mdev_parent_device_type(good.parent_device, "T", &good.type));
    OK(mdev_parent_device_types(good.parent_device, &good.type_list));
    OK(mdev_device_status_find(&world.uuid, world.env, &good.device_status));
    CHECK(shell("touch etc/mdevctl.d/P/notes"));
    OK(mdev_diagnose(world.env, &good.finding_list));
    CHECK(shell("rm etc/mdevctl.d/P/notes"));
    OK(mdev_finding_copy(
        mdev_finding_list_at(good.finding_list, 0), &good.finding));
    OK(mdev_listed_device_defined(
        NULL, NULL, MDEV_ASK_SCRIPTS_NO, world.env, &good.listed_device_list));
    OK(mdev_listed_device_copy(
        mdev_listed_device_list_at(good.listed_device_list, 0),
        &good.listed_device));
    OK(mdev_host_state_of(world.env, &good.host_state));
    OK(mdev_host_state_devices(good.host_state, &good.host_device_list));
    OK(mdev_host_device_copy(
        mdev_host_device_list_at(good.host_device_list, 0), &good.host_device));
    OK(mdev_manager_diff(good.manager, good.host_state, MDEV_PRUNE_NO,
        MDEV_ACTIVE_DEVICES_LEAVE, &good.outcome_list));
    if (no_scripts())
        return;
    OK(mdev_test_script(
        "/bin/true", good.definition, world.env, &good.script_remark_list));
    OK(mdev_script_remark_copy(
        mdev_script_remark_list_at(good.script_remark_list, 0),
        &good.script_remark));
}

static void free_good_handles(void)
{
    mdev_attribute_list_free(good.attribute_list);
    mdev_callout_engine_free(good.callout_engine);
    mdev_callout_result_free(good.callout_result);
    mdev_callout_result_list_free(good.callout_result_list);
    mdev_config_store_free(good.config_store);
    mdev_definition_free(good.definition);
    mdev_definition_list_free(good.definition_list);
    mdev_device_free(good.device);
    mdev_device_list_free(good.device_list);
    mdev_device_spec_free(good.device_spec);
    mdev_device_status_free(good.device_status);
    mdev_device_user_free(good.device_user);
    mdev_device_user_list_free(good.device_user_list);
    mdev_event_free(good.event);
    mdev_event_filter_free(good.event_filter);
    mdev_event_list_free(good.event_list);
    mdev_finding_free(good.finding);
    mdev_finding_list_free(good.finding_list);
    mdev_host_device_free(good.host_device);
    mdev_host_device_list_free(good.host_device_list);
    mdev_host_state_free(good.host_state);
    mdev_listed_device_free(good.listed_device);
    mdev_listed_device_list_free(good.listed_device_list);
    mdev_manager_free(good.manager);
    mdev_monitor_free(good.monitor);
    mdev_outcome_free(good.outcome);
    mdev_outcome_list_free(good.outcome_list);
    mdev_parent_device_free(good.parent_device);
    mdev_parent_device_list_free(good.parent_device_list);
    mdev_script_remark_free(good.script_remark);
    mdev_script_remark_list_free(good.script_remark_list);
    mdev_store_lock_free(good.store_lock);
    mdev_string_free(good.string);
    mdev_string_list_free(good.string_list);
    mdev_type_free(good.type);
    mdev_type_list_free(good.type_list);
}

/* Returns whether a handle comes from a script, which may be unable to run
 * here. */
static int is_of_script(const void* handle)
{
    return handle == &good.callout_result || handle == &good.script_remark ||
        handle == &good.script_remark_list;
}

static void each_class_has_a_handle(void)
{
    const char* at;

    make_good_handles();
    for (at = (const char*)&good; at < (const char*)(&good + 1);
         at += sizeof(void*))
        CHECK(*(void* const*)at || (is_of_script(at) && no_scripts()));
    SAME(mdev_device_type_id(mdev_device_list_at(good.device_list, 0)), "T");
}

static void a_refused_call_has_no_result(void)
{
    static const struct handles none;
    mdev_definition_list* all;

    CHECK(memcmp(&made, &none, sizeof made) == 0);
    OK(mdev_config_store_all(good.config_store, &all));
    CHECK(mdev_definition_list_count(all) == 1);
    mdev_definition_list_free(all);
    free_good_handles();
    CHECK(shell("rm -r sys/devices sys/bus/mdev/devices/*"));
    clean();
}

void test_refusals(void)
{
    TEST(each_class_has_a_handle);
    test_each_bad_argument();
    TEST(a_refused_call_has_no_result);
}
