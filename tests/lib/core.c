/* SPDX-License-Identifier: MIT
 *
 * core: a real core over a real store and workspace in temporary directories.
 */
#include "lib/test.h"

#include "lib/core.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "contract/states.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATIENCE_MS = 20000 };

void fixture_open(struct fixture *f, const char *name, const char *script)
{
    struct err e = ERR_INIT;
    *f = (struct fixture){.mode = MODE_AUTO, .preset = PRESET_PERMISSIVE};
    f->dir = test_tmpdir(name);
    f->workspace = fs_join(f->dir, "work");
    f->state = fs_join(f->dir, "state");
    f->config = fs_join(f->dir, "config");
    OK(fs_mkdirs(f->workspace, 0755, &e));
    OK(fs_mkdirs(f->state, 0700, &e));
    OK(fs_mkdirs(f->config, 0700, &e));
    if (script) {
        f->script = fs_join(f->dir, "script");
        OK(fs_replace(f->script, str_of(script), 0600, &e));
    }
    f->options = (struct core_options){.store_dir = f->state,
                                       .workspace = f->workspace,
                                       .model = "local/script",
                                       .script = f->script,
                                       .source = "test",
                                       .interactive = true,
                                       .turns_max = 4,
                                       .max_steps = 20,
                                       .parallel_tools = 4,
                                       .request_timeout_ms = 20000};
}

void fixture_start(struct fixture *f)
{
    struct err e = ERR_INIT;
    struct policy_config config = {.workspace = f->workspace,
                                   .state_dir = f->state,
                                   .config_dir = f->config,
                                   .mode = f->mode,
                                   .preset = f->preset,
                                   .protected_paths = "",
                                   .sandbox_level = "auto",
                                   .sandbox_read = "",
                                   .interactive = f->options.interactive};
    f->policy = policy_new(&config, &e);
    if (!f->policy)
        fail_msg("policy: %s", e.message);
    f->options.policy = f->policy;
    f->core = core_start(&f->options, &e);
    if (!f->core)
        fail_msg("core: %s: %s", err_code_name(e.code), e.message);
    OK(core_open_session(f->core, "test", false, true, f->session, &e));
}

void fixture_stop(struct fixture *f)
{
    if (f->core)
        core_stop(f->core, 5000);
    f->core = NULL;
    policy_free(f->policy);
    f->policy = NULL;
}

void fixture_close(struct fixture *f)
{
    struct err e = ERR_INIT;
    fixture_stop(f);
    OK(fs_remove_tree(f->dir, &e));
    free(f->dir);
    free(f->workspace);
    free(f->state);
    free(f->config);
    free(f->script);
}

void fixture_write(struct fixture *f, const char *path, const char *text)
{
    struct err e = ERR_INIT;
    char *full = fs_join(f->workspace, path);
    OK(fs_replace(full, str_of(text), 0644, &e));
    free(full);
}

char *fixture_read(struct fixture *f, const char *path)
{
    struct err e = ERR_INIT;
    struct buf b = BUF_INIT(1 << 20);
    char *full = fs_join(f->workspace, path);
    bool ok = fs_read_file(full, &b, &e);
    free(full);
    return ok ? buf_take(&b) : NULL;
}

struct action_answer fixture_act(struct fixture *f, const char *action, const char *fmt, ...)
{
    struct actor actor = core_actor(f->core);
    struct principal who = {"operator", ROLE_OPERATOR};
    struct action_answer answer;
    struct buf args = BUF_OWN;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&args, fmt, ap);
    va_end(ap);
    actor.submit_wait(actor.ctx, action, buf_view(&args), &who, &answer);
    buf_free(&args);
    return answer;
}

char *fixture_submit(struct fixture *f, const char *input)
{
    struct action_answer a = fixture_act(f, "turn.submit", "{\"session\":\"%s\",\"input\":\"%s\"}",
                                         f->session, input);
    if (!a.accepted)
        fail_msg("submit: %s", a.err.message);
    return mem_strdup(a.id);
}

struct snapshot *fixture_until(struct fixture *f, bool (*test)(const struct snapshot *s, void *arg),
                               void *arg)
{
    struct hub *hub = core_hub(f->core);
    struct hub_filter filter = {.snapshots = true};
    struct hub_reader *r = hub_read(hub, &filter);
    int64_t deadline = clock_mono_ms() + PATIENCE_MS;
    for (;;) {
        hub_arm(r);
        struct snapshot *s = hub_snapshot(hub);
        if (test(s, arg)) {
            hub_read_end(r);
            return s;
        }
        if (cancel_wait_fd(NULL, hub_fd(r), POLLIN, deadline) == CANCEL_DEADLINE) {
            struct buf b = BUF_OWN;
            snapshot_write(s, UINT32_MAX, true, &b);
            fprintf(stderr, "%s\n", buf_cstr(&b));
            fail_msg("what was waited for did not happen");
        }
        snapshot_unref(s);
    }
}

bool fixture_asks(const struct snapshot *s, void *ret_id)
{
    const struct section *sec = s->sections[REC_APPROVAL];
    for (size_t i = 0; i < sec->n; i++)
        if (!rec_ended(sec->v[i])) {
            snprintf(ret_id, ID_MAX, "%s", rec_key(sec->v[i]));
            return true;
        }
    return false;
}

static bool turn_ended(const struct snapshot *s, void *arg)
{
    const struct rec *r = snapshot_find(s, REC_TURN, arg);
    return r && rec_ended(r);
}

const char *fixture_ended(struct fixture *f, const char *turn)
{
    char *id = mem_strdup(turn);
    struct snapshot *s = fixture_until(f, turn_ended, id);
    const struct rec *r = snapshot_find(s, REC_TURN, id);
    const char *status = state_name(state_find(MACHINE_TURN, REC(r, turn)->status));
    snapshot_unref(s);
    free(id);
    return status;
}

struct scan {
    struct buf *kinds;
    const char *kind, *part;
    int n;
};

static bool scan_row(void *arg, struct str row)
{
    struct scan *scan = arg;
    struct err e = ERR_INIT;
    struct arena a = ARENA_INIT;
    struct json *j = json_parse(row, &e);
    const struct json *ev = json_get(j, "event");
    const char *kind = json_cstr(json_get(ev, "kind"), "?");
    if (scan->kinds)
        buf_printf(scan->kinds, "%s ", kind);
    if (scan->kind && strcmp(scan->kind, kind) == 0 &&
        (!scan->part || strstr(json_text(json_get(ev, "data"), &a), scan->part)))
        scan->n++;
    arena_free(&a);
    json_free(j);
    return true;
}

static void scan(struct fixture *f, struct scan *s)
{
    struct reader reader = core_reader(f->core);
    struct err e = ERR_INIT;
    int64_t seq;
    OK(reader.query(reader.ctx, "log.page", STR("{\"limit\":1000}"), NULL, scan_row, s, &seq, &e));
}

char *fixture_kinds(struct fixture *f)
{
    struct buf b = BUF_OWN;
    struct scan s = {.kinds = &b};
    scan(f, &s);
    return buf_take(&b);
}

int fixture_count(struct fixture *f, const char *kind, const char *part)
{
    struct scan s = {.kind = kind, .part = part};
    scan(f, &s);
    return s.n;
}
