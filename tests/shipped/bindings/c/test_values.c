/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tests without a kernel: errors, UUIDs, environments, definitions. */
#include "suite.h"
#include "tap.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void the_version_is_known(void)
{
    CHECK(strcmp(mdev_version(), MDEV_VERSION) == 0);
}

static void a_uuid_is_read_and_written(void)
{
    char text[MDEV_UUID_SIZE];
    mdev_uuid uuid;
    mdev_uuid again;

    OK(mdev_uuid_parse("{ABCDEF01-0000-4000-8000-0000000000ff}", &uuid));
    OK(mdev_uuid_string(&uuid, text));
    SAME(text, "abcdef01-0000-4000-8000-0000000000ff");
    CHECK(uuid.bytes[0] == 0xab && uuid.bytes[15] == 0xff);
    OK(mdev_uuid_random(&uuid));
    OK(mdev_uuid_random(&again));
    CHECK(mdev_uuid_compare(&uuid, &uuid) == 0);
    CHECK(
        mdev_uuid_compare(&uuid, &again) == -mdev_uuid_compare(&again, &uuid));
    CHECK(mdev_uuid_compare(&world.uuid, &world.other) < 0);
    CHECK(mdev_uuid_compare(NULL, &uuid) < 0);
    CHECK(mdev_uuid_compare(&uuid, NULL) > 0);
    CHECK(mdev_uuid_compare(NULL, NULL) == 0);
}

