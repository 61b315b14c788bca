/* SPDX-License-Identifier: MIT
 *
 * verb: the table, the two ways in, and what verbs share.
 */
#include "cli/verb.h"

#include "base/fs.h"
#include "base/mem.h"
#include "cli/help.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "store/query.h"
#include "text/argv.h"
#include "text/fuzzy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    enum verb_id verb;
    bool (*run)(struct verb *v, struct err *e); /* NULL: this command is no verb */
} verbs[CMD_COUNT] = {
#define VERB(id, lc, words, name, args, min, max, how, help) [CMD_##id] = {VERB_##id, verb_##lc},
#include "contract/verbs.def"
#undef VERB
};

static const enum command_id commands[VERB_COUNT] = {
#define VERB(id, lc, words, name, args, min, max, how, help) [VERB_##id] = CMD_##id,
#include "contract/verbs.def"
#undef VERB
};

static const struct verb_desc *desc(enum command_id id)
{
    return &verb_table[verbs[id].verb];
}

/* ---- reading without a core ---- */

struct still {
    struct querier *querier; /* NULL: there is no store */
    struct err broken;       /* it can not be opened: told to the verb that reads it */
};

static bool still_query(void *ctx, const char *name, struct str arguments, struct cancel *cancel,
                        bool (*row)(void *arg, struct str json), void *arg, int64_t *ret_seq,
                        struct err *e)
{
    struct still *s = ctx;
    int64_t seq = 0;
    if (s->broken.code != ERR_NONE) {
        *e = s->broken;
        return false;
    }
    bool ok = s->querier ? querier_ask(s->querier, name, arguments, cancel, row, arg, &seq, e)
                         : query_find(str_of(name)) != QRY_COUNT ||
                               err_set(e, ERR_NOT_FOUND, "there is no query '%s'", name);
    if (ok && ret_seq)
        *ret_seq = seq;
    return ok;
}

/* A workspace that tau never worked in has no store, and that is no error. *ret_old: an older tau left
 * it, and a core must bring it up to date before it can be read. */
static bool open_still(const struct app *a, struct still *s, bool *ret_old, struct err *e)
{
    CLEANUP(mem_free_p) char *db = fs_join(a->state_dir, "tau.db");
    bool current = true;
    if (!fs_exists(db))
        return true;
    s->querier = querier_open(a->state_dir, NULL, e);
    if (!s->querier || !querier_current(s->querier, &current, e))
        return false;
    *ret_old = !current;
    return true;
}

static bool open_core(struct app *a, struct verb *v, struct err *e)
{
    if (!app_policy(a, false, e) || !app_core(a, "command", false, e))
        return false;
    v->reader = core_reader(a->core);
    v->actor = core_actor(a->core);
    return true;
}

/* ---- the command line ---- */

static bool print(const struct verb *v, struct err *e)
{
    return v->json ? report_json(buf_view(v->out), e) : report_out(buf_view(v->out), e);
}

static bool confirmed(const struct verb *v, struct err *e)
{
    enum command_id id = v->options->command;
    if (desc(id)->how != VERB_CONFIRMS || v->options->value[OPT_YES])
        return true;
    err_set(e, ERR_USAGE, "%s: %s; this wants a yes", desc(id)->words, desc(id)->help);
    return err_hint(e, "say it again with --yes");
}

int verb_run(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct err lost = ERR_INIT;
    struct still still = {.broken = ERR_INIT};
    struct buf out = BUF_INIT(VERB_OUTPUT_MAX);
    struct verb v = {.options = o,
                     .app = &a,
                     .reader = {still_query, &still},
                     .who = {"operator", ROLE_ADMIN},
                     .out = &out,
                     .json = o->value[OPT_JSON] != NULL};
    enum verb_how how = desc(o->command)->how;
    bool old = false, reads = how == VERB_READS || how == VERB_RULES;
    struct signals_watch watch = {.fd = -1};
    if (reads)
        signals_end_us(); /* nothing is lost, and much may be read */
    bool ok = (reads || signals_watch_begin(&watch, &e)) && confirmed(&v, &e) && app_open(&a, o, &e) && (how != VERB_RULES || app_policy(&a, true, &e));
    v.cancel = watch.fired;
    /* A verb that reads no store can do without a good one. */
    if (ok && reads && !open_still(&a, &still, &old, &still.broken))
        old = false;
    if (ok && ((!reads && how != VERB_TIDIES) || old))
        ok = open_core(&a, &v, &e);
    ok = ok && verbs[o->command].run(&v, &e);
    if (!buf_ok(&out) && ok)
        ok = err_set(&e, ERR_TOO_LARGE, "the answer is larger than %d MiB", VERB_OUTPUT_MAX >> 20);
    if (!print(&v, &lost) && ok) {
        e = lost;
        ok = false;
    }
    if (!ok)
        report(&e);
    querier_close(still.querier);
    buf_free(&out);
    app_close(&a);
    (void)signals_watch_end(&watch); /* what was stopped has said so */
    return ok ? 0 : err_code_exit(e.code);
}

