/* SPDX-License-Identifier: MIT
 *
 * verb_import: a session from a file.
 */
#include "cli/import.h"
#include "cli/verb.h"

#include "base/clock.h"
#include "base/mem.h"
#include "cli/app.h"
#include "text/utf8.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_BYTES = 64, PROGRESS_MS = 200 };

/* "dir/my session.tau.jsonl" is "my-session": what a name may not have becomes a dash. */
static void name_of(const char *path, char *out, size_t size)
{
    const char *slash = strrchr(path, '/');
    struct str base = str_of(slash ? slash + 1 : path);
    size_t n = 0;
    ssize_t dot = str_index(base, '.');
    base = utf8_clip(dot > 0 ? str_sub(base, 0, (size_t)dot) : base, NAME_BYTES);
    for (size_t i = 0; i < base.n && n + 1 < size; i++) {
        unsigned char c = (unsigned char)base.p[i];
        out[n++] = c <= ' ' || c == '/' || c == 0x7F ? '-' : (char)c;
    }
    out[n] = '\0';
    if (n == 0 || !utf8_valid(str_make(out, n)))
        snprintf(out, size, "imported");
}

static void write_count(struct buf *out, int64_t n, const char *noun, const char *what)
{
    if (n <= 0)
        return;
    buf_puts(out, "  ");
    buf_count(out, n, noun);
    buf_printf(out, "%s\n", what);
}

static void write_report(struct verb *v, const struct import *im)
{
    if (v->json) {
        struct jsonw w = JSONW(v->out);
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "session", im->dry_run ? "" : im->session);
        jsonw_put_cstr(&w, "name", im->name);
        jsonw_put_cstr(&w, "format", im->format);
        jsonw_put_bool(&w, "dry_run", im->dry_run);
        jsonw_put_i64(&w, "entries", im->entries);
        jsonw_put_i64(&w, "roots", im->roots);
        jsonw_put_i64(&w, "duplicates", im->duplicates);
        jsonw_put_i64(&w, "invalid_parent", im->invalid_parent);
        jsonw_put_i64(&w, "cycles", im->cycles);
        jsonw_put_i64(&w, "system", im->system);
        jsonw_put_i64(&w, "orphans", im->orphans);
        jsonw_put_i64(&w, "unanswered", im->unanswered);
        jsonw_put_i64(&w, "artifacts", im->artifacts);
        jsonw_put_i64(&w, "missing", im->missing);
        jsonw_end_object(&w);
        buf_putc(v->out, '\n');
        return;
    }
    buf_printf(v->out, "session import: session=%s format=%s entries=%lld%s\n", im->name,
               im->format, (long long)im->entries, im->dry_run ? " (nothing was written)" : "");
    write_count(v->out, im->duplicates, "id", ": there already, left out");
    write_count(v->out, im->invalid_parent, "parent", ": not there, made a root");
    write_count(v->out, im->cycles, "entry", " in rings: one of each made a root");
    write_count(v->out, im->roots > 1 ? im->roots : 0, "root", ": each is a branch");
    write_count(v->out, im->system, "prompt", " of the system left out: tau has its own");
    write_count(v->out, im->orphans, "result", " without a call kept as text");
    write_count(v->out, im->unanswered, "call", " without a result closed");
    write_count(v->out, im->artifacts, "artifact", "");
    write_count(v->out, im->missing, "artifact", " left out: not in the file");
}

/* Whoever waits at a terminal sees that it goes on; the line is gone when it is done. */
static void show_progress(void *arg, int64_t entries)
{
    int64_t *shown_ms = arg, now = clock_mono_ms();
    if (now - *shown_ms < PROGRESS_MS)
        return;
    *shown_ms = now;
    CLEANUP(buf_free) struct buf messages = BUF_OWN;
    buf_count(&messages, entries, "message");
    fprintf(stderr, "\r%s so far\033[K", buf_cstr(&messages));
}

bool verb_session_import(struct verb *v, struct err *e)
{
    char name[NAME_BYTES + 1];
    const char *given = v->options->value[OPT_NAME];
    name_of(verb_arg(v, 0), name, sizeof(name));
    struct import im = {.sink = core_sink(v->app->core),
                        .actor = v->actor,
                        .who = v->who,
                        .path = verb_arg(v, 0),
                        .name = given ? given : name,
                        .store_dir = v->app->state_dir,
                        .cancel = v->cancel,
                        .replace = v->options->value[OPT_IMPORT_REPLACE] != NULL,
                        .dry_run = v->options->value[OPT_DRY_RUN] != NULL};
    int64_t shown_ms = clock_mono_ms();
    if (!v->console && isatty(STDERR_FILENO)) {
        im.progress = show_progress;
        im.arg = &shown_ms;
    }
    bool ok = import_run(&im, e);
    if (im.progress)
        fputs("\r\033[K", stderr);
    if (!ok)
        return false;
    write_report(v, &im);
    if (!im.dry_run)
        memcpy(v->show, im.session, ID_MAX);
    return true;
}
