/* SPDX-License-Identifier: MIT
 *
 * line_mode: what the files of line mode share. Only they include it.
 */
#ifndef TAU_CLI_LINE_MODE_H
#define TAU_CLI_LINE_MODE_H

#include "base/buf.h"
#include "base/mem.h"
#include "cli/app.h"
#include "cli/serving.h"
#include "cli/watching.h"
#include "contract/action.h"
#include "state/hub.h"

enum { LINE_INPUT_MAX = 1 << 20 };

struct line_question {
    char id[ID_MAX]; /* "": nothing is asked */
    bool risky, has_session, has_prefix;
    char *text; /* all of it */
};

struct line_call {
    char id[ID_MAX], name[64];
};

struct line {
    struct app app;
    struct serving serving;
    struct watching watching;
    char session[ID_MAX]; /* that is talked to; "": the first turn makes one */
    char turn[ID_MAX]; /* that was asked for and has not ended; "": none */
    struct hub_reader *reader;
    int signals;
    bool terminal; /* somebody types */
    bool quit;
    int status;    /* of the first thing that failed */

    /* the answer as it comes (line_events.c) */
    char part[ID_MAX];
    int64_t printed; /* bytes of that part */
    bool open_line;  /* the last byte on standard output was no LF */
    bool write_failed;
    int64_t seen, began_ms, marked_ms;
    struct line_question question;
    VEC(struct line_call) calls; /* of the turn */
};

/* ---- line.c ---- */
void line_fail(struct line *l, const struct err *e); /* said, and counted */
void line_say(struct line *l, const char *fmt, ...) ATTR_PRINTF(2, 3); /* on standard error */
void line_out(struct line *l, struct str text); /* on standard output, harmless to a terminal */
bool line_act(struct line *l, enum action_id id, const void *args, struct action_answer *ret,
              struct err *e) ATTR_WARN;
const char *line_session(const struct line *l); /* as actions want it: NULL when there is none yet */
bool line_submit(struct line *l, struct str text, const char *model, struct err *e) ATTR_WARN;

/* ---- line_events.c ---- */
void line_events(struct line *l);
void line_mark(struct line *l, int64_t now_ms); /* that the turn still runs, when it is time */

/* ---- line_commands.c ---- */
/* "NAME ARGUMENTS", without the '/'. */
bool line_command(struct line *l, struct str text, struct err *e) ATTR_WARN;
/* What was typed while something is asked; false: it was no answer. */
bool line_answer(struct line *l, struct str text);

#endif
