/* SPDX-License-Identifier: MIT
 *
 * cmd_onboard: from nothing to a model that answers: what there is, tried; a choice, written down; files in
 * which the operator speaks to a model; and a report. No key is ever written: the configuration says which
 * model, and its key stays in its variable or file. What exists is kept.
 */
#include "agent/prompt.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/proc.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/conf_edit.h"
#include "cli/onboard.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "json/jsonw.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ANSWER_MAX = 400, SCHEMA_VERSION = 1 };

struct onboarding {
    struct app app;
    const struct options *options;
    bool asks; /* somebody is there */
    bool first;
    offers offers;
    char model[200]; /* that is chosen */
    const char *reason, *action; /* why it; what became of the configuration */
    char *conf;
    bool identity;
    VEC(char *) made, kept; /* files and directories */
};

/* The report has what counts, so that it is no failure when nobody can read it here. */
static void say(const char *text)
{
    struct err lost = ERR_INIT;
    (void)!report_out(str_of(text), &lost);
}

/* A line, or its front; its rest is never the next one. False at the end of the input. */
static bool read_line(char ret[ANSWER_MAX], bool *ret_whole)
{
    size_t n = 0;
    int c;
    while ((c = getc(stdin)) != EOF && c != '\n') {
        if (n + 1 < ANSWER_MAX)
            ret[n] = (char)c;
        n++;
    }
    *ret_whole = n < ANSWER_MAX;
    ret[MIN(n, (size_t)ANSWER_MAX - 1)] = '\0';
    ret[strcspn(ret, "\r")] = '\0';
    return c != EOF || n > 0;
}

/* One that is too long is no answer, and asked for again. */
static bool answer(const char *question, char ret[ANSWER_MAX])
{
    bool whole;
    for (;;) {
        say(question);
        if (!read_line(ret, &whole))
            return false;
        if (whole)
            return true;
        CLEANUP(mem_free_p) char *limit = mem_printf("an answer has at most %d bytes\n", ANSWER_MAX - 1);
        say(limit);
    }
}

/* ---- the model ---- */

/* One that the operator chose before, in a file or a variable. */
static bool is_chosen(const struct onboarding *b)
{
    return config_winner(&b->app.config, SET_MODEL) > CONFIG_BUILTIN;
}

static void list_offers(struct onboarding *b)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    buf_puts(&text, "models that can be asked from here:\n   0  local/offline: rules, no language model; needs nothing\n");
    for (size_t i = 0; i < b->offers.n; i++) {
        const struct offer *o = &b->offers.v[i];
        const struct endpoint *at = endpoint(o->id);
        if (onboard_works(o))
            buf_printf(&text, "  %2zu  %s at %s%s%s\n", i + 1, o->model, at->base, at->key ? ", key in " : "",
                       at->key ? at->key_env : "");
        else
            buf_printf(&text, "   -  %s at %s: %s\n", at->name, at->base, o->why);
    }
    if (b->offers.n == 0)
        buf_puts(&text, "no key is set and no model server answers on this machine; `tau model list` names "
                        "the variables\n");
    say(buf_cstr(&text));
}

static const struct offer *best(const struct onboarding *b)
{
    for (size_t i = 0; i < b->offers.n; i++)
        if (onboard_works(&b->offers.v[i]))
            return &b->offers.v[i];
    return NULL;
}

static void take(struct onboarding *b, const char *model, const char *reason)
{
    snprintf(b->model, sizeof(b->model), "%.190s", model);
    b->reason = reason;
}

static void choose_model(struct onboarding *b)
{
    const struct offer *o = best(b);
    char text[ANSWER_MAX];
    int64_t n;
    if (is_chosen(b) && !b->options->value[OPT_REPAIR]) {
        take(b, config_str(&b->app.config, SET_MODEL), "kept");
        return;
    }
    take(b, o ? o->model : "local/offline", o ? "found" : b->offers.n ? "none_works" : "nothing_found");
    if (!b->asks)
        return;
    CLEANUP(mem_free_p) char *question = mem_printf("which one? a number, PROVIDER/MODEL, or Enter for %s: ", b->model);
    while (answer(question, text) && text[0]) {
        if (str_i64(str_of(text), &n) && n == 0) {
            take(b, "local/offline", "chosen");
            return;
        }
        if (str_i64(str_of(text), &n) && n > 0 && n <= (int64_t)b->offers.n && onboard_works(&b->offers.v[n - 1])) {
            take(b, b->offers.v[n - 1].model, "chosen");
            return;
        }
        if (endpoint_find(text) != ENDPOINT_COUNT && strchr(text, '/')) {
            take(b, text, "chosen");
            return;
        }
        say("that is none of them\n");
    }
}