/* ---- a line ---- */

/* The verb that a line begins with; CMD_COUNT: none. *ret_rest: what follows. */
static enum command_id find(struct str line, struct str *ret_rest)
{
    line = str_trim(line);
    ssize_t blank = str_index(line, ' ');
    size_t n = blank < 0 ? line.n : (size_t)blank;
    enum verb_id id = verb_of_words(line, ret_rest);
    if (id == VERB_COUNT) {
        id = verb_of_name(str_sub(line, 0, n));
        *ret_rest = str_trim(str_sub(line, n, line.n));
    }
    return id == VERB_COUNT ? CMD_COUNT : commands[id];
}

bool verb_is(struct str prompt)
{
    struct str line = str_trim(prompt), rest;
    return str_starts(line, "/") && str_index(line, '\n') < 0 &&
           find(str_sub(line, 1, line.n), &rest) != CMD_COUNT;
}

size_t verb_names(const char **ret, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < VERB_COUNT && n < max; i++)
        ret[n++] = verb_table[i].name;
    for (size_t i = 0; i < verb_aliases_n && n < max; i++)
        ret[n++] = verb_aliases[i].name;
    return n;
}

bool verb_help(struct buf *out, const char *name)
{
    enum verb_id one = name[0] ? verb_of_name(str_of(name)) : VERB_COUNT;
    if (one != VERB_COUNT)
        help_command(out, commands[one]);
    for (size_t i = 0; i < VERB_COUNT && !name[0]; i++)
        buf_printf(out, "  /%s %s  %s\n", verb_table[i].name, verb_table[i].arguments, verb_table[i].help);
    for (size_t i = 0; i < verb_aliases_n && !name[0]; i++)
        buf_printf(out, "  /%s  as /%s\n", verb_aliases[i].name, verb_table[verb_aliases[i].verb].name);
    return one != VERB_COUNT || !name[0];
}

static bool unknown(struct str name, struct err *e)
{
    const char *names[VERB_NAMES_MAX];
    size_t n = verb_names(names, VERB_NAMES_MAX);
    err_set(e, ERR_USAGE, "there is no command '%.*s'", STR_ARG(str_sub(name, 0, 80)));
    return fuzzy_hint(e, name, names, n, "", "help lists them");
}

/* The options of a line, in the arena. */
static bool parse_line(struct str line, struct arena *a, struct options *ret, struct err *e)
{
    struct str rest, word = {0}, left = str_trim(line);
    enum command_id id = find(line, &rest);
    struct argv *words = ARENA_NEW(a, struct argv);
    if (id == CMD_COUNT)
        return unknown(str_split(&left, ' ', &word) ? word : STR(""), e);
    CLEANUP(mem_free_p) char *text = mem_printf("tau %s %.*s", desc(id)->words, STR_ARG(rest));
    return argv_split(str_of(text), a, words, e) &&
           options_parse_verb(ret, (int)words->n, words->v, e);
}

int verb_run_prompt(const struct options *o, struct str prompt)
{
    struct arena a = ARENA_INIT;
    struct err e = ERR_INIT;
    struct options of;
    struct str line = str_trim(prompt);
    int status;
    if (parse_line(str_sub(line, 1, line.n), &a, &of, &e)) {
        of.value[OPT_DIRECTORY] = o->value[OPT_DIRECTORY];
        of.value[OPT_STORE_DIR] = o->value[OPT_STORE_DIR];
        status = verb_run(&of);
    } else {
        report(&e);
        status = err_code_exit(e.code);
    }
    arena_free(&a);
    return status;
}

bool verb_line(struct verb *v, struct str line, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct options o;
    bool ok = parse_line(line, &a, &o, e);
    if (ok) {
        enum command_id id = o.command;
        v->options = &o;
        v->json = o.value[OPT_JSON] != NULL;
        ok = confirmed(v, e) && verbs[id].run(v, e);
        if (ok && !buf_ok(v->out))
            ok = err_set(e, ERR_TOO_LARGE, "the answer is larger than %d MiB",
                         VERB_OUTPUT_MAX >> 20);
    }
    v->options = NULL;
    arena_free(&a);
    return ok;
}

/* ---- for verbs ---- */

const char *verb_arg(const struct verb *v, int i)
{
    return i < v->options->n_args ? v->options->args[i] : NULL;
}

