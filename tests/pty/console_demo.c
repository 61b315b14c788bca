/* SPDX-License-Identifier: MIT
 *
 * console_demo: the console with a core that is played: what is asked for is answered by a small
 * script of events through the real reducer. The pty tests drive it, and it shows the console
 * without a model. Words in the question choose what happens: "tool", "ask", "risky", "fail",
 * "slow", "stream", "hostile".
 *
 *   console_demo [--exit N]        N: its status after :q
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/thread.h"
#include "cli/guardian.h"
#include "contract/action.h"
#include "state/hub.h"
#include "state/reduce.h"
#include "ui/ui.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TURNS_MAX = 64 };

struct turn {
    char id[ID_MAX], input[4096];
    bool cancelled, answered, yes;
    char approval[ID_MAX];
    struct thread thread;
};

static struct {
    struct hub *hub;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t change;
    struct snapshot *now;
    int64_t seq;
    struct turn turns[TURNS_MAX];
    size_t n, running; /* index of the turn that runs */
    char mode[16];
    bool over;
} core = {.lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER, .mode = "ask"};

static const char SESSION[] = "ses_demo";

/* Under the lock: one event, reduced and published. */
static void put(enum event_kind kind, const char *turn, const void *fields)
{
    struct event_ids ids = {.session = SESSION, .turn = turn};
    struct event *ev = event_new(kind, &ids, fields);
    if (event_table[kind].durable)
        ev->seq = ++core.seq;
    else
        ev->after = core.seq;
    struct draft *d = draft_new(core.now);
    draft_reduce(d, ev, "proc_demo");
    struct snapshot *was = core.now;
    core.now = draft_finish(d, core.seq);
    hub_publish(core.hub, &ev, 1, core.now);
    snapshot_unref(was);
    event_unref(ev);
}

/* Waits, under the lock, until the turn is cancelled (false) or so long. */
static bool rest(const struct turn *t, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(ms / 1000);
    until.tv_nsec += (long)(ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    while (!t->cancelled && !core.over) {
        if (pthread_cond_timedwait(&core.change, &core.lock, &until) != 0)
            break;
    }
    return !t->cancelled && !core.over;
}

static bool wants(const struct turn *t, const char *word)
{
    return strstr(t->input, word) != NULL;
}

static void message(const struct turn *t, const char *role, const char *part, const char *text)
{
    CLEANUP(buf_free) struct buf content = BUF_OWN;
    struct jsonw w = JSONW(&content);
    jsonw_begin_array(&w);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "type", "text");
    jsonw_opt_cstr(&w, "part", part);
    jsonw_put_cstr(&w, "text", text);
    jsonw_end_object(&w);
    jsonw_end_array(&w);
    char entry[ID_MAX + 16];
    snprintf(entry, sizeof(entry), "%s-%s", t->id, role);
    put(EV_TURN_MESSAGE, t->id,
        &(struct ev_turn_message){.entry = entry, .role = role, .content = buf_cstr(&content)});
}

static bool ask(struct turn *t, const char *call)
{
    bool risky = wants(t, "risky");
    snprintf(t->approval, sizeof(t->approval), "%s", id_make("app").s);
    put(EV_APPROVAL_REQUESTED, t->id,
        &(struct ev_approval_requested){
            .approval_id = t->approval,
            .call_id = call,
            .action = risky ? "bash: rm -rf build" : "edit src/main.c",
            .risk = risky ? "risky" : "write",
            .rule = "mode ask",
            .preview =
                "--- a/src/main.c\n+++ b/src/main.c\n@@ -1,2 +1,2 @@\n-int a;\n+int b;\n c\n",
            .session_rule = "edit src/**",
            .prefix_rule = "edit src/"});
    while (!t->answered && !t->cancelled && !core.over)
        pthread_cond_wait(&core.change, &core.lock);
    return t->answered && t->yes;
}

static bool play_tool(struct turn *t)
{
    char call[ID_MAX];
    snprintf(call, sizeof(call), "%s", id_make("call").s);
    put(EV_TOOL_PROPOSED, t->id,
        &(struct ev_tool_proposed){
            .call_id = call, .name = "edit", .arguments = "{\"path\":\"src/main.c\",\"n\":2}"});
    bool go = wants(t, "ask") || wants(t, "risky") ? ask(t, call) : true;
    if (!go) {
        static const char no[] = "{\"reason_code\":\"rejected_by_operator\",\"phase\":\"approval\","
                                 "\"message\":\"the operator said no\",\"retryable\":false}";
        if (t->cancelled)
            put(EV_TOOL_CANCELLED, t->id,
                &(struct ev_tool_cancelled){.call_id = call, .error = no});
        else
            put(EV_TOOL_FAILED, t->id,
                &(struct ev_tool_failed){.call_id = call, .error = no, .exit = I64_NONE});
        return !t->cancelled;
    }
    put(EV_TOOL_STARTED, t->id, &(struct ev_tool_started){.call_id = call});
    put(EV_TOOL_OUTPUT, t->id,
        &(struct ev_tool_output){.part = call, .offset = 0, .text = "one\ntwo\n"});
    bool on = rest(t, 20);
    put(EV_TOOL_COMPLETED, t->id,
        &(struct ev_tool_completed){.call_id = call,
                                    .result = "one\ntwo\n",
                                    .summary = "2 lines",
                                    .bytes = 8,
                                    .exit = I64_NONE,
                                    .files = "[{\"path\":\"src/main.c\",\"change\":\"modified\","
                                             "\"added\":1,\"removed\":1,\"restorable\":true}]",
                                    .ms = 20});
    return on;
}

