/* SPDX-License-Identifier: MIT
 *
 * cmd_repair: looks the store over, and mends it. Nothing is changed before there is a copy of it;
 * with --dry-run nothing is changed at all.
 */
#include "base/digest.h"
#include "base/fs.h"
#include "base/id.h"
#include "base/mem.h"
#include "cli/check.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "core/core.h"
#include "core/refold.h"
#include "state/snapshot.h"
#include "store/inspect.h"
#include "store/salvage.h"
#include "store/store.h"
#include "json/field.h"
#include "json/jsonw.h"

#include <stdlib.h>
#include <string.h>

/* What is said, in words and as members of one object; one of both is printed. */
struct repair {
    struct app app;
    const struct options *options;
    bool dry_run;
    struct buf text, json;
    struct jsonw w;
    struct inspect_log log;
    int64_t findings, bad_blobs;
    struct store *store;
    struct store_options so;
};

static bool has_store(const struct app *a)
{
    CLEANUP(mem_free_p) char *db = fs_join(a->state_dir, "tau.db");
    return fs_exists(db);
}

/* ---- looking ---- */

static void add_finding(void *arg, const char *text)
{
    struct repair *r = arg;
    r->findings++;
    check_put_finding(&r->text, text);
    jsonw_cstr(&r->w, text);
}

static bool look_database(struct repair *r, struct err *e)
{
    jsonw_key(&r->w, "findings");
    jsonw_begin_array(&r->w);
    bool ok = inspect_database(r->app.state_dir, add_finding, r, &r->log, e);
    if (!ok && e->code == ERR_STORE_DAMAGED) {
        add_finding(r, e->message);
        ok = true;
    }
    jsonw_end_array(&r->w);
    if (!ok || r->findings > 0)
        return ok;
    jsonw_put_i64(&r->w, "events", r->log.events);
    jsonw_put_i64(&r->w, "first_seq", r->log.first);
    jsonw_put_i64(&r->w, "last_seq", r->log.last);
    return r->log.version <= STORE_VERSION ||
           err_set(e, ERR_STORE_NEWER, "%s: a newer tau wrote this store", r->app.state_dir);
}

static void add_blob(void *arg, const struct inspect_blob *b)
{
    struct repair *r = arg;
    check_put_blob(&r->text, b);
    jsonw_begin_object(&r->w);
    jsonw_put_cstr(&r->w, "sha256", b->sha);
    jsonw_put_cstr(&r->w, "problem", b->missing ? "missing" : "damaged");
    jsonw_key(&r->w, "named_by");
    jsonw_begin_array(&r->w);
    for (size_t i = 0; i < b->n_named; i++) {
        const struct inspect_named *n = &b->named[i];
        jsonw_begin_object(&r->w);
        jsonw_put_i64(&r->w, "seq", n->seq);
        jsonw_put_cstr(&r->w, "kind", n->kind);
        jsonw_opt_cstr(&r->w, "session", n->session);
        jsonw_opt_cstr(&r->w, "what", n->what);
        jsonw_end_object(&r->w);
    }
    jsonw_end_array(&r->w);
    jsonw_end_object(&r->w);
}

static bool look_blobs(struct repair *r, struct err *e)
{
    struct inspect_blobs all;
    jsonw_key(&r->w, "bad_blobs");
    jsonw_begin_array(&r->w);
    bool ok = inspect_blobs(r->app.state_dir, add_blob, r, &all, e);
    jsonw_end_array(&r->w);
    r->bad_blobs = all.bad;
    jsonw_put_i64(&r->w, "blobs", all.blobs);
    jsonw_put_i64(&r->w, "blob_bytes", all.bytes);
    return ok;
}

/* ---- a damaged database ---- */

