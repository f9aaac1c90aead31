/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The results that a listener receives, dry runs, state files, and lists of
 * definitions. */
#include "suite.h"
#include "tap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DOCUMENT(type)                                                         \
    "{\"version\": 1, \"devices\": [{\"uuid\": \"" TEXT_UUID "\","             \
    " \"parent\": \"P\", \"type\": \"" type "\"}]}"

/* The results that the listener has received: "define+ modify+type,start start!
 * ". "+" means a change, and "!" a failure. */
struct heard {
    char text[500];
    mdev_outcome* last;
};

static void hear(const mdev_outcome* outcome, void* user_data)
{
    struct heard* heard = user_data;
    char* end = heard->text + strlen(heard->text);
    const mdev_string_list* differences = mdev_outcome_differences(outcome);
    size_t i;

    end += sprintf(end, "%.20s%s%s", mdev_outcome_word(outcome),
        mdev_outcome_is_changed(outcome) == 1 ? "+" : "",
        mdev_outcome_error(outcome)[0] ? "!" : "");
    for (i = 0; i < mdev_string_list_count(differences); ++i)
        end += sprintf(
            end, "%s%.20s", i ? "," : "", mdev_string_list_at(differences, i));
    strcpy(end, " ");
    CHECK(mdev_device_user_list_count(mdev_outcome_users(outcome)) == 0);
    mdev_outcome_free(heard->last);
    OK(mdev_outcome_copy(outcome, &heard->last));
}

static mdev_manager* new_manager_with_listener(struct heard* heard)
{
    mdev_manager* silent = new_manager();
    mdev_manager* manager;

    memset(heard, 0, sizeof *heard);
    OK(mdev_manager_with_listener(silent, hear, heard, &manager));
    mdev_manager_free(silent);
    return manager;
}

static int make_automatic(mdev_definition* definition, void* user_data)
{
    (void)user_data;
    return mdev_definition_set_start(definition, MDEV_START_AUTOMATIC);
}

static void a_listener_receives_the_result_for_each_device(void)
{
    struct heard heard;
    mdev_manager* manager = new_manager_with_listener(&heard);
    mdev_manager* silent;
    mdev_definition* definition = new_definition(&world.uuid);

    OK(mdev_manager_define(manager, definition));
    FAILS(MDEV_ERRC_ALREADY_DEFINED, mdev_manager_define(manager, definition));
    OK(mdev_manager_modify(manager, &world.uuid, NULL, make_automatic, NULL));
    FAILS(MDEV_ERRC_NOT_ACTIVE, mdev_manager_stop(manager, &world.uuid));
    OK(mdev_manager_with_listener(manager, NULL, NULL, &silent));
    FAILS(MDEV_ERRC_NOT_ACTIVE, mdev_manager_stop(silent, &world.uuid));
    OK(mdev_manager_undefine(manager, &world.uuid, NULL));
    SAME(heard.text, "define+ define! modify+start stop! undefine+ ");
    mdev_outcome_free(heard.last);
    mdev_manager_free(silent);
    mdev_definition_free(definition);
    mdev_manager_free(manager);
    clean();
}

static void an_outcome_has_its_values(void)
{
    struct heard heard;
    mdev_manager* manager = new_manager_with_listener(&heard);
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_string* json;

    OK(mdev_manager_define(manager, definition));
    CHECK(mdev_outcome_action(heard.last) == MDEV_CALLOUT_ACTION_DEFINE);
    CHECK(mdev_uuid_compare(mdev_outcome_uuid(heard.last), &world.uuid) == 0);
    SAME(mdev_outcome_parent(heard.last), "P");
    SAME(mdev_outcome_type_id(heard.last), "T");
    SAME(mdev_outcome_error(heard.last), "");
    OK(mdev_outcome_to_json(heard.last, &json));
    CHECK(strstr(mdev_string_text(json), "\"changed\": true"));
    mdev_string_free(json);
    FAILS(MDEV_ERRC_ALREADY_DEFINED, mdev_manager_define(manager, definition));
    SAME(mdev_outcome_error(heard.last), mdev_last_error_message());
    mdev_outcome_free(heard.last);
    mdev_definition_free(definition);
    mdev_manager_free(manager);
    clean();
}

static void a_dry_run_changes_nothing(void)
{
    struct heard heard;
    mdev_manager* manager = new_manager_with_listener(&heard);
    mdev_manager* dry;
    mdev_definition* definition = new_definition(&world.uuid);
    char place[300];

    OK(mdev_manager_with_dry_run(manager, &dry));
    OK(mdev_manager_define(dry, definition));
    SAME(heard.text, "define+ ");
    sprintf(place, "%.200s/etc", world.root);
    CHECK(access(place, F_OK) != 0);
    mdev_outcome_free(heard.last);
    mdev_definition_free(definition);
    mdev_manager_free(dry);
    mdev_manager_free(manager);
}

