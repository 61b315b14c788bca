/* SPDX-License-Identifier: MIT
 *
 * secret: keys in memory that is locked, not in core dumps, between guard pages, and wiped when it
 * is given back. Made before the first thread; read by any.
 */
#ifndef TAU_BASE_SECRET_H
#define TAU_BASE_SECRET_H

#include "base/base.h"
#include "base/str.h"

enum { SECRET_MAX = 16 * 1024 };

/* A copy with a NUL behind it; NULL for an empty text, one past SECRET_MAX, or without memory. */
char *secret_copy(struct str text);
void secret_free(char *s); /* NULL is fine */

/* Overwrites a text where it stands: of argv, or a value of the environment. */
void secret_wipe(char *s);

/* Are both the same? The time that it takes says nothing about where they differ. */
bool secret_equal(struct str a, struct str b);

/* 32 random bytes as hexadecimal digits. */
enum { SECRET_TOKEN = 65 };
void secret_token(char out[SECRET_TOKEN]);

/* The value of a variable as a secret, taken out of the environment: its bytes are overwritten (of
 * each copy, where it stands there twice), so that neither children nor /proc/self/environ have it. NULL when it is not set or empty. */
char *secret_take_env(const char *name);

#endif
