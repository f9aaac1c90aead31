/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Vendors' scripts: which script serves, its answers, and the effect on
 * commands. */
#include "suite.h"
#include "tap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static mdev_callout_engine* new_engine(void)
{
    mdev_callout_engine* engine;

    OK(mdev_callout_engine_new(world.env, &engine));
    return engine;
}

static void without_scripts_there_is_no_answer(void)
{
    mdev_callout_engine* made = new_engine();
    mdev_callout_engine* engine;
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_callout_result* result;
    mdev_callout_result_list* results;
    mdev_string* script;

    OK(mdev_callout_engine_copy(made, &engine));
    mdev_callout_engine_free(made);
    CHECK(mdev_callout_engine_has_scripts(engine) == 0);
    OK(mdev_callout_engine_versioned_script(engine, definition, &script));
    CHECK(script == NULL);
    OK(mdev_callout_engine_run(engine, MDEV_CALLOUT_EVENT_PRE,
        MDEV_CALLOUT_ACTION_DEFINE, definition, &result));
    CHECK(result == NULL);
    OK(mdev_callout_engine_post(engine, NULL, MDEV_CALLOUT_ACTION_DEFINE,
        MDEV_CALLOUT_STATE_SUCCESS, definition, &result));
    CHECK(result == NULL);
    OK(mdev_callout_engine_notify(engine, MDEV_CALLOUT_ACTION_DEFINE,
        MDEV_CALLOUT_STATE_SUCCESS, definition, &results));
    CHECK(mdev_callout_result_list_count(results) == 0);
    mdev_callout_result_list_free(results);
    mdev_definition_free(definition);
    mdev_callout_engine_free(engine);
}

static void a_scripts_refusal_is_data(void)
{
    mdev_callout_engine* engine;
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_callout_result* pre;
    mdev_callout_result* post;
    mdev_callout_result* copy;
    size_t size = 0;
    int status = 0;

    write_script("callouts", "vendor",
        "[ $event != get ] || exit 1\n"
        "printf 'a\\0b'; echo \"$event $action $state\" >&2; exit 1");
    engine = new_engine();
    CHECK(mdev_callout_engine_has_scripts(engine) == 1);
    OK(mdev_callout_engine_run(engine, MDEV_CALLOUT_EVENT_PRE,
        MDEV_CALLOUT_ACTION_START, definition, &pre));
    CHECK(mdev_callout_result_is_accepted(pre) == 0);
    CHECK(strstr(mdev_callout_result_reason(pre), "status 1"));
    OK(mdev_callout_result_exit_status(pre, &status));
    CHECK(status == 1);
    CHECK(strstr(mdev_callout_result_script(pre), "/vendor"));
    CHECK(memcmp(mdev_callout_result_output(pre, &size), "a\0b", 4) == 0);
    CHECK(size == 3);
    SAME(mdev_callout_result_errors(pre, NULL), "pre start none\n");
    OK(mdev_callout_engine_post(engine, pre, MDEV_CALLOUT_ACTION_START,
        MDEV_CALLOUT_STATE_FAILURE, definition, &post));
    OK(mdev_callout_result_copy(post, &copy));
    mdev_callout_result_free(post);
    mdev_callout_result_free(pre);
    SAME(mdev_callout_result_errors(copy, &size), "post start failure\n");
    CHECK(size == strlen("post start failure\n"));
    mdev_callout_result_free(copy);
    mdev_callout_engine_free(engine);
    mdev_definition_free(definition);
    clean();
}

static void a_command_that_is_refused_fails(void)
{
    mdev_manager* manager;
    mdev_manager* forced;
    mdev_definition* definition = new_definition(&world.uuid);

    write_script("callouts", "vendor",
        "[ $event != get ] || exit 1; echo not here >&2; exit 1");
    manager = new_manager();
    FAILS(MDEV_ERRC_CALLOUT_REJECTED, mdev_manager_define(manager, definition));
    CHECK(strstr(mdev_last_error_subject(), "/vendor"));
    OK(mdev_manager_with_force(manager, &forced));
    OK(mdev_manager_define(forced, definition));
    FAILS(MDEV_ERRC_ALREADY_DEFINED, mdev_manager_define(forced, definition));
    mdev_manager_free(forced);
    mdev_manager_free(manager);
    mdev_definition_free(definition);
    clean();
}

