/* SPDX-License-Identifier: MIT
 *
 * tausql: the entries of a session that Tau keeps in an SQLite file. It is opened as a file that
 * nobody changes, and never written. One thread.
 */
#ifndef TAU_STORE_TAUSQL_H
#define TAU_STORE_TAUSQL_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

struct tausql;

/* ERR_INVALID when it is no such file, ERR_CONFLICT when a -wal beside it holds what it lacks. */
struct tausql *tausql_open(const char *path, struct err *e) ATTR_WARN;
void tausql_close(struct tausql *t); /* NULL is fine */

/* Every entry by id; parent 0: none. The text is borrowed for the call. fn returns false to stop. */
bool tausql_each(struct tausql *t,
                 bool (*fn)(void *arg, int64_t id, int64_t parent, struct str message), void *arg,
                 struct err *e) ATTR_WARN;

/* The message of one, borrowed until the next call. */
bool tausql_message(struct tausql *t, int64_t id, struct str *ret, struct err *e) ATTR_WARN;

#endif
