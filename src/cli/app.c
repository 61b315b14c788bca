/* SPDX-License-Identifier: MIT
 *
 * app: what a run of tau stands on.
 */
#include "cli/app.h"

#include "base/buf.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/report.h"
#include "cli/verb.h"
#include "gateway/socket.h"
#include "model/endpoint.h"
#include "net/net.h"
#include "policy/trust.h"
#include "store/lock.h"
#include "text/utf8.h"
#include "text/width.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNKEPT "unkept" /* and the end of an id: what a run that keeps nothing has in the meantime */

enum { DAY_MS = 24 * 3600 * 1000 };
enum { STOP_GRACE_MS = 3000, OPTION_MS_MAX = 86400 * 1000, LEASE_LOOK_MS = 50 };

/* <name>-<first 12 digits of the path's digest>: two checkouts of one name do not meet. */
static char *project_dir(const char *workspace)
{
    char sha[DIGEST_HEX];
    CLEANUP(mem_free_p) char *state = fs_xdg("XDG_STATE_HOME", ".local/state");
    const char *slash = strrchr(workspace, '/');
    const char *name = slash && slash[1] ? slash + 1 : "root";
    digest_hex(str_of(workspace), sha);
    return mem_printf("%s/tau/projects/%.60s-%.12s", state, name, sha);
}

/* "./work" and "/srv/work" are paths, "feature/x" is a name. */
static const char *session_path(const struct options *o)
{
    const char *s = o->value[OPT_SESSION];
    return s && (s[0] == '/' || s[0] == '.') && strchr(s, '/') ? s : NULL;
}

const char *app_session_name(const struct options *o)
{
    return session_path(o) ? SESSION_OF_PATH : o->value[OPT_SESSION];
}

/* The store that the command line names, made when it is missing. */
static bool open_place(struct app *a, const char *option, const char *path, struct err *e)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
        err_set(e, ERR_USAGE, "%s: %s is a file; what is kept is a directory", option, path);
        return err_hint(e, "a session in a file is taken in by tau session import FILE");
    }
    if (!fs_mkdirs(path, 0700, e))
        return err_wrap(e, "%s", option);
    a->state_dir = fs_real(path, e);
    return a->state_dir || err_wrap(e, "%s", option);
}

static bool find_places(struct app *a, struct err *e)
{
    const struct options *o = a->options;
    const char *path = session_path(o), *store = o->value[OPT_STORE_DIR];
    const char *dir = o->value[OPT_DIRECTORY] ? o->value[OPT_DIRECTORY] : ".";
    CLEANUP(mem_free_p) char *home = fs_xdg("XDG_CONFIG_HOME", ".config");
    a->workspace = fs_real(dir, e);
    if (!a->workspace)
        return err_wrap(e, "the workspace");
    a->config_dir = fs_join(home, "tau");
    if (path && store)
        return err_set(e, ERR_USAGE, "--store-dir and --session %s name two places", path);
    if (path && o->value[OPT_NO_SESSION])
        return err_set(e, ERR_USAGE, "--no-session keeps nothing that could be gone on with");
    if (path || store)
        return open_place(a, path ? "--session" : "--store-dir", path ? path : store, e);
    a->state_dir = project_dir(a->workspace);
    return true;
}

bool app_open(struct app *a, const struct options *o, struct err *e)
{
    *a = (struct app){.options = o};
    if (!find_places(a, e))
        return false;
    bool trusted = false;
    struct err broken = ERR_INIT;
    if (!trust_find(a->config_dir, a->workspace, &trusted, &broken))
        report_line("", &broken); /* what can not be read trusts nothing */
    config_load(&a->config, o, trusted ? a->workspace : NULL);
    if (a->config.problems) {
        struct buf shown = BUF_OWN;
        width_sanitize(&shown, str_of(a->config.problems));
        fprintf(stderr, "%s", buf_cstr(&shown));
        buf_free(&shown);
    }
    return true;
}

