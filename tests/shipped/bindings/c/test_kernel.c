/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices of a simulated kernel, whose parent "mtty" is the sample driver. */
#include "suite.h"
#include "tap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static mdev_type* new_type(const char* id)
{
    mdev_parent_device* parent;
    mdev_type* type;

    OK(mdev_parent_device_find("mtty", world.env, &parent));
    OK(mdev_parent_device_type(parent, id, &type));
    mdev_parent_device_free(parent);
    return type;
}

static void a_device_is_created_found_and_removed(void)
{
    mdev_type* type = new_type("mtty-1");
    mdev_device* device;
    mdev_device* found;

    CHECK(mdev_type_available_instances(type) == 24);
    OK(mdev_type_create(type, &world.uuid, &device));
    SAME(mdev_device_parent(device), "mtty");
    SAME(mdev_device_type_id(device), "mtty-1");
    CHECK(mdev_device_framework(device) == MDEV_FRAMEWORK_MDEV);
    CHECK(access(mdev_device_path(device), F_OK) == 0);
    mdev_device_free(device);
    FAILS(
        MDEV_ERRC_ALREADY_ACTIVE, mdev_type_create(type, &world.uuid, &device));
    CHECK(device == NULL);
    CHECK(mdev_last_error_errno() == EEXIST);
    OK(mdev_device_find(&world.uuid, world.env, &found));
    CHECK(mdev_uuid_compare(mdev_device_uuid(found), &world.uuid) == 0);
    OK(mdev_device_remove(found));
    FAILS(MDEV_ERRC_NOT_ACTIVE, mdev_device_remove(found));
    SAME(mdev_device_type_id(found), "mtty-1");
    mdev_device_free(found);
    OK(mdev_type_create(type, &world.uuid, NULL));
    OK(mdev_device_find(&world.uuid, world.env, &found));
    OK(mdev_device_remove(found));
    mdev_device_free(found);
    mdev_type_free(type);
}

static void is_text(mdev_string* text, const char* expected)
{
    SAME(mdev_string_text(text), expected);
    mdev_string_free(text);
}

static void a_device_has_its_properties(void)
{
    mdev_type* type = new_type("mtty-1");
    mdev_device* device;
    mdev_device* same;
    mdev_string* text = NULL;
    mdev_string_list* files;

    OK(mdev_type_create(type, &world.uuid, &device));
    OK(mdev_device_real_path(device, &text));
    CHECK(strstr(mdev_string_text(text), "/sys/devices/virtual/mtty/mtty/"));
    mdev_string_free(text);
    OK(mdev_device_iommu_group(device, &text));
    OK(mdev_device_device_files(device, &files));
    CHECK(mdev_string_list_count(files) == 1);
    CHECK(strstr(mdev_string_list_at(files, 0), "/dev/vfio/"));
    SAME(strrchr(mdev_string_list_at(files, 0), '/') + 1,
        mdev_string_text(text));
    mdev_string_list_free(files);
    mdev_string_free(text);
    OK(mdev_device_attribute(device, "power/control", &text));
    is_text(text, "auto");
    FAILS(MDEV_ERRC_INVALID_NAME,
        mdev_device_attribute(device, "../uevent", &text));
    CHECK(text == NULL);
    FAILS(-ENOENT, mdev_device_attribute(device, "missing", &text));
    OK(mdev_device_find(&world.uuid, world.env, &same));
    CHECK(mdev_device_is_equal(device, same) == 1);
    OK(mdev_device_remove(device));
    FAILS(MDEV_ERRC_NOT_ACTIVE, mdev_device_real_path(device, &text));
    mdev_device_free(same);
    mdev_device_free(device);
    mdev_type_free(type);
}

