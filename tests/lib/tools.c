/* SPDX-License-Identifier: MIT
 *
 * tools: the fixture of tool calls.
 */
#include "lib/test.h"

#include "lib/tools.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "policy/launch.h"
#include "store/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_S = 60 };

static char *exec_path; /* the tau-exec of this build, for the life of the program */

/* ---- the sink ---- */

static void collect(void *ctx, struct event *ev)
{
    struct tools *t = ctx;
    pthread_mutex_lock(&t->lock);
    if (t->n == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 64;
        t->events = mem_grow(t->events, t->cap, sizeof(struct event *));
    }
    t->events[t->n++] = ev;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

static bool collect_sync(void *ctx, struct event *ev, struct cancel *cancel, struct err *e)
{
    (void)cancel;
    if (((struct tools *)ctx)->sink_fails) {
        event_unref(ev);
        return err_set(e, ERR_STORE, "the sink of the test fails");
    }
    collect(ctx, ev);
    return true;
}

size_t tools_count(struct tools *t, enum event_kind kind)
{
    size_t n = 0;
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < t->n; i++)
        n += t->events[i]->kind == kind;
    pthread_mutex_unlock(&t->lock);
    return n;
}

static const struct event *nth_event(struct tools *t, enum event_kind kind, size_t nth)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->events[i]->kind == kind && nth-- == 0)
            return t->events[i];
    return NULL;
}

const struct event *tools_event(struct tools *t, enum event_kind kind, size_t nth)
{
    pthread_mutex_lock(&t->lock);
    const struct event *ev = nth_event(t, kind, nth);
    pthread_mutex_unlock(&t->lock);
    return ev;
}

const struct event *tools_wait(struct tools *t, enum event_kind kind)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock(&t->lock);
    const struct event *ev = nth_event(t, kind, 0);
    int failed = 0;
    while (!ev && !failed) {
        failed = pthread_cond_timedwait(&t->changed, &t->lock, &until);
        ev = nth_event(t, kind, 0);
    }
    pthread_mutex_unlock(&t->lock);
    if (!ev)
        fail_msg("no event %s came", event_table[kind].wire);
    return ev;
}

void tools_forget(struct tools *t)
{
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < t->n; i++)
        event_unref(t->events[i]);
    t->n = 0;
    pthread_mutex_unlock(&t->lock);
}

/* ---- opening ---- */

/* The workspace is this directory from now on. */
static void enter(struct tools *t, const char *ws, enum policy_preset preset)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *state = fs_join(t->top, "state");
    CLEANUP(mem_free_p) char *config = fs_join(t->top, "config");
    t->ws = fs_real(ws, &e);
    assert_non_null(t->ws);
    t->root =
        (struct path_root){.fd = open(t->ws, O_PATH | O_DIRECTORY | O_CLOEXEC), .path = t->ws};
    assert_true(t->root.fd >= 0);
    t->policy = policy_new(&(struct policy_config){.workspace = t->ws,
                                                   .state_dir = state,
                                                   .config_dir = config,
                                                   .mode = MODE_AUTO,
                                                   .preset = preset,
                                                   .protected_paths = "",
                                                   .sandbox_level = "none",
                                                   .sandbox_read = ""},
                           &e);
    if (!t->policy)
        fail_msg("policy: %s", e.message);
}

void tools_enter(struct tools *t, const char *ws)
{
    enum policy_preset preset = policy_preset(t->policy);
    policy_free(t->policy);
    close(t->root.fd);
    free(t->ws);
    enter(t, ws, preset);
}

static bool no_rows(void *ctx, const char *name, struct str arguments, struct cancel *cancel,
                    bool (*row)(void *arg, struct str json), void *arg, int64_t *ret_seq,
                    struct err *e)
{
    (void)ctx, (void)name, (void)arguments, (void)cancel, (void)row, (void)arg, (void)ret_seq;
    (void)e;
    return true;
}

void tools_open(struct tools *t, const char *name, enum policy_preset preset)
{
    static const char *const places[] = {"ws", "store", "state", "config"};
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *made = test_tmpdir(name);
    if (!exec_path)
        launch_use_exec(exec_path = test_program("tau-exec"));
    *t = (struct tools){.deadline_ms = CLOCK_NEVER, .session = "sess_test"};
    t->top = fs_real(made, &e);
    assert_non_null(t->top);
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        CLEANUP(mem_free_p) char *path = fs_join(t->top, places[i]);
        OK(fs_mkdirs(path, i == 0 ? 0755 : 0700, &e));
    }
    t->store = fs_join(t->top, "store");
    CLEANUP(mem_free_p) char *ws = fs_join(t->top, "ws");
    enter(t, ws, preset);
    t->cancel = cancel_new(NULL);
    t->jobs = jobs_new();
    t->reader = (struct reader){no_rows, NULL};
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->changed, NULL);
}

void tools_lose_exec(bool lost)
{
    launch_use_exec(lost ? "/nonexistent/tau-exec" : exec_path);
}

