/* SPDX-License-Identifier: MIT
 *
 * verb_doctor: what tau needs and has here, check by check, each with what to do when it is not well.
 * Nothing is changed; a server is asked only with --online.
 */
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/secret.h"
#include "cli/app.h"
#include "cli/verb.h"
#include "json/jsonw.h"
#include "model/endpoint.h"
#include "model/provider.h"
#include "net/net.h"
#include "policy/sandbox.h"
#include "store/query.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { FREE_WARN_MB = 256, FREE_FAIL_MB = 16, ONLINE_MS = 10000 };

enum health { HEALTH_PASS, HEALTH_WARN, HEALTH_FAIL };
static const char *const health_names[] = {"pass", "warn", "fail"};

struct finding {
    const char *key;
    enum health health;
    const char *code; /* short, for programs */
    char *path, *text, *action;
};

struct doctor {
    const struct app *app;
    bool online;
    VEC(struct finding) all;
    size_t n[3];
};

/* ---- findings ---- */

static struct finding *find(struct doctor *d, const char *key, enum health health, const char *code)
{
    VEC_PUSH(&d->all, ((struct finding){.key = key, .health = health, .code = code}));
    d->n[health]++;
    return &d->all.v[d->all.n - 1];
}

static void say(struct finding *f, char *text, char *action)
{
    f->text = text;
    f->action = action;
}

/* ---- checks ---- */

static void check_config(struct doctor *d)
{
    const char *problems = d->app->config.problems;
    struct finding *f = find(d, "config", problems ? HEALTH_WARN : HEALTH_PASS, problems ? "bad_lines" : "ok");
    f->path = mem_printf("%s/tau.conf", d->app->config_dir);
    if (!problems) {
        say(f, mem_strdup("every line is understood"), NULL);
        return;
    }
    struct str rest = str_of(problems), line;
    size_t n = 0;
    while (str_line(&rest, &line))
        n += line.n > 0;
    rest = str_of(problems);
    (void)str_line(&rest, &line);
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    buf_count(&lines, (int64_t)n, "line");
    say(f, mem_printf("%s %s not understood and passed over: %.*s", buf_cstr(&lines), n == 1 ? "is" : "are", STR_ARG(line)),
        mem_strdup("correct them; tau config show says what holds"));
}

static void check_directory(struct doctor *d, const char *key, const char *path, bool ours)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        struct finding *f = find(d, key, ours ? HEALTH_PASS : HEALTH_FAIL, ours ? "missing_will_create" : "missing");
        f->path = mem_strdup(path);
        say(f, mem_strdup(ours ? "not there yet; tau makes it" : "it is not there"), ours ? NULL : mem_strdup("make it, or name another: -C DIR"));
        return;
    }
    bool writable = access(path, W_OK | X_OK) == 0, wide = ours && (st.st_mode & 077) != 0;
    struct finding *f = find(d, key, !writable && ours ? HEALTH_FAIL : !writable || wide ? HEALTH_WARN : HEALTH_PASS,
                             !writable ? "not_writable" : wide ? "open_to_others" : "ok");
    f->path = mem_strdup(path);
    if (!writable)
        say(f, mem_strdup("it can not be written"), mem_printf("chmod u+rwx %s, or make it yours", path));
    else if (wide)
        say(f, mem_printf("others can look into it (mode %o)", st.st_mode & 0777), mem_printf("chmod 700 %s", path));
    else
        say(f, mem_strdup("it can be written"), NULL);
}

static void check_space(struct doctor *d)
{
    struct statvfs v;
    CLEANUP(mem_free_p) char *path = mem_strdup(d->app->state_dir);
    for (char *slash; !fs_exists(path) && (slash = strrchr(path, '/')) && slash != path;)
        *slash = '\0';
    if (statvfs(path, &v) != 0)
        return;
    uint64_t mb = (uint64_t)v.f_bavail * v.f_frsize >> 20;
    enum health h = mb < FREE_FAIL_MB ? HEALTH_FAIL : mb < FREE_WARN_MB ? HEALTH_WARN : HEALTH_PASS;
    struct finding *f = find(d, "space", h, h == HEALTH_PASS ? "ok" : "low");
    f->path = mem_strdup(path);
    say(f, mem_printf("%llu MiB are free", (unsigned long long)mb),
        h == HEALTH_PASS ? NULL : mem_strdup("make room: tau clean, tau session prune --yes"));
}

