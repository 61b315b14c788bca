/* SPDX-License-Identifier: MIT
 *
 * verb_log: what the log holds beside conversations: its events, artifacts, jobs, the counts of
 * tools; and any query as it is.
 */
#include "cli/verb.h"

#include "base/clock.h"
#include "base/mem.h"
#include "text/fuzzy.h"
#include "text/utf8.h"

#include <string.h>

enum { EVENTS_SHOWN = 50, DATA_SHOWN = 100 };

static bool event_row(struct verb *v, const struct json *j, void *arg)
{
    const struct json *ev = json_get(j, "event");
    struct arena a = ARENA_INIT;
    char when[32];
    (void)arg;
    struct str data = str_of(json_text(json_get(ev, "data"), &a));
    struct str shown = utf8_clip(data, DATA_SHOWN);
    clock_format(json_i64(json_get(ev, "ts_ms"), 0), when, sizeof(when));
    buf_printf(v->out, "%8lld %.19s %-24s %.*s%s\n", (long long)json_i64(json_get(j, "seq"), 0),
               when, json_cstr(json_get(ev, "kind"), ""), STR_ARG(shown),
               shown.n < data.n ? "..." : "");
    arena_free(&a);
    return true;
}

bool verb_events(struct verb *v, struct err *e)
{
    char session[ID_MAX];
    struct qry_log_page args = {.limit = EVENTS_SHOWN, .kind = v->options->value[OPT_KIND]};
    if (!verb_number(v, OPT_LIMIT, &args.limit, e) || !verb_number(v, OPT_AFTER, &args.after, e) ||
        !verb_number(v, OPT_BEFORE, &args.before, e))
        return false;
    if (!v->options->value[OPT_AFTER] && !v->options->value[OPT_BEFORE])
        args.before = INT64_MAX; /* the newest */
    if (verb_arg(v, 0)) {
        if (!verb_session(v, verb_arg(v, 0), session, NULL, e))
            return false;
        args.session = session;
    }
    return verb_rows(v, QRY_LOG_PAGE, &args, event_row, NULL, NULL, e);
}

static bool artifact_row(struct verb *v, const struct json *j, void *arg)
{
    char when[32];
    (void)arg;
    clock_format(json_i64(json_get(j, "ts_ms"), 0), when, sizeof(when));
    buf_printf(v->out, "%s  %.16s  %10lld  %s\n", json_cstr(json_get(j, "id"), ""), when,
               (long long)json_i64(json_get(j, "bytes"), 0), json_cstr(json_get(j, "path"), ""));
    return true;
}

bool verb_artifact_list(struct verb *v, struct err *e)
{
    struct qry_artifact_list args = {0};
    return verb_number(v, OPT_LIMIT, &args.limit, e) &&
           verb_rows(v, QRY_ARTIFACT_LIST, &args, artifact_row, NULL, NULL, e);
}

struct reading {
    int64_t offset, bytes; /* of the next byte; of the whole */
};

static bool range_row(struct verb *v, const struct json *j, void *arg)
{
    struct reading *r = arg;
    struct str text = json_str(json_get(j, "text"));
    r->bytes = json_i64(json_get(j, "bytes"), 0);
    buf_str(v->out, text);
    return true;
}

/* Ranges overlap by nothing: each is as long as was asked for, but for the last. */
bool verb_artifact_show(struct verb *v, struct err *e)
{
    enum { RANGE = 1 << 20 };
    struct reading r = {.bytes = 1};
    while (r.offset < r.bytes) {
        struct qry_artifact_read args = {
            .artifact = verb_arg(v, 0), .offset = r.offset, .limit = RANGE};
        size_t n = 0;
        if (!verb_rows(v, QRY_ARTIFACT_READ, &args, range_row, &r, &n, e))
            return false;
        if (n == 0)
            return err_set(e, ERR_NOT_FOUND, "there is no artifact '%.80s'", verb_arg(v, 0));
        if (v->json)
            return true; /* one row says where it ends; query artifact.read takes an offset */
        r.offset += RANGE;
    }
    return true;
}

static bool stats_row(struct verb *v, const struct json *j, void *arg)
{
    (void)arg;
    buf_printf(v->out, "%-20s %6lld calls  %6lld failed  %8lld ms\n",
               json_cstr(json_get(j, "name"), ""), (long long)json_i64(json_get(j, "calls"), 0),
               (long long)json_i64(json_get(j, "failed"), 0),
               (long long)json_i64(json_get(j, "ms"), 0));
    return true;
}

bool verb_tool_stats(struct verb *v, struct err *e)
{
    char session[ID_MAX];
    struct qry_tool_stats args = {0};
    if (verb_arg(v, 0)) {
        if (!verb_session(v, verb_arg(v, 0), session, NULL, e))
            return false;
        args.session = session;
    }
    return verb_rows(v, QRY_TOOL_STATS, &args, stats_row, NULL, NULL, e);
}

static bool job_row(struct verb *v, const struct json *j, void *arg)
{
    (void)arg;
    buf_printf(v->out, "%s  %-10s %s\n", json_cstr(json_get(j, "id"), ""),
               json_cstr(json_get(j, "status"), ""), json_cstr(json_get(j, "command"), ""));
    return true;
}

bool verb_jobs_list(struct verb *v, struct err *e)
{
    struct qry_job_list args = {0};
    return verb_number(v, OPT_LIMIT, &args.limit, e) &&
           verb_rows(v, QRY_JOB_LIST, &args, job_row, NULL, NULL, e);
}

static bool raw_row(void *arg, struct str row)
{
    struct verb *v = arg;
    buf_str(v->out, row);
    buf_putc(v->out, '\n');
    return buf_ok(v->out);
}

bool verb_query(struct verb *v, struct err *e)
{
    const char *args = verb_arg(v, 1), *name = verb_arg(v, 0), *names[QRY_COUNT];
    for (int i = 0; i < QRY_COUNT; i++)
        names[i] = query_table[i].name;
    if (query_find(str_of(name)) == QRY_COUNT)
        return err_set(e, ERR_NOT_FOUND, "there is no query '%.60s'", name) ||
               fuzzy_hint(e, str_of(name), names, QRY_COUNT, "", "tau ctl lists them");
    return v->reader.query(v->reader.ctx, name, str_of(args ? args : "{}"), v->cancel,
                           raw_row, v, NULL, e);
}