static void a_parent_has_its_properties(void)
{
    mdev_parent_device* parent;
    mdev_parent_device* same;
    mdev_device_list* devices;
    mdev_string_list* names;
    mdev_string* text = NULL;
    mdev_type* type;
    mdev_type_list* types;

    OK(mdev_parent_device_resolve(
        "/sys/class/mdev_bus/MTTY", world.env, &parent));
    SAME(mdev_parent_device_name(parent), "mtty");
    CHECK(strstr(mdev_parent_device_path(parent), "/sys/class/mdev_bus/mtty"));
    OK(mdev_parent_device_real_path(parent, &text));
    CHECK(strstr(mdev_string_text(text), "/sys/devices/virtual/mtty/mtty"));
    mdev_string_free(text);
    OK(mdev_parent_device_driver(parent, &text));
    is_text(text, "");
    OK(mdev_parent_device_subsystem(parent, &text));
    is_text(text, "mtty");
    OK(mdev_parent_device_other_names(parent, &names));
    CHECK(mdev_string_list_count(names) == 0);
    mdev_string_list_free(names);
    OK(mdev_parent_device_resolve_type(parent, "Single port serial", &type));
    SAME(mdev_type_id(type), "mtty-1");
    OK(mdev_type_create(type, &world.uuid, NULL));
    OK(mdev_parent_device_devices(parent, &devices));
    CHECK(mdev_device_list_count(devices) == 1);
    OK(mdev_device_remove(mdev_device_list_at(devices, 0)));
    mdev_device_list_free(devices);
    OK(mdev_type_all_available("mtty-1", world.env, &types));
    CHECK(mdev_type_list_count(types) == 1);
    SAME(mdev_type_parent(mdev_type_list_at(types, 0)), "mtty");
    mdev_type_list_free(types);
    OK(mdev_parent_device_find("mtty", world.env, &same));
    CHECK(mdev_parent_device_is_equal(parent, same) == 1);
    mdev_parent_device_free(same);
    OK(mdev_parent_device_resolve("pci_0000_00_02_0", world.env, &same));
    CHECK(same == NULL);
    mdev_type_free(type);
    mdev_parent_device_free(parent);
}

static void a_device_in_use_is_not_stopped(void)
{
    mdev_type* type = new_type("mtty-1");
    mdev_manager* manager = new_manager();
    mdev_manager* careful;
    mdev_manager* impatient;
    mdev_device* device;
    mdev_device_user* user;
    mdev_device_user_list* users;
    mdev_device_user_list* copy;

    OK(mdev_type_create(type, &world.uuid, &device));
    OK(mdev_device_users(device, &users));
    CHECK(mdev_device_user_list_count(users) == 0);
    mdev_device_user_list_free(users);
    CHECK(
        shell("mkdir -p proc/172/fd && echo qemu >proc/172/comm && ln -s "
              "/dev/vfio/$(basename $(readlink sys/bus/mdev/devices/" TEXT_UUID
              "/iommu_group)) proc/172/fd/5"));
    OK(mdev_manager_with_in_use(manager, MDEV_IN_USE_REFUSE, &careful));
    FAILS(MDEV_ERRC_IN_USE, mdev_manager_stop(careful, &world.uuid));
    CHECK(mdev_device_user_list_count(mdev_last_error_users()) == 1);
    OK(mdev_device_users(device, &users));
    CHECK(mdev_device_user_list_count(users) == 1);
    CHECK(mdev_device_user_pid(mdev_device_user_list_at(users, 0)) == 172);
    SAME(mdev_device_user_command(mdev_device_user_list_at(users, 0)), "qemu");
    OK(mdev_device_user_copy(mdev_device_user_list_at(users, 0), &user));
    OK(mdev_device_user_list_copy(users, &copy));
    mdev_device_user_list_free(users);
    CHECK(mdev_device_user_pid(user) == 172);
    CHECK(mdev_device_user_list_count(copy) == 1);
    mdev_device_user_free(user);
    mdev_device_user_list_free(copy);
    CHECK(shell("rm -r proc"));
    OK(mdev_manager_with_timeout(careful, MDEV_NO_LIMIT, &impatient));
    OK(mdev_manager_stop(impatient, &world.uuid));
    FAILS(MDEV_ERRC_NOT_ACTIVE, mdev_manager_stop(impatient, &world.uuid));
    CHECK(mdev_device_user_list_count(mdev_last_error_users()) == 0);
    mdev_manager_free(impatient);
    mdev_manager_free(careful);
    mdev_manager_free(manager);
    mdev_device_free(device);
    mdev_type_free(type);
}