static void say_salvage(struct repair *r, const struct salvage *s)
{
    buf_puts(&r->text, r->dry_run ? "could read  " : "read  ");
    buf_count(&r->text, s->events, "event");
    buf_printf(&r->text, " of %lld\n", (long long)s->last);
    jsonw_put_i64(&r->w, "events_read", s->events);
    jsonw_key(&r->w, "lost");
    jsonw_begin_array(&r->w);
    for (size_t i = 0; i < s->lost.n; i++) {
        const struct salvage_range *l = &s->lost.v[i];
        buf_printf(&r->text, "lost  %s", l->kept ? "what was kept of " : "");
        buf_count(&r->text, l->to - l->from + 1, "event");
        buf_printf(&r->text, ": %lld", (long long)l->from);
        if (l->from < l->to)
            buf_printf(&r->text, " to %lld", (long long)l->to);
        buf_putc(&r->text, '\n');
        jsonw_begin_object(&r->w);
        jsonw_put_i64(&r->w, "from", l->from);
        jsonw_put_i64(&r->w, "to", l->to);
        if (l->kept)
            jsonw_put_bool(&r->w, "pruned", true);
        jsonw_end_object(&r->w);
    }
    jsonw_end_array(&r->w);
    jsonw_put_bool(&r->w, "end_lost", s->edge);
    if (s->edge)
        buf_printf(&r->text, "lost  whatever there may have been after event %lld\n", (long long)s->last);
    if (s->lost.n == 0 && !s->edge)
        buf_puts(&r->text, "nothing of the log is lost\n");
}

/* What the damaged one was is in the backup. */
static bool read_anew(struct repair *r, struct salvage *s, struct err *e)
{
    char *backup = NULL;
    if (!salvage_read(s, r->app.state_dir, e) || !refold(s->to, s->last + 1, e) ||
        !salvage_settle(s, e) || !salvage_swap(s, &backup, e))
        return false;
    say_salvage(r, s);
    buf_printf(&r->text, "backup  %s, as it was\n", backup);
    jsonw_put_cstr(&r->w, "backup", backup);
    jsonw_put_i64(&r->w, "records_read", s->records);
    free(backup);
    return true;
}

static void count_finding(void *arg, const char *text)
{
    struct repair *r = arg;
    r->findings++;
    buf_printf(&r->text, "still damaged  %s\n", text);
}

static bool salvage(struct repair *r, struct err *e)
{
    struct salvage s = {0};
    bool ok;
    if (r->dry_run) {
        ok = salvage_look(&s, r->app.state_dir, e);
        if (ok) {
            buf_puts(&r->text, "would read what can be read into a fresh database\n");
            say_salvage(r, &s);
        }
    } else {
        ok = read_anew(r, &s, e);
        r->findings = 0;
        ok = ok && inspect_database(r->app.state_dir, count_finding, r, &r->log, e);
    }
    salvage_done(&s);
    return ok;
}

/* ---- rebuilding ---- */

/* What the projections hold, as a number and a digest for each kind of record. */
struct shown {
    size_t n;
    struct digest digest;
    char sha[DIGEST_HEX];
};

static void add_record(void *arg, struct rec *r)
{
    struct shown *s = arg;
    struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    field_write_object(&rec_table[r->kind].set, &w, r->u);
    digest_add(&s->digest, buf_view(&b));
    s->n++;
    buf_free(&b);
    rec_unref(r);
}

static bool look(struct store *store, struct shown *all, struct err *e)
{
    bool ok = true;
    for (int k = 0; ok && k < REC_COUNT; k++) {
        int64_t before = 0;
        all[k] = (struct shown){0};
        digest_init(&all[k].digest);
        ok = store_load(store, (enum rec_kind)k, NULL, add_record, &all[k], &before, e);
        digest_end(&all[k].digest, all[k].sha);
        all[k].n += (size_t)before;
    }
    return ok;
}

/* A process that begins on the store folds the log. */
static bool fold(struct app *a, struct err *e)
{
    if (!app_policy(a, false, e) || !app_core(a, "repair", false, e))
        return false;
    core_stop(TAKE(a->core), 0);
    return true;
}

static void write_differences(struct repair *r, const struct shown *was, const struct shown *is)
{
    size_t differ = 0;
    jsonw_key(&r->w, "differs");
    jsonw_begin_array(&r->w);
    for (int k = 0; k < REC_COUNT; k++) {
        if (was[k].n == is[k].n && strcmp(was[k].sha, is[k].sha) == 0)
            continue;
        differ++;
        buf_printf(&r->text, "differs  %s: %zu before, %zu now\n", rec_table[k].section, was[k].n,
                   is[k].n);
        jsonw_begin_object(&r->w);
        jsonw_put_cstr(&r->w, "section", rec_table[k].section);
        jsonw_put_i64(&r->w, "before", (int64_t)was[k].n);
        jsonw_put_i64(&r->w, "now", (int64_t)is[k].n);
        jsonw_end_object(&r->w);
    }
    jsonw_end_array(&r->w);
    buf_printf(&r->text, "rebuilt: all that is shown is what the log says%s\n",
               differ ? "" : ", as it was before");
}

