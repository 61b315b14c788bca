/* SPDX-License-Identifier: MIT
 *
 * verb_approvals: what the operator was asked, and an answer to what still is.
 */
#include "cli/verb.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN = 20, END_MIN = 4 }; /* rows when no limit is said; letters that an id's end must have */

static bool row(struct verb *v, const struct json *j, void *arg)
{
    char when[32];
    const char *by = json_cstr(json_get(j, "by"), NULL), *scope = json_cstr(json_get(j, "scope"), NULL),
               *reason = json_cstr(json_get(j, "reason"), NULL);
    (void)arg;
    clock_format(json_i64(json_get(j, "requested_ms"), 0), when, sizeof(when));
    buf_printf(v->out, "%s  %.16s  %-9s %-5s  %s", json_cstr(json_get(j, "id"), ""), when,
               json_cstr(json_get(j, "status"), ""), json_cstr(json_get(j, "risk"), ""),
               json_cstr(json_get(j, "action"), ""));
    if (by)
        buf_printf(v->out, "  by %s%s%s", by, scope ? ", " : "", scope ? scope : "");
    if (reason)
        buf_printf(v->out, "  (%s)", reason);
    buf_putc(v->out, '\n');
    return true;
}

static bool list(struct verb *v, struct err *e)
{
    struct qry_approval_list args = {.status = v->options->value[OPT_STATUS], .limit = SHOWN};
    return verb_number(v, OPT_LIMIT, &args.limit, e) &&
           verb_rows(v, QRY_APPROVAL_LIST, &args, row, NULL, NULL, e);
}

struct found {
    const char *end;
    char id[ID_MAX];
    size_t n;
};

static bool take(struct verb *v, const struct json *j, void *arg)
{
    struct found *f = arg;
    const char *id = json_cstr(json_get(j, "id"), "");
    size_t n = strlen(id), m = strlen(f->end);
    (void)v;
    if (strcmp(id, f->end) != 0 && (m < END_MIN || m > n || strcasecmp(id + n - m, f->end) != 0))
        return true;
    snprintf(f->id, sizeof(f->id), "%s", id);
    f->n++;
    return true;
}

/* The question whose id is that, or ends so; of those that wait for an answer. */
static bool find(struct verb *v, const char *end, char *ret_id, struct err *e)
{
    struct found f = {.end = end};
    struct qry_approval_list args = {.status = "requested"};
    if (!verb_read(v, QRY_APPROVAL_LIST, &args, take, &f, NULL, e))
        return false;
    if (f.n > 1)
        return err_set(e, ERR_AMBIGUOUS, "%zu questions end in '%.40s': say more of it", f.n, end);
    memcpy(ret_id, f.id, ID_MAX);
    return f.n == 1 || err_set(e, ERR_NOT_FOUND, "no question '%.40s' waits for an answer", end) ||
           err_hint(e, "approvals lists them");
}

static bool answer(struct verb *v, bool yes, struct err *e)
{
    char id[ID_MAX];
    struct arena a = ARENA_INIT;
    struct act_approval_resolve args = {.approval = id, .approve = yes};
    bool ok = find(v, verb_arg(v, 1), id, e);
    if (!yes)
        args.reason = verb_rest(v, 2, &a);
    ok = ok && verb_act(v, ACT_APPROVAL_RESOLVE, &args, NULL, e);
    if (ok)
        buf_printf(v->out, "%s %s\n", id, yes ? "approved" : "rejected");
    arena_free(&a);
    return ok;
}

bool verb_approvals(struct verb *v, struct err *e)
{
    const char *word = verb_arg(v, 0) ? verb_arg(v, 0) : "list";
    int n = v->options->n_args;
    if (strcmp(word, "list") == 0 && n <= 1)
        return list(v, e);
    if (strcmp(word, "approve") == 0 && n == 2)
        return answer(v, true, e);
    if (strcmp(word, "reject") == 0 && n >= 2)
        return answer(v, false, e);
    return err_set(e, ERR_USAGE, "approvals: expected list, approve ID or reject ID [REASON]");
}
