/* SPDX-License-Identifier: MIT
 *
 * globprog: a compiled pattern, for ignore.c, which matches one against many paths. The pattern's
 * text must outlive it. Any thread may match.
 */
#ifndef TAU_TEXT_GLOBPROG_H
#define TAU_TEXT_GLOBPROG_H

#include "base/base.h"
#include "base/mem.h"
#include "base/str.h"

/* Parts of a pattern; bytes of a set with its brackets. */
enum { GLOB_TOKENS_MAX = 1023, GLOB_SET_MAX = 256 };

struct glob_token;
struct glob_prog {
    VEC(struct glob_token) tokens;
};

enum glob_dialect {
    GLOB_SHELL,  /* braces; ** crosses slashes anywhere */
    GLOB_IGNORE, /* no braces; ** crosses slashes only as a whole segment */
};

/* False when the pattern has more than GLOB_TOKENS_MAX parts. Starts from a zeroed prog; free it in
 * either case. */
bool glob_compile(struct glob_prog *prog, struct str pattern, enum glob_dialect dialect) ATTR_WARN;
void glob_prog_free(struct glob_prog *prog);
bool glob_prog_match(const struct glob_prog *prog, struct str path);

#endif
