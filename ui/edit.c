/* SPDX-License-Identifier: MIT
 *
 * edit: the text of the composer, or a file, in the operator's own editor. The screen is given away for
 * as long, and the terminal's keys go to the editor alone.
 */
#include "ui/app.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NO_SUCH_PROGRAM = 127 };

/* VISUAL, EDITOR, vi: through a shell, since they may hold arguments. */
static const char command[] = "exec ${VISUAL:-${EDITOR:-vi}} \"$@\"";

/* In front of the terminal, so that ^C there is its business. line: "+12", or NULL. */
static bool start(const char *path, const char *line, struct proc *ret, struct err *e)
{
    const char *const argv[] = {"sh", "-c", command, "tau", line ? line : path, line ? path : NULL, NULL};
    struct proc_spec spec = {.argv = argv,
                             .fd = {{STDIN_FILENO, STDIN_FILENO},
                                    {STDOUT_FILENO, STDOUT_FILENO},
                                    {STDOUT_FILENO, STDERR_FILENO}},
                             .n_fd = 3,
                             .foreground = true};
    return proc_start(ret, &spec, e);
}

/* To its end. One that stops itself (^Z) goes on: there is no shell to come back to. */
static int wait_for(struct proc *p)
{
    siginfo_t info = {0};
    struct err ignored = ERR_INIT;
    int status = -1;
    while (waitid(P_PID, (id_t)p->pid, &info, WEXITED | WSTOPPED | WNOWAIT) < 0 ? errno == EINTR
                                                                                : info.si_code == CLD_STOPPED)
        if (tcsetpgrp(STDIN_FILENO, p->pid) != 0 || kill(-p->pid, SIGCONT) != 0)
            break;
    return proc_reap(p, &status, &ignored) && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool run_editor(struct ui *ui, const char *path, const char *line, struct err *e)
{
    sigset_t out, was;
    struct proc editor;
    sigemptyset(&out);
    sigaddset(&out, SIGTTOU); /* we take the terminal back from behind */
    pthread_sigmask(SIG_BLOCK, &out, &was);
    tty_suspend(ui->tty);
    bool ok = start(path, line, &editor, e);
    int status = ok ? wait_for(&editor) : -1;
    if (tcsetpgrp(STDIN_FILENO, getpgrp()) != 0 && ok)
        ok = err_sys(e, ERR_IO, errno, "the terminal");
    tty_resume(ui->tty);
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    ui->dirty = true;
    if (ok && status == NO_SUCH_PROGRAM)
        ok = err_set(e, ERR_NOT_FOUND, "no editor is there: set EDITOR to one");
    else if (ok && status != 0)
        ok = err_set(e, ERR_EXIT_STATUS, "the editor ended with status %d", status);
    return ok;
}

static bool take_back(struct ui *ui, const char *path, struct err *e)
{
    CLEANUP(buf_free) struct buf text = {.max = COMPOSER_MAX};
    if (!fs_read_file(path, &text, e))
        return false;
    while (text.len > 0 && text.data[text.len - 1] == '\n')
        buf_truncate(&text, text.len - 1);
    editor_clear(ui->composer);
    editor_insert(ui->composer, buf_view(&text)); /* without control bytes */
    return true;
}

/* A file that is there, by its path below the workspace or its whole one. */
static bool is_file(const char *workspace, struct str name, char **ret)
{
    struct stat st;
    CLEANUP(mem_free_p) char *text = mem_strndup(name.p, name.n);
    *ret = text[0] == '/' ? mem_strdup(text) : fs_join(workspace, text);
    if (stat(*ret, &st) == 0 && S_ISREG(st.st_mode))
        return true;
    free(TAKE(*ret));
    return false;
}

/* "src/main.c:12", as answers name a place; line is "+12" then. A file whose own name ends so goes first. */
static char *find_place(const char *workspace, struct str place, char line[24], struct err *e)
{
    char *path;
    int64_t n;
    size_t at = place.n;
    line[0] = '\0';
    if (is_file(workspace, place, &path))
        return path;
    while (at > 0 && place.p[at - 1] != ':')
        at--;
    if (at > 1 && str_i64(str_sub(place, at, place.n), &n) && n > 0 &&
        is_file(workspace, str_sub(place, 0, at - 1), &path)) {
        snprintf(line, 24, "+%" PRId64, n);
        return path;
    }
    err_set(e, ERR_NOT_FOUND, "there is no file '%.*s' here", STR_ARG(str_sub(place, 0, MIN(place.n, (size_t)200))));
    return NULL;
}

void cmd_open(struct ui *ui, struct str args)
{
    struct err e = ERR_INIT;
    struct str place = str_trim(args);
    char line[24];
    if (place.n == 0) {
        ui_notice(ui, LOOK_FAIL, ":open takes a file of the workspace, and its line: src/main.c:12");
        return;
    }
    CLEANUP(mem_free_p) char *path = find_place(ui->env->workspace ? ui->env->workspace : ".", place, line, &e);
    if (!path || (ui->tty && !run_editor(ui, path, line[0] ? line : NULL, &e)))
        ui_notice(ui, LOOK_FAIL, "%s", e.message);
}

void cmd_editor(struct ui *ui, struct str args)
{
    static const char suffix[] = ".md";
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    CLEANUP(mem_free_p) char *path = fs_join(runtime && runtime[0] == '/' ? runtime : "/tmp", "tau-XXXXXX.md");
    struct err e = ERR_INIT;
    (void)args;
    if (!ui->tty)
        return;
    CLEANUP(fd_close_p) int fd = mkstemps(path, (int)sizeof(suffix) - 1); /* 0600 */
    CLEANUP(buf_free) struct buf whole = BUF_OWN;
    ui_unpaste(ui, editor_text(ui->composer), &whole);
    bool ok = fd >= 0 || err_sys(&e, ERR_IO, errno, "%s", path);
    ok = ok && fs_write_all(fd, buf_view(&whole), &e);
    fd_close_p(&fd);
    bool edited = ok && run_editor(ui, path, NULL, &e);
    ok = edited && take_back(ui, path, &e);
    if (!ok)
        ui_notice(ui, LOOK_FAIL, "%s%s", e.message, e.code == ERR_EXIT_STATUS ? ": what was written here stays" : "");
    if (ok || !edited) /* else what was written is nowhere but there */
        (void)unlink(path);
}
