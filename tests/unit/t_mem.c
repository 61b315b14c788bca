/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/mem.h"

#include <stdlib.h>

static void test_new(void **state)
{
    (void)state;
    int *one = NEW(int);
    int64_t *many = mem_array(100, sizeof(*many));
    assert_int_equal(*one, 0);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(many[i], 0);
    free(one);
    free(many);
    void *none = mem_new(0), *no_elements = mem_array(0, 8);
    assert_non_null(none);
    assert_non_null(no_elements);
    free(none);
    free(no_elements);
}

static void test_copies(void **state)
{
    (void)state;
    CLEANUP(mem_free_p) char *a = mem_strdup("abc");
    CLEANUP(mem_free_p) char *b = mem_strndup("abcdef", 3);
    CLEANUP(mem_free_p) char *c = mem_printf("%s%d", "x", 7);
    CLEANUP(mem_free_p) char *d = mem_dup("a\0b", 3);
    CLEANUP(mem_free_p) char *e = mem_dup(NULL, 0);
    assert_string_equal(a, "abc");
    assert_string_equal(b, "abc");
    assert_string_equal(c, "x7");
    assert_memory_equal(d, "a\0b", 3);
    assert_non_null(e);
    assert_null(mem_strdup(NULL));
}

static void test_take(void **state)
{
    (void)state;
    char *text = mem_strdup("abc");
    char *taken = TAKE(text);
    assert_null(text);
    assert_string_equal(taken, "abc");
    mem_free_p(&taken);
    assert_null(taken);
    mem_free_p(&taken);
}

static void test_vec(void **state)
{
    (void)state;
    struct pair {
        int a;
        char b;
    };
    VEC(struct pair) pairs = {0};
    for (int i = 0; i < 1000; i++)
        VEC_PUSH(&pairs, ((struct pair){i, (char)(i % 100)}));
    assert_int_equal(pairs.n, 1000);
    assert_true(pairs.cap >= 1000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(pairs.v[i].a, i);
        assert_int_equal(pairs.v[i].b, i % 100);
    }
    free(pairs.v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_vec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
