/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store, the commands that change it, its events, and parents. */
#include "suite.h"
#include "tap.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static mdev_config_store* new_store(void)
{
    mdev_config_store* store;

    OK(mdev_config_store_new(world.env, &store));
    return store;
}

static void a_definition_is_stored_found_and_erased(void)
{
    mdev_config_store* made = new_store();
    mdev_config_store* store;
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_definition* found;
    mdev_store_lock* held;
    int erased = -1;

    OK(mdev_config_store_copy(made, &store));
    mdev_config_store_free(made);
    OK(mdev_config_store_find(store, &world.uuid, "P", &found));
    CHECK(found == NULL);
    OK(mdev_config_store_lock(store, &held));
    OK(mdev_config_store_add(store, definition, held));
    FAILS(MDEV_ERRC_ALREADY_DEFINED,
        mdev_config_store_add(store, definition, held));
    OK(mdev_definition_set_type_id(definition, "U"));
    OK(mdev_config_store_save(store, definition, held));
    OK(mdev_config_store_find(store, &world.uuid, "P", &found));
    SAME(mdev_definition_type_id(found), "U");
    mdev_definition_free(found);
    OK(mdev_config_store_erase(store, &world.uuid, "P", held, &erased));
    CHECK(erased == 1);
    OK(mdev_config_store_erase(store, &world.uuid, "P", held, &erased));
    CHECK(erased == 0);
    OK(mdev_config_store_erase(store, &world.uuid, "P", held, NULL));
    mdev_store_lock_free(held);
    mdev_definition_free(definition);
    mdev_config_store_free(store);
    clean();
}

static void the_store_lists_its_definitions(void)
{
    mdev_config_store* store = new_store();
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_definition_list* list;
    mdev_string_list* parents;
    mdev_string* path;
    mdev_store_lock* held;

    OK(mdev_config_store_lock(store, &held));
    OK(mdev_config_store_add(store, definition, held));
    mdev_store_lock_free(held);
    OK(mdev_config_store_all(store, &list));
    CHECK(mdev_definition_list_count(list) == 1);
    mdev_definition_list_free(list);
    OK(mdev_config_store_of_parent(store, "P", &list));
    CHECK(mdev_definition_list_count(list) == 1);
    mdev_definition_list_free(list);
    OK(mdev_config_store_of_uuid(store, &world.other, &list));
    CHECK(mdev_definition_list_count(list) == 0);
    mdev_definition_list_free(list);
    OK(mdev_config_store_parents_of(store, &world.uuid, &parents));
    CHECK(mdev_string_list_count(parents) == 1);
    SAME(mdev_string_list_at(parents, 0), "P");
    mdev_string_list_free(parents);
    OK(mdev_config_store_path(store, &world.uuid, "P", &path));
    CHECK(access(mdev_string_text(path), F_OK) == 0);
    mdev_string_free(path);
    FAILS(MDEV_ERRC_INVALID_NAME,
        mdev_config_store_path(store, &world.uuid, "../P", &path));
    mdev_definition_free(definition);
    mdev_config_store_free(store);
    clean();
}

static void a_lock_of_another_store_is_refused(void)
{
    char root[300];
    mdev_config_store* store = new_store();
    mdev_config_store* other;
    mdev_environment* env;
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_definition* found;
    mdev_store_lock* held;

    snprintf(root, sizeof root, "%s/other", world.root);
    OK(mdev_environment_new(root, &env));
    OK(mdev_config_store_new(env, &other));
    OK(mdev_config_store_lock(other, &held));
    FAILS(-EINVAL, mdev_config_store_add(store, definition, held));
    FAILS(-EINVAL, mdev_config_store_save(store, definition, held));
    OK(mdev_config_store_find(store, &world.uuid, "P", &found));
    CHECK(found == NULL);
    mdev_store_lock_free(held);
    mdev_definition_free(definition);
    mdev_environment_free(env);
    mdev_config_store_free(other);
    mdev_config_store_free(store);
    clean();
}

