/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tests the C binding from a C program, compiled as C89. Prints TAP.
 *
 *   test_c         below a directory of its own
 *   test_c ROOT    below this one, on whose sys/ mdevsim has a parent "mtty" */
#include "suite.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct world world;

int shell(const char* line)
{
    char command[2000];

    sprintf(command, "cd '%.150s' && { %.1800s\n}", world.root, line);
    return system(command) == 0;
}

const char* no_scripts(void)
{
    const long fd = syscall(SYS_pidfd_open, getpid(), 0);

    if (fd < 0)
        return "no pidfd_open(2), so no scripts";
    close((int)fd);
    return NULL;
}

void write_script(const char* kind, const char* name, const char* body)
{
    const mdev_string_list* directories = strcmp(kind, "notifiers") == 0
        ? mdev_environment_notifier_directories(world.env)
        : mdev_environment_callout_directories(world.env);
    char path[500];
    char command[300];
    FILE* file;

    sprintf(path, "%.300s/%.50s", mdev_string_list_at(directories, 0), name);
    sprintf(command, "mkdir -p '%.250s'", mdev_string_list_at(directories, 0));
    CHECK(shell(command));
    file = fopen(path, "w");
    CHECK(file);
    if (!file)
        return;
    fprintf(file, "#!/bin/sh\nevent=$4 action=$6 state=$8\n%s\n", body);
    CHECK(fclose(file) == 0);
    CHECK(chmod(path, 0755) == 0);
}

void clean(void)
{
    CHECK(shell("rm -rf etc usr"));
}

mdev_definition* new_definition(const mdev_uuid* uuid)
{
    mdev_definition* definition;

    OK(mdev_definition_new(uuid, "P", "T", &definition));
    return definition;
}

mdev_manager* new_manager(void)
{
    mdev_manager* manager;

    OK(mdev_manager_new(world.env, &manager));
    return manager;
}

mdev_device_spec* new_spec(
    const mdev_uuid* uuid, const char* parent, const char* type_id)
{
    mdev_device_spec* spec;

    OK(mdev_device_spec_new(&spec));
    if (uuid)
        OK(mdev_device_spec_set_uuid(spec, uuid));
    if (parent)
        OK(mdev_device_spec_set_parent(spec, parent));
    if (type_id)
        OK(mdev_device_spec_set_type_id(spec, type_id));
    return spec;
}

int define_spec(const mdev_manager* manager, const mdev_uuid* uuid,
    const char* parent, const char* type_id, int start,
    mdev_definition** stored)
{
    mdev_device_spec* spec = new_spec(uuid, parent, type_id);
    int code;

    OK(mdev_device_spec_set_start(spec, start));
    code = mdev_manager_define_spec(manager, spec, stored);
    mdev_device_spec_free(spec);
    return code;
}

int start_spec(const mdev_manager* manager, const mdev_uuid* uuid,
    const char* parent, const char* type_id, mdev_device** device)
{
    mdev_device_spec* spec = new_spec(uuid, parent, type_id);
    const int code = mdev_manager_start_spec(manager, spec, device);

    mdev_device_spec_free(spec);
    return code;
}

static void listen(int level, const char* message, void* user_data)
{
    struct world* heard = user_data;

    sprintf(heard->said, "%.499s", message);
    heard->said_level = level;
    ++heard->said_count;
}

/* The files of a kernel without devices. */
static int make_root(void)
{
    strcpy(world.root, "/tmp/mdev-c-XXXXXX");
    return mkdtemp(world.root) &&
        shell("types=sys/class/mdev_bus/P/mdev_supported_types\n"
              "mkdir -p $types/T $types/U sys/bus/mdev/devices\n"
              "for type in T U; do echo 4 >$types/$type/available_instances\n"
              "echo vfio-pci >$types/$type/device_api; done\n"
              "echo Tee >$types/T/name; echo words >$types/T/description\n"
              "touch $types/T/create");
}

int main(int count, char** words)
{
    mdev_environment* silent;

    if (count > 2 || (count == 2 && strlen(words[1]) > 150))
        return 2;
    if (count == 2)
        strcpy(world.root, words[1]);
    else if (!make_root())
        return 2;
    OK(mdev_environment_new(world.root, &silent));
    OK(mdev_environment_with_log(silent, listen, &world, &world.env));
    mdev_environment_free(silent);
    OK(mdev_uuid_parse(TEXT_UUID, &world.uuid));
    OK(mdev_uuid_parse(TEXT_OTHER, &world.other));

    if (count == 2) {
        test_kernel();
    } else {
        test_values();
        test_refusals();
        test_store();
        test_outcomes();
        test_callouts();
        if (!shell("cd / && rm -rf \"$OLDPWD\""))
            return 2;
    }
    mdev_environment_free(world.env);
    return tap_end();
}