static bool write_model(struct onboarding *b, struct err *e)
{
    bool same = strcmp(b->model, config_str(&b->app.config, SET_MODEL)) == 0;
    /* What is built in need not be said. */
    b->action = !same ? "written" : is_chosen(b) ? "kept" : "not_needed";
    if (!same)
        return conf_write(&b->app, SET_MODEL, b->model, &b->conf, e);
    b->conf = fs_join(b->app.config_dir, "tau.conf");
    return true;
}

/* ---- files ---- */

static const char *const templates[PROMPT_IDENTITIES] = {
    "# How you speak\n\nBriefly. Say what you did, what you saw, and what is open.\n",
    "# How work is done here\n\n- Build: \n- Test: \n- Before a change is done, run the tests.\n",
    "# For whom you work\n\n- Name: \n- Knows: \n- Wants to be asked about: \n",
};

static bool make_directory(struct onboarding *b, const char *path, struct err *e)
{
    bool there = fs_exists(path);
    if (!there && !fs_mkdirs(path, 0755, e))
        return false;
    char *copy = mem_strdup(path);
    if (there)
        VEC_PUSH(&b->kept, copy);
    else
        VEC_PUSH(&b->made, copy);
    return true;
}

static bool make_identity(struct onboarding *b, struct err *e)
{
    for (size_t i = 0; i < PROMPT_IDENTITIES; i++) {
        char *path = fs_join(b->app.workspace, prompt_identity_files[i]);
        struct stat st;
        bool there = lstat(path, &st) == 0; /* a link too: nothing is written through it */
        if (!there && !fs_replace(path, str_of(templates[i]), 0644, e)) {
            free(path);
            return false;
        }
        if (there)
            VEC_PUSH(&b->kept, path);
        else
            VEC_PUSH(&b->made, path);
    }
    return true;
}

static bool wants_identity(struct onboarding *b)
{
    char text[ANSWER_MAX];
    if (b->options->value[OPT_IDENTITY])
        return true;
    return b->asks &&
           answer("make files in which you tell a model how to work here? (.tau/SOUL.md, AGENTS.md, USER.md) y/N: ", text) &&
           (text[0] == 'y' || text[0] == 'Y');
}

/* ---- the report ---- */

static void put_paths(struct jsonw *w, const char *name, char *const *v, size_t n, bool directories)
{
    struct stat st;
    jsonw_key(w, name);
    jsonw_begin_array(w);
    for (size_t i = 0; i < n; i++)
        if (stat(v[i], &st) == 0 && S_ISDIR(st.st_mode) == directories)
            jsonw_cstr(w, v[i]);
    jsonw_end_array(w);
}

static void put_wizard(struct jsonw *w, const struct onboarding *b)
{
    const char *slash = strchr(b->model, '/');
    enum endpoint_id id = endpoint_find(b->model);
    jsonw_key(w, "wizard");
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "entrypoint", b->options->value[OPT_ONBOARD] ? "--onboard" : "tau onboard");
    jsonw_put_bool(w, "first_run_detected", b->first);
    jsonw_put_str(w, "selected_provider", str_make(b->model, slash ? (size_t)(slash - b->model) : strlen(b->model)));
    jsonw_put_cstr(w, "selected_auth_mode", id != ENDPOINT_COUNT && endpoint(id)->wants_key ? "api_key" : "none");
    jsonw_opt_cstr(w, "key_variable", id != ENDPOINT_COUNT && endpoint(id)->key ? endpoint(id)->key_env : NULL);
    jsonw_put_cstr(w, "selected_model", b->model);
    jsonw_put_cstr(w, "selected_workspace", b->app.workspace);
    jsonw_put_bool(w, "profile_repair_requested", b->options->value[OPT_REPAIR] != NULL);
    jsonw_put_bool(w, "identity_requested", b->identity);
    jsonw_key(w, "first_run_reason_codes");
    jsonw_begin_array(w);
    jsonw_cstr(w, b->first ? "no_user_configuration" : "user_configuration_exists");
    jsonw_end_array(w);
    jsonw_key(w, "reason_codes");
    jsonw_begin_array(w);
    jsonw_cstr(w, b->reason);
    jsonw_end_array(w);
    jsonw_end_object(w);
}