static void a_lock_that_is_held_times_out(void)
{
    mdev_config_store* store = new_store();
    mdev_config_store* quick;
    mdev_environment* env;
    mdev_store_lock* held;
    mdev_store_lock* second;

    OK(mdev_environment_with_lock_timeout(world.env, 0, &env));
    OK(mdev_config_store_new(env, &quick));
    OK(mdev_config_store_lock(store, &held));
    FAILS(MDEV_ERRC_TIMED_OUT, mdev_config_store_lock(quick, &second));
    CHECK(second == NULL);
    mdev_store_lock_free(held);
    OK(mdev_config_store_lock(quick, &second));
    mdev_store_lock_free(second);
    mdev_environment_free(env);
    mdev_config_store_free(quick);
    mdev_config_store_free(store);
    clean();
}

static void* lock_and_unlock(void* store)
{
    mdev_store_lock* held;

    OK(mdev_config_store_lock(store, &held));
    mdev_store_lock_free(held);
    return NULL;
}

static void without_a_limit_the_lock_is_waited_for(void)
{
    static const long limits[] = {MDEV_NO_LIMIT, MDEV_NO_LIMIT - 1};
    mdev_config_store* store = new_store();
    mdev_config_store* patient;
    mdev_environment* env;
    mdev_store_lock* held;
    pthread_t thread;
    size_t i;

    for (i = 0; i < sizeof limits / sizeof *limits; ++i) {
        OK(mdev_environment_with_lock_timeout(world.env, limits[i], &env));
        OK(mdev_config_store_new(env, &patient));
        OK(mdev_config_store_lock(store, &held));
        CHECK(pthread_create(&thread, NULL, lock_and_unlock, patient) == 0);
        CHECK(poll(NULL, 0, 20) == 0); /* the thread waits */
        mdev_store_lock_free(held);
        CHECK(pthread_join(thread, NULL) == 0);
        mdev_config_store_free(patient);
        mdev_environment_free(env);
    }
    mdev_config_store_free(store);
    clean();
}

static void* start_all(void* manager)
{
    FAILS(MDEV_ERRC_CANCELLED, mdev_manager_start_all(manager, MDEV_NO_LIMIT));
    return NULL;
}

static void* start_parent(void* manager)
{
    FAILS(MDEV_ERRC_CANCELLED,
        mdev_manager_start_parent(manager, "none", MDEV_NO_LIMIT));
    return NULL;
}

static void* start_defined(void* manager)
{
    mdev_manager* patient;

    OK(mdev_manager_with_wait(manager, MDEV_NO_LIMIT, &patient));
    FAILS(MDEV_ERRC_CANCELLED, mdev_manager_start_defined(patient, "none"));
    mdev_manager_free(patient);
    return NULL;
}

static void without_a_limit_a_parent_is_waited_for(void)
{
    void* (*const starts[])(void*) = {start_all, start_parent, start_defined};
    mdev_environment* env;
    mdev_manager* manager = new_manager();
    pthread_t thread;
    int ends[2];
    size_t i;

    OK(define_spec(
        manager, &world.uuid, "none", "T", MDEV_START_AUTOMATIC, NULL));
    mdev_manager_free(manager);
    for (i = 0; i < sizeof starts / sizeof *starts; ++i) {
        CHECK(pipe(ends) == 0);
        OK(mdev_environment_with_cancel(world.env, ends[0], &env));
        OK(mdev_manager_new(env, &manager));
        CHECK(pthread_create(&thread, NULL, starts[i], manager) == 0);
        CHECK(poll(NULL, 0, 20) == 0); /* the thread waits */
        CHECK(write(ends[1], "", 1) == 1);
        CHECK(pthread_join(thread, NULL) == 0);
        mdev_manager_free(manager);
        mdev_environment_free(env);
        close(ends[0]);
        close(ends[1]);
    }
    clean();
}

