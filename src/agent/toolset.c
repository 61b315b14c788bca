/* SPDX-License-Identifier: MIT
 *
 * toolset: the calls of one step.
 *
 * Every call is a task of the tool pool. A task first waits for the earlier calls that it must not
 * overtake (see conflicts()), so that what it looks at is what they left; since the pool takes tasks
 * in order, an earlier call always has a thread. Then: parse, validate, intend, decide, ask, journal,
 * run, end. Whatever happens, exactly one terminal event is emitted for every proposed call.
 */
#include "agent/toolset.h"

#include "agent/calls.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "json/jsonw.h"
#include "text/utf8.h"
#include "tool/call.h"
#include "tool/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct toolset {
    const struct agent_env *env;
    const struct turn_start *start;
    struct event_ids ids;
    int root_fd;
    struct keep_index *index; /* of the workspace, from the first command on; runs are alone */
    pthread_mutex_t lock; /* guards what is below, and `done` and `is_error` of the calls */
    pthread_cond_t changed;
    int64_t running;
    bool asked_last; /* a call was stopped while its question stood */
};

struct task {
    struct toolset *set;
    struct task *first; /* the tasks of this step, an array */
    size_t index;
    const struct step_call *call;
    const struct tool_desc *desc; /* NULL: unknown */
    const char *path;             /* what it touches, relative; NULL: not known, so everything */
    int64_t deadline_ms;          /* of the turn */
    bool done, is_error;
    struct arena arena;
};

static void emit(struct toolset *t, enum event_kind kind, const void *fields)
{
    t->env->sink.emit(t->env->sink.ctx, event_new(kind, &t->ids, fields));
}

static char *error_json(const struct err *e, struct arena *a)
{
    struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    jsonw_err(&w, e);
    char *text = arena_strndup(a, buf_cstr(&b), b.len);
    buf_free(&b);
    return text;
}

/* ---- ends: the one terminal event of a call ---- */

static const char *files_json(struct task *k, const struct tool_outcome *o)
{
    if (o->n_files == 0)
        return NULL;
    struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    jsonw_begin_array(&w);
    for (size_t i = 0; i < o->n_files; i++) {
        const struct tool_file *f = &o->files[i];
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "path", f->path);
        jsonw_put_cstr(&w, "change", f->change);
        jsonw_put_bool(&w, "restorable", f->restorable);
        jsonw_opt_cstr(&w, "sha256", f->sha256);
        jsonw_opt_cstr(&w, "git", f->git);
        jsonw_opt_i64(&w, "mode", f->mode);
        if (f->added >= 0) {
            jsonw_put_i64(&w, "added", f->added);
            jsonw_put_i64(&w, "removed", f->removed);
        }
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    const char *text = arena_strndup(&k->arena, buf_cstr(&b), b.len);
    buf_free(&b);
    return text;
}

/* What the model reads of a failure: the reason, what to do, and any output. */
static const char *failure_text(struct task *k, const struct err *e, struct str output)
{
    const char *hint = err_hint_text(e);
    return arena_printf(&k->arena, "error: %s: %s%s%s%s%s%.*s", err_code_name(e->code), e->message,
                        hint[0] ? " (" : "", hint, hint[0] ? ")" : "", output.n ? "\n" : "",
                        STR_ARG(output));
}