static void a_uuid_follows_from_a_name(void)
{
    char text[MDEV_UUID_SIZE];
    mdev_uuid domains;
    mdev_uuid own;
    mdev_uuid uuid;

    OK(mdev_uuid_parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8", &domains));
    OK(mdev_uuid_from_name(&domains, "www.example.com", &uuid));
    OK(mdev_uuid_string(&uuid, text));
    SAME(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    OK(mdev_uuid_from_name(&domains, "mdevctl", &uuid));
    OK(mdev_uuid_from_name(&uuid, "console", &uuid));
    OK(mdev_uuid_from_name(NULL, "console", &own));
    CHECK(mdev_uuid_compare(&uuid, &own) == 0);
}

static void other_text_is_not_a_uuid(void)
{
    static const char* const texts[] = {"", "x", "11111111", "../../etc/passwd",
        "11111111-2222-3333-4444-55555555550g",
        "11111111-2222-3333-4444-5555555555011",
        "11111111x2222x3333x4444x555555555501",
        " 1111111-2222-3333-4444-555555555501", ("{" TEXT_UUID), "\377\376"};
    mdev_uuid uuid = world.other;
    size_t i;

    for (i = 0; i < sizeof texts / sizeof *texts; ++i)
        FAILS(-EINVAL, mdev_uuid_parse(texts[i], &uuid));
    CHECK(mdev_uuid_compare(&uuid, &world.other) == 0);
    SAME(mdev_last_error_subject(), "\377\376");
}

static void an_error_has_a_code_a_message_and_a_subject(void)
{
    mdev_definition* definition;

    definition = new_definition(&world.uuid);
    FAILS(
        MDEV_ERRC_INVALID_NAME, mdev_definition_set_type_id(definition, "a/b"));
    CHECK(strstr(mdev_last_error_message(), "a/b"));
    SAME(mdev_last_error_subject(), "a/b");
    CHECK(mdev_last_error_errno() == 0);
    mdev_definition_free(definition);
    FAILS(-ENOENT,
        mdev_definition_from_file(
            "/no/file", &world.uuid, "P", NULL, &definition));
    CHECK(definition == NULL);
    CHECK(mdev_last_error_errno() == ENOENT);
    SAME(mdev_last_error_subject(), "/no/file");
}

static void* fail_elsewhere(void* ignored)
{
    CHECK(mdev_last_error_code() == 0);
    SAME(mdev_last_error_message(), "");
    SAME(mdev_last_error_subject(), "");
    CHECK(mdev_last_error_errno() == 0);
    FAILS(-EINVAL, mdev_device_remove(NULL));
    return ignored;
}

static void each_thread_has_its_own_last_error(void)
{
    pthread_t thread;
    const mdev_string_list* list;

    list = mdev_environment_callout_directories(world.env);
    NOTHING(MDEV_ERRC_INVALID_INDEX, mdev_string_list_at(list, 2));
    CHECK(pthread_create(&thread, NULL, fail_elsewhere, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(mdev_last_error_code() == MDEV_ERRC_INVALID_INDEX);
}

static void an_environment_has_a_root_and_its_paths(void)
{
    mdev_environment* real;
    mdev_environment* fake;
    mdev_environment* copy;
    const mdev_string_list* list;
    mdev_string_list* kept;

    OK(mdev_environment_new(NULL, &real));
    SAME(mdev_environment_root(real), "/");
    OK(mdev_environment_with_root(real, "/x", &fake));
    OK(mdev_environment_copy(fake, &copy));
    mdev_environment_free(fake);
    SAME(mdev_environment_root(copy), "/x");
    SAME(mdev_environment_parents_directory(copy), "/x/sys/class/mdev_bus");
    SAME(mdev_environment_devices_directory(copy), "/x/sys/bus/mdev/devices");
    SAME(mdev_environment_definitions_directory(copy), "/x/etc/mdevctl.d");
    list = mdev_environment_callout_directories(copy);
    CHECK(mdev_string_list_count(list) == 2);
    SAME(mdev_string_list_at(list, 1), "/x/etc/mdevctl.d/scripts.d/callouts");
    list = mdev_environment_notifier_directories(copy);
    OK(mdev_string_list_copy(list, &kept));
    mdev_environment_free(copy);
    SAME(mdev_string_list_at(kept, 1), "/x/etc/mdevctl.d/scripts.d/notifiers");
    mdev_string_list_free(kept);
    mdev_environment_free(real);
}

static void an_environment_has_time_limits(void)
{
    mdev_environment* quick;
    mdev_environment* slow;

    CHECK(mdev_environment_lock_timeout(world.env) == 60000);
    CHECK(mdev_environment_script_timeout(world.env) == 60000);
    CHECK(mdev_environment_callout_lock_timeout(world.env) == 600000);
    OK(mdev_environment_with_callout_lock_timeout(world.env, 7, &quick));
    CHECK(mdev_environment_callout_lock_timeout(quick) == 7);
    mdev_environment_free(quick);
    OK(mdev_environment_with_lock_timeout(world.env, 0, &quick));
    CHECK(mdev_environment_lock_timeout(quick) == 0);
    mdev_environment_free(quick);
    OK(mdev_environment_with_script_timeout(world.env, LONG_MAX - 1, &slow));
    CHECK(mdev_environment_script_timeout(slow) == LONG_MAX - 1);
    mdev_environment_free(slow);
    OK(mdev_environment_with_script_timeout(world.env, MDEV_NO_LIMIT, &slow));
    CHECK(mdev_environment_script_timeout(slow) == MDEV_NO_LIMIT);
    mdev_environment_free(slow);
    FAILS(-EINVAL, mdev_environment_with_lock_timeout(world.env, -1, &quick));
    FAILS(-EINVAL,
        mdev_environment_with_script_timeout(world.env, LONG_MIN, &quick));
    FAILS(-EINVAL, mdev_environment_with_cancel(world.env, -2, &quick));
}

static void a_log_callback_receives_its_user_data(void)
{
    mdev_environment* silent;
    int before;

    OK(mdev_environment_log(world.env, MDEV_LOG_INFO, "one sentence"));
    SAME(world.said, "one sentence");
    CHECK(world.said_level == MDEV_LOG_INFO);
    before = world.said_count;
    OK(mdev_environment_with_log(world.env, NULL, NULL, &silent));
    OK(mdev_environment_log(silent, MDEV_LOG_ERROR, "unheard"));
    mdev_environment_free(silent);
    CHECK(world.said_count == before);
}

static void a_definition_has_the_set_values(void)
{
    mdev_definition* definition;
    mdev_definition* copy;

    definition = new_definition(&world.uuid);
    OK(mdev_definition_copy(definition, &copy));
    CHECK(mdev_definition_is_equal(definition, copy) == 1);
    CHECK(mdev_definition_start(definition) == MDEV_START_MANUAL);
    OK(mdev_definition_set_start(definition, MDEV_START_AUTOMATIC));
    CHECK(mdev_definition_start(definition) == MDEV_START_AUTOMATIC);
    OK(mdev_definition_set_type_id(definition, "U"));
    SAME(mdev_definition_type_id(definition), "U");
    SAME(mdev_definition_parent(definition), "P");
    CHECK(
        mdev_uuid_compare(mdev_definition_uuid(definition), &world.uuid) == 0);
    CHECK(mdev_definition_start(copy) == MDEV_START_MANUAL);
    SAME(mdev_definition_type_id(copy), "T");
    CHECK(mdev_definition_is_equal(definition, copy) == 0);
    mdev_definition_free(copy);
    mdev_definition_free(definition);
}

/* The names and values, as "a=1 b=2 ". */
static const char* attributes_of(const mdev_definition* definition)
{
    static char text[500];
    const mdev_attribute_list* list = mdev_definition_attributes(definition);
    size_t i;

    text[0] = '\0';
    for (i = 0; i < mdev_attribute_list_count(list); ++i) {
        strcat(text, mdev_attribute_list_name(list, i));
        strcat(text, "=");
        strcat(text, mdev_attribute_list_value(list, i));
        strcat(text, " ");
    }
    return text;
}

static void attributes_are_put_and_taken(void)
{
    mdev_definition* definition;
    mdev_attribute_list* list;

    definition = new_definition(&world.uuid);
    OK(mdev_definition_append_attribute(definition, "a", "1"));
    OK(mdev_definition_append_attribute(definition, "power/control", ""));
    OK(mdev_definition_insert_attribute(definition, 1, "b", "2"));
    SAME(attributes_of(definition), "a=1 b=2 power/control= ");
    OK(mdev_definition_erase_attribute(definition, 0));
    SAME(attributes_of(definition), "b=2 power/control= ");
    FAILS(MDEV_ERRC_INVALID_INDEX,
        mdev_definition_erase_attribute(definition, 2));
    FAILS(MDEV_ERRC_INVALID_INDEX,
        mdev_definition_insert_attribute(definition, (size_t)-1, "c", "3"));
    OK(mdev_attribute_list_copy(mdev_definition_attributes(definition), &list));
    OK(mdev_attribute_list_append(list, "z", "26"));
    OK(mdev_definition_set_attributes(definition, list));
    SAME(attributes_of(definition), "b=2 power/control= z=26 ");
    mdev_attribute_list_free(list);
    OK(mdev_attribute_list_new(&list));
    OK(mdev_attribute_list_append(list, "z", "26"));
    OK(mdev_definition_set_attributes(definition, list));
    SAME(attributes_of(definition), "z=26 ");
    OK(mdev_attribute_list_append(list, "/etc/passwd", "x"));
    FAILS(MDEV_ERRC_INVALID_NAME,
        mdev_definition_set_attributes(definition, list));
    SAME(attributes_of(definition), "z=26 ");
    mdev_attribute_list_free(list);
    mdev_definition_free(definition);
}

static void a_definition_is_read_and_written_as_json(void)
{
    mdev_definition* definition;
    mdev_string* json;

    OK(mdev_definition_from_json("{\"mdev_type\": \"T\", \"start\": \"auto\", "
                                 "\"attrs\": [{\"a\": \"1\"}], \"more\": 1}",
        &world.uuid, "P", "here", &definition));
    SAME(attributes_of(definition), "a=1 ");
    OK(mdev_definition_to_json(definition, &json));
    CHECK(strstr(mdev_string_text(json), "\"more\": 1"));
    CHECK(mdev_string_size(json) == strlen(mdev_string_text(json)));
    mdev_string_free(json);
    mdev_definition_free(definition);
    FAILS(MDEV_ERRC_INVALID_DEFINITION,
        mdev_definition_from_json("{", &world.uuid, "P", "here", &definition));
    SAME(mdev_last_error_subject(), "here");
    CHECK(definition == NULL);
}

static void a_definition_is_read_from_a_file(void)
{
    mdev_definition* definition;
    char file[300];

    CHECK(shell("echo '{\"mdev_type\": \"T\", \"start\": \"manual\"}' >file"));
    sprintf(file, "%s/file", world.root);
    OK(mdev_definition_from_file(file, &world.uuid, "P", NULL, &definition));
    SAME(mdev_definition_type_id(definition), "T");
    mdev_definition_free(definition);
    FAILS(-EISDIR,
        mdev_definition_from_file(
            world.root, &world.uuid, "P", NULL, &definition));
}

static void definitions_are_listed_as_json(void)
{
    mdev_definition* definition;
    mdev_definition_list* list;
    mdev_definition_list* copy;
    mdev_string* json;
    const mdev_definition* first;

    definition = new_definition(&world.uuid);
    OK(mdev_definition_list_new(&list));
    OK(mdev_definition_list_to_json(list, &json));
    SAME(mdev_string_text(json), "[]");
    mdev_string_free(json);
    OK(mdev_definition_list_append(list, definition));
    first = mdev_definition_list_at(list, 0);
    OK(mdev_definition_list_append(list, first));
    CHECK(mdev_definition_list_at(list, 0) == first);
    mdev_definition_free(definition);
    OK(mdev_definition_list_copy(list, &copy));
    mdev_definition_list_free(list);
    list = copy;
    CHECK(mdev_definition_list_count(list) == 2);
    NOTHING(MDEV_ERRC_INVALID_INDEX, mdev_definition_list_at(list, 2));
    OK(mdev_definition_list_to_json(list, &json));
    CHECK(strstr(mdev_string_text(json), TEXT_UUID));
    mdev_string_free(json);
    mdev_definition_list_free(list);
}

static void a_spec_has_the_set_values(void)
{
    mdev_device_spec* spec = new_spec(NULL, NULL, NULL);
    mdev_device_spec* copy;

    tap_forget();
    CHECK(mdev_device_spec_uuid(spec) == NULL);
    CHECK(mdev_device_spec_parent(spec) == NULL);
    CHECK(mdev_device_spec_type_id(spec) == NULL);
    CHECK(mdev_last_error_code() == -ENOTDIR);
    CHECK(mdev_device_spec_start(spec) == MDEV_START_MANUAL);
    OK(mdev_device_spec_set_uuid(spec, &world.uuid));
    OK(mdev_device_spec_set_parent(spec, "P"));
    OK(mdev_device_spec_set_type_id(spec, "T"));
    OK(mdev_device_spec_copy(spec, &copy));
    OK(mdev_device_spec_set_start(spec, MDEV_START_AUTOMATIC));
    CHECK(mdev_device_spec_start(spec) == MDEV_START_AUTOMATIC);
    mdev_device_spec_free(spec);
    CHECK(mdev_uuid_compare(mdev_device_spec_uuid(copy), &world.uuid) == 0);
    SAME(mdev_device_spec_parent(copy), "P");
    SAME(mdev_device_spec_type_id(copy), "T");
    CHECK(mdev_device_spec_start(copy) == MDEV_START_MANUAL);
    mdev_device_spec_free(copy);
}

void test_values(void)
{
    TEST(the_version_is_known);
    TEST(a_uuid_is_read_and_written);
    TEST(a_uuid_follows_from_a_name);
    TEST(other_text_is_not_a_uuid);
    TEST(an_error_has_a_code_a_message_and_a_subject);
    TEST(each_thread_has_its_own_last_error);
    TEST(an_environment_has_a_root_and_its_paths);
    TEST(an_environment_has_time_limits);
    TEST(a_log_callback_receives_its_user_data);
    TEST(a_definition_has_the_set_values);
    TEST(a_spec_has_the_set_values);
    TEST(attributes_are_put_and_taken);
    TEST(a_definition_is_read_and_written_as_json);
    TEST(a_definition_is_read_from_a_file);
    TEST(definitions_are_listed_as_json);
}