static void waiting_for_the_lock_can_be_cancelled(void)
{
    mdev_config_store* store = new_store();
    mdev_config_store* other;
    mdev_environment* env;
    mdev_store_lock* held;
    mdev_store_lock* second;
    int ends[2];
    int status;
    pid_t child;

    CHECK(pipe(ends) == 0);
    CHECK(write(ends[1], "", 1) == 1);
    OK(mdev_environment_with_cancel(world.env, ends[0], &env));
    OK(mdev_config_store_new(env, &other));
    OK(mdev_config_store_lock(store, &held));
    FAILS(MDEV_ERRC_CANCELLED, mdev_config_store_lock(other, &second));
    mdev_store_lock_free(held);
    mdev_config_store_free(other);
    mdev_environment_free(env);
    OK(mdev_environment_with_lock_held(world.env, &env));
    OK(mdev_config_store_new(env, &other));
    OK(mdev_config_store_lock(store, &held));
    child = fork();
    /* Ends by a signal: at an exit, valgrind would look for leaks. */
    if (child == 0) {
        raise(mdev_config_store_lock(other, &second) == MDEV_ERRC_LOCK_HELD
                ? SIGKILL
                : SIGABRT);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
        WTERMSIG(status) == SIGKILL);
    mdev_store_lock_free(held);
    OK(mdev_config_store_lock(other, &second));
    mdev_store_lock_free(second);
    mdev_config_store_free(other);
    mdev_environment_free(env);
    mdev_config_store_free(store);
    close(ends[0]);
    close(ends[1]);
    clean();
}

static int make_automatic(mdev_definition* definition, void* user_data)
{
    *(int*)user_data += 1;
    return mdev_definition_set_start(definition, MDEV_START_AUTOMATIC);
}

/* Makes a change and then discards it. */
static int refuse(mdev_definition* definition, void* user_data)
{
    if (mdev_definition_set_type_id(definition, "U") != 0)
        return 0;
    return *(int*)user_data;
}

/* Returns a failure of the library. */
static int fail(mdev_definition* definition, void* user_data)
{
    (void)user_data;
    return mdev_definition_append_attribute(definition, "../a", "b");
}

static void a_definition_is_modified_by_a_function(void)
{
    mdev_manager* manager = new_manager();
    mdev_config_store* store = new_store();
    mdev_definition* found;
    int number = 0;

    FAILS(MDEV_ERRC_NOT_DEFINED,
        mdev_manager_modify(
            manager, &world.uuid, NULL, make_automatic, &number));
    OK(define_spec(manager, &world.uuid, "P", "T", MDEV_START_MANUAL, NULL));
    OK(mdev_manager_modify(
        manager, &world.uuid, NULL, make_automatic, &number));
    CHECK(number == 1);
    number = -EPERM;
    FAILS(-EPERM,
        mdev_manager_modify(manager, &world.uuid, "P", refuse, &number));
    number = 1;
    FAILS(-ECANCELED,
        mdev_manager_modify(manager, &world.uuid, "P", refuse, &number));
    FAILS(MDEV_ERRC_INVALID_NAME,
        mdev_manager_modify(manager, &world.uuid, "P", fail, NULL));
    SAME(mdev_last_error_subject(), "../a");
    OK(mdev_config_store_find(store, &world.uuid, "P", &found));
    CHECK(mdev_definition_start(found) == MDEV_START_AUTOMATIC);
    SAME(mdev_definition_type_id(found), "T");
    mdev_definition_free(found);
    mdev_config_store_free(store);
    mdev_manager_free(manager);
    clean();
}

static void definitions_are_added_changed_and_removed(void)
{
    mdev_manager* made = new_manager();
    mdev_manager* manager;
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_definition* stored;

    OK(mdev_manager_copy(made, &manager));
    mdev_manager_free(made);
    OK(mdev_manager_define(manager, definition));
    FAILS(MDEV_ERRC_ALREADY_DEFINED, mdev_manager_define(manager, definition));
    OK(mdev_definition_set_start(definition, MDEV_START_AUTOMATIC));
    OK(mdev_manager_modify_to(manager, definition));
    OK(define_spec(manager, &world.uuid, "Q", "T", MDEV_START_MANUAL, &stored));
    SAME(mdev_definition_parent(stored), "Q");
    mdev_definition_free(stored);
    FAILS(MDEV_ERRC_AMBIGUOUS,
        start_spec(manager, &world.uuid, NULL, NULL, NULL));
    OK(mdev_manager_undefine(manager, &world.uuid, "Q"));
    OK(mdev_manager_undefine(manager, &world.uuid, NULL));
    FAILS(MDEV_ERRC_NOT_DEFINED,
        mdev_manager_undefine(manager, &world.uuid, NULL));
    FAILS(MDEV_ERRC_INCOMPLETE,
        define_spec(manager, NULL, NULL, "T", MDEV_START_MANUAL, &stored));
    CHECK(stored == NULL);
    mdev_definition_free(definition);
    mdev_manager_free(manager);
    clean();
}