static void no_more_devices_than_available_instances(void)
{
    mdev_type* type = new_type("mtty-2");
    mdev_device_list* all;
    mdev_device* device;
    mdev_uuid uuid = world.uuid;
    size_t i;

    for (i = 0; i < 12; ++i) {
        uuid.bytes[0] = (unsigned char)i;
        OK(mdev_type_create(type, &uuid, NULL));
    }
    uuid.bytes[0] = 12;
    FAILS(MDEV_ERRC_NO_INSTANCE_LEFT, mdev_type_create(type, &uuid, NULL));
    OK(mdev_device_all(world.env, &all));
    CHECK(mdev_device_list_count(all) == 12);
    NOTHING(MDEV_ERRC_INVALID_INDEX, mdev_device_list_at(all, 12));
    for (i = 0; i < mdev_device_list_count(all); ++i)
        OK(mdev_device_remove(mdev_device_list_at(all, i)));
    OK(mdev_device_copy(mdev_device_list_at(all, 3), &device));
    mdev_device_list_free(all);
    CHECK(mdev_device_uuid(device)->bytes[0] == 3);
    mdev_device_free(device);
    mdev_type_free(type);
}

static void a_manager_starts_and_stops(void)
{
    mdev_manager* manager = new_manager();
    mdev_definition* definition;
    mdev_device* device;

    OK(mdev_definition_new(&world.uuid, "mtty", "mtty-1", &definition));
    OK(mdev_manager_start(manager, definition, &device));
    CHECK(access(mdev_device_path(device), F_OK) == 0);
    FAILS(MDEV_ERRC_INVALID_NAME,
        mdev_device_set_attribute(device, "../remove", "1", 1));
    FAILS(-ENOENT, mdev_device_set_attribute(device, "none", NULL, 0));
    FAILS(MDEV_ERRC_NOT_SUPPORTED,
        mdev_manager_modify_live(manager, definition, MDEV_LIVE_DEVICE));
    OK(mdev_manager_stop(manager, &world.uuid));
    mdev_device_free(device);
    OK(start_spec(manager, NULL, "mtty", "mtty-1", &device));
    OK(mdev_manager_stop(manager, mdev_device_uuid(device)));
    mdev_device_free(device);
    OK(mdev_manager_start(manager, definition, NULL));
    OK(mdev_manager_stop(manager, &world.uuid));
    OK(mdev_definition_set_type_id(definition, "mtty-9"));
    FAILS(MDEV_ERRC_NO_SUCH_TYPE,
        mdev_manager_start(manager, definition, &device));
    CHECK(device == NULL);
    FAILS(MDEV_ERRC_INCOMPLETE, start_spec(manager, NULL, NULL, NULL, &device));
    mdev_definition_free(definition);
    mdev_manager_free(manager);
}

static void an_active_device_is_defined_as_it_is(void)
{
    mdev_manager* manager = new_manager();
    mdev_definition* stored;

    OK(start_spec(manager, &world.uuid, "mtty", "mtty-1", NULL));
    OK(define_spec(
        manager, &world.uuid, NULL, NULL, MDEV_START_AUTOMATIC, &stored));
    SAME(mdev_definition_parent(stored), "mtty");
    SAME(mdev_definition_type_id(stored), "mtty-1");
    mdev_definition_free(stored);
    OK(mdev_manager_stop(manager, &world.uuid));
    OK(mdev_manager_start_parent(manager, "mtty", 0));
    OK(mdev_manager_start_all(manager, 0));
    OK(mdev_manager_stop(manager, &world.uuid));
    OK(define_spec(
        manager, &world.other, "none", "T", MDEV_START_AUTOMATIC, NULL));
    FAILS(MDEV_ERRC_PARTIAL_FAILURE, mdev_manager_start_all(manager, 0));
    OK(mdev_manager_stop(manager, &world.uuid));
    mdev_manager_free(manager);
    clean();
}

