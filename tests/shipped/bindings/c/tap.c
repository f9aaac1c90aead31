/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tap.h"

#include <stdio.h>

static int count;
static int failed_tests;
static int failed_checks;

void tap_test(const char* name, void (*test)(void), const char* skipped)
{
    char words[200];
    char* at;

    sprintf(words, "%.199s", name);
    for (at = words; *at; ++at)
        if (*at == '_')
            *at = ' ';
    failed_checks = 0;
    if (!skipped)
        test();
    failed_tests += failed_checks != 0;
    printf("%sok %d - %s%s%s\n", failed_checks ? "not " : "", ++count, words,
        skipped ? " # SKIP " : "", skipped ? skipped : "");
    fflush(stdout);
}

void tap_check(int holds, const char* file, int line, const char* what)
{
    if (holds)
        return;
    ++failed_checks;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
}

void tap_succeeds(long code, const char* file, int line, const char* what)
{
    if (code == 0)
        return;
    tap_check(0, file, line, what);
    fprintf(stderr, "  %ld: %s\n", code, mdev_last_error_message());
}

void tap_forget(void)
{
    static const mdev_uuid nil = {{0}};
    mdev_definition* definition;

    if (mdev_definition_from_file(
            "/dev/null/file", &nil, "P", NULL, &definition) != -ENOTDIR)
        tap_check(0, __FILE__, __LINE__, "forgetting the last error");
}

void tap_fails(
    long expected, long code, const char* file, int line, const char* what)
{
    if (code == expected && mdev_last_error_code() == expected &&
        mdev_last_error_message()[0] != '\0')
        return;
    tap_check(0, file, line, what);
    fprintf(stderr, "  %ld, last error %d, not %ld: %s\n", code,
        mdev_last_error_code(), expected, mdev_last_error_message());
}

void tap_same(
    const char* text, const char* expected, const char* file, int line)
{
    if (text && strcmp(text, expected) == 0)
        return;
    tap_check(0, file, line, expected);
    fprintf(stderr, "  but: %s\n", text ? text : "NULL");
}

int tap_end(void)
{
    printf("1..%d\n", count);
    return failed_tests != 0;
}
