/* SPDX-License-Identifier: MIT
 *
 * status: what goes on, in two rows.
 */
#include "ui/vm/status.h"

#include "contract/states.h"
#include "json/json.h"
#include "text/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { METER_CELLS = 10, PART_BYTES = 80, NAME_BYTES = 40 };

/* ---- finding things ---- */

const struct rec_session *session_find(const struct snapshot *s, const char *name)
{
    const struct section *all = s->sections[REC_SESSION];
    for (size_t i = 0; all && i < all->n; i++) {
        const struct rec_session *one = REC(all->v[i], session);
        if (strcmp(one->id, name) == 0 || strcmp(one->name, name) == 0)
            return one;
    }
    return NULL;
}

const struct rec_session *session_newest(const struct snapshot *s, const char *proc)
{
    const struct section *all = s->sections[REC_SESSION];
    const struct rec_session *newest = NULL;
    for (size_t i = 0; all && i < all->n; i++) {
        const struct rec_session *one = REC(all->v[i], session);
        if (!one->archived && one->proc && (!proc || strcmp(one->proc, proc) == 0) &&
            (!newest || one->updated_ms >= newest->updated_ms))
            newest = one;
    }
    return newest;
}

const struct rec_approval *question_find(const struct snapshot *s, const char *session,
                                         size_t *ret_n)
{
    const struct section *all = s->sections[REC_APPROVAL];
    const struct rec_approval *any = NULL, *here = NULL;
    *ret_n = 0;
    for (size_t i = 0; all && i < all->n; i++) {
        const struct rec_approval *a = REC(all->v[i], approval);
        if (rec_ended(all->v[i]))
            continue;
        ++*ret_n;
        if (!any)
            any = a;
        if (!here && session && strcmp(a->session, session) == 0)
            here = a;
    }
    return here ? here : any;
}

static bool is_among(const struct name_list *own, struct str text)
{
    for (size_t i = 0; i < own->names.n; i++)
        if (str_is(text, own->names.v[i]))
            return true;
    return false;
}

bool unsent_text(const struct snapshot *s, const char *turn, const struct name_list *own, struct buf *out)
{
    const struct section *all = s->sections[REC_ENTRY];
    bool found = false;
    for (size_t i = 0; all && i < all->n; i++) {
        const struct rec_entry *en = REC(all->v[i], entry);
        if (strcmp(en->kind, "unsent") != 0 || strcmp(en->turn, turn) != 0 || !is_among(own, body_view(en->body)))
            continue;
        if (found)
            buf_putc(out, '\n');
        buf_str(out, body_view(en->body));
        found = true;
    }
    return found;
}

const struct rec *failure_newest(const struct snapshot *s)
{
    const struct section *all = s->sections[REC_ERROR];
    return all && all->n > 0 ? all->v[all->n - 1] : NULL;
}

/* ---- the first row ---- */

static struct status_part *add(struct status_row *out, enum look look, int keep, bool right)
{
    TAU_ASSERT(out->n < STATUS_PARTS_MAX);
    struct status_part *p = &out->parts[out->n++];
    *p = (struct status_part){.look = look, .keep = keep, .right = right};
    return p;
}

/* Names are cut by cells when they are drawn; here only at a byte limit. */
static void copy_text(struct status_part *p, const char *prefix, const char *text)
{
    snprintf(p->text, sizeof(p->text), "%s%.*s", prefix, STR_ARG(utf8_clip(str_of(text), PART_BYTES)));
}

/* Commands that go on in the background, of any session. */
static void add_jobs(struct status_row *out, const struct snapshot *s)
{
    const struct section *all = s->sections[REC_JOB];
    size_t n = 0;
    for (size_t i = 0; all && i < all->n; i++)
        n += !rec_ended(all->v[i]);
    if (n == 0)
        return;
    struct status_part *p = add(out, LOOK_STATUS_MARK, 5, true);
    CLEANUP(buf_free) struct buf jobs = BUF_OWN;
    buf_count(&jobs, (int64_t)n, "job");
    copy_text(p, "", buf_cstr(&jobs));
}

