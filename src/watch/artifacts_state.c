/* SPDX-License-Identifier: MIT
 *
 * artifacts_state: a tau's own state as artifacts, and artifacts as files.
 */
#include "watch/artifacts.h"

#include "base/clock.h"
#include "base/fs.h"
#include "json/jsonw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BIT(kind) (UINT32_C(1) << REC_##kind)

enum { LOG_MAX = 1 << 20 };

/* ---- from the state ---- */

static const struct json *items(const struct json *state, const char *section)
{
    return json_get(json_get(state, section), "items");
}

static const char *text(const struct json *record, const char *key)
{
    return json_cstr(json_get(record, key), "");
}

static bool is(const struct json *record, const char *key, const char *value)
{
    return strcmp(text(record, key), value) == 0;
}

#define COPY(to, from) snprintf(to, sizeof(to), "%s", from)

static void count_turn(struct artifacts *a, const struct json *t)
{
    bool good = is(t, "status", "completed"), stopped = is(t, "status", "cancelled");
    if (!json_get(t, "ended_ms")) {
        a->queue_depth += is(t, "status", "queued") || is(t, "status", "created");
        return;
    }
    a->total++;
    a->succeeded += good;
    a->cancelled += stopped;
    a->failed += !good && !stopped;
    /* What somebody stopped says nothing of health. */
    a->failure_streak = good ? 0 : a->failure_streak + !stopped;
    a->processed++;
    if (a->n_cases == ARTIFACT_CASES) {
        memmove(a->cases, a->cases + 1, sizeof(a->cases) - sizeof(a->cases[0]));
        a->n_cases--;
    }
    COPY(a->cases[a->n_cases], text(t, "id"));
    a->n_cases++;
    const char *reason = text(json_get(t, "error"), "reason_code");
    COPY(a->reason_codes, good ? "" : stopped ? "cancelled" : reason);
    if (good)
        COPY(a->health_reason, "the newest turn completed");
    else
        snprintf(a->health_reason, sizeof(a->health_reason), "the newest turn is %.40s", text(t, "status"));
    a->has_events = true;
}

static void take_running(struct artifacts *a, const struct json *state, const char *proc)
{
    for (const struct json *t = json_first(items(state, "turns")); t; t = json_next(t)) {
        bool runs = is(t, "status", "running") && (!proc || is(t, "proc", proc));
        count_turn(a, t);
        if (!runs)
            continue;
        COPY(a->turn, text(t, "id"));
        COPY(a->session, text(t, "session"));
    }
    for (const struct json *t = json_first(items(state, "tools")); t; t = json_next(t))
        if (!json_get(t, "ended_ms"))
            snprintf(a->tool, sizeof(a->tool), "%s %s", text(t, "name"), text(t, "status"));
    for (const struct json *q = json_first(items(state, "approvals")); q; q = json_next(q))
        if (is(q, "status", "requested"))
            COPY(a->asks, text(q, "action"));
    for (const struct json *t = json_first(items(state, "tasks")); t; t = json_next(t)) {
        a->tasks += !is(t, "status", "cancelled");
        a->tasks_done += is(t, "status", "completed");
    }
}

/* What somebody did last: asked for something, stopped it, or answered. */
static void take_action(struct artifacts *a, const char *action, const char *actor, const struct json *ms)
{
    int64_t when = json_i64(ms, 0);
    if (!actor[0] || when < a->action_ms || when <= 0)
        return;
    COPY(a->action, action);
    COPY(a->actor, actor);
    a->action_ms = when;
}

static void take_actions(struct artifacts *a, const struct json *state)
{
    for (const struct json *t = json_first(items(state, "turns")); t; t = json_next(t)) {
        take_action(a, "turn.submit", text(t, "source"), json_get(t, "created_ms"));
        take_action(a, "turn.cancel", text(t, "by"), json_get(t, "ended_ms"));
    }
    for (const struct json *q = json_first(items(state, "approvals")); q; q = json_next(q))
        take_action(a, "approval.resolve", text(q, "by"), json_get(q, "ended_ms"));
}

static void take_phase(struct artifacts *a, const struct json *state)
{
    const struct json *phases = json_get(json_get(state, "live"), "phases");
    for (const struct json *p = json_first(phases); p; p = json_next(p))
        if (a->turn[0] && is(p, "turn", a->turn))
            COPY(a->phase, text(p, "phase"));
}

/* Sessions by their names, for people. */
static void name_session(struct artifacts *a, const struct json *state, const char *proc)
{
    const struct json *best = NULL;
    for (const struct json *s = json_first(items(state, "session")); s; s = json_next(s)) {
        bool wanted = a->session[0] ? is(s, "id", a->session) : proc && is(s, "proc", proc);
        if (wanted && (!best || json_i64(json_get(s, "updated_ms"), 0) >=
                                    json_i64(json_get(best, "updated_ms"), 0)))
            best = s;
    }
    if (best)
        COPY(a->session, text(best, "name"));
}

