/* SPDX-License-Identifier: MIT
 *
 * cmd_prove: whether this tau keeps its promises, tried: the shipped program runs as a child in a place of
 * its own, with a model that a script plays, and what it printed is held against what its log says. Needs
 * no network and no key. A step that did not run is a failure.
 */
#include "config.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/commands.h"
#include "cli/app.h"
#include "cli/prove.h"
#include "cli/report.h"
#include "cli/signals.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPTED "--model", "local/script", "--script"

static bool fails(struct err *e, const char *what)
{
    return err_set(e, ERR_INTERNAL, "%s", what);
}

static bool holds(const struct prove *p, const char *file, const char *text)
{
    CLEANUP(mem_free_p) char *path = fs_join(p->at.workspace, file);
    CLEANUP(buf_free) struct buf b = {.max = 1 << 16};
    struct err ignored = ERR_INIT;
    return fs_exists(path) && fs_read_file(path, &b, &ignored) && str_is(buf_view(&b), text);
}

/* ---- steps ---- */

static bool text(struct prove *p, struct err *e)
{
    return prove_script(p, "[{\"text\":\"an answer \"},{\"text\":\"in two pieces\"}]\n", e) &&
           prove_start(p, "", e, "-p", "say it", SCRIPTED, p->at.script, NULL) && prove_wait(p, e) &&
           prove_status(p, 0, e) && prove_event(p, "turn.completed", "", NULL, e) && prove_same(p, e);
}

#define WRITE(file, content)                                                                       \
    "{\"call\":{\"name\":\"write\",\"arguments\":{\"path\":\"" file "\",\"content\":\"" content    \
    "\"}}}\n{\"text\":\"it is done\"}\n"

static bool tool(struct prove *p, struct err *e)
{
    bool ok = prove_script(p, WRITE("tool.txt", "made by a tool"), e) &&
              prove_start(p, "", e, "-p", "write", "--mode", "auto", SCRIPTED, p->at.script, NULL) &&
              prove_wait(p, e) && prove_status(p, 0, e) && prove_event(p, "tool.completed", "", NULL, e) &&
              prove_same(p, e);
    return ok && (holds(p, "tool.txt", "made by a tool") || fails(e, "the file is not what was written"));
}

static bool refused(struct prove *p, struct err *e)
{
    bool ok = prove_script(p, WRITE("refused.txt", "x"), e) &&
              prove_start(p, "", e, "-p", "write", "--mode", "ask", SCRIPTED, p->at.script, NULL) &&
              prove_wait(p, e) && prove_status(p, 0, e) &&
              prove_event(p, "tool.failed", "approval_needs_operator", NULL, e) && prove_same(p, e);
    return ok && (!holds(p, "refused.txt", "x") || fails(e, "it was written though nobody said yes"));
}

static bool approval(struct prove *p, struct err *e)
{
    int64_t asked = 0, said = 0, ran = 0;
    bool ok = prove_script(p, WRITE("approved.txt", "yes"), e) &&
              prove_start(p, "write\ny\n", e, "--line", "--mode", "ask", SCRIPTED, p->at.script, NULL) &&
              prove_wait(p, e) && prove_status(p, 0, e) &&
              prove_event(p, "approval.requested", "", &asked, e) &&
              prove_event(p, "approval.approved", "", &said, e) && prove_event(p, "tool.started", "", &ran, e) &&
              prove_same(p, e);
    if (ok && !(asked < said && said < ran))
        return fails(e, "it ran before somebody said yes");
    return ok && (holds(p, "approved.txt", "yes") || fails(e, "the file is not what was written"));
}

static bool cancel(struct prove *p, struct err *e)
{
    bool ok = prove_script(p, "[{\"text\":\"so far\"},{\"stall\":true}]\n", e) &&
              prove_start(p, "", e, "-p", "wait", SCRIPTED, p->at.script, NULL) &&
              prove_event(p, "turn.text", "so far", NULL, e);
    if (ok)
        proc_signal(&p->child, SIGINT);
    return ok && prove_wait(p, e) && prove_status(p, 130, e) && prove_event(p, "turn.cancelled", "", NULL, e) &&
           prove_same(p, e);
}

static bool timeout(struct prove *p, struct err *e)
{
    return prove_script(p, "[{\"text\":\"too\"},{\"stall\":true}]\n", e) &&
           prove_start(p, "", e, "-p", "wait", "--turn-timeout-ms", "500", SCRIPTED, p->at.script, NULL) &&
           prove_wait(p, e) && prove_status(p, 5, e) && prove_event(p, "turn.timed_out", "", NULL, e);
}

static bool retry(struct prove *p, struct err *e)
{
    return prove_script(p,
                        "[{\"fail\":{\"reason_code\":\"provider_unavailable\",\"attempts\":1}},"
                        "{\"text\":\"the second time\"}]\n",
                        e) &&
           prove_start(p, "", e, "-p", "try", SCRIPTED, p->at.script, NULL) && prove_wait(p, e) &&
           prove_status(p, 0, e) && prove_event(p, "turn.retrying", "provider_unavailable", NULL, e) &&
           prove_event(p, "turn.completed", "", NULL, e) && prove_same(p, e);
}

