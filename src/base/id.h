/* SPDX-License-Identifier: MIT
 *
 * id: names that sort by the time they were made: prefix, "_", 10 characters of milliseconds and 10
 * of randomness in Crockford's base 32 (the layout of ULID, shortened). Within one process ids made
 * later always sort later. Any thread.
 */
#ifndef TAU_BASE_ID_H
#define TAU_BASE_ID_H

#include "base/base.h"

enum { ID_MAX = 40 }; /* bytes with prefix and NUL; prefixes are at most 12 characters */

struct id {
    char s[ID_MAX];
};

struct id id_make(const char *prefix);

/* Tests only: ids become prefix_0000000000_0000000001, ...2, ... from here on. 0 turns it off. */
void id_count_from(uint64_t n);

#endif
