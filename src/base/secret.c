/* SPDX-License-Identifier: MIT
 *
 * secret: by libsodium's guarded memory.
 */
#include "base/secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *secret_copy(struct str text)
{
    if (text.n == 0 || text.n > SECRET_MAX || sodium_init() < 0)
        return NULL;
    char *s = sodium_malloc(text.n + 1);
    if (!s)
        return NULL;
    memcpy(s, text.p, text.n);
    s[text.n] = '\0';
    return s;
}

void secret_free(char *s)
{
    if (s)
        sodium_free(s);
}

void secret_wipe(char *s)
{
    sodium_memzero(s, strlen(s));
}

char *secret_take_env(const char *name)
{
    char *value = getenv(name);
    char *copy = value ? secret_copy(str_trim(str_of(value))) : NULL;
    size_t n = strlen(name);
    for (char **at = environ; at && *at; at++) /* a variable may stand there twice */
        if (strncmp(*at, name, n) == 0 && (*at)[n] == '=')
            secret_wipe(*at + n + 1);
    (void)unsetenv(name); /* fails only for a name that is none */
    return copy;
}

bool secret_equal(struct str a, struct str b)
{
    return a.n == b.n && sodium_memcmp(a.p, b.p, a.n) == 0;
}

void secret_token(char out[SECRET_TOKEN])
{
    unsigned char bytes[SECRET_TOKEN / 2];
    randombytes_buf(bytes, sizeof(bytes));
    sodium_bin2hex(out, SECRET_TOKEN, bytes, sizeof(bytes));
}