static void with_idempotence_a_satisfied_request_succeeds(void)
{
    struct heard heard;
    mdev_manager* strict = new_manager_with_listener(&heard);
    mdev_manager* manager;
    mdev_definition* definition = new_definition(&world.uuid);

    OK(mdev_manager_with_idempotence(strict, &manager));
    OK(mdev_manager_stop(manager, &world.uuid));
    OK(mdev_manager_undefine(manager, &world.uuid, "P"));
    OK(mdev_manager_define(manager, definition));
    OK(mdev_manager_define(manager, definition));
    SAME(heard.text, "stop undefine define+ define ");
    OK(mdev_definition_set_type_id(definition, "U"));
    FAILS(MDEV_ERRC_ALREADY_DEFINED, mdev_manager_define(manager, definition));
    mdev_outcome_free(heard.last);
    mdev_definition_free(definition);
    mdev_manager_free(manager);
    mdev_manager_free(strict);
    clean();
}

static void definitions_match_a_state_file_after_apply(void)
{
    struct heard heard;
    mdev_manager* manager = new_manager_with_listener(&heard);
    mdev_host_state* state;
    mdev_host_state* wanted;
    char path[300];

    CHECK(shell("echo '" DOCUMENT("U") "' >wanted"));
    OK(mdev_host_state_from_json(DOCUMENT("T"), "words", &state));
    OK(mdev_manager_apply(
        manager, state, MDEV_PRUNE_NO, MDEV_ACTIVE_DEVICES_LEAVE));
    OK(mdev_manager_apply(
        manager, state, MDEV_PRUNE_NO, MDEV_ACTIVE_DEVICES_LEAVE));
    mdev_host_state_free(state);
    sprintf(path, "%.200s/wanted", world.root);
    OK(mdev_host_state_from_file(path, world.env, &state));
    OK(mdev_host_state_copy(state, &wanted));
    mdev_host_state_free(state);
    OK(mdev_manager_apply(
        manager, wanted, MDEV_PRUNE_YES, MDEV_ACTIVE_DEVICES_APPLY));
    mdev_host_state_free(wanted);
    OK(mdev_host_state_from_json(
        "{\"version\": 1, \"devices\": []}", "words", &wanted));
    OK(mdev_manager_apply(
        manager, wanted, MDEV_PRUNE_YES, MDEV_ACTIVE_DEVICES_APPLY));
    SAME(heard.text, "define+ modify modify+type undefine+ ");
    mdev_host_state_free(wanted);
    mdev_outcome_free(heard.last);
    mdev_manager_free(manager);
    CHECK(shell("rm wanted"));
    clean();
}

static void an_invalid_state_file_is_refused(void)
{
    mdev_host_state* state;

    FAILS(MDEV_ERRC_INVALID_DEFINITION,
        mdev_host_state_from_json("{}", "words", &state));
    CHECK(state == NULL);
    SAME(mdev_last_error_subject(), "words");
    FAILS(-ENOENT,
        mdev_host_state_from_file("/nowhere/at/all", world.env, &state));
}

static void a_list_has_the_definitions(void)
{
    mdev_manager* manager = new_manager();
    mdev_listed_device_list* list;
    mdev_listed_device* device;
    mdev_string* json;

    OK(define_spec(manager, &world.uuid, "P", "T", MDEV_START_AUTOMATIC, NULL));
    OK(mdev_listed_device_defined(
        &world.other, NULL, MDEV_ASK_SCRIPTS_NO, world.env, &list));
    CHECK(mdev_listed_device_list_count(list) == 0);
    mdev_listed_device_list_free(list);
    OK(mdev_listed_device_defined(
        NULL, "P", MDEV_ASK_SCRIPTS_YES, world.env, &list));
    CHECK(mdev_listed_device_list_count(list) == 1);
    NOTHING(MDEV_ERRC_INVALID_INDEX, mdev_listed_device_list_at(list, 1));
    OK(mdev_listed_device_list_to_json(list, MDEV_JSON_FLAT, &json));
    CHECK(strstr(mdev_string_text(json), "\"defined\": true"));
    mdev_string_free(json);
    OK(mdev_listed_device_list_to_json(list, MDEV_JSON_COMPATIBLE, &json));
    CHECK(strstr(mdev_string_text(json), "\"start\": \"auto\""));
    CHECK(!strstr(mdev_string_text(json), "\"defined\""));
    mdev_string_free(json);
    OK(mdev_listed_device_copy(mdev_listed_device_list_at(list, 0), &device));
    mdev_listed_device_list_free(list);
    CHECK(mdev_listed_device_is_active(device) == 0);
    CHECK(mdev_listed_device_is_defined(device) == 1);
    SAME(mdev_definition_type_id(mdev_listed_device_definition(device)), "T");
    SAME(mdev_listed_device_path(device), "");
    CHECK(access(mdev_listed_device_file(device), F_OK) == 0);
    CHECK(mdev_string_list_count(mdev_listed_device_differences(device)) == 0);
    mdev_listed_device_free(device);
    OK(mdev_listed_device_active(
        NULL, NULL, MDEV_ASK_SCRIPTS_YES, world.env, &list));
    CHECK(mdev_listed_device_list_count(list) == 0);
    mdev_listed_device_list_free(list);
    mdev_manager_free(manager);
    clean();
}

