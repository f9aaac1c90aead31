/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts a device, lists the active devices, and stops the device. */
#include <mdev.h>
#include <stdio.h>

static int list(const mdev_environment* env)
{
    mdev_device_list* devices;
    size_t i;

    if (mdev_device_all(env, &devices) != 0)
        return -1;
    for (i = 0; i < mdev_device_list_count(devices); ++i) {
        const mdev_device* device = mdev_device_list_at(devices, i);
        printf("%s on %s\n", mdev_device_type_id(device),
            mdev_device_parent(device));
    }
    mdev_device_list_free(devices);
    return 0;
}

/* The results of the last command of this thread, also if it failed. */
static void print_results(void)
{
    const mdev_outcome_list* results = mdev_last_outcomes();
    size_t i;

    for (i = 0; i < mdev_outcome_list_count(results); ++i) {
        const mdev_outcome* result = mdev_outcome_list_at(results, i);
        printf("%s: %s\n", mdev_outcome_word(result),
            mdev_outcome_is_changed(result) == 1 ? "changed" : "unchanged");
    }
}

static int start_and_stop(
    const mdev_environment* env, const mdev_device_spec* spec)
{
    mdev_manager* manager = NULL;
    mdev_device* device = NULL;
    int status = mdev_manager_new(env, &manager);

    if (status == 0)
        status = mdev_manager_start_spec(manager, spec, &device);
    if (status == 0) {
        status = list(env);
        if (mdev_manager_stop(manager, mdev_device_uuid(device)) != 0)
            status = -1;
    }
    mdev_device_free(device);
    mdev_manager_free(manager);
    return status;
}

int main(int argc, char** argv)
{
    mdev_environment* env = NULL;
    mdev_device_spec* spec = NULL;
    int status = mdev_environment_new(argc > 1 ? argv[1] : NULL, &env);

    if (status == 0)
        status = mdev_device_spec_new(&spec);
    if (status == 0)
        status = mdev_device_spec_set_parent(spec, "mtty");
    if (status == 0)
        status = mdev_device_spec_set_type_id(spec, "mtty-1");
    if (status == 0)
        status = start_and_stop(env, spec);
    print_results();
    if (status != 0)
        fprintf(stderr, "%s\n", mdev_last_error_message());
    mdev_device_spec_free(spec);
    mdev_environment_free(env);
    return status == 0 ? 0 : 1;
}
