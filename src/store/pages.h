/* SPDX-License-Identifier: MIT
 *
 * pages: the rows of an SQLite file that are found by looking at its pages one after another, without
 * the trees that lead to them: for a file whose trees are damaged. Every page that looks like a leaf of
 * a table counts, also one that was given up; whoever asks knows which rows can be right.
 * Format: sqlite.org/fileformat2.html, 1.6 and 2.1. Nothing in the file is trusted. One thread.
 */
#ifndef TAU_STORE_PAGES_H
#define TAU_STORE_PAGES_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

/* Rows with more columns or more bytes are passed over. */
enum { PAGES_COLUMNS_MAX = 32, PAGES_ROW_MAX = 64 << 20 };

enum page_type { PAGE_NULL, PAGE_INT, PAGE_REAL, PAGE_TEXT, PAGE_BLOB };

struct page_value {
    enum page_type type;
    int64_t i;    /* PAGE_INT */
    struct str s; /* PAGE_TEXT, PAGE_BLOB; borrowed for the call */
};

struct page_row {
    int64_t rowid;
    size_t n;
    struct page_value v[PAGES_COLUMNS_MAX];
};

/* fd: of the file, which stays open. fn answers false to stop. ERR_STORE when it can not be read. */
bool pages_each(int fd, bool (*fn)(void *arg, const struct page_row *row), void *arg,
                struct err *e) ATTR_WARN;

#endif
