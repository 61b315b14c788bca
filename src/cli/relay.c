/* SPDX-License-Identifier: MIT
 *
 * relay: another tau's text as it is written, and what is done to its turns.
 */
#include "cli/relay.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/thread.h"
#include "cli/peer.h"
#include "contract/action.h"
#include "json/json.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { ANSWER_BYTES = 256 * 1024, AGAIN_MS = 1000, ORDERS_MAX = 64 };

/* An action that goes elsewhere. */
struct order {
    struct order *next;
    char proc[ID_MAX];
    char *action, *arguments;
    void (*done)(void *arg, const struct action_answer *);
    void *arg;
};

struct relay {
    struct relay_options o;
    char *proc, *state_dir;
    struct thread follower, messenger;
    struct cancel *cancel;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* orders, stopping */
    struct order *first, **last;
    size_t n_orders;
    bool stopping;
    char shown[ID_MAX];
    struct cancel *stream; /* of what is followed now; NULL */
    int wake;              /* eventfd: what is shown is another one */
};

/* ---- who has it ---- */

/* The process that has the session, when it is another one; false else. */
static bool elsewhere(struct relay *r, const struct snapshot *s, const char *session, char ret_proc[ID_MAX])
{
    const struct rec *rec = session ? snapshot_find(s, REC_SESSION, session) : NULL;
    const char *proc = rec ? REC(rec, session)->proc : NULL;
    if (!proc || strcmp(proc, r->proc) == 0)
        return false;
    snprintf(ret_proc, ID_MAX, "%s", proc);
    return true;
}

/* The socket of the process; NULL when there is none. */
static char *socket_of(struct relay *r, const char *proc)
{
    gateway_peers all = {0};
    struct err e = ERR_INIT;
    char *found = NULL;
    if (!gateway_socket_list(r->state_dir, &all, &e))
        return NULL;
    for (size_t i = 0; i < all.n && !found; i++) {
        CLEANUP(buf_free) struct buf text = {.max = ANSWER_BYTES};
        if (all.v[i].pid == (long)getpid() ||
            !peer_call(all.v[i].path, "/gateway/status", STR_NULL, r->cancel, peer_into_buf, &text, &e))
            continue;
        CLEANUP(json_free_p) struct json *j = json_parse(buf_view(&text), &e);
        if (strcmp(json_cstr(json_get(json_get(j, "service"), "proc"), ""), proc) == 0)
            found = TAKE(all.v[i].path);
    }
    gateway_peers_done(&all);
    return found;
}

/* ---- its text ---- */

static bool is_followed(struct relay *r, const char *session, const char *proc)
{
    char now[ID_MAX];
    struct snapshot *s = hub_snapshot(r->o.hub);
    pthread_mutex_lock(&r->lock);
    bool shown = strcmp(r->shown, session) == 0 && !r->stopping;
    pthread_mutex_unlock(&r->lock);
    bool same = shown && elsewhere(r, s, session, now) && strcmp(now, proc) == 0;
    snapshot_unref(s);
    return same;
}

struct following {
    struct relay *r;
    char session[ID_MAX], proc[ID_MAX];
};

/* What is kept comes through the log; what passes by is taken from here. */
static bool on_event(void *arg, struct str json)
{
    struct following *f = arg;
    struct err e = ERR_INIT;
    struct event *ev = event_parse(json, &e);
    if (ev && !event_durable(ev) && ev->ids.session && strcmp(ev->ids.session, f->session) == 0)
        f->r->o.sink.emit(f->r->o.sink.ctx, ev);
    else if (ev)
        event_unref(ev);
    return is_followed(f->r, f->session, f->proc);
}

