/* SPDX-License-Identifier: MIT
 *
 * verb: what is said in the same words on the command line, in the console and in a prompt
 * (contract/verbs.def). A verb reads by queries, changes things by actions, and writes text; it
 * does not know which face asked. It runs on the main thread of a command, or on a thread of the
 * console.
 */
#ifndef TAU_CLI_VERB_H
#define TAU_CLI_VERB_H

#include "base/buf.h"
#include "cli/app.h"
#include "cli/options.h"
#include "contract/action.h"
#include "contract/verbs.h"
#include "json/json.h"

enum { VERB_OUTPUT_MAX = 64 << 20 };

struct verb {
    const struct options *options; /* arguments and options */
    const struct app *app;         /* places and configuration */
    struct reader reader;          /* answers without rows when there is no store yet */
    struct actor actor;            /* submit NULL for a verb that only reads */
    struct principal who;
    struct cancel *cancel;
    const char *session; /* id of the one that the face shows; NULL: none */
    struct buf *out;     /* what it says: text, or with --json an object a line */
    bool json;
    bool console;      /* it was typed in the console or a prompt: paths and names are as there */
    char show[ID_MAX]; /* set by it: the session that the console shall go to */
    char *image; /* set by it in the console: what goes with the next message, see ui/ui.h */
};

/* One function a row; what it says goes to v->out also when it fails. */
#define VERB(id, lc, words, name, args, min, max, how, help)                                       \
    bool verb_##lc(struct verb *v, struct err *e);
#include "contract/verbs.def"
#undef VERB

/* A verb of the command line: opens what it needs, prints, returns the exit status. */
int verb_run(const struct options *o);

/* The same for a prompt "/name arguments" of one turn; o has the places. */
int verb_run_prompt(const struct options *o, struct str prompt);

/* Does a prompt begin with "/" and the name of a verb, or its words? */
bool verb_is(struct str prompt);

/* The names of all in a prompt, also the other ones, at most max; how many. */
enum { VERB_NAMES_MAX = VERB_COUNT + VERB_ALIASES_MAX };
size_t verb_names(const char **ret, size_t max);

/* Appends a line for each verb, or what one of them takes; false when there is none of that name. */
bool verb_help(struct buf *out, const char *name);

/* The verb of a line "NAME ARGUMENTS" (quotes and backslashes as a shell has them) in a face that
 * runs already. v has everything but options, json and what is set. ERR_USAGE names the nearest. */
bool verb_line(struct verb *v, struct str line, struct err *e) ATTR_WARN;

/* ---- for verbs ---- */

/* Argument i, or NULL. */
const char *verb_arg(const struct verb *v, int i);

/* The words from argument i on with a blank between, in the arena; NULL when there is none. */
const char *verb_rest(const struct verb *v, int i, struct arena *a);

/* An option that is a number from 0 on; *ret is left as it is without it. ERR_USAGE. */
bool verb_number(const struct verb *v, enum option_id id, int64_t *ret, struct err *e) ATTR_WARN;

/* Runs a query. args: the struct qry_<lc> of the row. row() may be NULL with --json. Rows go to
 * v->out as they are with --json, else through row(). *ret_n (may be NULL) counts them. */
bool verb_rows(struct verb *v, enum query_id id, const void *args,
               bool (*row)(struct verb *v, const struct json *row, void *arg), void *arg,
               size_t *ret_n, struct err *e) ATTR_WARN;

/* As verb_rows, for what a verb looks up for itself: rows go through row(), also with --json. */
bool verb_read(struct verb *v, enum query_id id, const void *args,
               bool (*row)(struct verb *v, const struct json *row, void *arg), void *arg,
               size_t *ret_n, struct err *e) ATTR_WARN;

/* Submits an action and waits for its answer. args: the struct act_<lc>. *ret_id (ID_MAX bytes, may
 * be NULL): what it made. */
bool verb_act(struct verb *v, enum action_id id, const void *args, char *ret_id,
              struct err *e) ATTR_WARN;

/* The session that is meant: by id or name; NULL: the one that is shown, else the one that was used
 * last. Fills id and name (ID_MAX and VERB_NAME_MAX bytes; may be NULL). ERR_NOT_FOUND. */
enum { VERB_NAME_MAX = 128 };
bool verb_session(struct verb *v, const char *id_or_name, char *ret_id, char *ret_name,
                  struct err *e) ATTR_WARN;

/* The session of --session, as verb_session. */
bool verb_session_option(struct verb *v, char *ret_id, char *ret_name, struct err *e) ATTR_WARN;

/* The message that is meant by its name, its id or the end of that, or by "@N": the one that holds this entry
 * of the transcript. ERR_NOT_FOUND, or ERR_AMBIGUOUS. */
bool verb_message(struct verb *v, const char *session, const char *which, char *ret_id,
                  struct err *e) ATTR_WARN;

/* For verb_read: the first row's id, into ID_MAX bytes. */
bool verb_take_id(struct verb *v, const struct json *row, void *ret_id);

/* Where a session goes on; "" before the first message. */
bool verb_head(struct verb *v, const char *session, char *ret_id, struct err *e) ATTR_WARN;

/* As verb_message; when there is none, the head of another session of that name, whose id session then
 * becomes. */
bool verb_place(struct verb *v, char session[ID_MAX], const char *which, char *ret_id,
                struct err *e) ATTR_WARN;

/* Says where the session goes on now. */
bool verb_tell_head(struct verb *v, const char *session, struct err *e) ATTR_WARN;

/* Goes on there, and says so; entry NULL: before the first message. */
bool verb_move(struct verb *v, const char *session, const char *entry, struct err *e) ATTR_WARN;

/* A line "4k2m9q  when  user: how its text begins" of a row with id, ts_ms, role and preview. */
void verb_put_message(struct buf *out, const struct json *row);

/* The end of an id, which people can type: 6 characters, small. */
enum { VERB_SHORT_MAX = 8 };
const char *verb_short(const char *id, char out[VERB_SHORT_MAX]);

#endif
