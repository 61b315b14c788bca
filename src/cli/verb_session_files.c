/* SPDX-License-Identifier: MIT
 *
 * verb_session_files: what was said, found in all sessions.
 */
#include "cli/verb.h"

#include "base/clock.h"

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
