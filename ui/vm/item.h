/* SPDX-License-Identifier: MIT
 *
 * item: one entry of a session as rows. They are made again when what they were made of is another; the
 * text of an open answer is wrapped on from the last line that was whole. Pure; UI thread.
 */
#ifndef TAU_UI_VM_ITEM_H
#define TAU_UI_VM_ITEM_H

#include "base/base.h"
#include "base/str.h"
#include "state/snapshot.h"
#include "ui/vm/diffrows.h"
#include "ui/vm/doc.h"

enum fold { FOLD_AUTO, FOLD_CLOSED, FOLD_OPEN };

/* The kind of the row that says how much lies before; no entry of the log has it. */
extern const char vm_item_before[];

/* What the rows are made of; nothing of it is owned. */
struct vm_source {
    const struct rec *entry, *tool, *approval, *turn;
    struct str live;
    enum fold fold; /* as the operator set it */
    bool queued, gap;
    bool waiting; /* said while the turn runs, and not read by the model yet */
    bool unseen; /* an end whose question never came into the transcript */
};

struct vm_item {
    char *id;
    const struct rec *entry, *tool, *approval, *turn; /* references; what the rows were made of */
    int64_t live;                                     /* bytes of live text in the rows */
    enum fold fold;
    bool queued, gap, foldable, folded;
    struct doc doc;
    /* An answer that is still growing: bytes in rows for good, and the rows up to there. */
    size_t done;
    bool joins; /* no empty row between those and what comes */
    struct markdown_fence within; /* what comes is code */
    struct doc_mark mark;
    size_t first_row; /* among all */
};

/* How they are made: cells, diffs, and whether all is unfolded that the operator did not fold. */
struct vm_item_look {
    int width;
    enum diff_style diff;
    bool open_all;
};

/* Empty; the id is copied. vm_item_free takes NULL, too. */
struct vm_item *vm_item_new(const char *id);
void vm_item_free(struct vm_item *it);

/* True when its rows were made again, in full or on from those that stay. Takes references to the records. */
bool vm_item_refresh(struct vm_item *it, const struct vm_source *src, const struct vm_item_look *l);

#endif