static void a_device_that_was_not_started_is_not_active(void)
{
    mdev_manager* manager = new_manager();
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_device* device;
    mdev_device_list* all;

    OK(mdev_device_find(&world.uuid, world.env, &device));
    CHECK(device == NULL);
    OK(mdev_device_all(world.env, &all));
    CHECK(mdev_device_list_count(all) == 0);
    mdev_device_list_free(all);
    FAILS(MDEV_ERRC_NOT_ACTIVE, mdev_manager_stop(manager, &world.uuid));
    FAILS(MDEV_ERRC_NOT_ACTIVE,
        mdev_manager_modify_live(manager, definition, MDEV_LIVE_DEVICE));
    mdev_definition_free(definition);
    mdev_manager_free(manager);
}

static void parents_offer_types(void)
{
    mdev_parent_device_list* all;
    mdev_parent_device* parent;
    mdev_type* type;
    mdev_type_list* types;
    mdev_string* json;

    OK(mdev_parent_device_all(world.env, &all));
    CHECK(mdev_parent_device_list_count(all) == 1);
    OK(mdev_parent_device_copy(mdev_parent_device_list_at(all, 0), &parent));
    OK(mdev_parent_device_list_to_json(all, MDEV_JSON_COMPATIBLE, &json));
    CHECK(strstr(mdev_string_text(json), "vfio-pci"));
    mdev_string_free(json);
    mdev_parent_device_list_free(all);
    SAME(mdev_parent_device_name(parent), "P");
    CHECK(mdev_parent_device_framework(parent) == MDEV_FRAMEWORK_MDEV);
    SAME(mdev_framework_word(MDEV_FRAMEWORK_VENDOR_VFIO), "vendor-vfio");
    OK(mdev_parent_device_types(parent, &types));
    CHECK(mdev_type_list_count(types) == 2);
    OK(mdev_type_copy(mdev_type_list_at(types, 0), &type));
    NOTHING(MDEV_ERRC_INVALID_INDEX, mdev_type_list_at(types, 2));
    mdev_type_list_free(types);
    SAME(mdev_type_id(type), "T");
    SAME(mdev_type_parent(type), "P");
    SAME(mdev_type_name(type), "Tee");
    SAME(mdev_type_description(type), "words");
    SAME(mdev_type_device_api(type), "vfio-pci");
    CHECK(mdev_type_available_instances(type) == 4);
    CHECK(access(mdev_type_path(type), F_OK) == 0);
    mdev_type_free(type);
    OK(mdev_parent_device_type(parent, "V", &type));
    CHECK(type == NULL);
    mdev_parent_device_free(parent);
    OK(mdev_parent_device_find("none", world.env, &parent));
    CHECK(parent == NULL);
    FAILS(MDEV_ERRC_INVALID_NAME,
        mdev_parent_device_find("../class", world.env, &parent));
}

static void a_list_of_parents_can_be_made(void)
{
    mdev_parent_device_list* list;
    mdev_parent_device* parent;
    mdev_string* json;

    OK(mdev_parent_device_find("P", world.env, &parent));
    OK(mdev_parent_device_list_new(&list));
    OK(mdev_parent_device_list_to_json(list, MDEV_JSON_COMPATIBLE, &json));
    SAME(mdev_string_text(json), "[]");
    mdev_string_free(json);
    OK(mdev_parent_device_list_to_json(list, MDEV_JSON_FLAT, &json));
    CHECK(strstr(mdev_string_text(json), "\"types\": []"));
    mdev_string_free(json);
    OK(mdev_parent_device_list_append(list, parent));
    mdev_parent_device_free(parent);
    SAME(mdev_parent_device_name(mdev_parent_device_list_at(list, 0)), "P");
    OK(mdev_parent_device_list_to_json(list, MDEV_JSON_FLAT, &json));
    CHECK(strstr(mdev_string_text(json), "\"parent\": \"P\""));
    mdev_string_free(json);
    mdev_parent_device_list_free(list);
}