static void end_failed(struct task *k, const struct err *e, const struct tool_outcome *o,
                       struct str output, int64_t ms)
{
    const char *call_id = k->call->id.s;
    const char *error = error_json(e, &k->arena);
    const char *result = failure_text(k, e, output);
    const char *files = files_json(k, o);
    k->is_error = true;
    if (e->code == ERR_TIMEOUT)
        emit(k->set, EV_TOOL_TIMED_OUT,
             &(struct ev_tool_timed_out){.call_id = call_id,
                                         .error = error,
                                         .result = result,
                                         .artifact = o->artifact,
                                         .files = files,
                                         .ms = ms});
    else if (e->code == ERR_CANCELLED)
        emit(k->set, EV_TOOL_CANCELLED,
             &(struct ev_tool_cancelled){.call_id = call_id,
                                         .error = error,
                                         .result = result,
                                         .artifact = o->artifact,
                                         .files = files,
                                         .ms = ms});
    else
        emit(k->set, EV_TOOL_FAILED,
             &(struct ev_tool_failed){.call_id = call_id,
                                      .error = error,
                                      .result = result,
                                      .summary = o->summary,
                                      .bytes = o->bytes,
                                      .truncated = o->truncated,
                                      .artifact = o->artifact,
                                      .exit = o->exit,
                                      .files = files,
                                      .ms = ms});
}

/* A call that never ran. */
static void end_unstarted(struct task *k, struct err *e)
{
    if (e->phase == PHASE_NONE)
        e->phase = PHASE_TOOL;
    end_failed(k, e, &(struct tool_outcome){.exit = I64_NONE}, STR_NULL, 0);
}

static void end_completed(struct task *k, const struct tool_outcome *o, struct str result,
                          int64_t ms)
{
    emit(k->set, EV_TOOL_COMPLETED,
         &(struct ev_tool_completed){.call_id = k->call->id.s,
                                     .result = arena_strndup(&k->arena, result.p, result.n),
                                     .summary = o->summary ? o->summary : "",
                                     .bytes = o->bytes ? o->bytes : (int64_t)o->result_n,
                                     .truncated = o->truncated,
                                     .artifact = o->artifact,
                                     .exit = o->exit,
                                     .files = files_json(k, o),
                                     .ms = ms});
}

/* ---- what may run beside what ---- */

static bool conflicts(const struct task *a, const struct task *b)
{
    if (!a->desc || !b->desc)
        return false; /* an unknown tool touches nothing */
    if (a->desc->effect == TOOL_READS && b->desc->effect == TOOL_READS)
        return false;
    if (a->desc->effect == TOOL_RUNS || b->desc->effect == TOOL_RUNS)
        return true;
    return !a->path || !b->path || strcmp(a->path, b->path) == 0;
}

/* Waits until the earlier calls that matter are done and there is room. False when the turn is being
 * stopped. */
static bool wait_turn(struct task *k)
{
    struct toolset *t = k->set;
    pthread_mutex_lock(&t->lock);
    for (;;) {
        bool free_to_go = t->running < t->env->parallel_tools;
        for (size_t i = 0; i < k->index && free_to_go; i++)
            free_to_go = k->first[i].done || !conflicts(&k->first[i], k);
        if (free_to_go)
            break;
        pthread_cond_wait(&t->changed, &t->lock);
    }
    t->running++;
    pthread_mutex_unlock(&t->lock);
    return !cancel_fired(t->start->cancel);
}

