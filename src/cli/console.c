/* SPDX-License-Identifier: MIT
 *
 * console: the face on a terminal.
 */
#include "cli/console.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli/app.h"
#include "cli/demo.h"
#include "cli/onboard.h"
#include "cli/relay.h"
#include "cli/report.h"
#include "cli/serving.h"
#include "cli/verb.h"
#include "cli/watching.h"
#include "model/provider.h"
#include "policy/path.h"
#include "policy/sandbox.h"
#include "tool/gitdir.h"
#include "tool/walk.h"
#include "ui/ui.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#define KEYS "Enter sends, ? lists the keys, : is for commands, :q quits."

static const char offline_greeting[] = "tau, rule-based and offline: no model is connected.\n"
                                       "Try:  summarize README.md\n"
                                       "      find \"main\" in src\n"
                                       "      replace \"old\" with \"new\" in notes.txt\n"
                                       "      run make check\n";

/* Who has not chosen is told of what could be: at once, since nothing is asked over the network. */
static void greet_offline(const struct app *a, char *ret, size_t size)
{
    CLEANUP(buf_free) struct buf hint = BUF_OWN;
    if (config_winner(&a->config, SET_MODEL) == CONFIG_BUILTIN)
        onboard_hint(&hint);
    snprintf(ret, size, "%s%s%s", offline_greeting, buf_cstr(&hint), KEYS);
}

/* What an empty session says; only the offline model is told of by what it understands. */
static void greet(struct app *a, char *ret, size_t size)
{
    char model[PROVIDER_NAME_MAX];
    core_model(a->core, model, sizeof(model));
    if (a->options->command == CMD_DEMO)
        snprintf(ret, size, "%s", demo_greeting);
    else if (strcmp(model, "local/offline") == 0)
        greet_offline(a, ret, size);
    else
        snprintf(ret, size, "tau, with %s.\n" KEYS, model);
}

static void status(void *ctx, struct ui_status *ret)
{
    struct app *a = ctx;
    struct sandbox_profile profile;
    enum sandbox_level level;
    struct err e = ERR_INIT;
    *ret = (struct ui_status){.trusted = policy_trusted(a->policy)};
    core_model(a->core, ret->model, sizeof(ret->model));
    snprintf(ret->mode, sizeof(ret->mode), "%s", policy_mode_name(policy_mode(a->policy)));
    snprintf(ret->preset, sizeof(ret->preset), "%s", policy_preset_name(policy_preset(a->policy)));
    serving_badge(a->serving, ret->gateway, sizeof(ret->gateway));
    if (!gitdir_branch(a->workspace, ret->branch, sizeof(ret->branch)))
        ret->branch[0] = '\0';
    policy_sandbox(a->policy, &profile);
    if (sandbox_choose(&profile, &level, &e))
        sandbox_badge(&profile, level, ret->sandbox, sizeof(ret->sandbox));
    else
        snprintf(ret->sandbox, sizeof(ret->sandbox), "no sandbox");
}

enum { FILES_MAX = 20000, FILES_MS = 1000 };

struct files {
    void (*add)(void *arg, const char *name);
    void *arg;
    size_t n;
};

static enum walk_next add_file(void *arg, const struct walk_entry *entry)
{
    struct files *f = arg;
    if (S_ISREG(entry->st.st_mode)) {
        f->add(f->arg, entry->path);
        f->n++;
    }
    return f->n < FILES_MAX ? WALK_ON : WALK_END;
}

