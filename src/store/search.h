/* SPDX-License-Identifier: MIT
 *
 * search: the index of what was said: an FTS5 table over the view `said`, whose rows are the texts
 * of messages and the results of calls, by the seq of their event. The index has the words and no
 * text: that stays in the log. It is written in the transaction that appends the event, and follows
 * the log, not the sessions: what a session gave up is found as well. (SQLite lets no trigger write
 * it, since the schema of a file is not trusted: store/sql.c.)
 */
#ifndef TAU_STORE_SEARCH_H
#define TAU_STORE_SEARCH_H

#include "base/buf.h"
#include "contract/event.h"
#include "store/sql.h"

enum { SEARCH_QUERY_MAX = 1000, SEARCH_WORDS_MAX = 32 };

/* Append: the DDL of view and table; the statement that fills the index anew; the one that takes in
 * the event with seq ?1; the one that takes out events (a SELECT of their seqs), to be run before
 * they leave the log. */
void search_make(struct buf *out);
void search_fill(struct buf *out);
void search_add(struct buf *out);
void search_remove(struct buf *out, const char *which);

/* Can an event of this kind be in the index? */
bool search_holds(enum event_kind kind);

/* Makes a connection able to use the view, and to run search_words(TEXT): what search_expression
 * makes of it. */
bool search_functions(sqlite3 *db, struct err *e) ATTR_WARN;

/* Appends the FTS5 expression of what somebody typed: every word must be there, "words in quotes"
 * side by side, and the last word may go on, unless it is in quotes. Nothing in it is syntax.
 * ERR_INVALID when there is no word in it, or more than the limits above. */
bool search_expression(struct buf *out, struct str query, struct err *e) ATTR_WARN;

#endif