static void check_store(struct doctor *d)
{
    CLEANUP(mem_free_p) char *db = fs_join(d->app->state_dir, "tau.db");
    struct err e = ERR_INIT;
    bool current = true;
    if (!fs_exists(db)) {
        struct finding *f = find(d, "store", HEALTH_PASS, "missing_will_create");
        f->path = mem_strdup(db);
        say(f, mem_strdup("not there yet: tau has not worked here"), NULL);
        return;
    }
    struct querier *q = querier_open(d->app->state_dir, NULL, &e);
    bool ok = q && querier_current(q, &current, &e);
    querier_close(q);
    struct finding *f = find(d, "store", ok ? HEALTH_PASS : HEALTH_FAIL, ok ? current ? "ok" : "older" : "can_not_be_read");
    f->path = mem_strdup(db);
    if (!ok)
        say(f, mem_printf("it can not be read: %s", e.message), mem_strdup("tau session repair"));
    else
        say(f, mem_strdup(current ? "it can be read" : "an older tau left it; it is brought up to date at the next start"),
            NULL);
}

static void check_model(struct doctor *d)
{
    const char *model = config_str(&d->app->config, SET_MODEL), *name;
    struct err e = ERR_INIT;
    enum endpoint_id id = endpoint_find(model);
    bool known = provider_find(model, &name, &e) != NULL &&
                 (d->app->core || app_endpoint(d->app, &e)); /* a core has done it */
    const struct endpoint *at = id != ENDPOINT_COUNT ? endpoint(id) : NULL;
    if (!known || (at && at->wrong)) {
        struct finding *f = find(d, "model", HEALTH_FAIL, known ? "bad_variable" : "unusable");
        say(f, known ? mem_printf("%s: %s holds no address or key", model, at->wrong)
                     : mem_printf("%s: %s", model, e.message),
            mem_strdup(known ? "correct the variable" : "tau model list says which there are; tau config set model.default NAME"));
        return;
    }
    if (at && at->wants_key && !at->key) {
        struct finding *f = find(d, "model", HEALTH_FAIL, "key_missing");
        say(f, mem_printf("%s wants a key, and there is none", model),
            mem_printf("export %s=..., or tau config set model.key_file FILE", at->key_env));
        return;
    }
    struct finding *f = find(d, "model", HEALTH_PASS, "ok");
    say(f, at ? mem_printf("%s at %s%s", model, at->base, at->key ? ", with a key" : ", without a key")
              : mem_printf("%s needs no server and no key", model),
        NULL);
}

static void check_server(struct doctor *d)
{
    enum endpoint_id id = endpoint_find(config_str(&d->app->config, SET_MODEL));
    struct err e = ERR_INIT;
    struct str bytes;
    if (!d->online || id == ENDPOINT_COUNT)
        return;
    CLEANUP(mem_free_p) char *url = mem_printf("%s/models", endpoint(id)->base);
    CLEANUP(mem_free_p)
    char *header = endpoint(id)->key ? mem_printf("Authorization: Bearer %s", endpoint(id)->key) : NULL;
    const char *const headers[] = {header};
    struct net_request request = {.url = url,
                                  .headers = headers,
                                  .n_headers = header ? 1 : 0,
                                  .connect_ms = ONLINE_MS,
                                  .wait_ms = ONLINE_MS,
                                  .deadline_ms = clock_mono_ms() + ONLINE_MS};
    struct net_stream *s = net_open(&request, &e);
    int status = 0;
    bool ok = s != NULL;
    while (ok && (ok = net_read(s, &bytes, &e)) && bytes.p && status == 0)
        status = net_status(s);
    if (s && status == 0)
        status = net_status(s);
    net_close(s);
    bool refused = status == 401 || status == 403;
    struct finding *f = find(d, "server", status == 0 ? HEALTH_FAIL : refused ? HEALTH_FAIL : status < 500 ? HEALTH_PASS : HEALTH_WARN,
                             status == 0 ? "unreachable" : refused ? "key_refused" : status < 500 ? "ok" : "failing");
    f->path = TAKE(url);
    say(f, status ? mem_printf("it answered with status %d", status) : mem_printf("it can not be reached: %s", e.message),
        refused                            ? mem_printf("look at the key in %s", endpoint(id)->key_env)
        : status == 0 || status >= 500 ? mem_strdup("is the address right, the network there, the server up?")
                                           : NULL);
    if (header)
        secret_wipe(header);
}

static void check_sandbox(struct doctor *d)
{
    const struct sandbox_caps *c = sandbox_probe();
    struct finding *f = find(d, "sandbox", c->best == SANDBOX_BWRAP ? HEALTH_PASS : HEALTH_WARN,
                             sandbox_level_name(c->best));
    if (c->best == SANDBOX_BWRAP)
        say(f, mem_printf("bubblewrap%s", c->landlock_abi ? " and Landlock" : ""), NULL);
    else
        say(f, mem_printf("commands get %s: %s", c->best == SANDBOX_LANDLOCK ? "Landlock alone" : "no sandbox", c->why_not_bwrap),
            mem_strdup("install bubblewrap, and let it make user namespaces"));
}