bool app_policy(struct app *a, bool interactive, struct err *e)
{
    const struct config *c = &a->config;
    struct policy_config p = {
        .workspace = a->workspace,
        .state_dir = a->state_dir,
        .config_dir = a->config_dir,
        .protected_paths = config_str(c, SET_PROTECTED),
        .sandbox_level = config_str(c, SET_SANDBOX),
        .sandbox_network = config_bool(c, SET_SANDBOX_NETWORK),
        .sandbox_read = config_str(c, SET_SANDBOX_READ),
        .interactive = interactive,
    };
    if (!policy_mode_parse(str_of(config_str(c, SET_MODE)), &p.mode) ||
        !policy_preset_parse(str_of(config_str(c, SET_PRESET)), &p.preset))
        return err_set(e, ERR_INTERNAL, "a setting of the policy is not understood");
    a->policy = policy_new(&p, e);
    return a->policy != NULL;
}

static bool option_ms(const struct options *o, enum option_id id, int64_t *ret_ms, struct err *e)
{
    if (!o->value[id])
        return true;
    if (!str_i64(str_of(o->value[id]), ret_ms) || *ret_ms < 0 || *ret_ms > OPTION_MS_MAX)
        return err_set(e, ERR_USAGE, "--%s: expected a number of milliseconds up to %d, got '%s'",
                       option_table[id].name, OPTION_MS_MAX, o->value[id]);
    return true;
}

/* Deadlines of the command line are finer than the settings that they take the place of. */
static bool set_deadlines(const struct options *o, struct core_options *c, struct err *e)
{
    const struct {
        enum option_id id;
        int64_t *ms;
    } rows[] = {
        {OPT_TURN_TIMEOUT, &c->turn_timeout_ms},
        {OPT_REQUEST_TIMEOUT, &c->request_timeout_ms},
        {OPT_CONNECT_TIMEOUT, &c->connect_timeout_ms},
        {OPT_WAIT_TIMEOUT, &c->wait_timeout_ms},
        {OPT_IDLE_TIMEOUT, &c->idle_timeout_ms},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!option_ms(o, rows[i].id, rows[i].ms, e))
            return false;
    return true;
}

static bool open_log(struct app *a, struct err *e)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (strcmp(levels[i], config_str(&a->config, SET_LOG_LEVEL)) == 0)
            log_level((enum log_level)i);
    CLEANUP(mem_free_p) char *path = fs_join(a->state_dir, "tau.log");
    if (a->options->value[OPT_NO_SESSION]) {
        log_quiet();
        return true;
    }
    return fs_mkdirs(a->state_dir, 0700, e) && log_to(path, e);
}

void app_warn_key(const struct app *a)
{
    enum endpoint_id id = endpoint_find(config_str(&a->config, SET_MODEL));
    if (a->options->key_seen && id != ENDPOINT_COUNT)
        fprintf(stderr,
                "tau: a key on the command line can be seen by others; better set %s, or "
                "model.key_file\n",
                endpoint(id)->key_env);
}

/* The server of the model at the start: its address and its key. What an option says counts before
 * the endpoint's own variables, and those before what a file says. */
bool app_endpoint(const struct app *a, struct err *e)
{
    const struct config *c = &a->config;
    enum endpoint_id id = endpoint_find(config_str(c, SET_MODEL));
    const char *base = config_str(c, SET_API_BASE);
    const char *file = config_str(c, SET_KEY_FILE);
    if (id == ENDPOINT_COUNT) {
        /* A variable that stands in the environment always is for the models that have a server. */
        if (!a->options->key_seen && (!a->options->value[OPT_API_BASE] || a->options->from_env[OPT_API_BASE]))
            return true;
        err_set(e, ERR_USAGE, "%s has no server that an address or a key could be for",
                config_str(c, SET_MODEL));
        return err_hint(e, "name the model, too: --model openai/NAME");
    }
    endpoint_set_window(id, config_int(c, SET_WINDOW));
    bool said = config_winner(c, SET_API_BASE) >= CONFIG_ENV;
    if (base[0] && (said || !endpoint(id)->moved) && !endpoint_set_base(id, base, e))
        return false;
    app_warn_key(a);
    if (a->options->key)
        return endpoint_set_key(id, str_of(a->options->key), e);
    return !file[0] || endpoint(id)->key || endpoint(id)->wrong || endpoint_read_key(id, file, e);
}