static void follow(struct relay *r, struct following *f)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = socket_of(r, f->proc);
    struct cancel *stream = cancel_new(r->cancel);
    pthread_mutex_lock(&r->lock);
    r->stream = stream;
    bool same = strcmp(r->shown, f->session) == 0;
    pthread_mutex_unlock(&r->lock);
    if (path && same && !peer_follow(path, stream, on_event, f, &e) && e.code != ERR_CANCELLED)
        log_debug("the text of another tau: %s", e.message);
    pthread_mutex_lock(&r->lock);
    r->stream = NULL;
    pthread_mutex_unlock(&r->lock);
    cancel_unref(stream);
}

/* What is shown, when another process has it. */
static bool wanted(struct relay *r, struct following *f)
{
    struct snapshot *s = hub_snapshot(r->o.hub);
    pthread_mutex_lock(&r->lock);
    snprintf(f->session, sizeof(f->session), "%s", r->shown);
    pthread_mutex_unlock(&r->lock);
    bool is = f->session[0] && elsewhere(r, s, f->session, f->proc);
    snapshot_unref(s);
    return is;
}

static void follower(void *arg)
{
    struct relay *r = arg;
    struct following f = {.r = r};
    eventfd_t n;
    while (!cancel_fired(r->cancel)) {
        if (wanted(r, &f)) {
            follow(r, &f);
            /* It ended, or has no socket: once more, but not at once. */
            (void)cancel_wait_fd(r->cancel, -1, 0, clock_mono_ms() + AGAIN_MS);
        } else if (cancel_wait_fd(r->cancel, r->wake, POLLIN, CLOCK_NEVER) == CANCEL_READY) {
            (void)eventfd_read(r->wake, &n);
        }
    }
}

void relay_show(struct relay *r, const char *session)
{
    pthread_mutex_lock(&r->lock);
    bool other = strcmp(r->shown, session ? session : "") != 0;
    snprintf(r->shown, sizeof(r->shown), "%s", session ? session : "");
    if (other && r->stream)
        cancel_fire(r->stream);
    pthread_mutex_unlock(&r->lock);
    int rc = eventfd_write(r->wake, 1);
    (void)rc; /* a full counter has woken it already */
}

/* ---- what is done to its turns ---- */

static void order_free(struct order *o)
{
    free(o->action);
    free(o->arguments);
    free(o);
}

/* Says how it went, as the core would. */
static void deliver(struct relay *r, struct order *o)
{
    CLEANUP(mem_free_p) char *path = socket_of(r, o->proc), *route = mem_printf("/gateway/operator/actions/%s", o->action);
    CLEANUP(buf_free) struct buf text = {.max = ANSWER_BYTES};
    struct action_answer answer = {0};
    if (!path) {
        err_set(&answer.err, ERR_LEASED, "another tau has this session (%s), and can not be reached", o->proc);
        err_hint(&answer.err, "do it there");
    } else if (peer_call(path, route, str_of(o->arguments), r->cancel, peer_into_buf, &text, &answer.err)) {
        CLEANUP(json_free_p) struct json *j = json_parse(buf_view(&text), &answer.err);
        answer.accepted = json_bool(json_get(j, "accepted"), false);
        answer.seq = json_i64(json_get(j, "seq"), 0);
        snprintf(answer.id, sizeof(answer.id), "%s", json_cstr(json_get(j, "id"), ""));
        const char *gave = json_cstr(json_get(j, "text"), NULL);
        answer.text = gave ? mem_strdup(gave) : NULL;
    }
    if (o->done)
        o->done(o->arg, &answer);
    free(answer.text);
}

static void messenger(void *arg)
{
    struct relay *r = arg;
    pthread_mutex_lock(&r->lock);
    while (!r->stopping || r->first) {
        struct order *o = r->first;
        if (!o) {
            pthread_cond_wait(&r->changed, &r->lock);
            continue;
        }
        r->first = o->next;
        if (!r->first)
            r->last = &r->first;
        r->n_orders--;
        pthread_mutex_unlock(&r->lock);
        deliver(r, o);
        order_free(o);
        pthread_mutex_lock(&r->lock);
    }
    pthread_mutex_unlock(&r->lock);
}