static void without_a_limit_a_script_ends_by_itself(void)
{
    mdev_environment* slow;
    mdev_environment* env;
    mdev_callout_engine* engine;
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_callout_result* result;

    write_script(
        "callouts", "vendor", "[ $event != get ] || exit 1; sleep 0.1");
    OK(mdev_environment_with_script_timeout(world.env, MDEV_NO_LIMIT, &slow));
    OK(mdev_environment_with_callout_lock_timeout(slow, MDEV_NO_LIMIT, &env));
    OK(mdev_callout_engine_new(env, &engine));
    OK(mdev_callout_engine_run(engine, MDEV_CALLOUT_EVENT_PRE,
        MDEV_CALLOUT_ACTION_START, definition, &result));
    SAME(mdev_callout_result_reason(result), "");
    mdev_callout_result_free(result);
    mdev_callout_engine_free(engine);
    mdev_environment_free(env);
    mdev_environment_free(slow);
    mdev_definition_free(definition);
    clean();
}

static void every_notifier_answers(void)
{
    mdev_callout_engine* engine;
    mdev_callout_engine* other;
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_callout_result_list* results;
    int status = 0;

    write_script("notifiers", "a", "echo yes");
    write_script("notifiers", "b", "kill -9 $$");
    engine = new_engine();
    OK(mdev_callout_engine_with_environment(engine, world.env, &other));
    OK(mdev_callout_engine_notify(other, MDEV_CALLOUT_ACTION_MODIFY,
        MDEV_CALLOUT_STATE_SUCCESS, definition, &results));
    CHECK(mdev_callout_result_list_count(results) == 2);
    CHECK(mdev_callout_result_is_accepted(
              mdev_callout_result_list_at(results, 0)) == 1);
    SAME(mdev_callout_result_output(
             mdev_callout_result_list_at(results, 0), NULL),
        "yes\n");
    CHECK(strstr(
        mdev_callout_result_reason(mdev_callout_result_list_at(results, 1)),
        "signal 9"));
    OK(mdev_callout_result_exit_status(
        mdev_callout_result_list_at(results, 1), &status));
    CHECK(status == -1);
    CHECK(mdev_callout_result_signal(mdev_callout_result_list_at(results, 1)) ==
        9);
    NOTHING(MDEV_ERRC_INVALID_INDEX, mdev_callout_result_list_at(results, 2));
    mdev_callout_result_list_free(results);
    mdev_callout_engine_free(other);
    mdev_callout_engine_free(engine);
    mdev_definition_free(definition);
    clean();
}

static void a_script_reports_attributes(void)
{
    mdev_callout_engine* engine;
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_definition_list* list;
    mdev_attribute_list* attributes;

    write_script("callouts", "vendor",
        "[ \"$event $action\" = 'get attributes' ] || exit 1\n"
        "echo '[{\"a\": \"1\"}, {\"b\": \"2\"}]'");
    engine = new_engine();
    OK(mdev_callout_engine_attributes(engine, definition, &attributes));
    CHECK(mdev_attribute_list_count(attributes) == 2);
    SAME(mdev_attribute_list_name(attributes, 1), "b");
    SAME(mdev_attribute_list_value(attributes, 1), "2");
    NOTHING(MDEV_ERRC_INVALID_INDEX, mdev_attribute_list_name(attributes, 2));
    NOTHING(MDEV_ERRC_INVALID_INDEX, mdev_attribute_list_value(attributes, 2));
    mdev_attribute_list_free(attributes);
    OK(mdev_definition_list_new(&list));
    OK(mdev_definition_list_append(list, definition));
    OK(mdev_callout_engine_add_attributes(engine, list));
    CHECK(mdev_attribute_list_count(mdev_definition_attributes(
              mdev_definition_list_at(list, 0))) == 2);
    mdev_definition_list_free(list);
    mdev_callout_engine_free(engine);
    write_script("callouts", "vendor", "echo nonsense");
    engine = new_engine();
    FAILS(MDEV_ERRC_CALLOUT_REJECTED,
        mdev_callout_engine_attributes(engine, definition, &attributes));
    CHECK(attributes == NULL);
    mdev_callout_engine_free(engine);
    mdev_definition_free(definition);
    clean();
}