static void check_program(struct doctor *d, const char *key, const char *name, const char *lost)
{
    const char *const argv[] = {name, "--version", NULL};
    CLEANUP(buf_free) struct buf out = {.max = 4096};
    struct err e = ERR_INIT;
    int status = -1;
    bool ok = proc_run(&(struct proc_spec){.argv = argv}, &out, ONLINE_MS, NULL, &status, &e) && status == 0;
    struct finding *f = find(d, key, ok ? HEALTH_PASS : HEALTH_WARN, ok ? "ok" : "missing");
    struct str all = buf_view(&out), line = {0};
    if (ok && str_line(&all, &line))
        say(f, mem_strndup(line.p, MIN(line.n, (size_t)60)), NULL);
    else
        say(f, mem_printf("%s is not there: %s", name, lost), mem_printf("install %s", name));
}

static void check_terminal(struct doctor *d)
{
    const char *term = getenv("TERM"), *charset = nl_langinfo(CODESET);
    bool screen = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
    bool utf8 = strcmp(charset, "UTF-8") == 0;
    struct finding *f = find(d, "terminal", utf8 ? HEALTH_PASS : HEALTH_WARN, utf8 ? screen ? "ok" : "line_mode" : "no_utf8");
    say(f, mem_printf("%s, %s%s", term ? term : "none", charset, screen ? "" : "; tau is in line mode here"),
        utf8 ? NULL : mem_strdup("export LC_ALL=C.UTF-8"));
}

static void check_secret(struct doctor *d, const char *key, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return;
    bool wide = (st.st_mode & 077) != 0;
    struct finding *f = find(d, key, wide ? HEALTH_FAIL : HEALTH_PASS, wide ? "open_to_others" : "ok");
    f->path = mem_strdup(path);
    say(f, wide ? mem_printf("others can read it (mode %o)", st.st_mode & 0777) : mem_strdup("only you can read it"),
        wide ? mem_printf("chmod 600 %s", path) : NULL);
}

static void check_all(struct doctor *d)
{
    CLEANUP(mem_free_p) char *token = fs_join(d->app->state_dir, "gateway.token");
    check_config(d);
    check_directory(d, "workspace", d->app->workspace, false);
    check_directory(d, "state", d->app->state_dir, true);
    check_directory(d, "configuration", d->app->config_dir, true);
    check_space(d);
    check_store(d);
    check_model(d);
    check_server(d);
    check_sandbox(d);
    check_program(d, "git", "git", "what changed, and diffs of commits, can not be told");
    check_program(d, "shell", "bash", "commands run in sh");
    check_terminal(d);
    check_secret(d, "gateway_token", token);
    if (config_str(&d->app->config, SET_KEY_FILE)[0])
        check_secret(d, "key_file", config_str(&d->app->config, SET_KEY_FILE));
}

/* ---- telling ---- */

static void write_text(const struct doctor *d, struct buf *out)
{
    buf_printf(out, "doctor summary: checks=%zu pass=%zu warn=%zu fail=%zu\n", d->all.n, d->n[HEALTH_PASS],
               d->n[HEALTH_WARN], d->n[HEALTH_FAIL]);
    for (size_t i = 0; i < d->all.n; i++) {
        const struct finding *f = &d->all.v[i];
        buf_printf(out, "%s  %-14s %s%s%s%s\n", health_names[f->health], f->key, f->text, f->path ? " (" : "",
                   f->path ? f->path : "", f->path ? ")" : "");
        if (f->action)
            buf_printf(out, "      %-14s do: %s\n", "", f->action);
    }
}

static void write_json(const struct doctor *d, struct buf *out)
{
    struct jsonw w = JSONW(out);
    jsonw_begin_object(&w);
    jsonw_key(&w, "summary");
    jsonw_begin_object(&w);
    jsonw_put_i64(&w, "checks", (int64_t)d->all.n);
    for (int i = 0; i < 3; i++)
        jsonw_put_i64(&w, health_names[i], (int64_t)d->n[i]);
    jsonw_end_object(&w);
    jsonw_key(&w, "checks");
    jsonw_begin_array(&w);
    for (size_t i = 0; i < d->all.n; i++) {
        const struct finding *f = &d->all.v[i];
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "key", f->key);
        jsonw_put_cstr(&w, "status", health_names[f->health]);
        jsonw_put_cstr(&w, "code", f->code);
        jsonw_put_cstr(&w, "text", f->text);
        jsonw_opt_cstr(&w, "path", f->path);
        jsonw_opt_cstr(&w, "action", f->action);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    buf_putc(out, '\n');
}

bool verb_doctor(struct verb *v, struct err *e)
{
    struct doctor d = {.app = v->app, .online = v->options->value[OPT_ONLINE] != NULL};
    check_all(&d);
    if (v->json)
        write_json(&d, v->out);
    else
        write_text(&d, v->out);
    for (size_t i = 0; i < d.all.n; i++) {
        free(d.all.v[i].path);
        free(d.all.v[i].text);
        free(d.all.v[i].action);
    }
    free(d.all.v);
    return d.n[HEALTH_FAIL] == 0 ||
           err_set(e, ERR_UNHEALTHY, "%zu of %zu checks fail", d.n[HEALTH_FAIL], d.all.n);
}