/** Counts the calls; ends the list at the device on the parent "Q". */
static int count_until_q(const mdev_listed_device* device, void* user_data)
{
    ++*(int*)user_data;
    return strcmp(mdev_definition_parent(mdev_listed_device_definition(device)),
               "Q") == 0
        ? -EPIPE
        : 0;
}

static int append_piece(const char* piece, size_t size, void* user_data)
{
    strncat(user_data, piece, size);
    return 0;
}

static int refuse_piece(const char* piece, size_t size, void* user_data)
{
    return piece != user_data && size > 0;
}

static void a_list_comes_device_by_device(void)
{
    mdev_manager* manager = new_manager();
    mdev_listed_device_list* list;
    mdev_string* json;
    char text[4096] = "";
    int count = 0;

    OK(define_spec(manager, &world.uuid, "P", "T", MDEV_START_AUTOMATIC, NULL));
    OK(mdev_listed_device_each_defined(
        NULL, NULL, MDEV_ASK_SCRIPTS_NO, world.env, count_until_q, &count));
    CHECK(count == 1);
    OK(define_spec(manager, &world.uuid, "Q", "T", MDEV_START_AUTOMATIC, NULL));
    OK(define_spec(manager, &world.uuid, "R", "T", MDEV_START_AUTOMATIC, NULL));
    FAILS(-EPIPE,
        mdev_listed_device_each_defined(
            NULL, NULL, MDEV_ASK_SCRIPTS_NO, world.env, count_until_q, &count));
    CHECK(count == 3);
    OK(mdev_listed_device_write_json(NULL, NULL, MDEV_ASK_SCRIPTS_NO, world.env,
        MDEV_JSON_FLAT, append_piece, text));
    OK(mdev_listed_device_defined(
        NULL, NULL, MDEV_ASK_SCRIPTS_NO, world.env, &list));
    OK(mdev_listed_device_list_to_json(list, MDEV_JSON_FLAT, &json));
    SAME(text, mdev_string_text(json));
    FAILS(-ECANCELED,
        mdev_listed_device_write_json(NULL, NULL, MDEV_ASK_SCRIPTS_NO,
            world.env, MDEV_JSON_COMPATIBLE, refuse_piece, text));
    mdev_string_free(json);
    mdev_listed_device_list_free(list);
    mdev_manager_free(manager);
    clean();
}

static void a_result_has_the_old_and_the_new_definition(void)
{
    struct heard heard;
    mdev_manager* manager = new_manager_with_listener(&heard);
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_definition* late;
    const mdev_definition* after;

    OK(mdev_manager_define(manager, definition));
    CHECK(mdev_outcome_before(heard.last) == NULL);
    SAME(mdev_definition_parent(mdev_outcome_after(heard.last)), "P");
    CHECK(mdev_outcome_code(heard.last) == 0);
    OK(mdev_manager_modify(manager, &world.uuid, NULL, make_automatic, NULL));
    after = mdev_outcome_after(heard.last);
    CHECK(mdev_definition_start(after) == MDEV_START_AUTOMATIC);
    CHECK(mdev_definition_start(mdev_outcome_before(heard.last)) ==
        MDEV_START_MANUAL);
    FAILS(MDEV_ERRC_NOT_ACTIVE, mdev_manager_stop(manager, &world.uuid));
    CHECK(mdev_outcome_code(heard.last) == MDEV_ERRC_NOT_ACTIVE);
    CHECK(mdev_outcome_errno(heard.last) == 0);
    CHECK(mdev_outcome_list_count(mdev_last_error_outcomes()) == 0);
    OK(mdev_definition_new(&world.uuid, "gone", "T", &late));
    OK(mdev_manager_define(manager, late));
    mdev_definition_free(late);
    FAILS(
        MDEV_ERRC_PARTIAL_FAILURE, mdev_manager_start_defined(manager, "gone"));
    CHECK(mdev_outcome_list_count(mdev_last_error_outcomes()) == 1);
    CHECK(mdev_outcome_code(mdev_outcome_list_at(
              mdev_last_error_outcomes(), 0)) == MDEV_ERRC_NO_SUCH_PARENT);
    FAILS(MDEV_ERRC_NOT_ACTIVE,
        mdev_manager_edit_live(
            manager, &world.uuid, make_automatic, NULL, MDEV_LIVE_DEVICE));
    mdev_definition_free(definition);
    mdev_outcome_free(heard.last);
    mdev_manager_free(manager);
    clean();
}