/* A versioned script lists its capabilities in the words of the protocol. */
static void a_versioned_script_serves_alone(void)
{
    mdev_callout_engine* engine;
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_string* script;

    write_script("callouts", "vendor",
        "[ \"$event $action\" = 'get capabilities' ] || exit 0\n"
        "echo '{\"supports\": {\"version\": 2, \"actions\": [\"start\"],"
        " \"events\": [\"pre\"]}}'");
    engine = new_engine();
    OK(mdev_callout_engine_versioned_script(engine, definition, &script));
    CHECK(script && strstr(mdev_string_text(script), "/vendor"));
    mdev_string_free(script);
    mdev_callout_engine_free(engine);
    mdev_definition_free(definition);
    clean();
}

static void a_script_is_tested(void)
{
    mdev_definition* definition = new_definition(&world.uuid);
    mdev_script_remark_list* remarks;
    const mdev_script_remark* remark;
    const mdev_script_remark* last[MDEV_REMARK_FAILURE + 1] = {NULL};
    mdev_string* json;
    char path[300];
    size_t i;

    CHECK(shell("printf '#!/bin/sh\\nexit 1\\n' >script; chmod +x script"));
    sprintf(path, "%.200s/script", world.root);
    OK(mdev_test_script(path, definition, world.env, &remarks));
    for (i = 0; i < mdev_script_remark_list_count(remarks); ++i) {
        remark = mdev_script_remark_list_at(remarks, i);
        last[mdev_script_remark_kind(remark)] = remark;
    }
    NOTHING(MDEV_ERRC_INVALID_INDEX, mdev_script_remark_list_at(remarks, i));
    SAME(mdev_script_remark_word(last[MDEV_REMARK_OK]), "ok");
    SAME(mdev_script_remark_why(last[MDEV_REMARK_OK]), "");
    SAME(mdev_script_remark_word(last[MDEV_REMARK_NOTE]), "note");
    CHECK(mdev_script_remark_what(last[MDEV_REMARK_NOTE])[0] != '\0');
    SAME(mdev_script_remark_word(last[MDEV_REMARK_FAILURE]), "FAIL");
    CHECK(mdev_script_remark_why(last[MDEV_REMARK_FAILURE])[0] != '\0');
    OK(mdev_script_remark_to_json(last[MDEV_REMARK_FAILURE], &json));
    CHECK(strstr(mdev_string_text(json), "\"FAIL\""));
    mdev_string_free(json);
    mdev_script_remark_list_free(remarks);
    CHECK(shell("rm script"));
    FAILS(-ENOENT, mdev_test_script(path, definition, world.env, &remarks));
    mdev_definition_free(definition);
}

void test_callouts(void)
{
    TEST(without_scripts_there_is_no_answer);
    TEST_UNLESS(no_scripts(), a_scripts_refusal_is_data);
    TEST_UNLESS(no_scripts(), a_command_that_is_refused_fails);
    TEST_UNLESS(no_scripts(), without_a_limit_a_script_ends_by_itself);
    TEST_UNLESS(no_scripts(), every_notifier_answers);
    TEST_UNLESS(no_scripts(), a_script_reports_attributes);
    TEST_UNLESS(no_scripts(), a_versioned_script_serves_alone);
    TEST_UNLESS(no_scripts(), a_script_is_tested);
}
