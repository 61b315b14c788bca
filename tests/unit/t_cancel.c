/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/cancel.h"
#include "base/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static bool readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1 && p.revents == POLLIN;
}

static void test_fire(void **state)
{
    (void)state;
    struct cancel *c = cancel_new(NULL);
    int fd = cancel_fd(c);
    assert_true(fd >= 0);
    assert_int_equal(cancel_fd(c), fd);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_false(cancel_fired(c));
    assert_false(readable(fd));
    cancel_fire(c);
    cancel_fire(c);
    assert_true(cancel_fired(c));
    assert_true(readable(fd));
    assert_true(readable(fd));
    cancel_unref(c);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void test_null(void **state)
{
    (void)state;
    assert_false(cancel_fired(NULL));
    assert_int_equal(cancel_fd(NULL), -1);
    cancel_unref(NULL);
    assert_null(cancel_ref(NULL));
}

static void test_fd_after_fire(void **state)
{
    (void)state;
    struct cancel *c = cancel_new(NULL);
    cancel_fire(c);
    assert_true(readable(cancel_fd(c)));
    cancel_unref(c);
}

static void test_family(void **state)
{
    (void)state;
    struct cancel *root = cancel_new(NULL);
    struct cancel *a = cancel_new(root), *b = cancel_new(root), *a1 = cancel_new(a);
    cancel_fire(a);
    assert_false(cancel_fired(root));
    assert_false(cancel_fired(b));
    assert_true(cancel_fired(a1));
    struct cancel *late = cancel_new(a);
    assert_true(cancel_fired(late));
    assert_true(readable(cancel_fd(late)));
    /* One that left is not fired, and the others still are. */
    struct cancel *gone = cancel_new(root), *last = cancel_new(root);
    cancel_unref(gone);
    cancel_fire(root);
    assert_true(cancel_fired(b));
    assert_true(cancel_fired(last));
    /* The root is held by what is below it. */
    cancel_unref(root);
    cancel_unref(a);
    assert_true(cancel_fired(a1));
    cancel_unref(a1);
    cancel_unref(late);
    cancel_unref(b);
    cancel_unref(last);
}

static void test_wait(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    struct cancel *c = cancel_new(NULL);
    assert_int_equal(cancel_wait_fd(c, -1, 0, 0), CANCEL_DEADLINE);
    assert_int_equal(cancel_wait_fd(c, fds[0], POLLIN, clock_mono_ms()), CANCEL_DEADLINE);
    assert_int_equal(cancel_wait_fd(NULL, fds[0], POLLIN, clock_mono_ms() + 1), CANCEL_DEADLINE);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_int_equal(cancel_wait_fd(c, fds[0], POLLIN, CLOCK_NEVER), CANCEL_READY);
    assert_int_equal(cancel_wait_fd(NULL, fds[0], POLLIN, 0), CANCEL_READY);
    cancel_fire(c);
    assert_int_equal(cancel_wait_fd(c, fds[0], POLLIN, 0), CANCEL_FIRED);
    close(fds[1]);
    close(fds[0]);
    assert_int_equal(cancel_wait_fd(NULL, fds[0], POLLIN, CLOCK_NEVER), CANCEL_READY);
    cancel_unref(c);
}

static void test_hangup(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    close(fds[1]);
    assert_int_equal(cancel_wait_fd(NULL, fds[0], POLLIN, CLOCK_NEVER), CANCEL_READY);
    close(fds[0]);
}

static void *fire(void *c)
{
    cancel_fire(c);
    cancel_unref(c);
    return NULL;
}

static void test_wakes(void **state)
{
    (void)state;
    pthread_t t;
    struct cancel *root = cancel_new(NULL);
    struct cancel *c = cancel_new(root);
    assert_int_equal(pthread_create(&t, NULL, fire, cancel_ref(root)), 0);
    assert_int_equal(cancel_wait_fd(c, -1, 0, CLOCK_NEVER), CANCEL_FIRED);
    assert_int_equal(pthread_join(t, NULL), 0);
    cancel_unref(c);
    cancel_unref(root);
}

/* Without a descriptor left for the eventfd a wait is still ended by the token. */
static void test_no_descriptor(void **state)
{
    (void)state;
    struct rlimit before, none;
    pthread_t t;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct cancel *c = cancel_new(NULL);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int fd = cancel_fd(c);
    /* poll() itself refuses more entries than the limit, so the wait gets two. */
    none.rlim_cur = 2;
    int set = setrlimit(RLIMIT_NOFILE, &none);
    int made = pthread_create(&t, NULL, fire, cancel_ref(c));
    enum cancel_wait how = made == 0 ? cancel_wait_fd(c, -1, 0, CLOCK_NEVER) : CANCEL_DEADLINE;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(set, 0);
    assert_int_equal(made, 0);
    assert_int_equal(pthread_join(t, NULL), 0);
    assert_int_equal(fd, -1);
    assert_int_equal(how, CANCEL_FIRED);
    cancel_unref(c);
}

enum { ROUNDS = 300 };

static void *make_children(void *root)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct cancel *c = cancel_new(root), *below = cancel_new(c);
        cancel_unref(c);
        (void)cancel_fd(below);
        cancel_unref(below);
    }
    return NULL;
}

/* Children are born and die while the root fires; for the thread sanitizer. */
static void test_race(void **state)
{
    (void)state;
    pthread_t t[3];
    struct cancel *root = cancel_new(NULL);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&t[i], NULL, make_children, root), 0);
    cancel_fire(root);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_join(t[i], NULL), 0);
    struct cancel *late = cancel_new(root);
    assert_true(cancel_fired(late));
    cancel_unref(late);
    cancel_unref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fire),          cmocka_unit_test(test_null),
        cmocka_unit_test(test_fd_after_fire), cmocka_unit_test(test_family),
        cmocka_unit_test(test_wait),          cmocka_unit_test(test_hangup),
        cmocka_unit_test(test_wakes),         cmocka_unit_test(test_no_descriptor),
        cmocka_unit_test(test_race),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
