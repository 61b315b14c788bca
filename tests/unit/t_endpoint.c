/* SPDX-License-Identifier: MIT
 *
 * t_endpoint: addresses and keys: what is one, what is made of it, and what no message repeats.
 */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "model/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_rows(void **state)
{
    (void)state;
    for (int i = 0; i < ENDPOINT_COUNT; i++) {
        const struct endpoint *p = endpoint((enum endpoint_id)i);
        struct err e = ERR_INIT;
        char *base = mem_strdup(p->base), *name = mem_printf("%s/some/model", p->name);
        assert_int_equal(endpoint_find(p->name), i);
        assert_int_equal(endpoint_find(name), i);
        OK(endpoint_set_base((enum endpoint_id)i, base, &e)); /* a row's own address is one */
        assert_string_equal(p->base, base);
        assert_true(p->help[0] && p->key_env[0] && p->base_env[0]);
        free(base);
        free(name);
    }
    assert_int_equal(endpoint_find("open"), ENDPOINT_COUNT);
    assert_int_equal(endpoint_find("openai2/x"), ENDPOINT_COUNT);
    assert_int_equal(endpoint_find(""), ENDPOINT_COUNT);
    endpoints_done();
}

static void test_addresses(void **state)
{
    static const struct {
        const char *given, *kept;
    } rows[] = {
        {"http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"},
        {"http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1"},
        {"https://host.example///", "https://host.example"},
        {" http://host/v1\n", "http://host/v1"},
        {"HTTPS://Host/V1", "https://Host/V1"},
        {"http://[::1]:8080/v1", "http://[::1]:8080/v1"},
        {"http://[fe80::1%25eth0]/v1", "http://[fe80::1%25eth0]/v1"},
        {"http://host:65535", "http://host:65535"},
        {"http://host/v1/chat/completions", "http://host/v1"},
        {"http://host/chat/completions/", "http://host"},
        {"http://host/a/b/c", "http://host/a/b/c"},
    };
    const struct endpoint *p = endpoint(ENDPOINT_OPENAI);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        OK(endpoint_set_base(ENDPOINT_OPENAI, rows[i].given, &e));
        assert_string_equal(p->base, rows[i].kept);
        assert_true(p->moved);
    }
    endpoints_done();
}

static void test_what_is_no_address(void **state)
{
    static const char *const rows[] = {
        "",
        "host",
        "host:8080/v1",
        "ftp://host/v1",
        "file:///etc/passwd",
        "http:/host",
        "http://",
        "https:///v1",
        "http://:8080/v1",
        "http://host:/v1",
        "http://host:0/v1",
        "http://host:65536/v1",
        "http://host:80a/v1",
        "http://[::1/v1",
        "http://[]/v1",
        "http://[::1]8080/v1",
        "http://ho st/v1",
        "http://host/v1\x01",
        "http://h\xC3\xB6st/v1",
        "http://host/v1?key=sekret",
        "http://host/v1#sekret",
        "http://host\r\nX-Sekret: sekret",
        "http://me:sekret@host/v1",
        "http://sekret@host/v1",
        "me:sekret@host",
    };
    struct err e = ERR_INIT;
    (void)state;
    OK(endpoint_set_base(ENDPOINT_OPENAI, "http://before/v1", &e));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        e = (struct err)ERR_INIT;
        if (endpoint_set_base(ENDPOINT_OPENAI, rows[i], &e))
            fail_msg("'%s' is an address", rows[i]);
        assert_int_equal(e.code, ERR_USAGE);
        if (strstr(e.message, "sekret") || strstr(e.hint, "sekret"))
            fail_msg("%s", e.message);
        assert_string_equal(endpoint(ENDPOINT_OPENAI)->base, "http://before/v1");
    }
    char *far = mem_printf("http://host/%02000d", 0);
    FAILS(endpoint_set_base(ENDPOINT_OPENAI, far, &e), ERR_USAGE);
    free(far);
    endpoints_done();
}

static void test_keys(void **state)
{
    static const char *const bad[] = {"a b", "a\nb", "a\r", "sk-\x7F", "sk-\xC3\xA4", "\x01"};
    const struct endpoint *p = endpoint(ENDPOINT_GROQ);
    struct err e = ERR_INIT;
    char text[ENDPOINT_KEY_MAX + 1];
    (void)state;
    memset(text, 'k', sizeof(text));
    OK(endpoint_set_key(ENDPOINT_GROQ, STR("  sk-one\n"), &e));
    assert_string_equal(p->key, "sk-one");
    assert_null(endpoint(ENDPOINT_OPENAI)->key); /* it is nobody else's */
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (i == 2) /* blanks around it are passed over */
            continue;
        FAILS(endpoint_set_key(ENDPOINT_GROQ, str_of(bad[i]), &e), ERR_CONFIG);
        assert_null(strstr(e.message, "sk-"));
        assert_string_equal(p->key, "sk-one");
    }
    FAILS(endpoint_set_key(ENDPOINT_GROQ, STR(""), &e), ERR_CONFIG);
    FAILS(endpoint_set_key(ENDPOINT_GROQ, STR("a\0b"), &e), ERR_CONFIG);
    OK(endpoint_set_key(ENDPOINT_GROQ, str_make(text, ENDPOINT_KEY_MAX), &e));
    FAILS(endpoint_set_key(ENDPOINT_GROQ, str_make(text, ENDPOINT_KEY_MAX + 1), &e), ERR_CONFIG);
    endpoints_done();
    assert_null(p->key);
}