/* The events about the store, such as "5P 7P ". */
static const char* events_of(const mdev_monitor* monitor,
    int (*ask)(const mdev_monitor*, mdev_event_list**))
{
    static char text[500];
    mdev_event_list* events;
    mdev_event* event;
    size_t i;

    text[0] = '\0';
    OK(ask(monitor, &events));
    for (i = 0; i < mdev_event_list_count(events); ++i) {
        OK(mdev_event_copy(mdev_event_list_at(events, i), &event));
        if (mdev_event_kind(event) >= MDEV_EVENT_DEFINITION_ADDED)
            sprintf(text + strlen(text), "%d%.20s%s ", mdev_event_kind(event),
                mdev_event_parent(event),
                mdev_uuid_compare(mdev_event_uuid(event), &world.uuid) == 0
                    ? ""
                    : "?");
        mdev_event_free(event);
    }
    NOTHING(MDEV_ERRC_INVALID_INDEX,
        mdev_event_list_at(events, mdev_event_list_count(events)));
    mdev_event_list_free(events);
    return text;
}

static void a_monitor_reports_changes_of_the_store(void)
{
    mdev_manager* manager = new_manager();
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_monitor* made;
    mdev_monitor* monitor;
    mdev_event_list* events;
    const mdev_event* last;
    mdev_string* json;
    int start = -1;
    struct pollfd asked;

    OK(mdev_monitor_new(world.env, &made));
    OK(mdev_monitor_copy(made, &monitor));
    mdev_monitor_free(made);
    SAME(events_of(monitor, mdev_monitor_read), "");
    OK(mdev_manager_define(manager, definition));
    asked.fd = mdev_monitor_descriptor(monitor);
    asked.events = POLLIN;
    CHECK(asked.fd >= 0 && poll(&asked, 1, 0) == 1);
    SAME(events_of(monitor, mdev_monitor_read), "5P ");
    SAME(events_of(monitor, mdev_monitor_current), "5P ");
    OK(mdev_monitor_current(monitor, &events));
    last = mdev_event_list_at(events, mdev_event_list_count(events) - 1);
    SAME(mdev_event_word(last), "definition-added");
    SAME(mdev_event_kind_word(MDEV_EVENT_OVERFLOW), "overflow");
    NOTHING(-EINVAL, mdev_event_kind_word(0));
    OK(mdev_event_to_json(last, &json));
    CHECK(strstr(mdev_string_text(json), "{\"event\": \"definition-added\"") ==
        mdev_string_text(json));
    mdev_string_free(json);
    SAME(mdev_event_type_id(last), "T");
    OK(mdev_event_start(last, &start));
    CHECK(start == MDEV_START_MANUAL);
    CHECK(mdev_string_list_count(mdev_event_offered_type_ids(last)) == 0);
    mdev_event_list_free(events);
    OK(mdev_manager_undefine(manager, &world.uuid, NULL));
    SAME(events_of(monitor, mdev_monitor_read), "7P ");
    mdev_monitor_free(monitor);
    mdev_definition_free(definition);
    mdev_manager_free(manager);
    clean();
}

static mdev_monitor* new_filtered_monitor(const mdev_event_filter* filter)
{
    mdev_monitor* monitor;

    OK(mdev_monitor_new_filtered(world.env, filter, &monitor));
    return monitor;
}

static void a_filter_selects_events(void)
{
    mdev_manager* manager = new_manager();
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_event_filter* filter;
    mdev_event_filter* other;
    mdev_monitor* selected;
    mdev_monitor* unselected;
    int has_uevents;

    OK(mdev_event_filter_new(&filter));
    OK(mdev_event_filter_set_parent(filter, "P"));
    OK(mdev_event_filter_set_uuid(filter, &world.uuid));
    OK(mdev_event_filter_copy(filter, &other));
    OK(mdev_event_filter_add_kind(filter, MDEV_EVENT_DEFINITION_ADDED));
    OK(mdev_event_filter_add_kind(other, MDEV_EVENT_DEFINITION_REMOVED));
    selected = new_filtered_monitor(filter);
    unselected = new_filtered_monitor(other);
    has_uevents = mdev_monitor_has_uevents(selected);
    OK(mdev_manager_define(manager, definition));
    SAME(events_of(selected, mdev_monitor_read), "5P ");
    SAME(events_of(unselected, mdev_monitor_read), "");
    CHECK(has_uevents == 0);
    mdev_monitor_free(selected);
    mdev_monitor_free(unselected);
    mdev_event_filter_free(filter);
    mdev_event_filter_free(other);
    mdev_definition_free(definition);
    mdev_manager_free(manager);
    clean();
}