static void put_offers(struct jsonw *w, const struct onboarding *b)
{
    jsonw_key(w, "servers");
    jsonw_begin_array(w);
    for (size_t i = 0; i < b->offers.n; i++) {
        const struct offer *o = &b->offers.v[i];
        jsonw_begin_object(w);
        jsonw_put_cstr(w, "provider", endpoint(o->id)->name);
        jsonw_put_cstr(w, "address", endpoint(o->id)->base);
        jsonw_put_i64(w, "status", o->status);
        jsonw_opt_cstr(w, "model", o->model[0] ? o->model : NULL);
        jsonw_opt_cstr(w, "problem", o->why[0] ? o->why : NULL);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void put_identity(struct jsonw *w, const struct onboarding *b)
{
    size_t loaded = 0, missing = 0;
    CLEANUP(mem_free_p) char *root = fs_join(b->app.workspace, ".tau");
    jsonw_key(w, "identity_composition");
    jsonw_begin_object(w);
    jsonw_put_i64(w, "schema_version", SCHEMA_VERSION);
    jsonw_put_cstr(w, "tau_root", root);
    jsonw_key(w, "entries");
    jsonw_begin_array(w);
    for (size_t i = 0; i < PROMPT_IDENTITIES; i++) {
        CLEANUP(mem_free_p) char *path = fs_join(b->app.workspace, prompt_identity_files[i]);
        struct stat st;
        bool there = lstat(path, &st) == 0, good = there && S_ISREG(st.st_mode) && st.st_size > 0;
        const char *name = strrchr(path, '/') + 1;
        const char *status = good ? "loaded" : !there ? "missing" : S_ISREG(st.st_mode) ? "empty" : "invalid_type";
        CLEANUP(mem_free_p) char *key = mem_strdup(name);
        for (char *p = key; *p && (*p != '.' || (*p = '\0')); p++)
            *p = (char)tolower((unsigned char)*p);
        loaded += good;
        missing += !there;
        jsonw_begin_object(w);
        jsonw_put_cstr(w, "key", key);
        jsonw_put_cstr(w, "file_name", name);
        jsonw_put_cstr(w, "path", path);
        jsonw_put_cstr(w, "status", status);
        CLEANUP(mem_free_p) char *code = mem_printf("identity_file_%s", status);
        jsonw_put_cstr(w, "reason_code", code);
        jsonw_put_i64(w, "bytes", good ? (int64_t)st.st_size : 0);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    jsonw_put_i64(w, "loaded_count", (int64_t)loaded);
    jsonw_put_i64(w, "missing_count", (int64_t)missing);
    jsonw_put_i64(w, "skipped_count", (int64_t)(PROMPT_IDENTITIES - loaded - missing));
    jsonw_end_object(w);
}

static void put_bootstrap(struct jsonw *w, const struct onboarding *b)
{
    jsonw_key(w, "identity_bootstrap");
    jsonw_begin_object(w);
    jsonw_put_bool(w, "requested", b->identity);
    put_paths(w, "files_created", b->made.v, b->made.n, false);
    put_paths(w, "files_existing", b->kept.v, b->kept.n, false);
    jsonw_end_object(w);
}

/* The programs that tau runs by their names. */
static void put_executables(struct jsonw *w)
{
    static const struct {
        const char *integration, *executable;
        bool required;
    } rows[] = {{"shell", "bash", true}, {"changes", "git", false}, {"sandbox", "bwrap", false}};
    jsonw_key(w, "executable_checks");
    jsonw_begin_array(w);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        jsonw_begin_object(w);
        jsonw_put_cstr(w, "integration", rows[i].integration);
        jsonw_put_cstr(w, "executable", rows[i].executable);
        jsonw_put_bool(w, "available", proc_find(rows[i].executable));
        jsonw_put_bool(w, "required", rows[i].required);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static const char *next_step(const struct onboarding *b)
{
    if (strcmp(b->reason, "none_works") == 0)
        return "tau, and ask it for help; a real model: mend what is said of it above, and run tau onboard again";
    if (strcmp(b->model, "local/offline") == 0)
        return "tau, and ask it for help; a real model: set its key (tau model list) and run tau onboard again";
    return "tau, or tau -p \"summarize README.md\"";
}

static bool write_report(struct onboarding *b, const char *path, struct err *e)
{
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    struct jsonw w = JSONW(&out);
    CLEANUP(mem_free_p) char *root = fs_join(b->app.workspace, ".tau");
    jsonw_begin_object(&w);
    jsonw_put_i64(&w, "schema_version", SCHEMA_VERSION);
    jsonw_put_i64(&w, "generated_at_ms", clock_wall_ms());
    jsonw_put_cstr(&w, "mode", b->asks ? "interactive" : "non-interactive");
    jsonw_put_cstr(&w, "tau_root", root);
    jsonw_put_cstr(&w, "profile_name", "default");
    jsonw_put_cstr(&w, "profile_store_path", b->conf);
    jsonw_put_cstr(&w, "profile_store_action", b->action);
    put_paths(&w, "directories_created", b->made.v, b->made.n, true);
    put_paths(&w, "directories_existing", b->kept.v, b->kept.n, true);
    put_paths(&w, "files_created", b->made.v, b->made.n, false);
    put_paths(&w, "files_existing", b->kept.v, b->kept.n, false);
    put_executables(&w);
    put_offers(&w, b);
    put_wizard(&w, b);
    put_bootstrap(&w, b);
    put_identity(&w, b);
    jsonw_key(&w, "next_steps");
    jsonw_begin_array(&w);
    jsonw_cstr(&w, next_step(b));
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    buf_putc(&out, '\n');
    return fs_replace(path, buf_view(&out), 0600, e);
}

static void summary(const struct onboarding *b, const char *report)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    buf_printf(&text, "onboarding complete: mode=%s profile=default report=%s\n", b->asks ? "interactive" : "non-interactive", report);
    if (strcmp(b->action, "not_needed") == 0)
        buf_printf(&text, "model: %s (%s; it is built in, and nothing was written)\n", b->model, b->reason);
    else
        buf_printf(&text, "model: %s (%s, %s in %s)\n", b->model, b->reason, b->action, b->conf);
    for (size_t i = 0; i < b->made.n; i++)
        buf_printf(&text, "made: %s\n", b->made.v[i]);
    for (size_t i = 0; i < b->kept.n; i++)
        buf_printf(&text, "kept: %s\n", b->kept.v[i]);
    if (b->identity)
        buf_printf(&text, "a model reads .tau/*.md once you trust this directory: tau policy trust yes\n");
    buf_printf(&text, "next: %s\n", next_step(b));
    say(buf_cstr(&text));
}

/* ---- */

static bool onboard(struct onboarding *b, struct err *e)
{
    CLEANUP(mem_free_p) char *root = fs_join(b->app.workspace, ".tau"), *reports = fs_join(root, "reports");
    CLEANUP(mem_free_p) char *conf = fs_join(b->app.config_dir, "tau.conf");
    CLEANUP(mem_free_p) char *report = mem_printf("%s/onboarding-%lld.json", reports, (long long)clock_wall_ms());
    struct stat st;
    if (lstat(root, &st) == 0 && !S_ISDIR(st.st_mode)) {
        err_set(e, ERR_INVALID, "%s is no directory", root);
        return err_hint(e, "tau writes its report there, and through no link: move it away");
    }
    b->first = !fs_exists(conf);
    say("looking for keys and model servers ...\n");
    onboard_look(&b->offers);
    list_offers(b);
    choose_model(b);
    if (!write_model(b, e) || !make_directory(b, root, e) || !make_directory(b, reports, e))
        return false;
    b->identity = wants_identity(b);
    if ((b->identity && !make_identity(b, e)) || !write_report(b, report, e))
        return false;
    summary(b, report);
    return true;
}

int cmd_onboard(const struct options *o)
{
    struct onboarding b = {.options = o};
    struct err e = ERR_INIT;
    signals_end_us();
    b.asks = !o->value[OPT_ONBOARD_SILENT] && isatty(STDIN_FILENO);
    bool ok = app_open(&b.app, o, &e) && onboard(&b, &e);
    if (!ok)
        report(&e);
    for (size_t i = 0; i < b.made.n; i++)
        free(b.made.v[i]);
    for (size_t i = 0; i < b.kept.n; i++)
        free(b.kept.v[i]);
    free(b.made.v);
    free(b.kept.v);
    free(b.offers.v);
    free(b.conf);
    app_close(&b.app);
    return ok ? 0 : err_code_exit(e.code);
}
