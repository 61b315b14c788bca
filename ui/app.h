/* SPDX-License-Identifier: MIT
 *
 * app: what the files of the console share: its state, and the steps of its loop. Only the files in
 * ui/ include it. UI thread.
 */
#ifndef TAU_UI_APP_H
#define TAU_UI_APP_H

#include "contract/action.h"
#include "ui/answers.h"
#include "ui/chooser.h"
#include "ui/courier.h"
#include "ui/errand.h"
#include "ui/fetch.h"
#include "ui/filelist.h"
#include "ui/layout.h"
#include "ui/probe.h"
#include "ui/recall.h"
#include "ui/term/input.h"
#include "ui/term/tty.h"
#include "ui/ui.h"
#include "ui/view/view.h"
#include "ui/vm/columns.h"
#include "ui/vm/loglines.h"
#include "ui/vm/memory.h"
#include "ui/widget/editor.h"

enum {
    COMPOSER_MAX = 1 << 20,
    LINE_MAX_BYTES = 4096,
    FRAME_MS = 40,  /* least time between frames that only a snapshot asks for */
    RESIZE_MS = 50, /* a burst of resizes is over after so long without one */
    QUIT_MS = 2000, /* ^C counts on from the last one for so long */
    SMALL_W = 40,
    SMALL_H = 8,
    KEYLOG_MAX = 200,
    NOTICE_MAX = 400,
};

enum focus { FOCUS_COMPOSER, FOCUS_PANE, FOCUS_PAGER, FOCUS_LINE };

/* A page over the transcript. make fills it again when the width changed; NULL: nothing is open. */
struct ui;
struct pager {
    const char *title;
    void (*make)(struct ui *ui, struct doc *d, int width);
    struct doc doc;
    struct textview view;
    int width;
    bool answers; /* it shows what is asked, so letters answer from it */
    bool still;   /* it shows what was said once, and is not made again when something happens */
    const struct snapshot *made_of; /* only to compare: the transcript holds the one of the last layout */
    enum focus before; /* where Esc goes back to */
};

/* The rows of a pane, made again only when what they were made of has changed (panes.c). The
 * transcript has its own. */
struct panel {
    struct doc doc;
    struct columns columns; /* of its rows; n 0: there are no rows, but what says so */
    struct doc head;        /* their names */
    struct textview view;
    char note[100];           /* how much there is */
    char tab[48];             /* the same, short */
    int sorted; /* by this column, from 1; 0: in their own order */
    bool inverted;
    struct name_list marks; /* ids of rows (marks.c) */
    struct snapshot *made_of; /* NULL: to be made again */
    int width;
    int64_t made_s;
};

/* What memory shows: asked for by a query (panes.c). */
struct remembered {
    char *find;     /* words that are searched for, or NULL */
    bool forgotten; /* what was forgotten instead */
    struct memory_rows rows;
    bool known;                /* rows were read */
    struct snapshot *asked_of; /* NULL: to be asked for again */
    struct snapshot *counted;  /* when they were counted */
    int64_t asked_ms;
    char last[ID_MAX]; /* that a key forgot */
};

/* Where the operator has been, to go back to (places.c). */
enum { PLACES_MAX = 32 };
struct place {
    enum pane_id at;
    char session[ID_MAX];
};

/* What is looked for in the rows of a pane or page (find.c). */
struct find {
    char text[200]; /* "": nothing */
    size_t from;    /* row where it began */
    size_t at, n;   /* the one that the cursor is on, from 1; how many rows have it. Counted when it moved */
};

/* A long text that stands in the composer by a name (paste.c). */
enum { PASTED_NAME_MAX = 64 };
struct pasted {
    char *text;
    size_t n, lines; /* its number, from 1 */
};

/* An action that wants the word before it is submitted. */
struct confirm {
    bool open;
    enum action_id action;
    char *verb; /* its line, when it is a verb and no action; else NULL */
    union {
        struct act_policy_preset policy_preset;
        struct act_policy_trust policy_trust;
    } u;
    char text[64];  /* what its strings point to */
    char done[100]; /* what is said once it was accepted */
};

struct ui {
    const struct ui_env *env;
    struct tty *tty;
    struct input *input;
    struct canvas canvas;
    int signal_fd, log_fd; /* log_fd: readable when a line was logged */
    sigset_t old_mask;