static void an_active_device_is_changed_by_its_script(void)
{
    mdev_manager* manager;
    mdev_definition* definition;
    mdev_config_store* store;
    mdev_definition* found;

    write_script("callouts", "vendor",
        "case \"$event $action\" in\n"
        "'get capabilities') echo '{\"supports\": {\"version\": 2,"
        " \"actions\": [\"modify\"], \"events\": [\"live\"]}}' ;;\n"
        "'live modify') cat >live ;;\n"
        "esac");
    OK(mdev_config_store_new(world.env, &store));
    OK(mdev_definition_new(&world.uuid, "mtty", "mtty-1", &definition));
    manager = new_manager();
    OK(mdev_manager_start(manager, definition, NULL));
    FAILS(MDEV_ERRC_NOT_DEFINED,
        mdev_manager_modify_live(
            manager, definition, MDEV_LIVE_DEVICE_AND_DEFINITION));
    OK(mdev_manager_define(manager, definition));
    OK(mdev_definition_append_attribute(definition, "a", "1"));
    OK(mdev_manager_modify_live(manager, definition, MDEV_LIVE_DEVICE));
    OK(mdev_config_store_find(store, &world.uuid, "mtty", &found));
    CHECK(mdev_attribute_list_count(mdev_definition_attributes(found)) == 0);
    mdev_definition_free(found);
    OK(mdev_manager_modify_live(
        manager, definition, MDEV_LIVE_DEVICE_AND_DEFINITION));
    OK(mdev_config_store_find(store, &world.uuid, "mtty", &found));
    CHECK(mdev_attribute_list_count(mdev_definition_attributes(found)) == 1);
    mdev_definition_free(found);
    OK(mdev_manager_stop(manager, &world.uuid));
    mdev_manager_free(manager);
    mdev_definition_free(definition);
    mdev_config_store_free(store);
    clean();
}

/* Whether the device is active. */
static int runs(const mdev_uuid* uuid)
{
    mdev_device* device;

    OK(mdev_device_find(uuid, world.env, &device));
    mdev_device_free(device);
    return device != NULL;
}

static void everything_is_started_and_stopped(void)
{
    mdev_manager* manager = new_manager();
    mdev_manager* patient;

    OK(mdev_manager_with_wait(manager, 1, &patient));
    mdev_manager_free(patient);
    OK(mdev_manager_with_retries(manager, 1, 0, &patient));
    OK(define_spec(
        manager, &world.uuid, "mtty", "mtty-1", MDEV_START_MANUAL, NULL));
    OK(define_spec(
        manager, &world.other, "mtty", "mtty-1", MDEV_START_AUTOMATIC, NULL));
    OK(mdev_manager_start_defined(patient, "other"));
    CHECK(!runs(&world.uuid));
    OK(mdev_manager_start_defined(patient, "mtty"));
    CHECK(runs(&world.uuid) && runs(&world.other));
    OK(mdev_manager_stop_all(manager, "other"));
    CHECK(runs(&world.uuid) && runs(&world.other));
    OK(mdev_manager_stop_all(manager, NULL));
    CHECK(!runs(&world.uuid) && !runs(&world.other));
    OK(define_spec(manager, &world.uuid, "none", "T", MDEV_START_MANUAL, NULL));
    FAILS(MDEV_ERRC_PARTIAL_FAILURE, mdev_manager_start_defined(patient, NULL));
    OK(mdev_manager_stop_all(manager, "mtty"));
    mdev_manager_free(patient);
    mdev_manager_free(manager);
    clean();
}

