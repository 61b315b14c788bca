/* SPDX-License-Identifier: MIT
 *
 * verb_session_files: what was said, found in all sessions; sessions out to files.
 */
#include "cli/verb.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/outfile.h"
#include "cli/export.h"
#include "cli/report.h"

#include <stdlib.h>
#include <unistd.h>

static bool search_row(struct verb *v, const struct json *j, void *arg)
{
    char when[32];
    (void)arg;
    clock_format(json_i64(json_get(j, "ts_ms"), 0), when, sizeof(when));
    buf_printf(v->out, "%.16s  %-24s %-9s %s%s\n    %s\n", when,
               json_cstr(json_get(j, "name"), "?"), json_cstr(json_get(j, "role"), "?"),
               json_cstr(json_get(j, "entry"), "?"),
               json_i64(json_get(j, "left"), 0) ? "  (left the session)" : "",
               json_cstr(json_get(j, "snippet"), ""));
    return true;
}

/* The words as they were typed; one argument of several words was in quotes. */
bool verb_session_search(struct verb *v, struct err *e)
{
    CLEANUP(buf_free) struct buf query = BUF_OWN;
    for (int i = 0; verb_arg(v, i); i++) {
        bool several = str_index(str_of(verb_arg(v, i)), ' ') >= 0 &&
                       str_index(str_of(verb_arg(v, i)), '"') < 0;
        buf_printf(&query, several ? "%s\"%s\"" : "%s%s", i ? " " : "", verb_arg(v, i));
    }
    struct qry_session_search args = {.query = buf_cstr(&query),
                                      .session = v->options->value[OPT_IN_SESSION],
                                      .role = v->options->value[OPT_ROLE]};
    return verb_number(v, OPT_LIMIT, &args.limit, e) &&
           verb_rows(v, QRY_SESSION_SEARCH, &args, search_row, NULL, NULL, e);
}

/* ---- export ---- */

static bool to_file(void *arg, struct str text, struct err *e)
{
    return outfile_add(arg, text, e);
}

/* Standard output is not waited with: a session may be longer than what a verb may say. */
static bool to_stdout(void *arg, struct str text, struct err *e)
{
    (void)arg;
    return report_out(text, e);
}

static bool to_verb(void *arg, struct str text, struct err *e)
{
    struct verb *v = arg;
    buf_str(v->out, text);
    return buf_ok(v->out) ||
           err_set(e, ERR_TOO_LARGE, "the session is larger than %d MiB", VERB_OUTPUT_MAX >> 20) ||
           err_hint(e, "write it to a file: --out FILE");
}

struct target {
    const char *path; /* NULL: none */
    const struct export_format *format;
};

/* The one argument is a session, or a file whose name says the format, for the session that is
 * shown or was used last. */
static bool find_target(struct verb *v, struct target *ret, char *session, char *name,
                        struct err *e)
{
    const char *arg = verb_arg(v, 0), *format = v->options->value[OPT_FORMAT];
    struct err unknown = ERR_INIT;
    ret->path = v->options->value[OPT_OUT];
    if (!arg || verb_session(v, arg, session, name, &unknown)) {
        if (!arg && !verb_session(v, NULL, session, name, e))
            return false;
    } else if (unknown.code == ERR_NOT_FOUND && !ret->path && export_for(arg)) {
        ret->path = arg;
        if (!verb_session(v, NULL, session, name, e))
            return false;
    } else {
        *e = unknown;
        return false;
    }
    ret->format = format ? export_find(format) : ret->path ? export_for(ret->path) : &export_md;
    if (!ret->format && format)
        err_set(e, ERR_USAGE, "--format: a session is not written as %s", format);
    else if (!ret->format)
        err_set(e, ERR_USAGE, "%s: its name does not say a format", ret->path);
    return ret->format || err_hint(e, "say --format md, html, jsonl or tau");
}

bool verb_session_export(struct verb *v, struct err *e)
{
    struct target to;
    struct outfile file = {0};
    char session[ID_MAX], name[VERB_NAME_MAX];
    bool force = v->options->value[OPT_FORCE] != NULL;
    if (!find_target(v, &to, session, name, e))
        return false;
    bool artifacts = v->options->value[OPT_WITH_ARTIFACTS] != NULL;
    if (artifacts && to.format != &export_jsonl)
        return err_set(e, ERR_USAGE, "--with-artifacts: only jsonl can hold them");
    /* Asked again at the end, when it counts; here it saves the work. */
    if (to.path && !force && fs_exists(to.path))
        return err_set(e, ERR_EXISTS, "%s is there already", to.path) ||
               err_hint(e, "choose another name, or say --force");
    if (to.path && !outfile_open(&file, to.path, e))
        return false;
    struct export x = {.reader = v->reader,
                       .store_dir = artifacts ? v->app->state_dir : NULL,
                       .cancel = v->cancel,
                       .session = session,
                       .put = to.path      ? to_file
                              : v->console ? to_verb
                                           : to_stdout,
                       .arg = to.path ? (void *)&file : v};
    bool ok = export_run(&x, to.format, e) && (!to.path || outfile_end(&file, force, e));
    outfile_drop(&file);
    if (ok && to.path)
        buf_printf(v->out, "session export: session=%s format=%s path=%s\n", name, to.format->name,
                   to.path);
    return ok;
}
