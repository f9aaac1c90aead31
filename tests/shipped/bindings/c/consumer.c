/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program that uses the C binding: prints each parent, each type and the
 * number of its available instances below the specified root. */
#include <mdev.h>
#include <stdio.h>

static int fail(void)
{
    fprintf(stderr, "%s\n", mdev_last_error_message());
    return 1;
}

static int print_types(const mdev_parent_device* parent)
{
    mdev_type_list* types;
    size_t i;

    if (mdev_parent_device_types(parent, &types) != 0)
        return fail();
    for (i = 0; i < mdev_type_list_count(types); ++i) {
        const mdev_type* type = mdev_type_list_at(types, i);
        printf("%s %s %ld\n", mdev_type_parent(type), mdev_type_id(type),
            (long)mdev_type_available_instances(type));
    }
    mdev_type_list_free(types);
    return 0;
}

int main(int count, char** words)
{
    mdev_environment* env;
    mdev_parent_device_list* parents;
    size_t i;
    int status = 0;

    if (mdev_environment_new(count > 1 ? words[1] : NULL, &env) != 0)
        return fail();
    if (mdev_parent_device_all(env, &parents) != 0)
        return fail();
    for (i = 0; i < mdev_parent_device_list_count(parents); ++i)
        status |= print_types(mdev_parent_device_list_at(parents, i));
    mdev_parent_device_list_free(parents);
    mdev_environment_free(env);
    return status;
}