static void a_status_has_the_definition(void)
{
    mdev_manager* manager;
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_device_status* status;
    mdev_device_status* same;
    mdev_string* json;

    OK(mdev_device_status_find(&world.uuid, world.env, &status));
    CHECK(status == NULL);
    OK(mdev_manager_new(world.env, &manager));
    OK(mdev_manager_define(manager, definition));
    OK(mdev_device_status_find(&world.uuid, world.env, &same));
    OK(mdev_device_status_copy(same, &status));
    mdev_device_status_free(same);
    CHECK(mdev_uuid_compare(mdev_device_status_uuid(status), &world.uuid) == 0);
    CHECK(mdev_device_status_active(status) == NULL);
    CHECK(mdev_definition_list_count(mdev_device_status_definitions(status)) ==
        1);
    CHECK(strstr(mdev_string_list_at(mdev_device_status_files(status), 0),
              "etc/mdevctl.d/P/") != NULL);
    CHECK(mdev_string_list_count(mdev_device_status_differences(status)) == 0);
    CHECK(mdev_string_list_count(mdev_device_status_users(status)) == 0);
    CHECK(mdev_string_list_count(mdev_device_status_device_files(status)) == 0);
    CHECK(mdev_attribute_list_count(
              mdev_device_status_active_attributes(status)) == 0);
    SAME(mdev_type_id(mdev_device_status_type(status)), "T");
    tap_forget();
    CHECK(mdev_device_status_script(status) == NULL);
    SAME(mdev_device_status_iommu_group(status), "");
    CHECK(mdev_device_status_framework(status) >= 0);
    OK(mdev_device_status_to_json(status, &json));
    CHECK(strstr(mdev_string_text(json), "\"active\": null") != NULL);
    mdev_string_free(json);
    mdev_device_status_free(status);
    mdev_definition_free(definition);
    mdev_manager_free(manager);
    clean();
}

static void a_diagnosis_finds_a_broken_definition(void)
{
    mdev_finding_list* list;
    mdev_finding* finding;
    mdev_string* json;

    CHECK(shell("umask 022; mkdir -p etc/mdevctl.d/P\n"
                "echo '{' >etc/mdevctl.d/P/" TEXT_UUID));
    OK(mdev_diagnose(world.env, &list));
    CHECK(mdev_finding_list_count(list) == 1);
    CHECK(mdev_finding_list_at(list, 1) == NULL);
    OK(mdev_finding_copy(mdev_finding_list_at(list, 0), &finding));
    OK(mdev_finding_list_to_json(list, &json));
    mdev_finding_list_free(list);
    SAME(mdev_finding_id(finding), "definition-broken");
    CHECK(mdev_finding_severity(finding) == MDEV_SEVERITY_ERROR);
    CHECK(strstr(mdev_finding_subject(finding), TEXT_UUID) != NULL);
    CHECK(strstr(mdev_finding_message(finding), "expected a key") != NULL);
    CHECK(strstr(mdev_finding_advice(finding), "Repair the file") != NULL);
    CHECK(strstr(mdev_finding_command(finding), "--force") != NULL);
    CHECK(strstr(mdev_string_text(json), "definition-broken") != NULL);
    mdev_string_free(json);
    mdev_finding_free(finding);
    clean();
}

void test_store(void)
{
    TEST(a_definition_is_stored_found_and_erased);
    TEST(the_store_lists_its_definitions);
    TEST(a_lock_of_another_store_is_refused);
    TEST(a_lock_that_is_held_times_out);
    TEST(without_a_limit_the_lock_is_waited_for);
    TEST(without_a_limit_a_parent_is_waited_for);
    TEST(waiting_for_the_lock_can_be_cancelled);
    TEST(a_definition_is_modified_by_a_function);
    TEST(definitions_are_added_changed_and_removed);
    TEST(a_device_that_was_not_started_is_not_active);
    TEST(parents_offer_types);
    TEST(a_list_of_parents_can_be_made);
    TEST(a_monitor_reports_changes_of_the_store);
    TEST(a_filter_selects_events);
    TEST(a_status_has_the_definition);
    TEST(a_diagnosis_finds_a_broken_definition);
}