/* What is done of what is to be done, while something is. */
static void add_tasks(struct status_row *out, const struct tally *n)
{
    if (n->open == 0)
        return;
    struct status_part *p = add(out, LOOK_STATUS, 3, true);
    snprintf(p->text, sizeof(p->text), "tasks %zu/%zu", n->done, n->all);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* "812", "2.9k", "53k", "1.0M". */
static void tokens_text(int64_t n, char *ret, size_t size)
{
    static const struct {
        int64_t from, unit;
        int decimals;
        const char *name;
    } rows[] = {{9950000, 1000000, 0, "M"}, {999500, 1000000, 1, "M"}, {9950, 1000, 0, "k"}, {1000, 1000, 1, "k"},
                {INT64_MIN, 1, 0, ""}};
    size_t i = 0;
    while (n < rows[i].from)
        i++;
    snprintf(ret, size, "%.*f%s", rows[i].decimals, (double)n / (double)rows[i].unit, rows[i].name);
}

static void add_meter(struct status_row *out, const struct rec_session *rec)
{
    if (!rec || rec->context_window <= 0)
        return;
    int64_t percent = rec->context_used * 100 / rec->context_window;
    percent = MAX((int64_t)0, MIN((int64_t)100, percent));
    char bar[METER_CELLS + 1];
    for (int i = 0; i < METER_CELLS; i++)
        bar[i] = i < (percent + 5) / 10 ? '#' : '.';
    bar[METER_CELLS] = '\0';
    struct status_part *p = add(out, percent >= 80 ? LOOK_STATUS_BAD : LOOK_STATUS, 5, true);
    snprintf(p->text, sizeof(p->text), "ctx[%s] %" PRId64 "%%", bar, percent);
    /* The same in tokens, where there is room for it. */
    char used[16], window[16];
    tokens_text(rec->context_used, used, sizeof(used));
    tokens_text(rec->context_window, window, sizeof(window));
    p = add(out, LOOK_STATUS, 2, true);
    snprintf(p->text, sizeof(p->text), "%s/%s", used, window);
}

void status_make(struct status_row *out, const struct snapshot *s, const char *session,
                 const char *proc, const char *workspace, const struct ui_status *main, bool known,
                 const struct tally *tasks)
{
    out->n = 0;
    const struct rec_session *rec = session ? session_find(s, session) : NULL;
    copy_text(add(out, LOOK_STATUS_MARK, 9, false), "tau", "");
    if (rec)
        copy_text(add(out, LOOK_STATUS, 7, false), "s:", rec->name);
    if (rec && rec->proc && proc && strcmp(rec->proc, proc) != 0)
        copy_text(add(out, LOOK_STATUS_BAD, 8, false), "", "watching");
    if (workspace && workspace[0])
        copy_text(add(out, LOOK_STATUS, 3, false), "", base_name(workspace));
    if (known && main->branch[0])
        copy_text(add(out, LOOK_STATUS, 4, false), "", main->branch);
    if (known && main->mode[0])
        copy_text(add(out, strcmp(main->mode, "auto") == 0 ? LOOK_STATUS_BAD : LOOK_STATUS_MARK, 8,
                      false),
                  "", main->mode);
    if (known && main->gateway[0])
        copy_text(add(out, LOOK_STATUS, 3, false), "", main->gateway);
    if (known && main->sandbox[0]) {
        bool none = str_starts(str_of(main->sandbox), "none");
        copy_text(add(out, none ? LOOK_STATUS_BAD : LOOK_STATUS, 6, false), "", main->sandbox);
    }
    if (known && main->model[0])
        copy_text(add(out, LOOK_STATUS, 5, false), "", main->model);
    if (s->degraded[0])
        copy_text(add(out, LOOK_STATUS_BAD, 10, true), "NOT SAVED: ", s->degraded);
    add_jobs(out, s);
    add_tasks(out, tasks);
    add_meter(out, rec);
    if (rec && rec->cost_usd > 0) {
        struct status_part *p = add(out, LOOK_STATUS, 4, true);
        snprintf(p->text, sizeof(p->text), "$%.2f", rec->cost_usd);
    }
}

/* ---- the row of what goes on ---- */

static const struct {
    const char *phase, *words;
} phases[] = {
    {"queue", "waits for its turn"},
    {"context", "gathers the context"},
    {"provider_connect", "connects to the model"},
    {"provider_wait", "waits for the model"},
    {"stream", "answers"},
    {"tool", "runs tools"},
    {"approval", "waits for your answer"},
    {"safety", "checks the text"},
    {"budget", "checks the budget"},
    {"compaction", "shortens the context"},
    {"persist", "writes the log"},
};

/* The newest call that runs says more than the phase. */
static bool say_tool(struct activity *out, const struct snapshot *s)
{
    const struct section *all = s->sections[REC_TOOL];
    size_t running = 0;
    const struct rec_tool *newest = NULL;
    for (size_t i = 0; all && i < all->n; i++) {
        const struct rec_tool *t = REC(all->v[i], tool);
        if (strcmp(t->turn, out->turn->id) != 0 ||
            strcmp(t->status, state_name(STATE_TOOL_STARTED)) != 0)
            continue;
        running++;
        newest = t;
    }
    if (!newest)
        return false;
    struct err e = ERR_INIT;
    struct str raw = body_view(newest->arguments);
    CLEANUP(json_free_p) struct json *args = raw.n ? json_parse(raw, &e) : NULL;
    struct str subject = STR("");
    for (const struct json *m = args ? json_first(args) : NULL; m && subject.n == 0;
         m = json_type(args) == JSON_OBJECT ? json_next(m) : NULL)
        subject = json_type(m) == JSON_STRING ? json_str(m) : STR("");
    struct str name = utf8_clip(str_of(newest->name), NAME_BYTES);
    subject = utf8_clip(subject, PART_BYTES);
    snprintf(out->what, sizeof(out->what), "%.*s %.*s", STR_ARG(name), STR_ARG(subject));
    size_t n = strlen(out->what);
    if (running > 1)
        snprintf(out->what + n, sizeof(out->what) - n, " and %zu more", running - 1);
    return true;
}

static void say_phase(struct activity *out, const struct snapshot *s)
{
    const struct live_phase *p = s->live ? snapshot_phase(s, out->turn->id) : NULL;
    const char *words = out->running ? "works" : "waits for its turn";
    for (size_t i = 0; p && i < ARRAY_LEN(phases); i++) {
        if (strcmp(phases[i].phase, p->phase) == 0)
            words = phases[i].words;
    }
    if (strcmp(out->turn->status, state_name(STATE_TURN_CANCELLING)) == 0)
        words = "stops";
    else if (p && p->detail && p->detail[0])
        words = p->detail; /* says more than the phase */
    snprintf(out->what, sizeof(out->what), "%.*s", STR_ARG(utf8_clip(str_of(words), sizeof(out->what) - 1)));
}

void activity_make(struct activity *out, const struct snapshot *s, const char *session)
{
    *out = (struct activity){0};
    const struct section *all = s->sections[REC_TURN];
    for (size_t i = 0; session && all && i < all->n; i++) {
        const struct rec_turn *t = REC(all->v[i], turn);
        if (rec_ended(all->v[i]) || strcmp(t->session, session) != 0)
            continue;
        if (!out->turn) {
            out->turn = t;
            continue;
        }
        out->queued++;
        if (!out->next)
            out->next = t->input;
    }
    if (!out->turn)
        return;
    out->running = out->turn->started_ms > 0;
    out->since_ms = out->running ? out->turn->started_ms : out->turn->created_ms;
    if (!say_tool(out, s))
        say_phase(out, s);
}
