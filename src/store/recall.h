/* SPDX-License-Identifier: MIT
 *
 * recall: the index of what is remembered: an FTS5 table over the view `remembered`, whose rows are
 * the entries of memory that are not forgotten, by the event that last wrote each, so that the
 * newest are found first. A column of marks says of an entry what a search may be narrowed to; its
 * words are of characters that nobody types. It is written when a record is (records.c).
 */
#ifndef TAU_STORE_RECALL_H
#define TAU_STORE_RECALL_H

#include "base/buf.h"
#include "store/sql.h"

/* A statement: the newest RECALL_MOST that match are compared with one another, and so many pinned.
 */
#define RECALL_MOST "2000"

/* Append: the DDL of view and table; the statement that fills the index anew; the one that puts the
 * words of the entry ?1 into it, or takes them out: before the row changes, and after. */
void recall_make(struct buf *out);
void recall_fill(struct buf *out);
void recall_words(struct buf *out, bool remove);

/* Makes a connection able to run:
 *  recall_match(QUERY, TYPE, PINNED)  the expression of a search: of search_expression, and only of
 *                                     that type unless it is NULL, only pinned ones unless it is 0
 *  recall_fit(remembered_words)       how well the row fits, above 0. A word counts more in the
 *                                     summary than in tags, and there more than in a fact; again
 *                                     and again less; and less the longer the entry is. How rare a
 *                                     word is elsewhere does not count: finding that out would take
 *                                     a walk through all entries that have it.
 *  recall_mark(QUERY, TEXT, ...)      the place in the texts where the most words of the query are,
 *                                     with « and » around each, in one line */
bool recall_functions(sqlite3 *db, struct err *e) ATTR_WARN;

#endif
