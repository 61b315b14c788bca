/* SPDX-License-Identifier: MIT
 *
 * prove: children and their log.
 */
#include "cli/prove.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "json/json.h"
#include "store/query.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MS = 20, OUTPUT_MAX = 16 << 20 };

/* ---- a place of its own ---- */

bool prove_open(struct prove *p, struct cancel *cancel, struct err *e)
{
    *p = (struct prove){.cancel = cancel, .child = {.pidfd = -1}, .out = {.max = OUTPUT_MAX}, .err = {.max = OUTPUT_MAX}};
    return place_open(&p->at, "prove", e);
}

static void kill_child(struct prove *p)
{
    struct err ignored = ERR_INIT;
    if (!p->runs)
        return;
    proc_signal_group(&p->child, SIGKILL);
    (void)!proc_reap(&p->child, &p->status, &ignored);
    p->runs = false;
}

void prove_close(struct prove *p, bool keep)
{
    kill_child(p);
    place_close(&p->at, keep);
    buf_free(&p->out);
    buf_free(&p->err);
    free(p->statuses.v);
}

bool prove_script(struct prove *p, const char *text, struct err *e)
{
    return fs_replace(p->at.script, str_of(text), 0600, e);
}

/* ---- children ---- */

static int open_in(const struct prove *p, const char *name, int flags)
{
    CLEANUP(mem_free_p) char *path = fs_join(p->at.dir, name);
    return open(path, flags | O_CLOEXEC, 0600);
}

/* Nothing of the caller's tau is in reach of the child: its home is the place. */
static char **child_env(const struct prove *p)
{
    static const char *const kept[] = {"PATH", "LANG", "LC_ALL", "TMPDIR"};
    char **env = mem_array(ARRAY_LEN(kept) + 8, sizeof(*env));
    size_t n = 0;
    env[n++] = mem_printf("HOME=%s", p->at.dir);
    env[n++] = mem_printf("XDG_CONFIG_HOME=%s/config", p->at.dir);
    env[n++] = mem_printf("XDG_STATE_HOME=%s/state", p->at.dir);
    env[n++] = mem_printf("XDG_CACHE_HOME=%s/cache", p->at.dir);
    env[n++] = mem_printf("XDG_RUNTIME_DIR=%s", p->at.dir);
    env[n++] = mem_strdup("TERM=dumb");
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (getenv(kept[i]))
            env[n++] = mem_printf("%s=%s", kept[i], getenv(kept[i]));
    return env;
}

static void free_env(char **env)
{
    for (size_t i = 0; env[i]; i++)
        free(env[i]);
    free(env);
}

static int64_t newest(struct prove *p);

bool prove_start(struct prove *p, const char *input, struct err *e, const char *arg, ...)
{
    const char *argv[PROVE_ARGS_MAX] = {"/proc/self/exe"};
    size_t n = 1;
    va_list ap;
    CLEANUP(mem_free_p) char *in_path = fs_join(p->at.dir, "in");
    va_start(ap, arg);
    for (const char *one = arg; one && n + 5 < ARRAY_LEN(argv); one = va_arg(ap, const char *))
        argv[n++] = one;
    va_end(ap);
    argv[n++] = "-C";
    argv[n++] = p->at.workspace;
    argv[n++] = "--store-dir";
    argv[n++] = p->at.store;
    if (!fs_replace(in_path, str_of(input), 0600, e))
        return false;
    CLEANUP(fd_close_p) int in = open_in(p, "in", O_RDONLY), out = -1, err = -1;
    out = open_in(p, "out", O_WRONLY | O_CREAT | O_TRUNC);
    err = open_in(p, "err", O_WRONLY | O_CREAT | O_TRUNC);
    char **env = child_env(p);
    struct proc_spec spec = {.argv = argv,
                             .envp = (const char *const *)env,
                             .cwd = p->at.workspace,
                             .fd = {{in, STDIN_FILENO}, {out, STDOUT_FILENO}, {err, STDERR_FILENO}},
                             .n_fd = 3,
                             .new_session = true};
    p->seq = newest(p);
    p->runs = in >= 0 && out >= 0 && err >= 0 ? proc_start(&p->child, &spec, e)
                                              : err_sys(e, ERR_IO, errno, "%s", p->at.dir);
    fd_close_p(&out);
    fd_close_p(&err);
    free_env(env);
    return p->runs;
}

static bool read_output(struct prove *p, const char *name, struct buf *to, struct err *e)
{
    CLEANUP(mem_free_p) char *path = fs_join(p->at.dir, name);
    buf_clear(to);
    return fs_read_file(path, to, e);
}

static bool stopped(struct err *e)
{
    return err_set(e, ERR_CANCELLED, "it was stopped");
}

