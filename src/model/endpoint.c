/* SPDX-License-Identifier: MIT
 *
 * endpoint: addresses and keys.
 */
#include "model/endpoint.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WANTS_KEY = true, NO_KEY = false, URL_MAX = 2000 };

static struct endpoint rows[ENDPOINT_COUNT] = {
#define ENDPOINT(id, name, base, key_env, base_env, key, help)                                     \
    [ENDPOINT_##id] = {name, key_env, base_env, help, key, base, NULL, false, 0, NULL},
#include "model/endpoints.def"
#undef ENDPOINT
};
static char *bases[ENDPOINT_COUNT], *keys[ENDPOINT_COUNT];

const struct endpoint *endpoint(enum endpoint_id id)
{
    return &rows[id];
}

enum endpoint_id endpoint_find(const char *name)
{
    size_t n = strcspn(name, "/");
    for (int i = 0; i < ENDPOINT_COUNT; i++)
        if (strlen(rows[i].name) == n && strncmp(rows[i].name, name, n) == 0)
            return (enum endpoint_id)i;
    return ENDPOINT_COUNT;
}

/* "host", "host:port", "[::1]:port". */
static bool good_host(struct str host)
{
    ptrdiff_t end =
        host.n && host.p[0] == '[' ? str_find(host, STR("]")) + 1 : str_find(host, STR(":"));
    if (end < 0)
        end = (ptrdiff_t)host.n;
    struct str name = str_sub(host, 0, (size_t)end), port = str_sub(host, (size_t)end, host.n);
    int64_t number = 1;
    if (name.n == 0 || (name.p[0] == '[' && name.n < 4))
        return false;
    return port.n == 0 ||
           (port.p[0] == ':' && port.n > 1 && port.p[1] >= '0' &&
            str_i64(str_sub(port, 1, port.n), &number) && number > 0 && number < 65536);
}

/* How far it is an address: what is shown of one that is none ends where a secret may begin. */
static size_t plain_bytes(struct str s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] > ' ' && s.p[n] < 0x7F && !strchr("?#\\<>\"{}|^`", s.p[n]))
        n++;
    return n;
}

/* Without what it may end with: slashes, and the path that is added to it. */
static struct str bare(struct str s)
{
    const struct str path = STR("/chat/completions");
    while (s.n && s.p[s.n - 1] == '/')
        s.n--;
    if (s.n > path.n && str_eq(str_sub(s, s.n - path.n, s.n), path))
        s.n -= path.n;
    while (s.n && s.p[s.n - 1] == '/')
        s.n--;
    return s;
}

bool endpoint_set_base(enum endpoint_id id, const char *url, struct err *e)
{
    struct str all = str_trim(str_of(url));
    if (strchr(url, '@'))
        return err_set(e, ERR_USAGE, "the address of %s has a user or a password in it",
                       rows[id].name) ||
               err_hint(e, "give the address alone, and the key in %s", rows[id].key_env);
    size_t n = plain_bytes(all);
    size_t scheme = strncasecmp(url + (all.p - url), "https://", 8) == 0  ? 8
                    : strncasecmp(url + (all.p - url), "http://", 7) == 0 ? 7
                                                                          : 0;
    struct str rest = str_sub(all, scheme, all.n), host = rest;
    ptrdiff_t slash = str_find(rest, STR("/"));
    if (slash >= 0)
        host = str_sub(rest, 0, (size_t)slash);
    if (n < all.n || scheme == 0 || !good_host(host) || all.n > URL_MAX)
        return err_set(e, ERR_USAGE, "'%.*s%s' is no address of a model server",
                       (int)MIN(n, (size_t)200), all.p, n < all.n || n > 200 ? "..." : "") ||
               err_hint(e, "it looks like http://127.0.0.1:8080/v1");
    rest = bare(rest);
    free(bases[id]);
    rows[id].base = bases[id] =
        mem_printf("%s%.*s", scheme == 8 ? "https://" : "http://", STR_ARG(rest));
    rows[id].moved = true;
    if (rows[id].wrong == rows[id].base_env)
        rows[id].wrong = NULL;
    return true;
}

/* Takes the secret over. */
static void put_key(enum endpoint_id id, char *key)
{
    secret_free(keys[id]);
    rows[id].key = keys[id] = key;
    if (rows[id].wrong == rows[id].key_env)
        rows[id].wrong = NULL;
}

bool endpoint_set_key(enum endpoint_id id, struct str key, struct err *e)
{
    struct str s = str_trim(key);
    if (s.n > ENDPOINT_KEY_MAX)
        return err_set(e, ERR_CONFIG, "the key of %s is longer than %d bytes", rows[id].name,
                       ENDPOINT_KEY_MAX);
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7F)
            return err_set(e, ERR_CONFIG, "the key of %s has characters that no key has",
                           rows[id].name);
    char *copy = secret_copy(s);
    if (!copy)
        return err_set(e, ERR_CONFIG, "the key of %s is empty, or can not be kept", rows[id].name);
    put_key(id, copy);
    return true;
}

void endpoint_set_window(enum endpoint_id id, int64_t tokens)
{
    rows[id].window = tokens;
}

void endpoints_take_env(void)
{
    for (int i = 0; i < ENDPOINT_COUNT; i++) {
        struct err e = ERR_INIT;
        const char *said = getenv(rows[i].key_env);
        bool set = said && str_trim(str_of(said)).n > 0;
        char *key = secret_take_env(rows[i].key_env);
        const char *base = getenv(rows[i].base_env);
        if (set && (!key || !endpoint_set_key((enum endpoint_id)i, str_of(key), &e)))
            rows[i].wrong = rows[i].key_env;
        if (base && base[0] && !endpoint_set_base((enum endpoint_id)i, base, &e))
            rows[i].wrong = rows[i].base_env;
        secret_free(key);
    }
}

bool endpoint_read_key(enum endpoint_id id, const char *path, struct err *e)
{
    char text[ENDPOINT_KEY_MAX + 3]; /* with CRLF: what is longer is no key */
    struct stat st;
    CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_sys(e, ERR_CONFIG, errno, "the key file %.200s", path);
    if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0) {
        err_set(e, ERR_CONFIG, "the key file %.200s can be read by others (mode %04o)", path,
                (unsigned)st.st_mode & 07777);
        return err_hint(e, "chmod 600 it, and make a new key if others may have seen it");
    }
    ssize_t n = read(fd, text, sizeof(text) - 1);
    if (n < 0)
        return err_sys(e, ERR_CONFIG, errno, "the key file %.200s", path);
    text[n] = '\0';
    struct str rest = str_make(text, (size_t)n), line = STR("");
    bool ok = str_line(&rest, &line) && endpoint_set_key(id, line, e);
    explicit_bzero(text, sizeof(text));
    return ok ||
           (e->code == ERR_NONE && err_set(e, ERR_CONFIG, "the key file %.200s is empty", path));
}

void endpoints_done(void)
{
    for (int i = 0; i < ENDPOINT_COUNT; i++) {
        secret_free(TAKE(keys[i]));
        free(TAKE(bases[i]));
        rows[i].key = NULL;
        if (rows[i].moved)
            rows[i].base = "";
    }
}
