/* SPDX-License-Identifier: MIT
 *
 * digest: hashes and random bytes, by libsodium. The library is made ready at first use, once.
 */
#include "base/digest.h"

#include <pthread.h>
#include <sodium.h>

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(((struct digest *)0)->state),
               "struct digest holds the library's state");

static pthread_once_t once = PTHREAD_ONCE_INIT;
static unsigned char table_key[crypto_shorthash_KEYBYTES];

static void start(void)
{
    /* Fails only without a source of random bytes; nothing may be signed or named without one. */
    TAU_ASSERT(sodium_init() >= 0);
    randombytes_buf(table_key, sizeof(table_key));
}

static void ready(void)
{
    pthread_once(&once, start);
}

static crypto_hash_sha256_state *state_of(struct digest *d)
{
    return (crypto_hash_sha256_state *)(void *)d->state;
}

static const unsigned char *bytes_of(struct str s)
{
    return (const unsigned char *)(s.p ? s.p : "");
}

void digest_init(struct digest *d)
{
    ready();
    crypto_hash_sha256_init(state_of(d));
}

void digest_add(struct digest *d, struct str data)
{
    crypto_hash_sha256_update(state_of(d), bytes_of(data), data.n);
}

void digest_end(struct digest *d, char out[DIGEST_HEX])
{
    unsigned char raw[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(state_of(d), raw);
    sodium_bin2hex(out, DIGEST_HEX, raw, sizeof(raw));
}

void digest_hex(struct str data, char out[DIGEST_HEX])
{
    struct digest d;
    digest_init(&d);
    digest_add(&d, data);
    digest_end(&d, out);
}

uint64_t digest_key(struct str key)
{
    uint64_t hash;
    _Static_assert(sizeof(hash) == crypto_shorthash_BYTES, "one word");
    ready();
    crypto_shorthash((unsigned char *)&hash, bytes_of(key), key.n, table_key);
    return hash;
}

void random_bytes(void *p, size_t n)
{
    ready();
    randombytes_buf(p, n);
}

bool equal_constant_time(struct str a, struct str b)
{
    return a.n == b.n && sodium_memcmp(bytes_of(a), bytes_of(b), a.n) == 0;
}
