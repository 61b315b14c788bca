/* SPDX-License-Identifier: MIT
 *
 * cmd_up: the gateway in the background: up, asked how it is, and down. Its process is known by a file in
 * the state directory, and believed only when it answers at its socket.
 */
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/secret.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/peer.h"
#include "cli/report.h"
#include "cli/serving.h"
#include "cli/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READY_MS = 10000, DOWN_MS = 15000, LOOK_MS = 20, LOG_TAIL = 4096 };

/* ---- the process ---- */

static char *pid_path(const struct app *a)
{
    return fs_join(a->state_dir, "up.pid");
}

/* Its number when it answers; 0. *ret_socket is the caller's. */
static long running(const struct app *a, char **ret_socket)
{
    CLEANUP(mem_free_p) char *path = pid_path(a);
    CLEANUP(buf_free) struct buf text = {.max = 64};
    gateway_peers all = {0};
    struct err e = ERR_INIT;
    int64_t pid = 0;
    if (!fs_exists(path) || !fs_read_file(path, &text, &e) || !str_i64(str_trim(buf_view(&text)), &pid) ||
        !gateway_socket_list(a->state_dir, &all, &e))
        pid = 0;
    bool there = false;
    for (size_t i = 0; i < all.n && pid > 0; i++) {
        if (all.v[i].pid != pid)
            continue;
        there = true;
        if (ret_socket)
            *ret_socket = mem_strdup(all.v[i].path);
    }
    gateway_peers_done(&all);
    return there ? (long)pid : 0;
}

static bool is_ready(const char *socket)
{
    CLEANUP(buf_free) struct buf answer = {.max = 4096};
    struct err e = ERR_INIT;
    return peer_call(socket, "/readyz", STR_NULL, NULL, peer_into_buf, &answer, &e);
}

static const char *readiness(const char *socket)
{
    CLEANUP(buf_free) struct buf answer = {.max = 64 * 1024};
    struct err e = ERR_INIT;
    if (is_ready(socket))
        return "ready";
    bool drains = peer_call(socket, "/gateway/status", STR_NULL, NULL, peer_into_buf, &answer, &e) &&
                  strstr(buf_cstr(&answer), "\"service_status\":\"draining\"");
    return drains ? "draining: it takes no new requests" : "not ready";
}

/* The newest of what it said, from the start of a line. The log is as long as it is. */
static void log_tail(const char *path, struct buf *out)
{
    char bytes[LOG_TAIL + 1]; /* one more: whether a line begins at the next */
    struct stat st;
    CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return;
    off_t from = MAX(st.st_size - (off_t)sizeof(bytes), (off_t)0);
    ssize_t n = pread(fd, bytes, sizeof(bytes), from);
    struct str tail = str_make(bytes, (size_t)MAX(n, (ssize_t)0));
    struct str whole = from > 0 ? str_sub(tail, (size_t)(str_index(tail, '\n') + 1), tail.n) : tail;
    whole = str_trim(whole);
    buf_str(out, whole.n ? whole : str_trim(tail)); /* of one long line its end */
}

/* ---- up ---- */

/* Room for an option each, the second and later values of some, and the words before them. */
enum { WORDS_MAX = OPT_COUNT + OPTIONS_AGAIN_MAX + 8 };
struct words {
    char *v[WORDS_MAX + 1];
    size_t n;
};

static void add_word(struct words *w, char *word)
{
    w->v[w->n++] = word;
}

static void free_words(struct words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->v[i]);
}

/* Is it said here, and for the gateway to hear? Places are found here, and a key is for no command line;
 * what the environment says the gateway finds there itself. */
static bool is_for_gateway(const struct options *o, enum option_id id)
{
    bool handed = id == OPT_DIRECTORY || id == OPT_STORE_DIR || id == OPT_API_KEY || id == OPT_OPENAI_API_KEY;
    return o->value[id] && !o->from_env[id] && !handed && option_on(id, CMD_GATEWAY_SERVE);
}

static void add_options(struct words *w, const struct options *o)
{
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_desc *d = &option_table[i];
        const char *value;
        for (int k = 0; is_for_gateway(o, (enum option_id)i) && (value = options_nth(o, (enum option_id)i, k)); k++)
            add_word(w, mem_printf("--%s%s%s", d->name, d->value ? "=" : "", value));
    }
}

