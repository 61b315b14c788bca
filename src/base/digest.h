/* SPDX-License-Identifier: MIT
 *
 * digest: hashes and random bytes, by libsodium (included here only). Any thread.
 */
#ifndef TAU_BASE_DIGEST_H
#define TAU_BASE_DIGEST_H

#include "base/base.h"
#include "base/str.h"

enum { DIGEST_BYTES = 32, DIGEST_HEX = 65 };

/* SHA-256 (FIPS 180-4), lower-case hex with NUL. */
void digest_hex(struct str data, char out[DIGEST_HEX]);

/* The same in pieces: one digest_init, any number of digest_add, one digest_end. A value on the
 * caller's stack; nothing to free. Not shared between threads. */
struct digest {
    _Alignas(16) unsigned char state[128];
};
void digest_init(struct digest *d);
void digest_add(struct digest *d, struct str data);
void digest_end(struct digest *d, char out[DIGEST_HEX]);

/* The hash of a key in a table of this process (SipHash-2-4 under a random key), so that nobody who
 * chooses the keys can make them collide. Differs from process to process: never stored. */
uint64_t digest_key(struct str key);

/* n bytes that nobody can guess. */
void random_bytes(void *p, size_t n);

/* Equal bytes? Takes the same time wherever they differ; that the lengths differ may show. */
bool equal_constant_time(struct str a, struct str b);

#endif