/* Killed in the middle; the next one finds all that was shown, says how the turn ended, and goes on. */
static bool killed(struct prove *p, struct err *e)
{
    int64_t before = 0;
    bool ok = prove_script(p, "[{\"text\":\"before the blow\"},{\"stall\":true}]\n{\"text\":\"and after\"}\n", e) &&
              prove_start(p, "", e, "-p", "wait", "--session", "killed", SCRIPTED, p->at.script, NULL) &&
              prove_event(p, "turn.text", "before the blow", &before, e);
    if (!ok)
        return false;
    proc_signal(&p->child, SIGKILL);
    if (!prove_wait(p, e) || !prove_status(p, 137, e))
        return false;
    int64_t began = p->seq;
    ok = prove_start(p, "", e, "-p", "go on", "--session", "killed", SCRIPTED, p->at.script, NULL) &&
         prove_wait(p, e) && prove_status(p, 0, e) && prove_same(p, e);
    p->seq = began;
    return ok && (prove_count(p, "turn.text", "before the blow") == 1 || fails(e, "what was shown is not in the log")) &&
           prove_event(p, "turn.failed", "", NULL, e) && prove_event(p, "turn.completed", "", NULL, e);
}

/* Every durable event that is printed is in the log with its number, and none is missing. */
static bool events(struct prove *p, struct err *e)
{
    bool ok = prove_script(p, WRITE("events.txt", "x"), e) &&
              prove_start(p, "", e, "-p", "write", "--mode", "auto", "--output", "events", SCRIPTED, p->at.script, NULL) &&
              prove_wait(p, e) && prove_status(p, 0, e);
    int printed = 0;
    struct str rest = buf_view(&p->out), line;
    while (ok && str_line(&rest, &line)) {
        struct err bad = ERR_INIT;
        CLEANUP(json_free_p) struct json *j = json_parse(line, &bad);
        if (line.n > 0 && !j)
            return fails(e, "a line of the events is no JSON");
        if (json_i64(json_get(j, "seq"), 0) <= 0)
            continue;
        CLEANUP(mem_free_p) char *seq = mem_printf("\"seq\":%lld,", (long long)json_i64(json_get(j, "seq"), 0));
        if (prove_count(p, json_cstr(json_get(j, "kind"), ""), seq) != 1)
            return err_set(e, ERR_INTERNAL, "event %s was printed, and the log has it not", seq);
        printed++;
    }
    int kept = ok ? prove_count(p, "turn.", "") + prove_count(p, "tool.", "") : 0;
    jsonw_put_i64(p->w, "events_printed", printed);
    return ok && (printed >= kept || err_set(e, ERR_INTERNAL, "%d events were printed, and the log has %d", printed, kept));
}

/* A gateway that has begun is ended, also when somebody wants to stop: it would outlive its place. */
static bool gateway(struct prove *p, struct err *e)
{
    struct cancel *cancel = TAKE(p->cancel);
    bool up = prove_start(p, "", e, "up", "--bind", "127.0.0.1:0", NULL) && prove_wait(p, e) && prove_status(p, 0, e);
    bool ok = up && prove_start(p, "", e, "ctl", "state", NULL) && prove_wait(p, e) && prove_status(p, 0, e) &&
              (str_find(buf_view(&p->out), STR("\"seq\":")) >= 0 || fails(e, "its state has no number"));
    struct err lost = ERR_INIT;
    if (up && (!prove_start(p, "", ok ? e : &lost, "down", NULL) || !prove_wait(p, ok ? e : &lost) ||
               !prove_status(p, 0, ok ? e : &lost)))
        ok = false;
    p->cancel = cancel;
    return ok;
}

static bool frame(struct prove *p, struct err *e)
{
    return prove_start(p, "", e, "shell", NULL) && prove_wait(p, e) && prove_status(p, 0, e) &&
           (str_find(buf_view(&p->out), STR("Tau Operator Shell")) >= 0 || fails(e, "there is no frame"));
}

static const struct {
    const char *name, *help;
    bool (*run)(struct prove *p, struct err *e);
} steps[] = {
    {"text", "an answer is printed as the log has it", text},
    {"tool", "a tool is called, and does it", tool},
    {"refused", "nobody is there to say yes: nothing is done", refused},
    {"approval", "asked, answered, then done", approval},
    {"cancel", "an interrupt stops the turn; what was said is kept", cancel},
    {"timeout", "a deadline ends the turn", timeout},
    {"retry", "a request that failed is sent again", retry},
    {"killed", "kill -9 in the middle, and on from there", killed},
    {"events", "events are printed as the log has them", events},
    {"gateway", "up, asked through its socket, and down", gateway},
    {"frame", "the operator's view", frame},
};

/* ---- the report ---- */

struct outcome {
    bool ran, ok;
    int64_t ms;
    struct buf evidence; /* members of an object */
    struct err err;
};

