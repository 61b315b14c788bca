/* SPDX-License-Identifier: MIT
 *
 * transcript: the entries of one session as rows. Rows are kept per entry (vm/item.h), and only
 * an entry whose records or live text changed is made again. Pure: snapshot in, rows out. UI thread.
 */
#ifndef TAU_UI_VM_TRANSCRIPT_H
#define TAU_UI_VM_TRANSCRIPT_H

#include "base/base.h"
#include "base/map.h"
#include "state/snapshot.h"
#include "ui/vm/diffrows.h"
#include "ui/vm/item.h"

enum {
    TRANSCRIPT_TEXT_CELLS = 100, /* text is not made wider */
    TRANSCRIPT_RUN_ROWS = 5,     /* rows of output shown while a tool runs */
    TRANSCRIPT_OPEN_ROWS = 40,   /* rows of output of a tool that is unfolded */
    TRANSCRIPT_OLDER_MAX = 5000, /* entries from before the snapshot that are held */
    TRANSCRIPT_ASK_ROWS = 16,    /* rows of a preview while it is asked about */
};

struct vm_transcript {
    char *session;
    int width;
    enum diff_style diff, made_diff; /* as it shall be, and as items were made */
    bool open_all;
    VEC(struct vm_item *) items;
    struct map folds;        /* id to enum fold, as the operator set it */
    int64_t before;          /* entries that lie before the first */
    int64_t fetch_n;         /* those have a smaller n */
    bool empty;              /* they were asked for, and there were none */
    char branch[24];         /* of the session, when these were made */
    VEC(struct rec *) older; /* entries from before the snapshot's, as they were fetched */
    bool can_load;           /* the row that counts what lies before says how to get it */
    size_t rows;
    size_t rebuilt;        /* items made since the start: for tests */
    struct snapshot *seen; /* the newest; held */
    struct map tools;      /* id to record, of seen */
};

void vm_transcript_init(struct vm_transcript *t);
void vm_transcript_done(struct vm_transcript *t);

/* True when rows changed. session NULL: nothing is shown. */
bool vm_transcript_update(struct vm_transcript *t, const struct snapshot *s, const char *session,
                          int width);

/* Entries of the session from before the first, oldest first; takes the references. What does not
 * join the first one is dropped. They go when another session is shown. */
void vm_transcript_older(struct vm_transcript *t, const char *session, struct rec *const *v,
                         size_t n);

/* Which item a row belongs to; items.n when there is none. */
size_t vm_transcript_item(const struct vm_transcript *t, size_t row);

/* Turns the fold of an item, or of all, at the next update. */
void vm_transcript_fold(struct vm_transcript *t, size_t item);
void vm_transcript_fold_all(struct vm_transcript *t);

#endif
