/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TAP_H
#define TAP_H

#include <errno.h>
#include <mdev.h>
#include <string.h>

/* Runs a test, a function whose name states a fact, and prints its line. */
#define TEST(function) tap_test(#function, function, NULL)
/* The same, unless there is a reason to skip it, which is no NULL then. */
#define TEST_UNLESS(reason, function) tap_test(#function, function, (reason))
/* Goes on, but lets the test fail, if `condition` does not hold. */
#define CHECK(condition)                                                       \
    tap_check((condition) != 0, __FILE__, __LINE__, #condition)
/* That a call succeeds. */
#define OK(call) tap_succeeds((call), __FILE__, __LINE__, #call)
/* That a call fails with this code, which is the thread's last error then. */
#define FAILS(code, call)                                                      \
    tap_fails((code), (tap_forget(), (call)), __FILE__, __LINE__, #call)
/* That a call which returns a pointer or a size says so by NULL or 0. */
#define NOTHING(code, call)                                                    \
    tap_fails((code), (tap_forget(), (call) ? 1 : (code)), __FILE__, __LINE__, \
        #call)
#define SAME(text, expected) tap_same((text), (expected), __FILE__, __LINE__)

void tap_test(const char* name, void (*test)(void), const char* skipped);
void tap_check(int holds, const char* file, int line, const char* what);
void tap_succeeds(long code, const char* file, int line, const char* what);
/* Makes the last error one that nobody expects. */
void tap_forget(void);
void tap_fails(
    long expected, long code, const char* file, int line, const char* what);
void tap_same(
    const char* text, const char* expected, const char* file, int line);
/* The last line; what main() returns. */
int tap_end(void);

#endif