static void test_environment(void **state)
{
    char text[20000];
    struct err e = ERR_INIT;
    (void)state;
    memset(text, 'k', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    setenv("OPENAI_API_KEY", "sk-env", 1);
    setenv("OPENAI_BASE_URL", "http://host/v1/", 1);
    setenv("GROQ_API_KEY", "sk\nX-Evil: 1", 1);
    setenv("XAI_API_KEY", text, 1);
    setenv("MISTRAL_API_KEY", " ", 1);
    setenv("TAU_VLLM_API_BASE", "nonsense", 1);
    endpoints_take_env();
    assert_string_equal(endpoint(ENDPOINT_OPENAI)->key, "sk-env");
    assert_string_equal(endpoint(ENDPOINT_OPENAI)->base, "http://host/v1");
    assert_null(endpoint(ENDPOINT_OPENAI)->wrong);
    assert_null(getenv("OPENAI_API_KEY"));
    assert_string_equal(endpoint(ENDPOINT_GROQ)->wrong, "GROQ_API_KEY");
    assert_null(getenv("GROQ_API_KEY"));
    assert_string_equal(endpoint(ENDPOINT_XAI)->wrong, "XAI_API_KEY");
    assert_null(endpoint(ENDPOINT_MISTRAL)->wrong);
    assert_null(endpoint(ENDPOINT_MISTRAL)->key);
    assert_string_equal(endpoint(ENDPOINT_VLLM)->wrong, "TAU_VLLM_API_BASE");
    OK(endpoint_set_key(ENDPOINT_GROQ, STR("sk-good"), &e));
    assert_null(endpoint(ENDPOINT_GROQ)->wrong);
    OK(endpoint_set_base(ENDPOINT_VLLM, "http://host", &e));
    assert_null(endpoint(ENDPOINT_VLLM)->wrong);
    endpoints_done();
}

/* The key that a file of these bytes gives; NULL: none, with the error. */
static const char *key_of(const char *path, const char *bytes, size_t n, int mode, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    assert_int_equal(fchmod(fd, (mode_t)mode), 0);
    close(fd);
    endpoints_done();
    *e = (struct err)ERR_INIT;
    return endpoint_read_key(ENDPOINT_OPENAI, path, e) ? endpoint(ENDPOINT_OPENAI)->key : NULL;
}

static void test_files(void **state)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *dir = test_tmpdir("endpoint");
    CLEANUP(mem_free_p) char *path = fs_join(dir, "key");
    CLEANUP(mem_free_p) char *link = fs_join(dir, "link");
    char text[ENDPOINT_KEY_MAX + 100];
    (void)state;
    memset(text, 'k', sizeof(text));
    assert_string_equal(key_of(path, "sk-a", 4, 0600, &e), "sk-a");
    assert_string_equal(key_of(path, "sk-b\r\nmore\n", 11, 0400, &e), "sk-b");
    assert_string_equal(key_of(path, "\tsk-c \n", 7, 0600, &e), "sk-c");
    assert_null(key_of(path, "", 0, 0600, &e));
    assert_non_null(strstr(e.message, "empty"));
    assert_null(key_of(path, "\nsk-d\n", 6, 0600, &e));
    assert_null(key_of(path, "sk\0d\n", 5, 0600, &e));
    assert_null(key_of(path, "\xEF\xBB\xBFsk-d\n", 8, 0600, &e));
    static const int modes[] = {0640, 0604, 0660, 0777, 0620};
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        assert_null(key_of(path, "sk-e", 4, modes[i], &e));
        assert_non_null(strstr(e.message, "can be read by others"));
    }
    assert_int_equal(chmod(path, 0600), 0);
    text[ENDPOINT_KEY_MAX] = '\r';
    text[ENDPOINT_KEY_MAX + 1] = '\n';
    assert_int_equal(strlen(key_of(path, text, sizeof(text), 0600, &e)), ENDPOINT_KEY_MAX);
    text[ENDPOINT_KEY_MAX] = text[ENDPOINT_KEY_MAX + 1] = 'k';
    assert_null(key_of(path, text, sizeof(text), 0600, &e)); /* and not a part of it */
    assert_null(key_of(path, text, ENDPOINT_KEY_MAX + 1, 0600, &e));
    assert_int_equal(e.code, ERR_CONFIG);
    /* Through a link it is the file that counts. */
    assert_int_equal(symlink(path, link), 0);
    assert_non_null(key_of(path, "sk-f", 4, 0600, &e));
    OK(endpoint_read_key(ENDPOINT_OPENAI, link, &e));
    assert_int_equal(chmod(path, 0644), 0);
    FAILS(endpoint_read_key(ENDPOINT_OPENAI, link, &e), ERR_CONFIG);
    assert_int_equal(unlink(path), 0);
    FAILS(endpoint_read_key(ENDPOINT_OPENAI, link, &e), ERR_CONFIG);
    FAILS(endpoint_read_key(ENDPOINT_OPENAI, dir, &e), ERR_CONFIG);
    assert_int_equal(mkfifo(path, 0600), 0);
    FAILS(endpoint_read_key(ENDPOINT_OPENAI, path, &e), ERR_CONFIG);
    endpoints_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_what_is_no_address),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