    struct hub_reader *reader;
    struct snapshot *snap;
    struct answers *answers;
    char *session; /* id; NULL while there is none */
    char *wanted;  /* id or name that shall be shown as soon as it is there */
    struct ui_status status;
    bool status_known, status_stale; /* stale: to be asked for again */
    struct probe probe;
    struct fetch fetch;
    char fetch_branch[24]; /* that was shown when it began */
    bool fetch_failed;     /* then only a key asks once more */
    struct errand errand;
    struct courier courier;
    struct buf copy_next; /* for it, once it is back; empty: nothing */
    struct recall recall;
    struct remembered memory;
    bool tasks_all;       /* ended ones too */
    char shown[ID_MAX];   /* the call or request that is shown as a page */
    struct ui_gateway gateway;
    struct loglines_look log_look;
    int64_t log_n;        /* the newest line of the log that was read */
    size_t log_warnings;  /* of the lines since the start */
    struct find find;
    struct place places[PLACES_MAX];
    size_t n_places, place; /* the one that is worked in */
    int64_t escape_ms;      /* when Esc found nothing to do in an empty composer */
    struct chooser chooser;
    struct filelist files;
    struct buf images; /* that go with the next message, with commas between; see ui_after */
    int n_images;
    struct buf images_sent; /* with the last one: they are here again when it is refused */
    int n_sent;
    struct buf stash; /* a message that was put aside */
    VEC(struct pasted) pastes;
    size_t n_pasted; /* ever */
    struct buf said; /* what the last verb said, when it is a page */

    enum command command;           /* that runs */
    enum focus focus, focus_before; /* before: where Esc goes back to from a line */
    struct editor *composer, *line, *field;
    char *arguments; /* edited, while the word is still wanted */
    struct vm_transcript transcript;
    struct textview view;
    struct pager pager;
    struct panel panels[PANE_COUNT];
    enum pane_id at; /* the pane that is worked in; the transcript while nothing else is */
    bool zoom;       /* it has the whole screen */
    enum pane_id at_before; /* the one that was worked in before */
    bool paused;     /* panes but the transcript stand still */
    bool mouse;      /* it is ours */
    char skin[16];   /* console.theme, or what :skin made of it */
    bool bare;       /* the transcript and what is written, nothing else */
    int wider;       /* cells more, or fewer, for the columns beside the transcript */
    struct approve approve;
    const struct rec_approval *question; /* in snap */
    size_t questions;
    struct confirm confirm;
    bool line_of_marks; /* the command on the line names what is marked, and has not been sent */
    struct name_list candidates;
    struct name_list steered; /* texts that were added to a turn from here */
    struct name_list recalled; /* sessions whose questions are in the composer's history */
    size_t candidate;               /* chosen; candidates.n: none */
    char completed[LINE_MAX_BYTES]; /* what was written before the first Tab */

    char notice[NOTICE_MAX];
    enum look notice_look;
    bool notice_of_turn; /* it goes when that turn has ended */
    char stopping[ID_MAX];
    char works[ID_MAX];    /* the turn that ran in the last snapshot; "": none */
    char failure[64]; /* key of the newest failure that was said, or was there at the start */
    bool failures_known;
    struct loglines_key keylog[KEYLOG_MAX];
    size_t keylog_n;

    bool dirty;      /* draw now */
    bool dirty_soon; /* draw when the last frame is FRAME_MS old */
    bool frame_asks; /* the last frame shows the question, in the state frame_state */
    enum approve_state frame_state;
    int64_t frame_ms;   /* when the last one was written */
    int64_t resize_ms;  /* when the settled size is drawn; INT64_MAX */
    int64_t resized_ms; /* when a size was last drawn */
    int64_t tick_s;     /* second of the running clock that was drawn */
    int stops;          /* ^C in a row */
    int64_t stop_ms;
    bool quit;
    int exit_status;
};

/* ---- frame.c ---- */
void ui_layout(struct ui *ui); /* view-models of the present snapshot and size */
struct layout ui_layout_now(struct ui *ui);
void ui_draw(struct ui *ui);   /* the frame into the canvas */
size_t ui_tab_at(struct ui *ui, struct rect tabs, int x); /* whose tab is there; PANE_COUNT: none's */

/* ---- keys.c ---- */
void ui_input(struct ui *ui, const struct input_event *ev, int64_t now_ms);
void ui_approve_tick(struct ui *ui, int64_t now_ms);
bool ui_busy(const struct ui *ui); /* a turn of the session runs, or waits to */

/* ---- commands.c, commands_verb.c, commands_view.c ---- */
void ui_command(struct ui *ui, enum command command, struct str args);
void ui_command_line(struct ui *ui, struct str line); /* without its ':' or '/' */
void ui_act(struct ui *ui, enum action_id action, const void *arguments, char *text);
void ui_answer(struct ui *ui, struct answer *answer, int64_t now_ms); /* takes answer->text */
void ui_resolve(struct ui *ui, bool yes, enum approve_scope scope, const char *reason,
                const char *arguments);
void ui_page(struct ui *ui, const char *title, void (*make)(struct ui *, struct doc *, int),
             bool answers);
void page_diff(struct ui *ui, struct doc *d, int width);
void ui_verb_send(struct ui *ui, const char *line);
void ui_errand_back(struct ui *ui); /* what a verb said is shown */
void ui_fetch(struct ui *ui); /* the page before, when the first row is in view */
void ui_fetched(struct ui *ui);
void ui_line_open(struct ui *ui, const char *text);
void ui_line_close(struct ui *ui);
void ui_line_changed(struct ui *ui); /* candidates of what is written now */