bool prove_wait(struct prove *p, struct err *e)
{
    int status = 0;
    enum cancel_wait how = cancel_wait_fd(p->cancel, p->child.pidfd, POLLIN, clock_mono_ms() + PROVE_WAIT_MS);
    if (how != CANCEL_READY)
        kill_child(p);
    if (how == CANCEL_FIRED)
        return stopped(e);
    if (how == CANCEL_DEADLINE)
        return err_set(e, ERR_TIMEOUT, "tau did not end in %d s", PROVE_WAIT_MS / 1000);
    p->runs = false;
    if (!proc_reap(&p->child, &status, e))
        return false;
    p->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    VEC_PUSH(&p->statuses, p->status);
    return read_output(p, "out", &p->out, e) && read_output(p, "err", &p->err, e);
}

bool prove_status(struct prove *p, int wanted, struct err *e)
{
    return p->status == wanted ||
           err_set(e, ERR_INTERNAL, "tau ended with status %d instead of %d: %.200s", p->status, wanted,
                   buf_cstr(&p->err));
}

/* ---- the log ---- */

struct looking {
    const char *text;
    int n;
    int64_t seq; /* of the last that fits */
    struct buf *answer;
};

static bool ask(struct prove *p, struct qry_log_page *args, bool (*row)(void *arg, struct str json),
                struct looking *l)
{
    struct err ignored = ERR_INIT; /* there is no store yet, or it is being made */
    int64_t seq;
    struct querier *q = querier_open(p->at.store, NULL, &ignored);
    bool ok = q && querier_run(q, QRY_LOG_PAGE, args, NULL, row, l, &seq, &ignored);
    querier_close(q);
    return ok;
}

static bool take_seq(void *arg, struct str row)
{
    struct looking *l = arg;
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(row, &e);
    l->seq = json_i64(json_get(j, "seq"), l->seq);
    return true;
}

static int64_t newest(struct prove *p)
{
    struct looking l = {0};
    ask(p, &(struct qry_log_page){.before = INT64_MAX, .limit = 1}, take_seq, &l);
    return l.seq;
}

static bool take_match(void *arg, struct str row)
{
    struct looking *l = arg;
    if (str_find(row, str_of(l->text)) < 0)
        return true;
    l->n++;
    return take_seq(arg, row);
}

static int look(struct prove *p, const char *kind, const char *text, int64_t *ret)
{
    struct looking l = {.text = text};
    ask(p, &(struct qry_log_page){.after = p->seq, .kind = kind, .limit = 1000}, take_match, &l);
    if (ret && l.n > 0)
        *ret = l.seq;
    return l.n;
}

int prove_count(struct prove *p, const char *kind, const char *text)
{
    return look(p, kind, text, NULL);
}

bool prove_event(struct prove *p, const char *kind, const char *text, int64_t *ret, struct err *e)
{
    int64_t until = clock_mono_ms() + PROVE_WAIT_MS, seq = 0;
    while (look(p, kind, text, &seq) == 0) {
        if (clock_mono_ms() >= until)
            return err_set(e, ERR_TIMEOUT, "no %s with \"%s\" came into the log", kind, text);
        if (cancel_wait_fd(p->cancel, -1, 0, clock_mono_ms() + LOOK_MS) == CANCEL_FIRED)
            return stopped(e);
    }
    jsonw_put_i64(p->w, kind, seq);
    if (ret)
        *ret = seq;
    return true;
}

static bool take_answer(void *arg, struct str row)
{
    struct looking *l = arg;
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(row, &e);
    const struct json *data = json_get(json_get(j, "event"), "data");
    if (strcmp(json_cstr(json_get(data, "role"), ""), "assistant") != 0)
        return true;
    buf_clear(l->answer);
    for (const struct json *part = json_first(json_get(data, "content")); part; part = json_next(part))
        buf_str(l->answer, json_str(json_get(part, "text")));
    return true;
}

static struct str without_lf(struct str s)
{
    return str_ends(s, "\n") ? str_sub(s, 0, s.n - 1) : s;
}

bool prove_same(struct prove *p, struct err *e)
{
    CLEANUP(buf_free) struct buf answer = BUF_OWN;
    struct looking l = {.answer = &answer};
    ask(p, &(struct qry_log_page){.after = p->seq, .kind = "turn.message", .limit = 1000}, take_answer, &l);
    jsonw_put_str(p->w, "printed", buf_view(&p->out));
    return str_eq(without_lf(buf_view(&p->out)), without_lf(buf_view(&answer))) ||
           err_set(e, ERR_INTERNAL, "printed was \"%.100s\", and the log has \"%.100s\"", buf_cstr(&p->out),
                   buf_cstr(&answer));
}