/* Everything but the log is made again. What was there is in the backup. */
static bool rebuild(struct repair *r, struct err *e)
{
    struct shown was[REC_COUNT], is[REC_COUNT];
    if (!look(r->store, was, e) || !store_rebuild(r->store, e))
        return false;
    store_close(TAKE(r->store));
    if (!fold(&r->app, e) || !store_open(&r->store, &r->so, e) || !look(r->store, is, e))
        return false;
    write_differences(r, was, is);
    return true;
}

/* ---- all of it ---- */

static bool back_up(struct repair *r, struct err *e)
{
    if (!store_open(&r->store, &r->so, e))
        return false;
    char *backup = store_backup(r->store, e);
    if (backup) {
        buf_printf(&r->text, "backup  %s\n", backup);
        jsonw_put_cstr(&r->w, "backup", backup);
    }
    bool ok = backup != NULL;
    free(backup);
    return ok;
}

static void say_plan(struct repair *r)
{
    if (r->findings > 0)
        return;
    buf_puts(&r->text, "would make a backup\n");
    if (!r->options->value[OPT_REBUILD])
        return;
    buf_puts(&r->text, "would make all that is shown and searched again from ");
    buf_count(&r->text, r->log.events, "event");
    buf_putc(&r->text, '\n');
}

static bool mend(struct repair *r, struct err *e)
{
    return back_up(r, e) && (!r->options->value[OPT_REBUILD] || rebuild(r, e));
}

static bool verdict(struct repair *r, struct err *e)
{
    bool sound = r->findings == 0 && r->bad_blobs == 0;
    jsonw_put_bool(&r->w, "whole", sound);
    if (sound)
        buf_puts(&r->text, CHECK_WHOLE);
    CLEANUP(buf_free) struct buf findings = BUF_OWN;
    buf_count(&findings, r->findings, "finding");
    if (r->findings > 0)
        return err_set(e, ERR_STORE_DAMAGED, "%s/tau.db is damaged: %s", r->app.state_dir, buf_cstr(&findings));
    return sound ||
           (err_set(e, ERR_STORE_DAMAGED, "%lld of the files that were kept %s damaged or missing",
                    (long long)r->bad_blobs, r->bad_blobs == 1 ? "is" : "are") ||
            err_hint(e, "the rest of the store is whole; a copy of a file with its name as its SHA-256 "
                        "can be put back into blobs/"));
}

static bool repair(struct repair *r, struct err *e)
{
    if (!look_database(r, e))
        return false;
    bool damaged = r->findings > 0;
    if (damaged && !salvage(r, e))
        return false;
    bool sound = r->findings == 0;
    if (sound && !look_blobs(r, e))
        return false;
    if (r->dry_run)
        say_plan(r);
    else if (sound && !damaged && !mend(r, e))
        return false;
    return verdict(r, e);
}

static int finish(struct repair *r, bool ok, struct err *e)
{
    struct err lost = ERR_INIT;
    bool json = r->options->value[OPT_JSON] != NULL;
    if (json && !ok) {
        jsonw_key(&r->w, "error");
        jsonw_err(&r->w, e);
    }
    jsonw_end_object(&r->w);
    buf_putc(&r->json, '\n');
    if (!report_out(buf_view(json ? &r->json : &r->text), &lost) && ok) {
        *e = lost;
        ok = false;
    }
    if (!ok)
        report(e);
    store_close(r->store);
    buf_free(&r->text);
    buf_free(&r->json);
    app_close(&r->app);
    return ok ? 0 : err_code_exit(e->code);
}

int cmd_session_repair(const struct options *o)
{
    struct err e = ERR_INIT;
    struct id proc = id_make("proc");
    struct repair r = {.options = o,
                       .dry_run = o->value[OPT_DRY_RUN] != NULL,
                       .text = BUF_OWN,
                       .json = BUF_OWN};
    r.w = JSONW(&r.json);
    jsonw_begin_object(&r.w);
    signals_end_us(); /* wherever it ends there is the store, or its copy, and the next one goes on */
    bool ok = app_open(&r.app, o, &e);
    if (ok) {
        r.so = (struct store_options){.dir = r.app.state_dir, .proc = proc.s};
        jsonw_put_cstr(&r.w, "store", r.app.state_dir);
        jsonw_put_bool(&r.w, "dry_run", r.dry_run);
    }
    if (ok && !has_store(&r.app))
        buf_puts(&r.text, "there is no store here yet\n");
    else
        ok = ok && repair(&r, &e);
    return finish(&r, ok, &e);
}