/* The results of the thread's last command: "start+ stop! ". */
static const char* last_results(void)
{
    static char text[200];
    const mdev_outcome_list* list = mdev_last_outcomes();
    char* end = text;
    size_t i;

    *end = '\0';
    for (i = 0; i < mdev_outcome_list_count(list); ++i) {
        const mdev_outcome* outcome = mdev_outcome_list_at(list, i);
        end += sprintf(end, "%.20s%s%s ", mdev_outcome_word(outcome),
            mdev_outcome_is_changed(outcome) == 1 ? "+" : "",
            mdev_outcome_code(outcome) ? "!" : "");
    }
    return text;
}

static void undefine_it(const mdev_outcome* outcome, void* user_data)
{
    if (mdev_outcome_action(outcome) != MDEV_CALLOUT_ACTION_DEFINE)
        return;
    OK(mdev_manager_undefine(user_data, mdev_outcome_uuid(outcome), NULL));
    SAME(last_results(), "undefine+ ");
}

static void a_thread_has_the_results_of_its_last_command(void)
{
    mdev_manager* manager = new_manager();
    mdev_manager* idempotent;
    mdev_manager* listening;
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_definition* late;
    mdev_outcome_list* kept;
    mdev_host_state* state;
    mdev_outcome_list* changes;

    OK(mdev_manager_define(manager, definition));
    SAME(last_results(), "define+ ");
    OK(mdev_outcome_list_copy(mdev_last_outcomes(), &kept));
    OK(mdev_manager_with_idempotence(manager, &idempotent));
    OK(mdev_manager_define(idempotent, definition));
    SAME(last_results(), "define ");
    FAILS(MDEV_ERRC_NOT_ACTIVE, mdev_manager_stop(manager, &world.uuid));
    SAME(last_results(), "stop! ");
    OK(mdev_manager_stop(idempotent, &world.uuid));
    SAME(last_results(), "stop ");
    /* Calls that are not commands preserve the results. */
    OK(mdev_host_state_of(world.env, &state));
    OK(mdev_manager_diff(
        manager, state, MDEV_PRUNE_NO, MDEV_ACTIVE_DEVICES_LEAVE, &changes));
    SAME(last_results(), "stop ");
    OK(mdev_definition_new(&world.other, "gone", "T", &late));
    OK(mdev_manager_define(manager, late));
    FAILS(
        MDEV_ERRC_PARTIAL_FAILURE, mdev_manager_start_defined(manager, "gone"));
    SAME(last_results(), "start! ");
    OK(mdev_manager_undefine(manager, &world.uuid, NULL));
    SAME(last_results(), "undefine+ ");
    /* The commands of a listener do not count. */
    OK(mdev_manager_with_listener(manager, undefine_it, manager, &listening));
    OK(mdev_manager_define(listening, definition));
    SAME(last_results(), "define+ ");
    FAILS(-EINVAL, mdev_manager_stop(manager, NULL));
    SAME(last_results(), "");
    CHECK(mdev_outcome_list_count(kept) == 1);
    mdev_outcome_list_free(kept);
    mdev_outcome_list_free(changes);
    mdev_host_state_free(state);
    mdev_definition_free(definition);
    mdev_definition_free(late);
    mdev_manager_free(listening);
    mdev_manager_free(idempotent);
    mdev_manager_free(manager);
    clean();
}

