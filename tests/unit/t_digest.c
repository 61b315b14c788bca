/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/digest.h"

/* Examples of FIPS 180-4's authors, and the empty message. */
static void test_known(void **state)
{
    (void)state;
    static const struct {
        struct str in;
        const char *out;
    } rows[] = {
        {STR("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {STR(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {STR_NULL, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char hex[DIGEST_HEX];
        digest_hex(rows[i].in, hex);
        assert_string_equal(hex, rows[i].out);
    }
}

static void test_pieces(void **state)
{
    (void)state;
    char whole[DIGEST_HEX], pieces[DIGEST_HEX];
    char data[300];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (char)(i * 7);
    digest_hex(str_make(data, sizeof(data)), whole);
    for (size_t cut = 0; cut <= sizeof(data); cut++) {
        struct digest d;
        digest_init(&d);
        digest_add(&d, str_make(data, cut));
        digest_add(&d, STR_NULL);
        digest_add(&d, str_make(data + cut, sizeof(data) - cut));
        digest_end(&d, pieces);
        assert_string_equal(pieces, whole);
    }
}

static void test_bytes(void **state)
{
    (void)state;
    unsigned char a[32] = {0}, b[32] = {0};
    random_bytes(a, sizeof(a));
    random_bytes(b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
    random_bytes(a, 0);
}

static void test_equal(void **state)
{
    (void)state;
    assert_true(equal_constant_time(STR("secret"), STR("secret")));
    assert_false(equal_constant_time(STR("secret"), STR("secreT")));
    assert_false(equal_constant_time(STR("secret"), STR("secrets")));
    assert_true(equal_constant_time(STR_NULL, STR("")));
    assert_false(equal_constant_time(STR_NULL, STR("x")));
}

static void test_key(void **state)
{
    (void)state;
    assert_true(digest_key(STR("a")) == digest_key(STR("a")));
    assert_true(digest_key(STR("a")) != digest_key(STR("b")));
    assert_true(digest_key(STR_NULL) == digest_key(STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known), cmocka_unit_test(test_pieces), cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_equal), cmocka_unit_test(test_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
