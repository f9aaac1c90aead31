/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUITE_H
#define SUITE_H

#include <mdev.h>

#define TEXT_UUID "11111111-2222-3333-4444-555555555501"
#define TEXT_OTHER "11111111-2222-3333-4444-555555555502"

/* A system below a directory of its own: a fake one, or mdevsim's. */
struct world {
    char root[200];
    mdev_environment* env;
    mdev_uuid uuid;
    mdev_uuid other;
    /* What the log has said last, and how often it has said something. */
    char said[500];
    int said_level;
    int said_count;
};

extern struct world world;

/* Runs a line of shell in the root. Returns whether it succeeded. */
int shell(const char* line);
/* Why scripts cannot run here, NULL if they can: an old valgrind, for example,
 * has no pidfd_open(2). */
const char* no_scripts(void);
/* Writes a script into the directory of callouts or notifiers. */
void write_script(const char* kind, const char* name, const char* body);
/* Removes all scripts and definitions. */
void clean(void);
/* Makes a definition on parent P of type T; reports a failure. */
mdev_definition* new_definition(const mdev_uuid* uuid);
mdev_manager* new_manager(void);
/* Makes a spec of the arguments that are not NULL. */
mdev_device_spec* new_spec(
    const mdev_uuid* uuid, const char* parent, const char* type_id);
/* Define or start such a spec. */
int define_spec(const mdev_manager* manager, const mdev_uuid* uuid,
    const char* parent, const char* type_id, int start,
    mdev_definition** stored);
int start_spec(const mdev_manager* manager, const mdev_uuid* uuid,
    const char* parent, const char* type_id, mdev_device** device);

/* The parts: values and refusals; the store and events; what managers report;
 * scripts; a kernel. */
void test_values(void);
void test_refusals(void);
void test_store(void);
void test_outcomes(void);
void test_callouts(void);
void test_kernel(void);

#endif
