/* SPDX-License-Identifier: MIT
 *
 * markdown: GitHub's Markdown (cmark-gfm: tables, strikethrough, task lists, bare URLs) as rows of
 * sanitised text that fit a width, each span with the role it plays. What draws them gives the roles
 * their looks. HTML is shown as text; a line break in a paragraph stays one, as in a chat; a link shows
 * where it goes. Any thread.
 */
#ifndef TAU_TEXT_MARKDOWN_H
#define TAU_TEXT_MARKDOWN_H

#include "base/base.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "text/hunk.h"

enum {
    MARKDOWN_MAX = 64 * 1024, /* bytes that are parsed at a time; a larger block is plain text, but code */
    MARKDOWN_PARAGRAPH = 2048,
    MARKDOWN_DEPTH = 12,      /* quotes and lists in one another that are indented; deeper ones are not */
    MARKDOWN_COLUMNS = 24,    /* of a table; a wider one is plain text */
};

enum markdown_role {
    MARKDOWN_TEXT,
    MARKDOWN_STRONG,
    MARKDOWN_EMPHASIS,
    MARKDOWN_STRUCK,
    MARKDOWN_CODE,
    MARKDOWN_LINK,
    MARKDOWN_TARGET, /* where a link goes */
    MARKDOWN_HEADING,
    MARKDOWN_MARK,   /* bullets, numbers, bars of quotes, borders of tables, rules */
    MARKDOWN_ADDED,  /* of a diff */
    MARKDOWN_REMOVED,
    MARKDOWN_HUNK,
    MARKDOWN_ROLES
};

struct markdown_span {
    size_t from, n; /* bytes of text */
    enum markdown_role role;
};

struct markdown_row {
    size_t first, n; /* spans */
};

/* What began a block of code on the top level. */
struct markdown_fence {
    char mark; /* '\0': none did */
    size_t n;  /* so many marks, or more, end it */
    int indent;
    bool diff;
    struct hunk hunk; /* of a diff: where it is */
};

struct markdown {
    struct buf text;
    VEC(struct markdown_span) spans;
    VEC(struct markdown_row) rows;
    /* Where the last block on the top level begins, which more text may still change: its byte in what
     * was given, and its first row (an empty one lies before, unless it is the first). Of a paragraph
     * past MARKDOWN_PARAGRAPH bytes that has no mark in it, only its last lines: a line of === below it
     * would make all of it a heading, and is seen by who makes the whole once more at its end. Of a block of
     * code past that only its last line, and `within` says what it is in. */
    size_t last_block, last_row;
    bool joins; /* it goes on in the row after, without an empty one */
    struct markdown_fence within;
};

#define MARKDOWN_INIT ((struct markdown){.text = BUF_OWN})

void markdown_done(struct markdown *m); /* and usable again */

/* Replaces what is in m. width: cells, at least 1. within: of what was made up to where raw begins; NULL:
 * it begins with a block. Links that are defined in another piece of more than MARKDOWN_MAX are not known. */
void markdown_make(struct markdown *m, struct str raw, int width, const struct markdown_fence *within);

#endif