/* What git would not ignore. A tree that is too large, or a disk too slow, gives those that came. */
static void add_files(const char *workspace, void (*add)(void *arg, const char *name), void *arg)
{
    struct files f = {.add = add, .arg = arg};
    struct err e = ERR_INIT;
    CLEANUP(fd_close_p) int fd = open(workspace, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct path_root root = {fd, workspace};
    struct walk w = {.root = &root,
                     .start = "",
                     .ignore = true,
                     .max_depth = WALK_DEPTH_MAX,
                     .deadline_ms = clock_mono_ms() + FILES_MS,
                     .each = add_file,
                     .arg = &f};
    if (fd >= 0 && !walk_run(&w, &e))
        log_debug("the files of the workspace: %s", e.message);
}

static void complete(void *ctx, const char *what, void (*add)(void *arg, const char *name),
                     void *arg)
{
    const struct app *a = ctx;
    if (strcmp(what, "file") == 0)
        add_files(a->workspace, add, arg);
    if (strcmp(what, "model") != 0)
        return;
    for (size_t i = 0; i < provider_table_n; i++) {
        char name[PROVIDER_NAME_MAX];
        add(arg, provider_full_name(provider_table[i], name, sizeof(name)));
    }
}

static bool verb(void *ctx, struct str line, const char *session, struct cancel *cancel,
                 struct buf *out, struct ui_after *after, struct err *e)
{
    struct app *a = ctx;
    struct verb v = {.app = a,
                     .reader = core_reader(a->core),
                     .actor = core_actor(a->core),
                     .who = {"operator", ROLE_ADMIN},
                     .cancel = cancel,
                     .session = session,
                     .out = out,
                     .console = true};
    bool ok = verb_line(&v, line, e);
    memcpy(after->show, v.show, ID_MAX);
    after->image = v.image;
    return ok;
}

static void gateway(void *ctx, struct ui_gateway *ret)
{
    struct app *a = ctx;
    struct serving_view v;
    serving_look(a->serving, &v);
    *ret = (struct ui_gateway){.since_ms = v.since_ms, .requests = v.requests, .drains = v.drains, .streams = v.streams};
    snprintf(ret->address, sizeof(ret->address), "%s", v.address);
    for (size_t i = v.n; i > 0; i--) {
        const struct http_seen *from = &v.seen[i - 1];
        struct ui_request *to = &ret->newest[ret->n++];
        char path[SERVING_PATH];
        *to = (struct ui_request){.n = from->id,
                                  .status = from->status,
                                  .begun_ms = from->begun_ms,
                                  .ms = from->ms,
                                  .live = from->live};
        snprintf(to->who, sizeof(to->who), "%s", from->who);
        snprintf(to->method, sizeof(to->method), "%s", from->method);
        snprintf(to->path, sizeof(to->path), "%s", serving_path(from, path));
        snprintf(to->code, sizeof(to->code), "%s", from->about.code);
    }
}

_Static_assert((int)UI_REQUESTS_MAX >= (int)GATEWAY_SEEN_MAX, "all of them have room");

static void shown(void *ctx, const char *session)
{
    struct app *a = ctx;
    relay_show(a->relay, session);
}

/* Without it a session elsewhere is shown as it is kept, and nothing can be done to its turns. */
static void start_relay(struct app *a)
{
    struct err e = ERR_INIT;
    struct relay_options o = {.hub = core_hub(a->core),
                              .actor = core_actor(a->core),
                              .sink = core_sink(a->core),
                              .proc = core_proc(a->core),
                              .state_dir = a->state_dir};
    a->relay = relay_start(&o, &e);
    if (!a->relay)
        log_warn("sessions elsewhere are not live: %s", e.message);
}

int console_run(const struct options *o, const struct guardian *g)
{
    struct app a;
    struct err e = ERR_INIT;
    char session[ID_MAX] = "";
    char greeting[1024] = "";
    struct serving serving = SERVING_INIT;
    struct watching watching = WATCHING_INIT;
    int code = -1;
    bool ok = app_open(&a, o, &e) && app_policy(&a, true, &e);
    a.door = serving_door(&serving, &a);
    ok = ok && app_core(&a, "console", true, &e) && app_session(&a, true, session, &e) &&
              watching_begin(&watching, &a, &e);
    if (ok) {
        a.serving = &serving;
        a.watching = &watching;
        start_relay(&a);
        serving.changed_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        CLEANUP(mem_free_p) char *copies = fs_join(a.state_dir, "copies");
        greet(&a, greeting, sizeof(greeting));
        struct ui_env env = {
            .hub = core_hub(a.core),
            .actor = a.relay ? relay_actor(a.relay) : core_actor(a.core),
            .reader = core_reader(a.core),
            .who = {"operator", ROLE_OPERATOR},
            .session = session[0] ? session : NULL,
            .proc = core_proc(a.core),
            .workspace = a.workspace,
            .copies = copies,
            .theme = config_str(&a.config, SET_THEME),
            .mouse = config_bool(&a.config, SET_MOUSE),
            .greeting = greeting,
            .status = status,
            .complete = complete,
            .turn_timeout_ms = a.turn_timeout_ms,
            .request_timeout_ms = a.request_timeout_ms,
            .verb = verb,
            .gateway = gateway,
            .gateway_fd = serving.changed_fd,
            .shown = a.relay ? shown : NULL,
            .ctx = &a,
            .guardian_fd = g->fd,
            .screen = g->screen,
        };
        code = ui_run(&env, &e);
    }
    relay_stop(a.relay);
    serving_done(&serving);
    watching_done(&watching);
    fd_close_p(&serving.changed_fd);
    app_close(&a);
    if (code >= 0)
        return code;
    report(&e);
    return err_code_exit(e.code);
}