/* The actions on turns that run, and the argument that leads to their session. */
static const char *subject(enum action_id action)
{
    switch (action) {
    case ACT_TURN_CANCEL:
        return "turn";
    case ACT_APPROVAL_RESOLVE:
        return "approval";
    case ACT_TOOL_CANCEL:
        return "call";
    case ACT_TURN_STEER:
    case ACT_TURN_PULL:
        return "session";
    default:
        return NULL;
    }
}

static const char *session_of(const struct snapshot *s, enum action_id action, const struct json *args)
{
    const char *id = json_cstr(json_get(args, subject(action)), NULL);
    const struct rec *rec;
    switch (action) {
    case ACT_TURN_CANCEL:
        rec = snapshot_find(s, REC_TURN, id);
        return rec ? REC(rec, turn)->session : NULL;
    case ACT_APPROVAL_RESOLVE:
        rec = snapshot_find(s, REC_APPROVAL, id);
        return rec ? REC(rec, approval)->session : NULL;
    case ACT_TOOL_CANCEL:
        rec = snapshot_find(s, REC_TOOL, id);
        return rec ? REC(rec, tool)->session : NULL;
    default:
        return id;
    }
}

/* The screen's thread asks: most actions are told by their name alone. */
static bool goes_elsewhere(struct relay *r, enum action_id action, struct str arguments, char proc[ID_MAX])
{
    struct err e = ERR_INIT;
    if (!subject(action))
        return false;
    CLEANUP(json_free_p) struct json *args = json_parse(arguments, &e);
    struct snapshot *s = hub_snapshot(r->o.hub);
    bool is = args && elsewhere(r, s, session_of(s, action, args), proc);
    snapshot_unref(s);
    return is;
}

static void submit(void *ctx, const char *action, struct str arguments, const struct principal *who,
                   const char *key, void (*done)(void *, const struct action_answer *), void *arg)
{
    struct relay *r = ctx;
    char proc[ID_MAX];
    pthread_mutex_lock(&r->lock);
    bool room = r->n_orders < ORDERS_MAX && !r->stopping;
    pthread_mutex_unlock(&r->lock);
    if (!room || !goes_elsewhere(r, action_find(str_of(action)), arguments, proc)) {
        r->o.actor.submit(r->o.actor.ctx, action, arguments, who, key, done, arg);
        return;
    }
    struct order *o = NEW(struct order);
    *o = (struct order){.action = mem_strdup(action),
                        .arguments = mem_strndup(arguments.n ? arguments.p : "", arguments.n),
                        .done = done,
                        .arg = arg};
    memcpy(o->proc, proc, ID_MAX);
    pthread_mutex_lock(&r->lock);
    *r->last = o;
    r->last = &o->next;
    r->n_orders++;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

struct actor relay_actor(struct relay *r)
{
    return (struct actor){.submit = submit, .submit_wait = NULL, .ctx = r};
}

/* ---- beginning and end ---- */

struct relay *relay_start(const struct relay_options *options, struct err *e)
{
    struct relay *r = NEW(struct relay);
    r->o = *options;
    r->proc = mem_strdup(options->proc);
    r->state_dir = mem_strdup(options->state_dir);
    r->cancel = cancel_new(NULL);
    r->last = &r->first;
    r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, NULL);
    if (thread_start(&r->follower, "relay", 0, follower, r, e) &&
        thread_start(&r->messenger, "relay-acts", 0, messenger, r, e))
        return r;
    relay_stop(r);
    return NULL;
}

void relay_stop(struct relay *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
    cancel_fire(r->cancel);
    thread_join(&r->follower);
    thread_join(&r->messenger);
    cancel_unref(r->cancel);
    if (r->wake >= 0)
        close(r->wake);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    free(r->proc);
    free(r->state_dir);
    free(r);
}