/* The key goes by the environment of the child, which takes it out there at once. The one other thread waits
 * for signals and looks at no variable. */
static bool start_with_key(const struct options *o, const struct proc_spec *spec, struct proc *ret, struct err *e)
{
    char name[64];
    option_env_name(OPT_API_KEY, name, sizeof(name));
    if (o->key && setenv(name, o->key, 1) != 0)
        return err_sys(e, ERR_SPAWN, errno, "the key can not be handed to the gateway");
    bool ok = proc_start(ret, spec, e);
    secret_free(secret_take_env(name));
    return ok;
}

static bool start(const struct app *a, const char *log, struct proc *ret, struct err *e)
{
    CLEANUP(free_words) struct words w = {0};
    add_word(&w, mem_strdup("/proc/self/exe"));
    add_word(&w, mem_strdup("gateway"));
    add_word(&w, mem_strdup("serve"));
    add_word(&w, mem_printf("--%s=%s", option_table[OPT_DIRECTORY].name, a->workspace));
    add_word(&w, mem_printf("--%s=%s", option_table[OPT_STORE_DIR].name, a->state_dir));
    add_options(&w, a->options);
    if (!fs_mkdirs(a->state_dir, 0700, e))
        return false;
    CLEANUP(fd_close_p) int to = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (to < 0)
        return err_sys(e, ERR_IO, errno, "%.300s", log);
    /* A session of its own: it lives on when this terminal is gone. */
    struct proc_spec spec = {.argv = (const char *const *)w.v,
                             .fd = {{to, STDOUT_FILENO}, {to, STDERR_FILENO}},
                             .n_fd = 2,
                             .new_session = true};
    app_warn_key(a);
    return start_with_key(a->options, &spec, ret, e);
}

/* One that is not waited for any more is not left behind half begun. */
static bool give_up(struct proc *p, struct err *e)
{
    struct err lost = ERR_INIT;
    int status;
    proc_signal(p, SIGTERM);
    (void)!proc_reap(p, &status, &lost);
    return err_set(e, ERR_CANCELLED, "up: it was stopped, and the gateway ended");
}

static bool wait_ready(const struct app *a, struct proc *p, const char *log, struct cancel *cancel, struct err *e)
{
    int64_t until = clock_mono_ms() + READY_MS;
    CLEANUP(buf_free) struct buf said = BUF_OWN;
    int status;
    while (clock_mono_ms() < until) {
        CLEANUP(mem_free_p) char *socket = NULL;
        enum cancel_wait how = cancel_wait_fd(cancel, p->pidfd, POLLIN, clock_mono_ms() + LOOK_MS);
        if (how == CANCEL_FIRED)
            return give_up(p, e);
        if (how == CANCEL_READY) {
            if (!proc_reap(p, &status, e))
                return false;
            log_tail(log, &said);
            struct str why = buf_view(&said);
            if (str_starts(why, "tau: "))
                why = str_sub(why, 5, why.n);
            bool usage = WIFEXITED(status) && WEXITSTATUS(status) == err_code_exit(ERR_USAGE);
            err_set(e, usage ? ERR_USAGE : ERR_SPAWN, "the gateway ended at once: %.*s",
                    (int)MIN(why.n, (size_t)400), why.p);
            return err_hint(e, "its log: %.200s", log);
        }
        /* Its log says where it listens once it does. */
        buf_truncate(&said, 0);
        log_tail(log, &said);
        if (strstr(buf_cstr(&said), "token:") && running(a, &socket) == p->pid && is_ready(socket))
            return true;
    }
    proc_signal(p, SIGTERM);
    return err_set(e, ERR_TIMEOUT, "the gateway was not ready after %d s; its log is %.200s", READY_MS / 1000, log);
}

/* What is said to a gateway that is up already: it has begun with other options. */
static void say_unheard(const struct options *o)
{
    bool any = o->key;
    for (int i = 0; i < OPT_COUNT && !any; i++)
        any = is_for_gateway(o, (enum option_id)i);
    if (any)
        fprintf(stderr, "tau: it keeps the options that it was started with; tau down, then tau up gives it others\n");
}