/* So many words, a few milliseconds apart. */
static bool play_text(struct turn *t, int words)
{
    CLEANUP(buf_free) struct buf all = BUF_OWN;
    char part[ID_MAX];
    snprintf(part, sizeof(part), "%s", id_make("part").s);
    bool on = true;
    for (int i = 0; i < words && on; i++) {
        char word[64];
        snprintf(word, sizeof(word), "word%d%s", i, i % 12 == 11 ? "\n" : " ");
        put(EV_TURN_TEXT_DELTA, t->id,
            &(struct ev_turn_text_delta){.part = part, .offset = (int64_t)all.len, .text = word});
        buf_puts(&all, word);
        on = rest(t, 4);
    }
    if (wants(t, "hostile"))
        buf_puts(&all, "\x1b]0;owned\x07\x1b[2J\x1b[31mred\xe2\x80\xae");
    else
        buf_printf(&all, "You said: %s", t->input);
    message(t, "assistant", part, buf_cstr(&all));
    return on;
}

static void play(void *arg)
{
    struct turn *t = arg;
    pthread_mutex_lock(&core.lock);
    while (!core.over && &core.turns[core.running] != t)
        pthread_cond_wait(&core.change, &core.lock);
    put(EV_TURN_STARTED, t->id, &(struct ev_turn_started){.provider = "local", .model = "demo"});
    message(t, "user", NULL, t->input);
    put(EV_TURN_PHASE_ENTERED, t->id, &(struct ev_turn_phase_entered){.phase = "provider_wait"});
    bool on = !t->cancelled;
    if (on && (wants(t, "tool") || wants(t, "ask") || wants(t, "risky")))
        on = play_tool(t);
    if (on && wants(t, "slow"))
        on = rest(t, 60000);
    on = on && play_text(t, wants(t, "stream") ? 300 : 3);
    if (!on)
        put(EV_TURN_CANCELLED, t->id, &(struct ev_turn_cancelled){.by = "operator"});
    else if (wants(t, "fail"))
        put(EV_TURN_FAILED, t->id,
            &(struct ev_turn_failed){
                .error = "{\"reason_code\":\"provider_failed\",\"phase\":\"stream\","
                         "\"message\":\"the server hung up\",\"retryable\":true}"});
    else
        put(EV_TURN_COMPLETED, t->id, &(struct ev_turn_completed){.finish_reason = "stop"});
    core.running++;
    pthread_cond_broadcast(&core.change);
    pthread_mutex_unlock(&core.lock);
}

/* ---- the actor ---- */

static void on_submit(const struct act_turn_submit *a, struct action_answer *ret)
{
    struct turn *t = &core.turns[core.n];
    struct err e = ERR_INIT;
    if (core.n + 1 >= TURNS_MAX) {
        ret->accepted = false;
        err_set(&ret->err, ERR_OVERLOADED, "the demo has no more turns");
        return;
    }
    core.n++;
    snprintf(t->id, sizeof(t->id), "%s", id_make("turn").s);
    snprintf(t->input, sizeof(t->input), "%s", a->input);
    put(EV_TURN_CREATED, t->id, &(struct ev_turn_created){.source = "console", .input = t->input});
    if (core.n - 1 > core.running)
        put(EV_TURN_QUEUED, t->id, &(struct ev_turn_queued){.position = 1});
    snprintf(ret->id, sizeof(ret->id), "%s", t->id);
    if (!thread_start(&t->thread, "turn", 0, play, t, &e))
        ret->accepted = false;
}

static void on_resolve(const struct act_approval_resolve *a, struct action_answer *ret)
{
    for (size_t i = 0; i < core.n; i++) {
        struct turn *t = &core.turns[i];
        if (strcmp(t->approval, a->approval) != 0 || t->answered)
            continue;
        t->answered = true;
        t->yes = a->approve;
        if (a->approve)
            put(EV_APPROVAL_APPROVED, t->id,
                &(struct ev_approval_approved){.approval_id = a->approval,
                                               .scope = a->scope ? a->scope : "once",
                                               .by = "operator",
                                               .arguments = a->arguments});
        else
            put(EV_APPROVAL_REJECTED, t->id,
                &(struct ev_approval_rejected){
                    .approval_id = a->approval, .by = "operator", .reason = a->reason});
        return;
    }
    ret->accepted = false;
    err_set(&ret->err, ERR_NOT_FOUND, "nothing asks that");
}