static void a_host_state_is_made_of_devices(void)
{
    mdev_manager* manager = new_manager();
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_host_device* device;
    mdev_host_device* other;
    mdev_host_device_list* list;
    mdev_host_state* state;
    mdev_outcome_list* changes;

    OK(mdev_host_device_new(definition, &device));
    CHECK(mdev_host_device_is_defined(device) == 1);
    CHECK(mdev_host_device_activity(device) == MDEV_ACTIVITY_BY_START_MODE);
    SAME(mdev_host_device_name(device), "");
    OK(mdev_host_device_copy(device, &other));
    OK(mdev_host_device_set_defined(other, 0));
    OK(mdev_host_device_set_activity(other, MDEV_ACTIVITY_UNKNOWN));
    FAILS(-EINVAL, mdev_host_device_set_defined(other, 2));
    CHECK(mdev_host_device_is_defined(other) == 0);
    CHECK(mdev_host_device_activity(other) == MDEV_ACTIVITY_UNKNOWN);
    OK(mdev_host_device_list_new(&list));
    OK(mdev_host_device_list_append(list, device));
    OK(mdev_host_state_new(list, &state));
    OK(mdev_host_device_list_append(list, other));
    mdev_host_device_free(device);
    mdev_host_device_free(other);
    OK(mdev_manager_diff(
        manager, state, MDEV_PRUNE_NO, MDEV_ACTIVE_DEVICES_LEAVE, &changes));
    CHECK(mdev_outcome_list_count(changes) == 1);
    SAME(mdev_outcome_word(mdev_outcome_list_at(changes, 0)), "define");
    NOTHING(MDEV_ERRC_INVALID_INDEX, mdev_outcome_list_at(changes, 1));
    mdev_outcome_list_free(changes);
    mdev_host_state_free(state);
    FAILS(MDEV_ERRC_INVALID_DEFINITION, mdev_host_state_new(list, &state));
    mdev_host_device_list_free(list);
    OK(mdev_host_state_from_json(DOCUMENT("T"), "words", &state));
    OK(mdev_host_state_devices(state, &list));
    CHECK(mdev_host_device_list_count(list) == 1);
    SAME(mdev_definition_type_id(
             mdev_host_device_definition(mdev_host_device_list_at(list, 0))),
        "T");
    mdev_host_device_list_free(list);
    mdev_host_state_free(state);
    mdev_definition_free(definition);
    mdev_manager_free(manager);
    clean();
}

static void a_request_has_limits_of_its_own(void)
{
    mdev_manager* manager;
    mdev_manager* request;
    mdev_environment* late;
    mdev_definition* definition = new_definition(&world.uuid);

    write_script("callouts", "slow", "[ \"$4\" != pre ] || exec sleep 60");
    manager = new_manager();
    OK(mdev_manager_with_deadline(manager, 100, &request));
    FAILS(MDEV_ERRC_TIMED_OUT, mdev_manager_define(request, definition));
    mdev_manager_free(request);
    FAILS(-EINVAL, mdev_manager_with_cancel(manager, -2, &request));
    OK(mdev_manager_with_cancel(manager, -1, &request));
    mdev_manager_free(request);
    OK(mdev_environment_with_deadline(world.env, 0, &late));
    OK(mdev_manager_with_environment(manager, late, &request));
    FAILS(MDEV_ERRC_TIMED_OUT, mdev_manager_define(request, definition));
    mdev_manager_free(request);
    mdev_environment_free(late);
    OK(mdev_environment_with_deadline(world.env, MDEV_NO_LIMIT, &late));
    mdev_environment_free(late);
    mdev_manager_free(manager);
    mdev_definition_free(definition);
    clean();
}

static void directories_may_be_elsewhere(void)
{
    mdev_environment* env;
    mdev_environment* other;
    mdev_string_list* list;

    OK(mdev_string_list_new(&list));
    OK(mdev_string_list_append(list, "/scripts"));
    OK(mdev_environment_with_script_directories(world.env, list, &env));
    mdev_string_list_free(list);
    OK(mdev_environment_with_config_directory(env, "/config", &other));
    SAME(mdev_environment_definitions_directory(other), "/config");
    SAME(mdev_string_list_at(mdev_environment_callout_directories(other), 0),
        "/scripts/callouts");
    mdev_environment_free(env);
    mdev_environment_free(other);
}

void test_outcomes(void)
{
    TEST(a_result_has_the_old_and_the_new_definition);
    TEST(a_thread_has_the_results_of_its_last_command);
    TEST(a_host_state_is_made_of_devices);
    TEST(a_request_has_limits_of_its_own);
    TEST(directories_may_be_elsewhere);
    TEST(a_listener_receives_the_result_for_each_device);
    TEST(an_outcome_has_its_values);
    TEST(a_dry_run_changes_nothing);
    TEST(with_idempotence_a_satisfied_request_succeeds);
    TEST(definitions_match_a_state_file_after_apply);
    TEST(an_invalid_state_file_is_refused);
    TEST(a_list_has_the_definitions);
    TEST(a_list_comes_device_by_device);
}