static bool up(const struct app *a, struct cancel *cancel, struct buf *out, int *ret_exit, struct err *e)
{
    (void)ret_exit;
    CLEANUP(mem_free_p) char *path = pid_path(a), *log = fs_join(a->state_dir, "up.log");
    char text[32];
    struct proc p = {.pidfd = -1};
    long already = running(a, NULL);
    if (already) {
        say_unheard(a->options);
        buf_printf(out, "up already: process %ld\n", already);
        log_tail(log, out);
        return buf_putc(out, '\n');
    }
    if (!serving_may(a->options->value[OPT_BIND], a->options->value[OPT_YES], e) || !start(a, log, &p, e))
        return false;
    snprintf(text, sizeof(text), "%ld\n", (long)p.pid);
    bool ok = fs_replace(path, str_of(text), 0600, e) && wait_ready(a, &p, log, cancel, e);
    fd_close_p(&p.pidfd); /* it is nobody's child once we have ended */
    if (!ok) {
        (void)unlink(path);
        return false;
    }
    buf_printf(out, "up: process %ld\n", (long)p.pid);
    log_tail(log, out);
    return buf_putc(out, '\n');
}

/* ---- down ---- */

static bool down(const struct app *a, struct cancel *cancel, struct buf *out, int *ret_exit, struct err *e)
{
    (void)ret_exit; /* what was not up is down all the same */
    CLEANUP(mem_free_p) char *path = pid_path(a);
    long pid = running(a, NULL);
    if (!pid) {
        (void)unlink(path);
        return buf_puts(out, "down: nothing was up here\n");
    }
    CLEANUP(fd_close_p) int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    /* Asked again of this very process: the number may have become another's. */
    if (fd < 0 || running(a, NULL) != pid || syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0) != 0)
        return err_sys(e, ERR_IO, errno, "process %ld can not be ended", pid);
    enum cancel_wait how = cancel_wait_fd(cancel, fd, POLLIN, clock_mono_ms() + DOWN_MS);
    if (how == CANCEL_FIRED)
        return err_set(e, ERR_CANCELLED, "process %ld was told to end, and has not ended yet", pid) ||
               err_hint(e, "tau status says whether it has; tau down waits for it");
    if (how == CANCEL_DEADLINE)
        return err_set(e, ERR_TIMEOUT, "process %ld did not end in %d s", pid, DOWN_MS / 1000);
    (void)unlink(path);
    buf_printf(out, "down: process %ld has ended\n", pid);
    return true;
}

/* ---- */

enum { DOWN_EXIT = 1 };

static bool status(const struct app *a, struct cancel *cancel, struct buf *out, int *ret_exit, struct err *e)
{
    (void)cancel; /* nothing is waited for */
    gateway_peers all = {0};
    CLEANUP(mem_free_p) char *socket = NULL;
    long up_pid = running(a, &socket);
    if (!gateway_socket_list(a->state_dir, &all, e))
        return false;
    if (up_pid) {
        CLEANUP(mem_free_p) char *log = fs_join(a->state_dir, "up.log");
        buf_printf(out, "up: process %ld, %s\n", up_pid, readiness(socket));
        log_tail(log, out);
        buf_putc(out, '\n');
    } else {
        buf_puts(out, "down: tau up starts it\n");
        *ret_exit = DOWN_EXIT;
    }
    for (size_t i = 0; i < all.n; i++)
        if (all.v[i].pid != up_pid)
            buf_printf(out, "also running: process %ld\n", all.v[i].pid);
    gateway_peers_done(&all);
    return true;
}

/* *ret_exit: the exit status when all went well; 0 unless it is set. */
static int run(const struct options *o, bool (*what)(const struct app *a, struct cancel *cancel, struct buf *out,
                                                     int *ret_exit, struct err *e))
{
    int code = 0;
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    struct signals_watch watch = {.fd = -1};
    bool ok = app_open(&a, o, &e) && signals_watch_begin(&watch, &e) && what(&a, watch.fired, &out, &code, &e) && report_out(buf_view(&out), &e);
    if (!ok)
        report(&e);
    buf_free(&out);
    app_close(&a);
    (void)signals_watch_end(&watch); /* what was stopped has said so */
    return ok ? code : err_code_exit(e.code);
}

int cmd_up(const struct options *o)
{
    return run(o, up);
}

int cmd_down(const struct options *o)
{
    return run(o, down);
}

int cmd_status(const struct options *o)
{
    return run(o, status);
}