static void act(enum action_id id, const void *u, struct action_answer *ret)
{
    switch (id) {
    case ACT_TURN_SUBMIT:
        on_submit(u, ret);
        break;
    case ACT_TURN_CANCEL:
        for (size_t i = 0; i < core.n; i++) {
            const char *turn = ((const struct act_turn_cancel *)u)->turn;
            if (!turn || strcmp(core.turns[i].id, turn) == 0)
                core.turns[i].cancelled = true;
        }
        break;
    case ACT_APPROVAL_RESOLVE:
        on_resolve(u, ret);
        break;
    case ACT_POLICY_MODE:
        snprintf(core.mode, sizeof(core.mode), "%s", ((const struct act_policy_mode *)u)->mode);
        break;
    case ACT_SESSION_RENAME:
        put(EV_SESSION_RENAMED, NULL,
            &(struct ev_session_renamed){.name = ((const struct act_session_rename *)u)->name});
        break;
    default:
        ret->accepted = false;
        err_set(&ret->err, ERR_UNSUPPORTED, "the demo can not do %s", action_table[id].name);
    }
}

static void submit(void *ctx, const char *action, struct str json, const struct principal *who,
                   const char *key, void (*done)(void *, const struct action_answer *), void *arg)
{
    (void)ctx;
    (void)who;
    (void)key;
    struct action_answer answer = {.accepted = true};
    enum action_id id = action_find(str_of(action));
    CLEANUP(arena_free) struct arena a = ARENA_INIT;
    struct json *j = json_parse(json, &answer.err);
    void *u = id < ACT_COUNT ? arena_new(&a, action_table[id].set.size) : NULL;
    if (!u || !j || !field_read(&action_table[id].set, j, &a, u, FIELD_STRICT, &answer.err))
        answer.accepted = false;
    pthread_mutex_lock(&core.lock);
    if (answer.accepted)
        act(id, u, &answer);
    pthread_cond_broadcast(&core.change);
    pthread_mutex_unlock(&core.lock);
    json_free(j);
    if (done)
        done(arg, &answer);
}

static void status(void *ctx, struct ui_status *ret)
{
    (void)ctx;
    pthread_mutex_lock(&core.lock);
    *ret = (struct ui_status){.model = "local/demo", .sandbox = "none", .preset = "balanced"};
    snprintf(ret->mode, sizeof(ret->mode), "%s", core.mode);
    pthread_mutex_unlock(&core.lock);
}

static void shut_down(void)
{
    pthread_mutex_lock(&core.lock);
    core.over = true;
    pthread_cond_broadcast(&core.change);
    pthread_mutex_unlock(&core.lock);
    for (size_t i = 0; i < core.n; i++)
        thread_join(&core.turns[i].thread);
    hub_free(core.hub);
    snapshot_unref(core.now);
}

static void block_signals(void)
{
    static const int taken[] = {SIGWINCH, SIGCONT, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        sigaddset(&set, taken[i]);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void forget_nothing(void *arg)
{
    (void)arg;
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    struct guardian guardian;
    if (!guardian_split(&guardian, forget_nothing, NULL, &e)) {
        fprintf(stderr, "console_demo: %s\n", e.message);
        return 1;
    }
    block_signals();
    core.hub = hub_new();
    core.now = snapshot_empty();
    pthread_mutex_lock(&core.lock);
    put(EV_SESSION_CREATED, NULL, &(struct ev_session_created){.name = "demo"});
    put(EV_SESSION_LEASED, NULL, &(struct ev_session_leased){.proc = "proc_demo"});
    pthread_mutex_unlock(&core.lock);
    struct ui_env env = {.hub = core.hub,
                         .actor = {.submit = submit},
                         .who = {"operator", ROLE_OPERATOR},
                         .session = "demo",
                         .workspace = "/tmp/demo",
                         .greeting = "tau demo\nAsk for something.",
                         .status = status,
                         .guardian_fd = guardian.fd,
                         .screen = guardian.screen};
    int rc = ui_run(&env, &e);
    if (rc < 0) {
        fprintf(stderr, "console_demo: %s\n", e.message);
        rc = err_code_exit(e.code);
    }
    shut_down();
    return argc > 2 && strcmp(argv[1], "--exit") == 0 && rc == 0 ? (int)strtol(argv[2], NULL, 10)
                                                                 : rc;
}
