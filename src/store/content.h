/* SPDX-License-Identifier: MIT
 *
 * content: where the text of a record lies in the log. Text is stored once, in its event; rows only
 * name that event (<name>_seq), or the text is still made of chunks. Here is the one table of which
 * member of which kind holds it, as SQL. Pure; any thread.
 */
#ifndef TAU_STORE_CONTENT_H
#define TAU_STORE_CONTENT_H

#include "base/buf.h"
#include "contract/event.h"
#include "contract/record.h"
#include "store/sql.h"

/* Output of a call or a job in its record: the first so many bytes. */
enum { CONTENT_OUTPUT_MAX = 64 * 1024 };

/* The part that a chunk belongs to, NULL for an event that is no chunk: the column event.part. */
const char *content_part(const struct event *ev);

/* Makes a connection able to run what the two below write. */
bool content_functions(sqlite3 *db, struct err *e) ATTR_WARN;

/* Appends a scalar expression: the text of BODY field f of the row `t` of that kind's table, NULL
 * when it has none. */
void content_body(struct buf *out, enum rec_kind kind, const struct field *f);

/* Appends a scalar expression: the text that the event with seq `seq` holds for the record whose
 * key is `key`; both are SQL expressions. */
void content_event(struct buf *out, const char *seq, const char *key);

#endif
