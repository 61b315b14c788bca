/* SPDX-License-Identifier: MIT
 *
 * verb_prune: retention by hand (core/retain.h). Says what would go; --yes does it.
 */
#include "cli/verb.h"

#include "base/fs.h"
#include "base/mem.h"
#include "core/retain.h"

#include <stdlib.h>

static const int64_t DAY = 24 * (int64_t)3600 * 1000;

static void write_json(struct verb *v, const struct retained *r, bool done)
{
    struct jsonw w = JSONW(v->out);
    jsonw_begin_object(&w);
    jsonw_put_bool(&w, "done", done);
    jsonw_put_i64(&w, "chunks", r->chunks);
    jsonw_put_i64(&w, "others", r->rest);
    if (!done)
        jsonw_put_i64(&w, "data_bytes", r->bytes);
    jsonw_put_i64(&w, "blobs", r->blobs);
    jsonw_put_i64(&w, "blob_bytes", r->blob_bytes);
    jsonw_put_i64(&w, "first_seq", r->first_seq);
    jsonw_put_i64(&w, "used_before", r->used_before);
    if (done)
        jsonw_put_i64(&w, "used_after", r->used_after);
    jsonw_put_i64(&w, "file_before", r->file_before);
    if (done)
        jsonw_put_i64(&w, "file_after", r->file_after);
    jsonw_put_bool(&w, "over", r->over);
    jsonw_end_object(&w);
    buf_putc(v->out, '\n');
}

static void write_text(struct verb *v, const struct retained *r, bool done)
{
    const char *would = done ? "" : "would be ";
    buf_count(v->out, r->chunks, "chunk");
    buf_printf(v->out, " of text and output %sremoved\n", would);
    buf_count(v->out, r->rest, "other event");
    buf_printf(v->out, " %sremoved\n", would);
    buf_count(v->out, r->blobs, "file");
    buf_puts(v->out, " that no event names (");
    buf_count(v->out, r->blob_bytes, "byte");
    buf_printf(v->out, ") %sremoved\n", would);
    buf_printf(v->out, "the log %s whole from event %lld on\n", done ? "is" : "would be",
               (long long)r->first_seq);
    if (!done) {
        buf_puts(v->out, "their data: about ");
        buf_count(v->out, r->bytes, "byte");
        buf_printf(v->out, "; the database uses %lld, its file has %lld\n", (long long)r->used_before,
                   (long long)r->file_before);
        if (r->chunks + r->rest + r->blobs > 0)
            buf_puts(v->out, "nothing was done: --yes does it\n");
        return;
    }
    buf_printf(v->out, "the database used %lld bytes and uses %lld; its file had %lld and has %lld\n",
               (long long)r->used_before, (long long)r->used_after, (long long)r->file_before,
               (long long)r->file_after);
    if (r->file_after > r->used_after)
        buf_puts(v->out, "what is free in the file is used for what is written next; it is given back when "
                         "no other tau has the store open\n");
    if (r->over)
        buf_puts(v->out, "that is more than was asked for: all else is still needed\n");
}

bool verb_session_prune(struct verb *v, struct err *e)
{
    bool done = v->options->value[OPT_YES] && !v->options->value[OPT_DRY_RUN];
    int64_t days = config_int(&v->app->config, SET_KEEP_DAYS);
    int64_t bytes = config_int(&v->app->config, SET_MAX_BYTES);
    struct retained r;
    if (!verb_number(v, OPT_KEEP_DAYS, &days, e) || !verb_number(v, OPT_MAX_BYTES, &bytes, e))
        return false;
    CLEANUP(mem_free_p) char *db = fs_join(v->app->state_dir, "tau.db");
    if (v->app->unkept)
        return err_set(e, ERR_USAGE, "nothing is kept here that could be removed");
    if (days == 0 && bytes == 0)
        return err_set(e, ERR_USAGE, "neither --keep-days nor --max-bytes was given") ||
               err_hint(e, "or set log.keep_days or log.max_bytes");
    if (!fs_exists(db)) {
        buf_puts(v->out, v->json ? "" : "there is no store here yet\n");
        return true;
    }
    struct retain_options o = {.dir = v->app->state_dir,
                               .keep_ms = MIN(days, INT64_MAX / DAY) * DAY,
                               .max_bytes = bytes,
                               .dry_run = !done,
                               .rewrite = true,
                               .pause = 1,
                               .cancel = v->cancel};
    if (!retain_run(&o, &r, e))
        return false;
    if (v->json)
        write_json(v, &r, done);
    else
        write_text(v, &r, done);
    if (!cancel_fired(v->cancel))
        return true;
    return err_set(e, ERR_CANCELLED, "it was stopped: %s", done ? "what is said to be removed is, and no more"
                                                                : "not all was looked at") ||
           err_hint(e, "the same command goes on from there");
}
