/* SPDX-License-Identifier: MIT
 *
 * glob: path patterns of shells and of gitignore(5). Any thread.
 */
#ifndef TAU_TEXT_GLOB_H
#define TAU_TEXT_GLOB_H

#include "base/base.h"
#include "base/buf.h"
#include "base/str.h"

/* *, ?, [a-z], [!a], {a,b} (one level), ** across slashes, \ quotes. The whole path must match. A
 * pattern of more than 1023 parts (a character, a star, a set) matches nothing; a '[' without its ']' in
 * the next 256 bytes is a character. */
bool glob_match(struct str pattern, struct str path);

/* The rules of the .gitignore files from the root down to one directory. */
struct ignore;
struct ignore *ignore_new(void);
void ignore_free(struct ignore *g);

/* Adds the lines of a .gitignore that lies in `dir` ("" for the root, else "a/b", no slash at the
 * end). */
void ignore_add(struct ignore *g, struct str dir, struct str text);

/* Does a rule ignore this path (relative to the root)? The last rule that matches decides; the
 * caller walks top down and does not enter ignored directories. ".git" is always ignored. */
bool ignore_match(const struct ignore *g, struct str path, bool is_dir);

/* Forgets every rule that was added for `dir`. */
void ignore_pop(struct ignore *g, struct str dir);

#endif