enum { FAILURES_MAX = 3 }; /* then the rest is not tried: a skipped step is none that passed */

/* The report has all of it, so that it is no failure when nobody can read it here. */
static void say(const char *fmt, ...) ATTR_PRINTF(1, 2);
static void say(const char *fmt, ...)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct err lost = ERR_INIT;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    (void)!report_out(buf_view(&text), &lost);
}

static void run_steps(struct prove *p, struct outcome *o)
{
    int failures = 0;
    for (size_t i = 0; i < ARRAY_LEN(steps) && failures < FAILURES_MAX && !cancel_fired(p->cancel); i++) {
        struct jsonw w = JSONW(&o[i].evidence);
        int64_t began = clock_mono_ms();
        p->w = &w;
        jsonw_begin_object(&w);
        o[i].ran = true;
        p->statuses.n = 0;
        o[i].ok = steps[i].run(p, &o[i].err);
        jsonw_key(&w, "exit_statuses");
        jsonw_begin_array(&w);
        for (size_t k = 0; k < p->statuses.n; k++)
            jsonw_i64(&w, p->statuses.v[k]);
        jsonw_end_array(&w);
        jsonw_end_object(&w);
        o[i].ms = clock_mono_ms() - began;
        if (cancel_fired(p->cancel))
            return;
        failures += !o[i].ok;
        say("%s  %-9s %s%s%s  (%lld ms)\n", o[i].ok ? "pass" : "FAIL", steps[i].name, steps[i].help,
            o[i].ok ? "" : ": ", o[i].ok ? "" : o[i].err.message, (long long)o[i].ms);
    }
}

static void write_report(const struct outcome *o, bool ok, const char *dir, struct buf *out)
{
    struct jsonw w = JSONW(out);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "mode", "local/script");
    jsonw_put_cstr(&w, "version", PACKAGE_VERSION);
    jsonw_put_i64(&w, "generated_at_ms", clock_wall_ms());
    jsonw_put_cstr(&w, "status", ok ? "passed" : "failed");
    jsonw_opt_cstr(&w, "directory", ok ? NULL : dir);
    jsonw_key(&w, "completed_steps");
    jsonw_begin_array(&w);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (o[i].ok)
            jsonw_cstr(&w, steps[i].name);
    jsonw_end_array(&w);
    jsonw_key(&w, "evidence");
    jsonw_begin_array(&w);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "step", steps[i].name);
        jsonw_put_cstr(&w, "status", !o[i].ran ? "skipped" : o[i].ok ? "passed" : "failed");
        jsonw_put_i64(&w, "ms", o[i].ms);
        if (o[i].evidence.len)
            jsonw_put_raw(&w, "found", buf_view(&o[i].evidence));
        if (o[i].ran && !o[i].ok) {
            jsonw_key(&w, "error");
            jsonw_err(&w, &o[i].err);
        }
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    buf_putc(out, '\n');
}

/* --out FILE, else with the other reports of the workspace. */
static char *report_path(const struct app *a, const struct options *o, struct err *e)
{
    if (o->value[OPT_OUT])
        return mem_strdup(o->value[OPT_OUT]);
    CLEANUP(mem_free_p) char *dir = fs_join(a->state_dir, "reports");
    if (!fs_mkdirs(dir, 0700, e))
        return NULL;
    return mem_printf("%s/prove-%lld.json", dir, (long long)clock_wall_ms());
}

int cmd_prove(const struct options *o)
{
    struct app a = {0};
    struct prove p = {.child = {.pidfd = -1}};
    struct err e = ERR_INIT;
    struct outcome *outcomes = mem_array(ARRAY_LEN(steps), sizeof(*outcomes));
    CLEANUP(buf_free) struct buf report_text = BUF_OWN;
    struct signals_watch watch = {.fd = -1};
    bool ok = signals_watch_begin(&watch, &e) && app_open(&a, o, &e) && prove_open(&p, watch.fired, &e);
    CLEANUP(mem_free_p) char *path = ok ? report_path(&a, o, &e) : NULL;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        outcomes[i] = (struct outcome){.evidence = BUF_OWN};
    bool all = path != NULL;
    if (path)
        run_steps(&p, outcomes);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        all &= outcomes[i].ran && outcomes[i].ok;
    if (cancel_fired(p.cancel)) {
        err_set(&e, ERR_CANCELLED, "prove: it was stopped; nothing is left of it");
        free(TAKE(path));
    }
    if (path) {
        write_report(outcomes, all, p.at.dir, &report_text);
        ok = fs_replace(path, buf_view(&report_text), 0600, &e);
    }
    if (path && ok)
        say("%s: %s\n", all ? "proved" : "not proved", path);
    if (path && !all)
        say("what was left behind is in %s\n", p.at.dir);
    if (!path || !ok)
        report(&e);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        buf_free(&outcomes[i].evidence);
    free(outcomes);
    prove_close(&p, path && !all);
    app_close(&a);
    (void)signals_watch_end(&watch); /* what was stopped has said so */
    return !path || !ok ? err_code_exit(e.code) : all ? 0 : 1;
}