static void a_list_has_the_active_devices(void)
{
    mdev_manager* manager = new_manager();
    mdev_definition* definition;
    mdev_listed_device_list* list;
    const mdev_listed_device* device;
    const mdev_string_list* differences;
    char path[300];

    OK(mdev_definition_new(&world.uuid, "mtty", "mtty-1", &definition));
    OK(mdev_manager_start(manager, definition, NULL));
    OK(mdev_definition_set_type_id(definition, "mtty-2"));
    OK(mdev_manager_define(manager, definition));
    OK(mdev_listed_device_active(
        &world.uuid, "mtty", MDEV_ASK_SCRIPTS_NO, world.env, &list));
    CHECK(mdev_listed_device_list_count(list) == 1);
    device = mdev_listed_device_list_at(list, 0);
    CHECK(mdev_listed_device_is_active(device) == 1);
    CHECK(mdev_listed_device_is_defined(device) == 1);
    CHECK(mdev_listed_device_framework(device) == MDEV_FRAMEWORK_MDEV);
    SAME(mdev_definition_type_id(mdev_listed_device_definition(device)),
        "mtty-1");
    sprintf(path, "%.200s/sys/", world.root);
    CHECK(strncmp(mdev_listed_device_path(device), path, strlen(path)) == 0);
    differences = mdev_listed_device_differences(device);
    CHECK(mdev_string_list_count(differences) == 1);
    SAME(mdev_string_list_at(differences, 0), "type");
    mdev_listed_device_list_free(list);
    OK(mdev_listed_device_active(
        &world.other, NULL, MDEV_ASK_SCRIPTS_YES, world.env, &list));
    CHECK(mdev_listed_device_list_count(list) == 0);
    mdev_listed_device_list_free(list);
    OK(mdev_manager_stop(manager, &world.uuid));
    mdev_definition_free(definition);
    mdev_manager_free(manager);
    clean();
}

static void a_host_matches_a_state_file_after_apply(void)
{
    mdev_manager* manager = new_manager();
    mdev_manager* dry;
    mdev_host_state* before;
    mdev_host_state* wanted;
    mdev_string* json;

    OK(mdev_manager_with_dry_run(manager, &dry));
    OK(mdev_host_state_of(world.env, &before));
    OK(mdev_host_state_from_json(
        "{\"version\": 1, \"devices\": [{\"uuid\": \"" TEXT_UUID "\","
        " \"parent\": \"mtty\", \"type\": \"mtty-1\", \"active\": true}]}",
        "words", &wanted));
    OK(mdev_manager_apply(
        dry, wanted, MDEV_PRUNE_NO, MDEV_ACTIVE_DEVICES_APPLY));
    CHECK(!runs(&world.uuid));
    OK(mdev_manager_apply(
        manager, wanted, MDEV_PRUNE_NO, MDEV_ACTIVE_DEVICES_LEAVE));
    CHECK(!runs(&world.uuid));
    OK(mdev_manager_apply(
        manager, wanted, MDEV_PRUNE_NO, MDEV_ACTIVE_DEVICES_APPLY));
    CHECK(runs(&world.uuid));
    mdev_host_state_free(wanted);
    OK(mdev_host_state_of(world.env, &wanted));
    CHECK(mdev_host_state_is_complete(wanted) == 1);
    OK(mdev_host_state_to_json(wanted, &json));
    CHECK(strstr(mdev_string_text(json), "\"active\": true"));
    mdev_string_free(json);
    OK(mdev_manager_apply(
        manager, before, MDEV_PRUNE_YES, MDEV_ACTIVE_DEVICES_APPLY));
    CHECK(!runs(&world.uuid));
    mdev_host_state_free(wanted);
    mdev_host_state_free(before);
    mdev_manager_free(dry);
    mdev_manager_free(manager);
    clean();
}

