/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/map.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

static void test_basics(void **state)
{
    (void)state;
    struct map m = {0};
    int one = 1, two = 2;
    assert_null(map_get(&m, STR("a")));
    assert_null(map_remove(&m, STR("a")));
    assert_null(map_put(&m, STR("a"), &one));
    assert_ptr_equal(map_put(&m, STR("a"), &two), &one);
    assert_null(map_put(&m, STR(""), &one));
    assert_null(map_put(&m, str_make("a\0b", 3), &one));
    assert_int_equal(m.n, 3);
    assert_ptr_equal(map_get(&m, STR("a")), &two);
    assert_ptr_equal(map_get(&m, STR_NULL), &one);
    assert_ptr_equal(map_get(&m, str_make("a\0b", 3)), &one);
    assert_null(map_get(&m, str_make("a\0c", 3)));
    assert_ptr_equal(map_remove(&m, STR("a")), &two);
    assert_null(map_get(&m, STR("a")));
    assert_int_equal(m.n, 2);
    map_free(&m, NULL);
    assert_null(map_get(&m, STR("")));
    assert_null(map_put(&m, STR("again"), &one));
    map_free(&m, NULL);
}

static size_t freed;

static void count_free(void *p)
{
    freed++;
    free(p);
}

static void test_walk(void **state)
{
    (void)state;
    struct map m = {0};
    const char *key;
    void *value;
    size_t at = 0, seen = 0;
    assert_false(map_next(&m, &at, &key, &value));
    for (int i = 0; i < 100; i++) {
        char name[16];
        int *n = NEW(int);
        *n = i;
        snprintf(name, sizeof(name), "k%d", i);
        assert_null(map_put(&m, str_of(name), n));
    }
    for (at = 0; map_next(&m, &at, &key, &value); seen++) {
        char name[16];
        snprintf(name, sizeof(name), "k%d", *(int *)value);
        assert_string_equal(key, name);
    }
    assert_int_equal(seen, 100);
    freed = 0;
    map_free(&m, count_free);
    assert_int_equal(freed, 100);
}

/* Thousands of random puts and removals against a plain array that knows the truth. */
static void test_model(void **state)
{
    (void)state;
    enum { KEYS = 300 };
    uint64_t seed = test_seed();
    struct map m = {0};
    char truth[KEYS] = {0}, values[KEYS];
    size_t n = 0;
    for (int step = 0; step < 20000; step++) {
        char name[16];
        size_t k = (size_t)(test_random(&seed) % KEYS);
        snprintf(name, sizeof(name), "%zu", k);
        if (test_random(&seed) & 1) {
            assert_ptr_equal(map_put(&m, str_of(name), &values[k]), truth[k] ? &values[k] : NULL);
            n += !truth[k];
            truth[k] = 1;
        } else {
            assert_ptr_equal(map_remove(&m, str_of(name)), truth[k] ? &values[k] : NULL);
            n -= (size_t)truth[k];
            truth[k] = 0;
        }
        assert_int_equal(m.n, n);
    }
    for (size_t k = 0; k < KEYS; k++) {
        char name[16];
        snprintf(name, sizeof(name), "%zu", k);
        assert_ptr_equal(map_get(&m, str_of(name)), truth[k] ? &values[k] : NULL);
    }
    map_free(&m, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_basics),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
