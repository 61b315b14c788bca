/* SPDX-License-Identifier: MIT
 *
 * edit: the text of the composer in the operator's own editor. The screen is given away for as long, and
 * the terminal's keys go to the editor alone.
 */
#include "ui/app.h"

#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NO_SUCH_PROGRAM = 127 };

extern char **environ;

/* VISUAL, EDITOR, vi: through a shell, since they may hold arguments. */
static const char command[] = "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"";

/* In a group of its own in front of the terminal, so that ^C there is its business. */
static bool spawn(const char *path, pid_t *ret, struct err *e)
{
    char sh[] = "sh", option[] = "-c", text[sizeof(command)], name[] = "tau";
    CLEANUP(mem_free_p) char *file = mem_strdup(path);
    char *argv[] = {sh, option, text, name, file, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, defaults;
    memcpy(text, command, sizeof(command));
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGTTOU);
    sigaddset(&defaults, SIGTSTP);
    int why = posix_spawn_file_actions_init(&files);
    if (why != 0)
        return err_sys(e, ERR_SPAWN, why, "the editor");
    why = posix_spawnattr_init(&attr);
    if (why == 0)
        why = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                  POSIX_SPAWN_SETSIGDEF);
    if (why == 0)
        why = posix_spawnattr_setsigmask(&attr, &none);
    if (why == 0)
        why = posix_spawnattr_setsigdefault(&attr, &defaults);
    if (why == 0)
        why = posix_spawn_file_actions_addtcsetpgrp_np(&files, STDIN_FILENO);
    if (why == 0)
        why = posix_spawnp(ret, "sh", &files, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return why == 0 || err_sys(e, ERR_SPAWN, why, "the editor");
}

/* To its end. One that stops itself (^Z) goes on: there is no shell to come back to. */
static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, WUNTRACED) < 0 ? errno == EINTR : WIFSTOPPED(status)) {
        if (tcsetpgrp(STDIN_FILENO, pid) != 0 || kill(-pid, SIGCONT) != 0)
            break;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool run_editor(struct ui *ui, const char *path, struct err *e)
{
    sigset_t out, was;
    pid_t pid;
    sigemptyset(&out);
    sigaddset(&out, SIGTTOU); /* we take the terminal back from behind */
    pthread_sigmask(SIG_BLOCK, &out, &was);
    tty_suspend(ui->tty);
    bool ok = spawn(path, &pid, e);
    int status = ok ? wait_for(pid) : -1;
    if (tcsetpgrp(STDIN_FILENO, getpgrp()) != 0 && ok)
        ok = err_sys(e, ERR_IO, errno, "the terminal");
    tty_resume(ui->tty);
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    ui->dirty = true;
    if (ok && status == NO_SUCH_PROGRAM)
        ok = err_set(e, ERR_NOT_FOUND, "no editor is there: set EDITOR to one");
    else if (ok && status != 0)
        ok = err_set(e, ERR_EXIT_STATUS, "the editor ended with status %d: what was written here stays", status);
    return ok;
}

static bool take_back(struct ui *ui, const char *path, struct err *e)
{
    CLEANUP(buf_free) struct buf text = {.max = COMPOSER_MAX};
    if (!fs_read_file(path, &text, e))
        return false;
    while (text.len > 0 && text.data[text.len - 1] == '\n')
        buf_truncate(&text, text.len - 1);
    editor_set(ui->composer, buf_view(&text));
    return true;
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
    bool ok = fd >= 0 || err_sys(&e, ERR_IO, errno, "%s", path);
    ok = ok && fs_write_all(fd, editor_text(ui->composer), &e);
    fd_close_p(&fd);
    ok = ok && run_editor(ui, path, &e) && take_back(ui, path, &e);
    if (!ok)
        ui_notice(ui, LOOK_FAIL, "%s", e.message);
    (void)unlink(path);
}
