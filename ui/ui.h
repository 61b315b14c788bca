/* SPDX-License-Identifier: MIT
 *
 * ui: the operator console. It shows the snapshots of a hub and submits actions; it knows nothing
 * of agents, stores or models. One thread, the main one, owns the screen and all of ui/.
 */
#ifndef TAU_UI_UI_H
#define TAU_UI_UI_H

#include "base/base.h"
#include "base/err.h"
#include "contract/seams.h"
#include "state/hub.h"

#include <signal.h>

/* What the console shows and can not read from a snapshot. */
struct ui_status {
    char model[128];  /* "local/offline" */
    char mode[16];    /* ask, edits, plan or auto */
    char preset[16];  /* permissive, balanced, strict or hardened */
    char gateway[32]; /* "gw :8787"; empty: it is down */
    char sandbox[64]; /* the badge: "bwrap net-off" */
    char branch[40];  /* of git, that is checked out in the workspace; empty: none is known */
    bool trusted;     /* the workspace's configuration is read */
};

/* What others asked of this process over HTTP, the newest first. */
enum { UI_REQUESTS_MAX = 50 };
struct ui_request {
    int64_t n; /* rises by one a request: its name here */
    char who[48], method[16], path[96];
    char code[32]; /* of an error: which */
    int status;    /* 0: there is none yet, or its client did not wait for it */
    int64_t begun_ms, ms; /* wall time; what the answer took */
    bool live;            /* it goes on */
};
struct ui_gateway {
    char address[96]; /* "127.0.0.1:8787"; empty: it is down */
    int64_t since_ms;
    int64_t requests; /* since then */
    size_t streams;   /* that go on now */
    bool drains;      /* new ones are refused */
    size_t n;
    struct ui_request newest[UI_REQUESTS_MAX];
};

/* What the console does when a verb is back. */
struct ui_after {
    char show[ID_MAX]; /* the session to go to; empty: stay */
    /* malloc'd, NULL: nothing. An item of turn.submit's `images` that goes with the next message; or
     * "", and none goes with it any more. */
    char *image;
};

struct ui_env {
    struct hub *hub; /* outlives ui_run */
    struct actor actor;
    struct reader reader;  /* query NULL: there is none, and older entries stay away */
    struct principal who;  /* who the actions come from: "operator" */
    const char *session;   /* id or name that is shown first; NULL: none, until one is made here */
    const char *proc;      /* this process in the log; NULL: any (recordings) */
    const char *workspace; /* its path, for people; NULL: none */
    const char *copies;    /* where files of copied text go, made when needed; NULL: nowhere */
    const char *theme;     /* auto, dark, light or mono; NULL: auto */
    bool mouse;            /* at the start: the wheel and clicks are the console's */
    const char *greeting;  /* what an empty transcript says, may have LFs; NULL: nothing */

    /* Fills what is shown. Called on a thread of the console's own, never two at a time: after the
     * first frame was written (so it may look at the machine, and take its time), and again after
     * an action that can have changed it was accepted. ui_run returns after it did. NULL: nothing
     * is shown. */
    void (*status)(void *ctx, struct ui_status *ret_status);

    /* Names that complete an argument: "model" is asked for by `:model`, on the UI thread; "file", the
     * files of the workspace, by '@', on a thread of the console's own. Calls add once a name. NULL: none. */
    void (*complete)(void *ctx, const char *what, void (*add)(void *arg, const char *name),
                     void *arg);

    /* A verb of contract/verbs.def: line is "NAME ARGUMENTS", session the one that is shown or NULL.
     * Called on a thread of the console's own, one at a time; heeds the token. What it says goes to
     * out, also when it fails; after (all empty at first) is what the console does then. NULL: there
     * are none. */
    bool (*verb)(void *ctx, struct str line, const char *session, struct cancel *cancel,
                 struct buf *out, struct ui_after *after, struct err *e);

    /* Fills what the gateway pane shows. Quick. gateway_fd is readable once something changed since
     * (-1: none), and is read there. NULL: there is no gateway. */
    void (*gateway)(void *ctx, struct ui_gateway *ret);
    int gateway_fd;

    int64_t turn_timeout_ms, request_timeout_ms; /* of a turn, as its log line says; 0: none */

    /* Another session is shown: its id. UI thread; quick. NULL: nobody wants to know. */
    void (*shown)(void *ctx, const char *session);
    void *ctx; /* of status, complete, verb, gateway and shown */

    /* From guardian_split: readable or hung up when the guardian is gone (-1: none), and a flag
     * that is true while the screen is in the console's hands (NULL: none). */
    int guardian_fd;
    volatile sig_atomic_t *screen;
};

/* Runs the console on standard input and output until the operator quits, and returns the exit
 * status of the process: 0, or 128 and the signal that ended it. ERR_UNSUPPORTED, with -1, when
 * there is no terminal that can do it. The terminal is as it was before on every way out; what was
 * written to standard error meanwhile is printed after that. Main thread, before or after others
 * were started, but with SIGWINCH, SIGCONT, SIGTERM, SIGHUP, SIGINT, SIGQUIT and SIGTSTP blocked in
 * all of them (ui_run blocks them in its own). When it returns no answer of the actor reaches it
 * any more. */
int ui_run(const struct ui_env *env, struct err *e);

/* What leaves the alternate screen and turns off every mode that the console turns on. For a crash
 * handler or a guardian: write it, then set the old termios. */
extern const char ui_restore_bytes[];
extern const size_t ui_restore_n;

#endif