static void finish(struct task *k)
{
    struct toolset *t = k->set;
    pthread_mutex_lock(&t->lock);
    t->running--;
    k->done = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

/* ---- from arguments to permission ---- */

static bool read_arguments(struct task *k, const char *text, void *args, struct err *e)
{
    CLEANUP(json_free_p) struct json *j = json_parse(str_of(text), e);
    if (!j) {
        e->code = ERR_BAD_ARGUMENTS;
        return err_wrap(e, "the arguments of '%s' are not JSON", k->call->name);
    }
    if (!field_read(k->desc->args, j, &k->arena, args, FIELD_STRICT, e)) {
        e->code = ERR_BAD_ARGUMENTS;
        return false;
    }
    return true;
}

static bool ask_operator(struct task *k, const struct tool_intent *intent, const struct decision *d,
                         struct ask_answer *answer, struct err *e)
{
    struct toolset *t = k->set;
    const struct asker *asker = &t->env->asker;
    struct id id = id_make("appr");
    if (!asker->ask) {
        err_set(e, ERR_NO_OPERATOR, "%s needs an approval (%s), and nobody can be asked",
                intent->action, d->rule);
        if (policy_mode(t->env->policy) == MODE_AUTO)
            err_hint(e, "run it in the console: mode auto leaves this to somebody who can be asked");
        e->phase = PHASE_APPROVAL;
        return false;
    }
    int64_t timeout = t->env->approval_timeout_ms;
    struct event *ev = event_new(
        EV_APPROVAL_REQUESTED, &t->ids,
        &(struct ev_approval_requested){.approval_id = id.s,
                                        .call_id = k->call->id.s,
                                        .action = intent->action,
                                        .risk = d->risk,
                                        .rule = d->rule,
                                        .preview = intent->preview,
                                        .session_rule = d->session_rule[0] ? d->session_rule : NULL,
                                        .prefix_rule = d->prefix_rule[0] ? d->prefix_rule : NULL,
                                        .expires_ms = timeout ? clock_wall_ms() + timeout : 0});
    e->phase = PHASE_APPROVAL;
    if (!asker->ask(asker->ctx, ev, t->start->cancel, answer, e)) {
        pthread_mutex_lock(&t->lock);
        t->asked_last |= e->code == ERR_CANCELLED;
        pthread_mutex_unlock(&t->lock);
        return false;
    }
    if (!answer->approved) {
        err_set(e, ERR_REJECTED, "%s said no%s%s", answer->by, answer->reason ? ": " : "",
                answer->reason ? answer->reason : "");
        e->phase = PHASE_APPROVAL;
        return false;
    }
    return true;
}

/* Policy and operator. On success *ret_arguments holds what the operator made of the arguments, or
 * NULL. */
static bool permit(struct task *k, struct tool_call *call, void *args, struct tool_intent *intent,
                   char **ret_arguments, bool *ret_reads, struct err *e)
{
    struct toolset *t = k->set;
    struct decision d = {0};
    struct ask_answer answer = {0};
    if (!policy_rate(t->env->policy, t->start->session, e))
        return false;
    policy_decide(t->env->policy, t->start->session, k->desc, intent, &d);
    *ret_reads = strcmp(d.risk, "read") == 0;
    if (d.verdict == VERDICT_ALLOW)
        return true;
    if (d.verdict == VERDICT_DENY) {
        *e = d.err;
        e->phase = PHASE_APPROVAL;
        return false;
    }
    bool ok = ask_operator(k, intent, &d, &answer, e);
    if (ok && answer.arguments) {
        /* What was edited is looked at again; only a rule that forbids can still stand against it. */
        ok = read_arguments(k, answer.arguments, args, e) &&
             (!k->desc->intend || k->desc->intend(call, args, intent, e));
        if (ok) {
            policy_decide(t->env->policy, t->start->session, k->desc, intent, &d);
            *ret_reads = strcmp(d.risk, "read") == 0;
            if (d.verdict == VERDICT_DENY) {
                *e = d.err;
                ok = false;
            }
        }
        if (ok)
            *ret_arguments = arena_strdup(&k->arena, answer.arguments);
    }
    free(answer.arguments);
    free(answer.reason);
    return ok;
}

/* ---- running ---- */

static int64_t call_deadline(const struct task *k)
{
    const struct agent_env *env = k->set->env;
    int64_t limit = env->tool_timeout_ms ? env->tool_timeout_ms : k->desc->timeout_ms;
    if (limit == 0)
        limit = policy_limits(env->policy).bash_timeout_ms;
    return MIN(k->deadline_ms, clock_mono_ms() + limit);
}

static size_t result_max(const struct task *k)
{
    if (k->desc->effect != TOOL_RUNS)
        return TOOL_RESULT_MAX;
    return (size_t)MIN(policy_limits(k->set->env->policy).max_command_output_bytes,
                       (int64_t)TOOL_RESULT_MAX);
}

enum { CLIP_NOTE = 200 };

/* The result as the model gets it: valid UTF-8, at most max bytes, head and tail of what is longer;
 * what is left out stays whole in an artifact. */
static struct str clip_result(struct task *k, struct tool_call *call, struct tool_outcome *o)
{
    size_t max = result_max(k);
    struct str all = str_make(o->result ? o->result : "", o->result ? o->result_n : 0);
    if (!utf8_valid(all)) {
        struct buf clean = BUF_OWN;
        utf8_clean(&clean, all);
        all = str_make(arena_strndup(&k->arena, buf_cstr(&clean), clean.len), clean.len);
        buf_free(&clean);
    }
    if (all.n <= max)
        return all;
    struct err e = ERR_INIT;
    if (!o->artifact)
        o->artifact = call_artifact(call, arena_printf(&k->arena, "%s.txt", k->call->id.s),
                                    "text/plain; charset=utf-8", all, &e);
    o->truncated = true;
    o->bytes = (int64_t)all.n;
    size_t head = (max - MIN(max, (size_t)CLIP_NOTE)) / 2; /* the note between them counts, too */
    size_t tail = head;
    bool cut;
    size_t keep = utf8_valid_prefix(str_sub(all, 0, head), &cut);
    size_t from = all.n - tail;
    while (from < all.n && ((unsigned char)all.p[from] & 0xC0) == 0x80)
        from++;
    const char *note =
        arena_printf(&k->arena, "\n[... %zu of %zu bytes left out; the whole is artifact %s ...]\n",
                     from - keep, all.n, o->artifact ? o->artifact : "(not kept)");
    char *text = arena_printf(&k->arena, "%.*s%s%.*s", (int)keep, all.p, note,
                              (int)(all.n - from), all.p + from);
    return str_of(text);
}

static const char *copies_json(struct task *k, const struct keep_copy *copies, size_t n)
{
    if (n == 0)
        return NULL;
    struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    jsonw_begin_array(&w);
    for (size_t i = 0; i < n; i++) {
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "path", copies[i].path);
        jsonw_put_cstr(&w, "sha256", copies[i].sha256);
        jsonw_opt_i64(&w, "mode", copies[i].mode);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    const char *text = arena_strndup(&k->arena, buf_cstr(&b), b.len);
    buf_free(&b);
    return text;
}

/* Keeps what the call may change: the files that it names, or for a command what git could not give
 * back of the whole workspace. */
static bool keep_old(struct task *k, struct tool_call *call, const struct tool_intent *intent,
                     const char **ret_copies, struct err *e)
{
    struct toolset *t = k->set;
    const struct keep_copy *kept = NULL;
    size_t n = 0;
    if (k->desc->effect == TOOL_RUNS) {
        if (!t->index)
            t->index = keep_index_new(&call->root, t->env->store_dir, t->env->keep);
        if (!keep_index_refresh(t->index, call->cancel, &k->arena, &kept, &n, e))
            return false;
        *ret_copies = copies_json(k, kept, n);
        return true;
    }
    struct keep_copy *copies = arena_array(&k->arena, intent->n_paths, sizeof(*copies));
    for (size_t i = 0; i < intent->n_paths; i++)
        if (intent->paths[i].write && !keep_file(call, intent->paths[i].path, &copies[n++], e))
            return false;
    call->copied = true;
    *ret_copies = copies_json(k, copies, n);
    return true;
}

/* After a command: what it changed, whatever it said of itself. */
static void list_changes(struct task *k, struct tool_outcome *o)
{
    struct err e = ERR_INIT;
    bool more = false;
    /* Also after a cancel: the list belongs to the end of the call. */
    if (!keep_index_diff(k->set->index, NULL, &k->arena, &o->files, &o->n_files, &more, &e))
        log_warn("what %s changed is not known: %s", k->call->id.s, e.message);
    else if (more)
        log_warn("%s changed more files than are listed", k->call->id.s);
}

/* The journal of a call that may change something is committed before it does. */
static bool journal_start(struct task *k, const char *arguments, const char *copies, struct err *e)
{
    struct toolset *t = k->set;
    struct event *ev = event_new(
        EV_TOOL_STARTED, &t->ids,
        &(struct ev_tool_started){
            .call_id = k->call->id.s, .arguments = arguments, .copies = copies});
    if (k->desc->effect == TOOL_READS) {
        t->env->sink.emit(t->env->sink.ctx, ev);
        return true;
    }
    if (t->env->sink.emit_sync(t->env->sink.ctx, ev, t->start->cancel, e))
        return true;
    e->phase = PHASE_PERSIST;
    return false;
}

static void run_call(struct task *k, struct tool_call *call, const void *args, bool indexed,
                     int64_t began)
{
    struct tool_outcome o = {.exit = I64_NONE};
    struct err e = {.phase = PHASE_TOOL};
    const char *artifact = NULL;
    int64_t total = 0;
    call->cancel = calls_begin(k->set->env->calls, k->call->id.s, k->set->start->cancel);
    bool ok = k->desc->run(call, args, &o, &e);
    bool stopped = cancel_fired(call->cancel);
    calls_end(k->set->env->calls, k->call->id.s, call->cancel);
    call->cancel = k->set->start->cancel;
    struct err lost = ERR_INIT;
    if (!call_output_end(call, &artifact, &total, &lost) && ok) {
        e = lost;
        ok = false;
    }
    if (artifact && !o.artifact)
        o.artifact = artifact;
    if (total > o.bytes)
        o.bytes = total;
    if (indexed)
        list_changes(k, &o);
    int64_t ms = clock_mono_ms() - began;
    struct str result = clip_result(k, call, &o);
    if (ok) {
        end_completed(k, &o, result, ms);
        return;
    }
    if (e.phase == PHASE_NONE)
        e.phase = PHASE_TOOL;
    if (stopped && e.code != ERR_EXIT_STATUS && e.code != ERR_PROTECTED)
        e.code = ERR_CANCELLED;
    e.elapsed_ms = ms;
    end_failed(k, &e, &o, result, ms);
}

static void prepare_and_run(struct task *k, struct err *e)
{
    struct toolset *t = k->set;
    const struct agent_env *env = t->env;
    int64_t began = clock_mono_ms();
    char *edited = NULL;
    const char *copies = NULL;
    bool reads = false;
    struct tool_intent intent = {0};
    struct tool_call call = {.desc = k->desc,
                             .call_id = k->call->id.s,
                             .session = t->start->session,
                             .turn = t->start->turn,
                             .arena = &k->arena,
                             .cancel = t->start->cancel,
                             .deadline_ms = call_deadline(k),
                             .sink = env->sink,
                             .actor = env->actor,
                             .reader = env->reader,
                             .policy = env->policy,
                             .root = {.fd = t->root_fd, .path = env->workspace},
                             .store_dir = env->store_dir,
                             .jobs = env->jobs};
    void *args = arena_new(&k->arena, k->desc->args->size);
    intent.action = k->desc->name;
    if (!read_arguments(k, k->call->arguments, args, e) ||
        (k->desc->intend && !k->desc->intend(&call, args, &intent, e)) ||
        !permit(k, &call, args, &intent, &edited, &reads, e)) {
        end_unstarted(k, e);
        return;
    }
    began = clock_mono_ms();
    call.deadline_ms = call_deadline(k); /* the time that the operator took does not count */
    bool changes = k->desc->effect == TOOL_WRITES || (k->desc->effect == TOOL_RUNS && !reads);
    if ((changes && !keep_old(k, &call, &intent, &copies, e)) ||
        !journal_start(k, edited, copies, e)) {
        end_unstarted(k, e);
        return;
    }
    run_call(k, &call, args, changes && k->desc->effect == TOOL_RUNS, began);
    call_done(&call);
}

static void task_run(void *arg)
{
    struct task *k = arg;
    struct err e = {.phase = PHASE_TOOL};
    if (!wait_turn(k)) {
        err_set(&e, ERR_CANCELLED, "the turn was stopped before this call began");
        end_unstarted(k, &e);
    } else if (!k->desc) {
        err_set(&e, ERR_UNKNOWN_TOOL, "there is no tool '%s'", k->call->name);
        end_unstarted(k, &e);
    } else {
        prepare_and_run(k, &e);
    }
    finish(k);
}

/* ---- a step's calls ---- */

/* The path that a call names, for the order of calls only; what it may touch is policy's business. */
static const char *path_of(struct task *k)
{
    struct err e = ERR_INIT;
    struct json *j = json_parse(str_of(k->call->arguments), &e);
    const char *path = j ? json_cstr(json_get(j, "path"), NULL) : NULL;
    struct path_root root = {.fd = k->set->root_fd, .path = k->set->env->workspace};
    char *relative = path ? path_relative(&root, path, &k->arena, &e) : NULL;
    json_free(j);
    /* Two names of one file are one path; what can not be told apart waits for everything. */
    return relative ? path_real(&root, relative, &k->arena) : NULL;
}

static bool keep_answers(struct toolset *t, const struct task *tasks, size_t n, struct err *e)
{
    struct buf content = BUF_OWN;
    struct jsonw w = JSONW(&content);
    struct id entry = id_make("msg");
    jsonw_begin_array(&w);
    for (size_t i = 0; i < n; i++) {
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "type", "tool_result");
        jsonw_put_cstr(&w, "call_id", tasks[i].call->id.s);
        jsonw_put_bool(&w, "is_error", tasks[i].is_error);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    struct event *ev = event_new(EV_TURN_MESSAGE, &t->ids,
                                 &(struct ev_turn_message){.entry = entry.s,
                                                           .role = "tool",
                                                           .content = buf_cstr(&content)});
    buf_free(&content);
    if (t->env->sink.emit_sync(t->env->sink.ctx, ev, NULL, e))
        return true;
    e->phase = PHASE_PERSIST;
    return false;
}

bool toolset_run(struct toolset *t, const struct step_call *calls, size_t n, int64_t deadline_ms,
                 struct err *e)
{
    struct task *tasks = mem_array(n, sizeof(*tasks));
    for (size_t i = 0; i < n; i++) {
        struct task *k = &tasks[i];
        *k = (struct task){.set = t,
                           .first = tasks,
                           .index = i,
                           .call = &calls[i],
                           .desc = tool_find(str_of(calls[i].name)),
                           .deadline_ms = deadline_ms};
        k->path = path_of(k);
        emit(t, EV_TOOL_PROPOSED,
             &(struct ev_tool_proposed){.call_id = calls[i].id.s,
                                        .name = calls[i].name,
                                        .arguments = calls[i].arguments});
    }
    for (size_t i = 0; i < n; i++)
        if (!pool_run(t->env->tools, task_run, &tasks[i]))
            task_run(&tasks[i]); /* the pool is closing: end it here */
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < n; i++)
        while (!tasks[i].done)
            pthread_cond_wait(&t->changed, &t->lock);
    pthread_mutex_unlock(&t->lock);
    bool ok = keep_answers(t, tasks, n, e);
    for (size_t i = 0; i < n; i++)
        arena_free(&tasks[i].arena);
    free(tasks);
    return ok;
}

struct toolset *toolset_new(const struct agent_env *env, const struct turn_start *start,
                            struct err *e)
{
    int fd = open(env->workspace, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        err_sys(e, ERR_IO, errno, "the workspace %s", env->workspace);
        return NULL;
    }
    struct toolset *t = NEW(struct toolset);
    t->env = env;
    t->start = start;
    t->ids = (struct event_ids){.session = start->session, .turn = start->turn};
    t->root_fd = fd;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->changed, NULL);
    return t;
}

void toolset_free(struct toolset *t)
{
    if (!t)
        return;
    keep_index_free(t->index);
    close(t->root_fd);
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

enum err_phase toolset_phase(const struct toolset *t)
{
    return t->asked_last ? PHASE_APPROVAL : PHASE_TOOL;
}