static void take_model(struct artifacts *a, const struct json *state)
{
    const struct json *newest = NULL;
    for (const struct json *t = json_first(items(state, "turns")); t; t = json_next(t))
        newest = text(t, "provider")[0] ? t : newest;
    if (!newest)
        return;
    struct artifact_provider *p = &a->providers[a->n_providers++];
    COPY(p->provider, text(newest, "provider"));
    COPY(p->mode, strcmp(p->provider, "local") == 0 ? "none" : "key");
    bool refused = strcmp(text(json_get(newest, "error"), "reason_code"), "auth_failed") == 0;
    COPY(p->state, refused ? "refused" : is(newest, "status", "completed") ? "ready" : "unknown");
    COPY(p->source, text(newest, "model"));
}

void artifacts_of_state(struct artifacts *ret, const struct json *state, const char *proc, int64_t pid)
{
    *ret = (struct artifacts){.pid = pid};
    COPY(ret->proc, proc ? proc : "");
    ret->has_state = ret->has_tau = ret->has_control = ret->has_auth = ret->has_training = true;
    ret->seq = json_i64(json_get(state, "seq"), 0);
    take_running(ret, state, proc);
    take_actions(ret, state);
    take_phase(ret, state);
    name_session(ret, state, proc);
    take_model(ret, state);
    COPY(ret->auth_mode, ret->n_providers ? ret->providers[0].mode : "none");
    COPY(ret->run_state, ret->turn[0] ? "running" : "idle");
    ret->auth_required = strcmp(ret->auth_mode, "key") == 0;
}

/* As JSON, and back: what others read over HTTP is what the files are made of. */
bool artifacts_of_snapshot(struct artifacts *ret, const struct snapshot *s, const char *proc, int64_t pid,
                           struct err *e)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    snapshot_write(s, BIT(SESSION) | BIT(TURN) | BIT(TOOL) | BIT(APPROVAL) | BIT(TASK), true, &text);
    CLEANUP(json_free_p) struct json *j = json_parse(buf_view(&text), e);
    if (j)
        artifacts_of_state(ret, j, proc, pid);
    return j != NULL;
}

/* ---- to files ---- */

static void write_state(const struct artifacts *a, struct jsonw *w)
{
    jsonw_key(w, "processed_case_keys");
    jsonw_begin_array(w);
    for (size_t i = 0; i < a->n_cases; i++)
        jsonw_cstr(w, a->cases[i]);
    jsonw_end_array(w);
    jsonw_key(w, "health");
    jsonw_begin_object(w);
    jsonw_put_i64(w, "queue_depth", a->queue_depth);
    jsonw_put_i64(w, "failure_streak", a->failure_streak);
    jsonw_end_object(w);
    jsonw_key(w, "tau");
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "proc", a->proc);
    jsonw_put_i64(w, "pid", a->pid);
    jsonw_put_i64(w, "seq", a->seq);
    jsonw_put_cstr(w, "session", a->session);
    jsonw_put_cstr(w, "turn", a->turn);
    jsonw_put_cstr(w, "phase", a->phase);
    jsonw_put_cstr(w, "tool", a->tool);
    jsonw_put_cstr(w, "asks", a->asks);
    jsonw_put_i64(w, "tasks", a->tasks);
    jsonw_put_i64(w, "tasks_done", a->tasks_done);
    jsonw_end_object(w);
}

static void write_action(const struct artifacts *a, struct jsonw *w)
{
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "action", a->action);
    jsonw_put_cstr(w, "actor", a->actor);
    jsonw_put_i64(w, "timestamp_unix_ms", a->action_ms);
    jsonw_end_object(w);
}

static void write_control(const struct artifacts *a, struct jsonw *w)
{
    jsonw_put_cstr(w, "mode", a->paused ? "paused" : "running");
    if (!a->action[0])
        return;
    jsonw_key(w, "last_action");
    write_action(a, w);
}