/* Faces that last long enough to be asked by others. */
static bool serves(const char *face)
{
    return strcmp(face, "console") == 0 || strcmp(face, "gateway") == 0 || strcmp(face, "headless") == 0 ||
           strcmp(face, "line") == 0;
}

/* Nothing here needs it, so that it is no reason to fail. */
static void open_socket(struct app *a)
{
    struct err e = ERR_INIT;
    struct gateway_options o = {.hub = core_hub(a->core),
                                .reader = core_reader(a->core),
                                .actor = core_actor(a->core),
                                .proc = core_proc(a->core),
                                .store = core_store_name(a->core),
                                .state_dir = a->state_dir,
                                .door = a->door};
    a->socket = gateway_socket_start(&o, &e);
    if (!a->socket)
        log_warn("no tau ctl for this process: %s", e.message);
}

static char *unkept_lock(const char *unkept)
{
    return fs_join(unkept, "lock");
}

/* Where nothing can be written nothing has to be kept from being removed. */
static void hold_unkept(struct app *a)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *lock = unkept_lock(a->unkept);
    a->unkept_lock = -1;
    a->unkept_below = strlen(a->state_dir);
    while (a->unkept_below > 0) {
        CLEANUP(mem_free_p) char *part = mem_strndup(a->state_dir, a->unkept_below);
        const char *slash = strrchr(part, '/');
        if (fs_exists(part) || !slash)
            break;
        a->unkept_below = (size_t)(slash - part);
    }
    if (fs_mkdirs(a->unkept, 0700, &e))
        a->unkept_lock = lock_take(lock, &e);
    if (a->unkept_lock < 0)
        log_debug("%s", e.message);
}

/* Directories that were made for it go, unless something else is in them by now. */
static void leave_unkept(struct app *a)
{
    struct err e = ERR_INIT;
    if (!fs_remove_tree(a->unkept, &e))
        report_line("", &e);
    fd_close_p(&a->unkept_lock);
    for (size_t n = strlen(a->state_dir); n > a->unkept_below;) {
        CLEANUP(mem_free_p) char *part = mem_strndup(a->state_dir, n);
        if (rmdir(part) < 0)
            break;
        n = (size_t)(strrchr(part, '/') - part);
    }
}

bool app_unkept_gone(const char *state_dir)
{
    DIR *d = opendir(state_dir);
    bool gone = true;
    for (struct dirent *one; d && gone && (one = readdir(d));) {
        CLEANUP(mem_free_p) char *path = fs_join(state_dir, one->d_name);
        CLEANUP(mem_free_p) char *lock = unkept_lock(path);
        gone = !str_starts(str_of(one->d_name), UNKEPT "_") || lock_is_free(lock);
    }
    if (d)
        closedir(d);
    return gone;
}

bool app_core(struct app *a, const char *face, bool interactive, struct err *e)
{
    const struct config *c = &a->config;
    if (a->options->value[OPT_NO_SESSION]) {
        struct id id = id_make(UNKEPT);
        a->unkept = fs_join(a->state_dir, id.s);
        hold_unkept(a);
    }
    struct core_options o = {
        .store_dir = a->unkept ? a->unkept : a->state_dir,
        .no_session = a->options->value[OPT_NO_SESSION] != NULL,
        .workspace = a->workspace,
        .model = config_str(c, SET_MODEL),
        .script = a->options->value[OPT_SCRIPT],
        .source = face,
        .policy = a->policy,
        .door = a->door,
        .interactive = interactive,
        .alone = !interactive, /* to end a watch takes the kernel longer than to answer */
        .turns_max = config_int(c, SET_TURNS_MAX),
        .max_steps = config_int(c, SET_MAX_STEPS),
        .parallel_tools = config_int(c, SET_PARALLEL),
        .turn_timeout_ms = config_int(c, SET_TURN_TIMEOUT) * 1000,
        .request_timeout_ms = config_int(c, SET_REQUEST_TIMEOUT) * 1000,
        .tool_timeout_ms = config_int(c, SET_TOOL_TIMEOUT) * 1000,
        .retries = config_int(c, SET_RETRIES),
        .patience_ms = config_int(c, SET_PATIENCE) * 1000,
        .connect_timeout_ms = config_int(c, SET_CONNECT_TIMEOUT) * 1000,
        .wait_timeout_ms = config_int(c, SET_WAIT_TIMEOUT) * 1000,
        .idle_timeout_ms = config_int(c, SET_IDLE_TIMEOUT) * 1000,
        .approval_timeout_ms = config_int(c, SET_APPROVAL_TIMEOUT) * 1000,
    };
    /* Whoever only says one thing does not begin to prune. */
    if (strcmp(face, "command") != 0 && strcmp(face, "repair") != 0) {
        o.keep_ms = config_int(c, SET_KEEP_DAYS) * DAY_MS;
        o.max_bytes = config_int(c, SET_MAX_BYTES);
    }
    if (!app_endpoint(a, e))
        return false;
    if (endpoint_find(o.model) != ENDPOINT_COUNT)
        net_warm();
    if (!set_deadlines(a->options, &o, e) || !open_log(a, e))
        return false;
    a->turn_timeout_ms = o.turn_timeout_ms;
    a->request_timeout_ms = o.request_timeout_ms;
    a->core = core_start(&o, e);
    if (a->core && serves(face) && !a->unkept)
        open_socket(a);
    return a->core != NULL;
}

