/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/arena.h"

#include <stdalign.h>

static bool is_zero(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

/* Objects of many sizes: zeroed, aligned, and none lies on another. */
static void test_objects(void **state)
{
    (void)state;
    enum { OBJECTS = 2000 };
    static char *objects[OBJECTS];
    static size_t sizes[OBJECTS];
    uint64_t seed = test_seed();
    struct arena a = ARENA_INIT;
    for (size_t i = 0; i < OBJECTS; i++) {
        sizes[i] = (size_t)(test_random(&seed) % (i % 100 ? 200 : 20000));
        objects[i] = arena_new(&a, sizes[i]);
        assert_int_equal((uintptr_t)objects[i] % alignof(max_align_t), 0);
        assert_true(is_zero(objects[i], sizes[i]));
        memset(objects[i], (int)(i % 251) + 1, sizes[i]);
    }
    for (size_t i = 0; i < OBJECTS; i++)
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal((unsigned char)objects[i][k], i % 251 + 1);
    arena_free(&a);
    assert_int_equal(a.used, 0);
}

/* What was reserved is used up to the last byte, and then the arena grows as ever. */
static void test_reserve(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    assert_int_equal(arena_size(0), alignof(max_align_t));
    assert_int_equal(arena_size(alignof(max_align_t)), alignof(max_align_t));
    assert_int_equal(arena_size(alignof(max_align_t) + 1), 2 * alignof(max_align_t));
    arena_reserve(&a, arena_size(100) + arena_size(1));
    char *first = arena_new(&a, 100);
    char *second = arena_new(&a, 1);
    assert_ptr_equal(second, first + arena_size(100));
    const void *top = a.top;
    arena_reserve(&a, 100000); /* it is not empty */
    assert_ptr_equal(a.top, top);
    memset(arena_new(&a, 10000), 'x', 10000);
    assert_ptr_not_equal(a.top, top);
    arena_free(&a);
}

static void test_reset(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    char *first = arena_new(&a, 100);
    memset(first, 'x', 100);
    for (int i = 0; i < 100; i++)
        memset(arena_new(&a, 1000), 'y', 1000);
    assert_true(a.used >= 100100);
    arena_reset(&a);
    assert_int_equal(a.used, 0);
    char *again = arena_new(&a, 100);
    assert_ptr_equal(again, first); /* the chunk that was kept */
    assert_true(is_zero(again, 100));
    arena_reset(&a);
    arena_reset(&a);
    arena_free(&a);
    arena_free(&a);
    arena_reset(&a);
    assert_non_null(arena_new(&a, 0));
    arena_free(&a);
}

static void test_text(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    assert_null(arena_strdup(&a, NULL));
    assert_string_equal(arena_strdup(&a, "abc"), "abc");
    assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
    assert_string_equal(arena_strndup(&a, NULL, 0), "");
    assert_string_equal(arena_printf(&a, "%s-%05d", "x", 42), "x-00042");
    assert_int_equal(strlen(arena_printf(&a, "%*s", 100000, "")), 100000);
    int64_t *numbers = arena_array(&a, 1000, sizeof(*numbers));
    assert_true(is_zero((char *)numbers, 1000 * sizeof(*numbers)));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_reserve),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
