/* SPDX-License-Identifier: MIT
 *
 * app: what a run of tau stands on: where it works, where it keeps things, its configuration,
 * policy and core. Each face opens as much of it as it needs. Main thread.
 */
#ifndef TAU_CLI_APP_H
#define TAU_CLI_APP_H

#include "cli/conf.h"
#include "cli/options.h"
#include "core/core.h"
#include "policy/policy.h"

struct app {
    const struct options *options;
    struct config config;
    char *workspace;  /* real path */
    char *config_dir; /* $XDG_CONFIG_HOME/tau */
    char *state_dir;  /* --store-dir, --session PATH, or below $XDG_STATE_HOME/tau/projects */
    char *unkept;     /* with --no-session: below state_dir, for the blobs; app_close removes it */
    int unkept_lock;  /* held in it, so that nobody cleans it away; -1: none. Only with unkept */
    size_t unkept_below; /* so much of its path was there before it; the rest goes with it */
    struct policy *policy; /* from app_policy on */
    struct core *core;     /* from app_core on */
    struct gateway_socket *socket; /* for other processes of this user; NULL: none can be had */
    struct watching *watching; /* the face's watch; not owned. NULL: this face has none */
    struct door door;    /* of the face's gateway: set between app_open and app_core, or none */
    int64_t turn_timeout_ms, request_timeout_ms; /* that hold, from app_core on; 0: none */
    struct relay *relay; /* the console's; not owned */
    struct serving *serving; /* the console's gateway; not owned. NULL: this face starts none */
};

/* Places and configuration. */
bool app_open(struct app *a, const struct options *o, struct err *e) ATTR_WARN;

/* The policy of the workspace; interactive: somebody can be asked. */
bool app_policy(struct app *a, bool interactive, struct err *e) ATTR_WARN;

/* The server of the model at the start: its address and its key, from options and settings.
 * app_core does it; without a core whoever wants to look at them. */
bool app_endpoint(const struct app *a, struct err *e) ATTR_WARN;

/* Says on standard error how a key that was on the command line is better given; nothing without one.
 * app_endpoint does it; without that whoever hands the key on. */
void app_warn_key(const struct app *a);

/* The core, with the log in its file. face: console, headless, ... */
bool app_core(struct app *a, const char *face, bool interactive, struct err *e) ATTR_WARN;

/* What --session names: a path ("./work", "/srv/work") is a store of its own with a session of this
 * name in it, made when it is missing. NULL without it. */
#define SESSION_OF_PATH "default"
const char *app_session_name(const struct options *o);

/* The session that the options name (see core_open_session), its head where --branch-from says. watch:
 * when another tau has it, it is only looked on. */
bool app_session(struct app *a, bool watch, char *ret_id, struct err *e) ATTR_WARN;

/* Does no tau with --no-session run on this state directory? */
bool app_unkept_gone(const char *state_dir);

/* Stops and frees what is open; any state. */
void app_close(struct app *a);

#endif
