/* SPDX-License-Identifier: MIT
 *
 * test: what every unit test includes. cmocka wants its four headers in this order.
 */
#ifndef TAU_TESTS_TEST_H
#define TAU_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A call that must succeed; prints the error when it does not. Wants `struct err e` in scope. */
#define OK(call)                                                                                   \
    do {                                                                                           \
        if (!(call))                                                                               \
            fail_msg("%s: %s: %s", #call, err_code_name(e.code), e.message);                       \
    } while (0)

/* A call that must fail with this code. */
#define FAILS(call, expected)                                                                      \
    do {                                                                                           \
        if (call)                                                                                  \
            fail_msg("%s: succeeded", #call);                                                      \
        if (e.code != (expected))                                                                  \
            fail_msg("%s: %s: %s", #call, err_code_name(e.code), e.message);                       \
    } while (0)

/* Ends a test that can not run here and says so. (What cmocka's own prints is "not ok", which the
 * harness takes for a failure.) */
#undef skip
#define skip()                                                                                     \
    do {                                                                                           \
        printf("# not run here: %s\n", __func__);                                                  \
        return;                                                                                    \
    } while (0)

/* A fresh directory below $TAU_TEST_TMP; the caller frees the name. */
char *test_tmpdir(const char *name);

/* The bytes of a file below tests/ of the source tree ("data/x.json"); fails the test when it is not
 * there. The caller frees; NUL-terminated. */
char *test_read(const char *relative, size_t *ret_n);

/* A program of the build tree ("tau-exec"), whose tests/unit holds the running one. The caller frees. */
char *test_program(const char *name);

/* A repeatable random source: the seed is printed, and taken from TAU_TEST_SEED when that is set. */
uint64_t test_seed(void);
uint64_t test_random(uint64_t *state); /* splitmix64 */

/* From now on this thread's calls of that number (SYS_link) fail with that error, as on a file system that does
 * not have them. False: filters can not be set here. */
bool test_take_away(unsigned call, unsigned why);

/* So many descriptors from now on are left to this process; -1: as before. One thread. */
void test_descriptors(int n);

#endif
