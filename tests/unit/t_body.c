/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/body.h"

#include <pthread.h>
#include <stdatomic.h>

static void test_empty(void **state)
{
    (void)state;
    assert_null(body_of(STR("")).buf);
    assert_int_equal(body_view(BODY_NONE).n, 0);
    body_unref(body_ref(BODY_NONE));
    struct body none = body_append(BODY_NONE, STR_NULL);
    assert_null(none.buf);
    struct body some = body_append(BODY_NONE, STR("x"));
    assert_true(str_is(body_view(some), "x"));
    body_unref(some);
}

static void test_older_stays(void **state)
{
    (void)state;
    struct body a = body_append(BODY_NONE, STR("one"));
    struct body b = body_append(a, STR(" two"));
    assert_ptr_equal(a.buf, b.buf);
    assert_true(str_is(body_view(a), "one"));
    assert_true(str_is(body_view(b), "one two"));
    /* a is no longer the newest end, so what is added to it goes elsewhere. */
    struct body c = body_append(a, STR(" three"));
    assert_ptr_not_equal(c.buf, b.buf);
    assert_true(str_is(body_view(c), "one three"));
    assert_true(str_is(body_view(b), "one two"));
    body_unref(a);
    assert_true(str_is(body_view(b), "one two"));
    body_unref(b);
    body_unref(c);
}

static void test_self(void **state)
{
    (void)state;
    struct body a = body_of(STR("ab"));
    for (int i = 0; i < 10; i++) {
        struct body twice = body_append(a, body_view(a));
        body_unref(a);
        a = twice;
    }
    assert_int_equal(a.len, 2048);
    for (size_t i = 0; i < a.len; i++)
        assert_int_equal(body_view(a).p[i], "ab"[i % 2]);
    body_unref(a);
}

/* A token a time costs a few copies in all, not one for each token. */
static void test_amortised(void **state)
{
    (void)state;
    struct body b = BODY_NONE;
    int copies = 0;
    for (int i = 0; i < 100000; i++) {
        struct body next = body_append(b, STR("x"));
        copies += next.buf != b.buf;
        body_unref(b);
        b = next;
    }
    assert_int_equal(b.len, 100000);
    assert_true(copies <= 12);
    body_unref(b);
}

static struct body shared; /* guarded by shared_lock */
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool stop;

static struct body get_shared(void)
{
    pthread_mutex_lock(&shared_lock);
    struct body b = body_ref(shared);
    pthread_mutex_unlock(&shared_lock);
    return b;
}

static void *read_all(void *arg)
{
    size_t *wrong = arg;
    while (!atomic_load(&stop)) {
        struct body b = get_shared();
        struct str s = body_view(b);
        for (size_t i = 0; i < s.n; i++)
            *wrong += s.p[i] != (char)('a' + i % 26);
        body_unref(b);
    }
    return NULL;
}

static void test_readers(void **state)
{
    (void)state;
    pthread_t readers[2];
    size_t wrong[2] = {0};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_all, &wrong[i]), 0);
    struct body b = BODY_NONE;
    for (size_t i = 0; i < 3000; i++) {
        char c = (char)('a' + i % 26);
        struct body next = body_append(b, str_make(&c, 1));
        pthread_mutex_lock(&shared_lock);
        shared = next;
        pthread_mutex_unlock(&shared_lock);
        body_unref(b);
        b = next;
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(readers[i], NULL), 0);
        assert_int_equal(wrong[i], 0);
    }
    body_unref(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),   cmocka_unit_test(test_older_stays),
        cmocka_unit_test(test_self),    cmocka_unit_test(test_amortised),
        cmocka_unit_test(test_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
