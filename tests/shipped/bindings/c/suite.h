/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUITE_H
#define SUITE_H

#include <mdev.h>

#define TEXT_UUID "11111111-2222-3333-4444-555555555501"
#define TEXT_OTHER "11111111-2222-3333-4444-555555555502"

/* A system below a directory of its own: a fake system, or mdevsim's. */
struct world {
    char root[200];
    mdev_environment* env;
    mdev_uuid uuid;
    mdev_uuid other;
    /* The last message of the log, and the number of messages. */
    char said[500];
    int said_level;
    int said_count;
};

extern struct world world;

/* Runs a line of shell in the root. Returns whether it succeeded. */
int shell(const char* line);
/* Returns why scripts cannot run here, NULL if they can. For example, an old
 * valgrind has no pidfd_open(2). */
const char* no_scripts(void);
/* Writes a script into the directory of callouts or notifiers. */
void write_script(const char* kind, const char* name, const char* body);
/* Removes all scripts and definitions. */
void clean(void);
/* Makes a definition on parent P of type T. A failure fails the test. */
mdev_definition* new_definition(const mdev_uuid* uuid);
mdev_manager* new_manager(void);
/* Makes a spec from the arguments that are not NULL. */
mdev_device_spec* new_spec(
    const mdev_uuid* uuid, const char* parent, const char* type_id);
/* These functions define or start such a spec. */
int define_spec(const mdev_manager* manager, const mdev_uuid* uuid,
    const char* parent, const char* type_id, int start,
    mdev_definition** stored);
int start_spec(const mdev_manager* manager, const mdev_uuid* uuid,
    const char* parent, const char* type_id, mdev_device** device);

/* The parts of the test: values and refusals; the store and events; results of
 * managers; scripts; a kernel. */
void test_values(void);
void test_refusals(void);
void test_store(void);
void test_outcomes(void);
void test_callouts(void);
void test_kernel(void);

#endif
