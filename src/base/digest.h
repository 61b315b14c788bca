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

/* The same in pieces. */
struct digest {
    _Alignas(16) unsigned char state[128];
};
void digest_init(struct digest *d);
void digest_add(struct digest *d, struct str data);
void digest_end(struct digest *d, char out[DIGEST_HEX]);

void random_bytes(void *p, size_t n);
bool equal_constant_time(struct str a, struct str b);

#endif