/* ---- panes.c, panes_item.c ---- */
enum { UI_SHORT_MAX = 7 }; /* the end of an id, which people can type: 6 characters, small */
const char *ui_short_id(const char *id, char out[UI_SHORT_MAX]);
enum context ui_pane_context(enum pane_id pane);
/* Into a pane; out of panes and pages, to the composer. */
void ui_to_pane(struct ui *ui, enum pane_id pane);
void ui_to_composer(struct ui *ui);
/* The rows and counts of one, for a width; every one has to be made again. */
void ui_panel_fit(struct ui *ui, enum pane_id pane, struct rect inside);
void ui_panels_stale(struct ui *ui);
/* What its rows have of what is inside its border, or a page has: below the head, where there is room for one. */
struct rect ui_pane_rows(const struct ui *ui, enum pane_id pane, struct rect inside);
struct textview *ui_pane_view(struct ui *ui, enum pane_id pane);
void ui_pane_note(struct ui *ui, enum pane_id pane, char *ret, size_t size);
/* What memory has is asked for when it is time (the answer says when it will be); it is there; what is
 * written on the command line. */
int64_t ui_recall(struct ui *ui, int64_t now_ms);
void ui_recalled(struct ui *ui);
void ui_pane_line(struct ui *ui, struct str line);

/* ---- marks.c ---- */
void ui_marks_draw(struct panel *p); /* in the rows of its doc */
/* The ids of the marked rows, else of the one under the cursor; 0, and said, when it is on nothing. */
size_t ui_marked(struct ui *ui, struct name_list *ret);

/* ---- places.c ---- */
void ui_place(struct ui *ui); /* what is worked in now is where we are */

/* ---- mention.c ---- */
void ui_mention(struct ui *ui); /* files to choose from, after an '@' */
void ui_mentioned(struct ui *ui); /* their names are there */
bool ui_is_shell(struct str text);  /* "!make check" */
bool ui_is_memory(struct str text); /* "# releases are cut on Fridays" */

/* ---- copy.c ---- */
void ui_copy(struct ui *ui, struct str text); /* for people to paste; says where it is */
void ui_copied(struct ui *ui); /* what the courier took is there */

/* ---- paste.c ---- */
bool ui_paste(struct ui *ui, struct str text); /* into the composer; false: that holds no more */
/* The text with all that stands in it by a name. */
void ui_unpaste(const struct ui *ui, struct str text, struct buf *out);
size_t ui_paste_before(const struct ui *ui); /* bytes of the name that the cursor stands behind; 0: none */
void ui_pastes_done(struct ui *ui);

/* ---- mouse.c ---- */
void ui_mouse(struct ui *ui, const struct input_event *ev);

/* ---- find.c ---- */
bool ui_finds(const struct ui *ui); /* something is looked for, and n goes on */
void ui_find_note(const struct ui *ui, char *ret, size_t size); /* "/word 3 of 7", or "" */
void ui_find_line(struct ui *ui, struct str line); /* what is written on the command line */
void ui_find_mark(struct ui *ui, struct rect inside); /* in what was drawn there */

#define COMMAND(id, lc, name, args, kind, help) void cmd_##lc(struct ui *ui, struct str args_);
#define EDITING(id, op, name, help)
#include "ui/vm/commands.def"
#undef COMMAND
#undef EDITING

/* ---- loop.c ---- */
void ui_suspend(struct ui *ui); /* the shell has the terminal until it gives it back */

/* ---- app.c ---- */
void ui_notice(struct ui *ui, enum look look, const char *fmt, ...) ATTR_PRINTF(3, 4);
int ui_notice_room(int w); /* cells that it may have in a row of w; what needs more is in the log, too */
void ui_log_key(struct ui *ui, const char *key, const char *command);
/* What was logged since; what the gateway is and was asked. */
void ui_read_log(struct ui *ui);
void ui_read_gateway(struct ui *ui);
/* The session and the question to show: the wanted session as soon as the snapshot has it. */
void ui_choose(struct ui *ui, int64_t now_ms);
/* What was written and not sent: before what is being written now. */
void ui_give_back(struct ui *ui, struct str text);
struct editor *ui_editor(struct ui *ui); /* what typed text goes to; NULL: nothing */

/* What the first row shows was asked for, and is so: a frame is due when it was not so before. */
void ui_status(struct ui *ui, const struct ui_status *now);

/* What a frame is made of, without a terminal: for tests. ui_init takes the env and a snapshot
 * reference; nothing else of the struct needs to be set. */
void ui_init(struct ui *ui, const struct ui_env *env, int64_t now_ms);
void ui_done(struct ui *ui);
void ui_snapshot(struct ui *ui, struct snapshot *s, int64_t now_ms); /* takes the reference */

#endif