/* Devices on virtual functions of the parent. Each function may have one
 * device. */
static void is_on_function(const mdev_uuid* expected)
{
    mdev_listed_device_list* list;
    const mdev_listed_device* listed;
    size_t count = expected ? 1 : 0;

    OK(mdev_listed_device_active(
        NULL, "0000:41:00.4", MDEV_ASK_SCRIPTS_YES, world.env, &list));
    CHECK(mdev_listed_device_list_count(list) == count);
    if (expected && mdev_listed_device_list_count(list) == 1) {
        listed = mdev_listed_device_list_at(list, 0);
        CHECK(
            mdev_listed_device_framework(listed) == MDEV_FRAMEWORK_VENDOR_VFIO);
        CHECK(mdev_uuid_compare(
                  mdev_definition_uuid(mdev_listed_device_definition(listed)),
                  expected) == 0);
    }
    mdev_listed_device_list_free(list);
}

static void a_virtual_function_is_managed(void)
{
    const char* function = "0000:41:00.4";
    mdev_manager* manager = new_manager();
    mdev_definition* stored;
    mdev_device* device;
    mdev_parent_device* parent;

    CHECK(shell("echo add-parent 0000:41:00.0=nvidia-vfio:2 "
                ">sys/.mdevsim/control"));
    OK(mdev_parent_device_find(function, world.env, &parent));
    CHECK(mdev_parent_device_framework(parent) == MDEV_FRAMEWORK_VENDOR_VFIO);
    mdev_parent_device_free(parent);
    OK(define_spec(manager, &world.uuid, function, "nvidia-1147", 0, &stored));
    OK(mdev_definition_append_attribute(stored, "nvidia/vgpu_params", "a=1"));
    OK(mdev_manager_modify_to(manager, stored));
    OK(mdev_manager_start(manager, stored, &device));
    CHECK(mdev_device_framework(device) == MDEV_FRAMEWORK_VENDOR_VFIO);
    CHECK(shell("grep -qx 1147 "
                "sys/bus/pci/devices/0000:41:00.4/nvidia/current_vgpu_type"));
    CHECK(shell("grep -qx a=1 "
                "sys/bus/pci/devices/0000:41:00.4/nvidia/vgpu_params"));
    is_on_function(&world.uuid);
    FAILS(MDEV_ERRC_NO_INSTANCE_LEFT,
        start_spec(manager, &world.other, function, "nvidia-1147", NULL));
    OK(mdev_manager_stop(manager, &world.uuid));
    is_on_function(NULL);
    FAILS(MDEV_ERRC_NOT_ACTIVE, mdev_manager_stop(manager, &world.uuid));
    /* The GPU: the command chooses a function. */
    mdev_device_free(device);
    OK(start_spec(
        manager, &world.other, "0000:41:00.0", "NVIDIA L40S-1Q", &device));
    SAME(mdev_device_parent(device), "0000:41:00.5");
    OK(mdev_manager_stop(manager, &world.other));
    CHECK(shell("echo remove-parent 0000:41:00.0 >sys/.mdevsim/control"));
    mdev_device_free(device);
    mdev_definition_free(stored);
    mdev_manager_free(manager);
    clean();
}

void test_kernel(void)
{
    TEST(a_device_is_created_found_and_removed);
    TEST(a_device_has_its_properties);
    TEST(a_parent_has_its_properties);
    TEST(a_device_in_use_is_not_stopped);
    TEST(no_more_devices_than_available_instances);
    TEST(a_manager_starts_and_stops);
    TEST(an_active_device_is_defined_as_it_is);
    TEST(everything_is_started_and_stopped);
    TEST(a_list_has_the_active_devices);
    TEST(a_host_matches_a_state_file_after_apply);
    TEST(a_virtual_function_is_managed);
    TEST_UNLESS(no_scripts(), an_active_device_is_changed_by_its_script);
}