const char *verb_rest(const struct verb *v, int i, struct arena *a)
{
    struct buf b = BUF_OWN;
    for (int k = i; k < v->options->n_args; k++)
        buf_printf(&b, "%s%s", k > i ? " " : "", v->options->args[k]);
    const char *text = i < v->options->n_args ? arena_strndup(a, buf_cstr(&b), b.len) : NULL;
    buf_free(&b);
    return text;
}

bool verb_number(const struct verb *v, enum option_id id, int64_t *ret, struct err *e)
{
    const char *text = v->options->value[id];
    int64_t n;
    if (!text)
        return true;
    if (!str_i64(str_of(text), &n) || n < 0)
        return err_set(e, ERR_USAGE, "--%s: expected a number, got '%.80s'", option_table[id].name,
                       text);
    *ret = n;
    return true;
}

struct rows {
    struct verb *v;
    bool (*row)(struct verb *v, const struct json *row, void *arg);
    void *arg;
    size_t n;
    struct err *e;
    bool raw; /* as they are, to v->out */
    bool failed;
};

static bool take_row(void *arg, struct str text)
{
    struct rows *r = arg;
    r->n++;
    if (r->raw) {
        buf_str(r->v->out, text);
        buf_putc(r->v->out, '\n');
        return buf_ok(r->v->out);
    }
    CLEANUP(json_free_p) struct json *j = json_parse(text, r->e);
    r->failed = !j;
    return j && r->row(r->v, j, r->arg) && buf_ok(r->v->out);
}

static bool run_query(struct rows *rows, enum query_id id, const void *args, size_t *ret_n,
                      struct err *e)
{
    const struct verb *v = rows->v;
    struct buf text = BUF_OWN;
    struct jsonw w = JSONW(&text);
    field_write_object(&query_table[id].args, &w, args);
    bool ok = v->reader.query(v->reader.ctx, query_table[id].name, buf_view(&text), v->cancel,
                              take_row, rows, NULL, e) &&
              !rows->failed;
    buf_free(&text);
    if (ret_n)
        *ret_n = rows->n;
    return ok;
}

bool verb_rows(struct verb *v, enum query_id id, const void *args,
               bool (*row)(struct verb *v, const struct json *row, void *arg), void *arg,
               size_t *ret_n, struct err *e)
{
    struct rows rows = {.v = v, .row = row, .arg = arg, .e = e, .raw = v->json};
    return run_query(&rows, id, args, ret_n, e);
}

bool verb_read(struct verb *v, enum query_id id, const void *args,
               bool (*row)(struct verb *v, const struct json *row, void *arg), void *arg,
               size_t *ret_n, struct err *e)
{
    struct rows rows = {.v = v, .row = row, .arg = arg, .e = e};
    return run_query(&rows, id, args, ret_n, e);
}

bool verb_act(struct verb *v, enum action_id id, const void *args, char *ret_id, struct err *e)
{
    struct action_answer answer;
    struct buf text = BUF_OWN;
    struct jsonw w = JSONW(&text);
    field_write_object(&action_table[id].set, &w, args);
    v->actor.submit_wait(v->actor.ctx, action_table[id].name, buf_view(&text), &v->who, &answer);
    buf_free(&text);
    if (!answer.accepted) {
        *e = answer.err;
        return false;
    }
    if (ret_id)
        memcpy(ret_id, answer.id, ID_MAX);
    return true;
}

struct found {
    char *id, *name;
    bool hit;
};

static bool take_session(struct verb *v, const struct json *row, void *arg)
{
    struct found *f = arg;
    (void)v;
    f->hit = true;
    if (f->id)
        snprintf(f->id, ID_MAX, "%s", json_cstr(json_get(row, "id"), ""));
    if (f->name)
        snprintf(f->name, VERB_NAME_MAX, "%s", json_cstr(json_get(row, "name"), ""));
    return false;
}

bool verb_session(struct verb *v, const char *id_or_name, char *ret_id, char *ret_name,
                  struct err *e)
{
    struct found f = {ret_id, ret_name, false};
    struct qry_session_get args = {.session = id_or_name ? id_or_name : v->session};
    bool ok = verb_read(v, QRY_SESSION_GET, &args, take_session, &f, NULL, e);
    if (!ok || f.hit)
        return ok;
    if (id_or_name)
        return err_set(e, ERR_NOT_FOUND, "there is no session '%.100s' here", id_or_name) ||
               err_hint(e, "tau session list lists them");
    return err_set(e, ERR_NOT_FOUND, "there is no session here") ||
           err_hint(e, "one begins with the first question: tau -p TEXT, or tau");
}
