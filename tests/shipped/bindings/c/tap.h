/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TAP_H
#define TAP_H

#include <errno.h>
#include <mdev.h>
#include <string.h>

/* Runs a test, a function whose name states a fact, and prints its line. */
#define TEST(function) tap_test(#function, function, NULL)
/* Runs a test, or skips it if the reason is not NULL. */
#define TEST_UNLESS(reason, function) tap_test(#function, function, (reason))
/* Continues, but fails the test, if `condition` does not hold. */
#define CHECK(condition)                                                       \
    tap_check((condition) != 0, __FILE__, __LINE__, #condition)
/* Checks that a call succeeds. */
#define OK(call) tap_succeeds((call), __FILE__, __LINE__, #call)
/* Checks that a call fails with this code, and that the thread's last error has
 * the code. */
#define FAILS(code, call)                                                      \
    tap_fails((code), (tap_forget(), (call)), __FILE__, __LINE__, #call)
/* Checks that a call that returns a pointer or a size reports a failure by NULL
 * or 0. */
#define NOTHING(code, call)                                                    \
    tap_fails((code), (tap_forget(), (call) ? 1 : (code)), __FILE__, __LINE__, \
        #call)
#define SAME(text, expected) tap_same((text), (expected), __FILE__, __LINE__)

void tap_test(const char* name, void (*test)(void), const char* skipped);
void tap_check(int holds, const char* file, int line, const char* what);
void tap_succeeds(long code, const char* file, int line, const char* what);
/* Sets the last error to one that no test expects. */
void tap_forget(void);
void tap_fails(
    long expected, long code, const char* file, int line, const char* what);
void tap_same(
    const char* text, const char* expected, const char* file, int line);
/* Prints the last line. Returns the value for main(). */
int tap_end(void);

#endif
