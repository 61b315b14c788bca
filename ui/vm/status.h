/* SPDX-License-Identifier: MIT
 *
 * status: the first row, and the row that says what goes on: pure functions of a snapshot, what
 * main told us, and the time. UI thread.
 */
#ifndef TAU_UI_VM_STATUS_H
#define TAU_UI_VM_STATUS_H

#include "base/base.h"
#include "base/buf.h"
#include "state/snapshot.h"
#include "ui/draw/canvas.h"
#include "ui/ui.h"
#include "ui/vm/command.h"
#include "ui/vm/tasks.h"

enum { STATUS_PARTS_MAX = 15 };

struct status_part {
    char text[96];
    enum look look;
    int keep; /* parts with the smallest number go first when there is no room */
    bool right;
};

struct status_row {
    struct status_part parts[STATUS_PARTS_MAX];
    size_t n;
};

/* session: its id, or NULL. proc: this process, so that a session of another one is seen to be that; NULL:
 * any. known: main filled `main`. tasks: what is done of what is to be done (tasks_tally). */
void status_make(struct status_row *out, const struct snapshot *s, const char *session,
                 const char *proc, const char *workspace, const struct ui_status *main, bool known,
                 const struct tally *tasks);

/* What the newest open turn of the session does. */
struct activity {
    const struct rec_turn *turn; /* NULL: nothing runs */
    bool running;                /* it began, and its clock ticks */
    size_t queued;               /* turns that wait behind it */
    const char *next;            /* what the first of them asks; NULL */
    char what[160];
    int64_t since_ms; /* when the turn began, in wall time */
};
void activity_make(struct activity *out, const struct snapshot *s, const char *session);

/* The question to show: the oldest of the session, else the oldest of any. *ret_n: how many are
 * open. */
const struct rec_approval *question_find(const struct snapshot *s, const char *session,
                                         size_t *ret_n);

/* What was added to the turn from here (own) and never delivered, a line end between; false when there is
 * nothing. */
bool unsent_text(const struct snapshot *s, const char *turn, const struct name_list *own, struct buf *out);

/* The newest failure outside of a turn, or NULL. */
const struct rec *failure_newest(const struct snapshot *s);

/* The session with that id or name. NULL when there is none. */
const struct rec_session *session_find(const struct snapshot *s, const char *name);

/* The newest session that this process has leased (proc NULL: that any has). NULL when there is
 * none: what others did before is shown only when it is asked for. */
const struct rec_session *session_newest(const struct snapshot *s, const char *proc);

#endif