void tools_close(struct tools *t)
{
    struct err e = ERR_INIT;
    jobs_free(t->jobs);
    call_done(&t->call);
    tools_forget(t);
    free(t->events);
    arena_free(&t->arena);
    policy_free(t->policy);
    cancel_unref(t->cancel);
    close(t->root.fd);
    OK(fs_remove_tree(t->top, &e));
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->changed);
    free(t->top);
    free(t->ws);
    free(t->store);
}

/* ---- files ---- */

void tools_put_bytes(struct tools *t, const char *relative, const void *p, size_t n)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(t->ws, relative);
    OK(fs_replace(path, str_make(p, n), 0644, &e));
}

void tools_put(struct tools *t, const char *relative, const char *text)
{
    tools_put_bytes(t, relative, text, strlen(text));
}

char *tools_get(struct tools *t, const char *relative, size_t *ret_n)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(t->ws, relative);
    struct buf b = BUF_OWN;
    OK(fs_read_file(path, &b, &e));
    if (ret_n)
        *ret_n = b.len;
    return buf_take(&b);
}

bool tools_has(struct tools *t, const char *relative)
{
    CLEANUP(mem_free_p) char *path = fs_join(t->ws, relative);
    return access(path, F_OK) == 0;
}

void tools_mkdir(struct tools *t, const char *relative)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(t->ws, relative);
    OK(fs_mkdirs(path, 0755, &e));
}

char *tools_blob(struct tools *t, const char *sha, size_t *ret_n)
{
    struct err e = ERR_INIT;
    struct buf b = BUF_OWN;
    CLEANUP(fd_close_p) int fd = blob_open(t->store, sha, &e);
    OK(fd >= 0);
    OK(fs_read_fd(fd, &b, &e));
    if (ret_n)
        *ret_n = b.len;
    return buf_take(&b);
}

/* ---- calls ---- */

static bool validate(struct tools *t, const char *arguments, void *args, struct err *e)
{
    CLEANUP(json_free_p) struct json *j = json_parse(str_of(arguments), e);
    return j && field_read(t->call.desc->args, j, &t->arena, args, FIELD_STRICT, e);
}

bool tools_call_between(struct tools *t, const char *tool, const char *arguments,
                        void (*between)(struct tools *), struct err *e)
{
    call_done(&t->call);
    arena_free(&t->arena);
    t->intent = (struct tool_intent){0};
    t->outcome = (struct tool_outcome){.exit = I64_NONE, .result = ""};
    t->intended = false;
    t->artifact = NULL;
    t->total = 0;
    const struct tool_desc *desc = tool_find(str_of(tool));
    if (!desc)
        fail_msg("no tool %s", tool);
    t->call = (struct tool_call){
        .desc = desc,
        .call_id = "call_test",
        .session = t->session,
        .turn = "turn_test",
        .arena = &t->arena,
        .cancel = t->cancel,
        .deadline_ms = t->deadline_ms,
        .sink = {.emit = collect, .emit_sync = collect_sync, .ctx = t},
        .policy = t->policy,
        .root = t->root,
        .store_dir = t->store,
        .jobs = t->jobs,
        .reader = t->reader,
    };
    void *args = arena_new(&t->arena, desc->args->size);
    if (!validate(t, arguments, args, e))
        return false;
    if (desc->intend && !desc->intend(&t->call, args, &t->intent, e))
        return false;
    t->intended = true;
    if (between)
        between(t);
    bool ok = desc->run(&t->call, args, &t->outcome, e);
    t->outcome.result = arena_strndup(&t->arena, t->outcome.result ? t->outcome.result : "",
                                      t->outcome.result ? t->outcome.result_n : 0);
    struct err lost = ERR_INIT;
    if (!call_output_end(&t->call, &t->artifact, &t->total, &lost) && ok) {
        *e = lost;
        return false;
    }
    return ok;
}

bool tools_call(struct tools *t, const char *tool, const char *arguments, struct err *e)
{
    return tools_call_between(t, tool, arguments, NULL, e);
}

char *tools_chunks(struct tools *t, bool job)
{
    struct buf b = BUF_OWN;
    const struct event *ev;
    enum event_kind kind = job ? EV_JOB_OUTPUT : EV_TOOL_OUTPUT;
    for (size_t i = 0; (ev = tools_event(t, kind, i)); i++) {
        const char *text = job ? EV(ev, job_output)->text : EV(ev, tool_output)->text;
        int64_t offset = job ? EV(ev, job_output)->offset : EV(ev, tool_output)->offset;
        if (!text)
            continue;
        if (offset != (int64_t)b.len)
            fail_msg("chunk %zu: offset %lld after %zu bytes", i, (long long)offset, b.len);
        if (strlen(text) > EVENT_CHUNK_MAX)
            fail_msg("chunk %zu has %zu bytes", i, strlen(text));
        buf_puts(&b, text);
    }
    return buf_take(&b);
}
