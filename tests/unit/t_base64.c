/* SPDX-License-Identifier: MIT
 *
 * base64: the vectors of RFC 4648 section 10, all bytes there and back, and what is no such text.
 */
#include "lib/test.h"

#include "base/base64.h"

static void vectors(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf text = BUF_OWN, bytes = BUF_OWN;
        base64_encode(&text, str_of(rows[i][0]));
        assert_string_equal(buf_cstr(&text), rows[i][1]);
        assert_true(base64_decode(&bytes, buf_view(&text)));
        assert_string_equal(buf_cstr(&bytes), rows[i][0]);
        buf_free(&text);
        buf_free(&bytes);
    }
}

static void all_bytes(void **state)
{
    (void)state;
    char all[256];
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (char)i;
    for (size_t n = 0; n <= sizeof(all); n++) {
        struct buf text = BUF_OWN, bytes = BUF_OWN;
        base64_encode(&text, str_make(all, n));
        assert_true(base64_decode(&bytes, buf_view(&text)));
        assert_int_equal(bytes.len, n);
        assert_memory_equal(buf_cstr(&bytes), all, n);
        buf_free(&text);
        buf_free(&bytes);
    }
}

static void refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"Z",    "Zg",       "Zg=",  "Zh==",    "Zm9=", "Z===",
                                       "====", "Zg==Zg==", "Zm9*", "Zm9\x80", " Zg=", "=Zg="};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf bytes = BUF_OWN;
        if (base64_decode(&bytes, str_of(rows[i])))
            fail_msg("'%s' was taken", rows[i]);
        buf_free(&bytes);
    }
    struct buf bytes = BUF_OWN;
    assert_false(base64_decode(&bytes, str_make("Zm\09", 4)));
    buf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(all_bytes),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