static void write_auth(const struct artifacts *a, struct jsonw *w)
{
    jsonw_put_cstr(w, "mode", a->auth_mode);
    jsonw_put_bool(w, "required", a->auth_required);
    jsonw_key(w, "providers");
    jsonw_begin_array(w);
    for (size_t i = 0; i < a->n_providers; i++) {
        const struct artifact_provider *p = &a->providers[i];
        jsonw_begin_object(w);
        jsonw_put_cstr(w, "provider", p->provider);
        jsonw_put_cstr(w, "mode", p->mode);
        jsonw_put_cstr(w, "state", p->state);
        jsonw_put_cstr(w, "source", p->source);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void write_training(const struct artifacts *a, struct jsonw *w)
{
    jsonw_put_cstr(w, "run_state", a->run_state);
    jsonw_put_i64(w, "total_rollouts", a->total);
    jsonw_put_i64(w, "succeeded", a->succeeded);
    jsonw_put_i64(w, "failed", a->failed);
    jsonw_put_i64(w, "cancelled", a->cancelled);
    jsonw_key(w, "live_learning_alerts");
    jsonw_begin_array(w);
    jsonw_end_array(w);
}

static const struct {
    const char *name;
    void (*write)(const struct artifacts *a, struct jsonw *w);
} made[] = {
    {"control-state.json", write_control},
    {"auth-status.json", write_auth},
    {"../training/status.json", write_training},
    {"state.json", write_state}, /* the last: whoever wakes by it finds the others written */
};

/* The file is replaced by its name, so that a reader has the old one or the new one, whole. A crash of the
 * machine may lose it: it is made again. */
static bool put_file(int dir, const char *name, struct str bytes, struct err *e)
{
    char temporary[80];
    snprintf(temporary, sizeof(temporary), "%.60s.%ld", name, (long)getpid());
    /* Of one that was killed while it wrote. What else has that name is not written into. */
    (void)unlinkat(dir, temporary, 0);
    CLEANUP(fd_close_p) int fd =
        openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "%s", temporary);
    bool ok = fs_write_all(fd, bytes, e);
    if (ok && renameat(dir, temporary, dir, name) != 0)
        ok = err_sys(e, ERR_IO, errno, "%s", name);
    if (!ok)
        (void)unlinkat(dir, temporary, 0);
    return ok;
}

static bool add_line(int dir, const char *name, struct str line, struct err *e)
{
    struct stat st;
    CLEANUP(fd_close_p) int fd =
        openat(dir, name, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0 || fstat(fd, &st) != 0)
        return err_sys(e, ERR_IO, errno, "%s", name);
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_NOT_REGULAR, "%s is no regular file", name);
    if (st.st_size > LOG_MAX && ftruncate(fd, 0) != 0)
        return err_sys(e, ERR_IO, errno, "%s", name);
    return fs_write_all(fd, line, e);
}

static const char *newest_case(const struct artifacts *a)
{
    return a->n_cases ? a->cases[a->n_cases - 1] : "";
}

static bool write_event(const struct artifacts *a, int dir, struct err *e)
{
    CLEANUP(buf_free) struct buf line = BUF_OWN;
    struct jsonw w = {.out = &line};
    jsonw_begin_object(&w);
    jsonw_put_i64(&w, "timestamp_unix_ms", clock_wall_ms());
    jsonw_put_cstr(&w, "health_reason", a->health_reason);
    jsonw_key(&w, "reason_codes");
    jsonw_begin_array(&w);
    if (a->reason_codes[0])
        jsonw_cstr(&w, a->reason_codes);
    jsonw_end_array(&w);
    jsonw_put_cstr(&w, "case", newest_case(a));
    jsonw_end_object(&w);
    buf_putc(&line, '\n');
    return add_line(dir, "runtime-events.jsonl", buf_view(&line), e);
}

static bool write_audit(const struct artifacts *a, int dir, struct err *e)
{
    CLEANUP(buf_free) struct buf line = BUF_OWN;
    struct jsonw w = {.out = &line};
    write_action(a, &w);
    buf_putc(&line, '\n');
    return add_line(dir, "actions-audit.jsonl", buf_view(&line), e);
}

static int open_dir(const char *dir, struct err *e)
{
    CLEANUP(mem_free_p) char *training = fs_join(dir, "../training");
    if (!fs_mkdirs(dir, 0700, e) || !fs_mkdirs(training, 0700, e))
        return -1;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        err_sys(e, ERR_IO, errno, "%.300s", dir);
    return fd;
}

/* Adds to the files of lines what is newer than what the directory ends with. */
static bool write_news(const struct artifacts *a, const char *dir, int at, struct err *e)
{
    struct artifacts *was = NEW(struct artifacts);
    artifacts_read(was, dir);
    bool ended = a->has_events && strcmp(newest_case(was), newest_case(a)) != 0;
    bool acted = a->action[0] && a->action_ms > was->action_ms;
    free(was);
    return (!ended || write_event(a, at, e)) && (!acted || write_audit(a, at, e));
}

bool artifacts_write(const struct artifacts *a, const char *dir, bool stopped, struct err *e)
{
    CLEANUP(fd_close_p) int at = open_dir(dir, e);
    if (at < 0)
        return false;
    bool ok = write_news(a, dir, at, e);
    struct artifacts *last = NEW(struct artifacts);
    *last = *a;
    if (stopped) {
        COPY(last->run_state, "stopped");
        last->pid = 0;
        last->turn[0] = last->phase[0] = last->tool[0] = last->asks[0] = '\0';
    }
    for (size_t i = 0; ok && i < ARRAY_LEN(made); i++) {
        CLEANUP(buf_free) struct buf text = BUF_OWN;
        struct jsonw w = {.out = &text};
        jsonw_begin_object(&w);
        made[i].write(last, &w);
        jsonw_end_object(&w);
        buf_putc(&text, '\n');
        ok = put_file(at, made[i].name, buf_view(&text), e);
    }
    free(last);
    return ok || err_wrap(e, "%.200s", dir);
}