/* Moves the head before the first turn, as tau session branch does. */
static bool branch_from(struct app *a, const char *session, const char *which, struct err *e)
{
    char entry[ID_MAX];
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    struct verb v = {.options = a->options,
                     .app = a,
                     .reader = core_reader(a->core),
                     .actor = core_actor(a->core),
                     .who = {"operator", ROLE_OPERATOR},
                     .session = session,
                     .out = &out};
    return verb_message(&v, session, which, entry, e) &&
           verb_act(&v, ACT_SESSION_MOVE,
                    &(struct act_session_move){.session = session, .entry = entry}, NULL, e);
}

/* A session that another tau has: asked for again until it is free, or for so long. */
static bool open_session(struct app *a, bool last, bool create, bool watch, int64_t wait_ms,
                         char *ret_id, struct err *e)
{
    int64_t until = clock_mono_ms() + wait_ms;
    for (;;) {
        *e = ERR_INIT;
        if (core_open_session(a->core, app_session_name(a->options), last, create, ret_id, e))
            return true;
        if (e->code != ERR_LEASED)
            return false;
        if (clock_mono_ms() >= until && watch) {
            *e = ERR_INIT;
            return core_watch_session(a->core, app_session_name(a->options), last, ret_id, e);
        }
        if (clock_mono_ms() >= until)
            return err_hint(e, "end that one, give --session-lock-wait-ms, or work in a fork: "
                               "tau session fork");
        (void)cancel_wait_fd(NULL, -1, 0, clock_mono_ms() + LEASE_LOOK_MS);
    }
}

bool app_session(struct app *a, bool watch, char *ret_id, struct err *e)
{
    const struct options *o = a->options;
    int64_t wait_ms = 0;
    if (!option_ms(o, OPT_LOCK_WAIT, &wait_ms, e))
        return false;
    const char *from = o->value[OPT_BRANCH_FROM];
    bool last = o->value[OPT_CONTINUE] || (from && !o->value[OPT_SESSION]);
    if (o->value[OPT_CONTINUE] && o->value[OPT_SESSION])
        return err_set(e, ERR_USAGE, "--continue and --session name two sessions");
    if (o->value[OPT_SESSION] && !utf8_valid(str_of(o->value[OPT_SESSION])))
        return err_set(e, ERR_USAGE, "--session: the name is not UTF-8");
    if (o->value[OPT_NO_SESSION] && (last || o->value[OPT_SESSION]))
        return err_set(e, ERR_USAGE, "--no-session keeps nothing that could be gone on with");
    return open_session(a, last, !from, watch && !from, wait_ms, ret_id, e) &&
           (!from || branch_from(a, ret_id, from, e));
}

void app_close(struct app *a)
{
    gateway_socket_stop(a->socket);
    if (a->core)
        core_stop(a->core, STOP_GRACE_MS);
    net_stop();
    endpoints_done();
    if (a->unkept)
        leave_unkept(a);
    free(a->unkept);
    policy_free(a->policy);
    config_free(&a->config);
    free(a->workspace);
    free(a->config_dir);
    free(a->state_dir);
}
