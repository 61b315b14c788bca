/* SPDX-License-Identifier: MIT
 *
 * copy: text leaves the console for where people paste it from: inside tmux its buffer (which does not
 * take what a program asks of the terminal), else the terminal's own clipboard (OSC 52), and a file for
 * what is too much for that.
 */
#include "ui/app.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TERMINAL_MAX = 64 * 1024, TMUX_MS = 2000 };

/* -w: the terminal around it gets it, too. */
static bool to_tmux(struct str text, struct err *e)
{
    const char *const argv[] = {"tmux", "load-buffer", "-w", "-", NULL};
    CLEANUP(fd_close_p) int in = memfd_create("copy", MFD_CLOEXEC);
    if (in < 0 || !fs_write_all(in, text, e) || lseek(in, 0, SEEK_SET) != 0)
        return false;
    struct proc_spec spec = {.argv = argv, .fd = {{in, STDIN_FILENO}}, .n_fd = 1};
    int status = -1;
    return proc_run(&spec, NULL, TMUX_MS, NULL, &status, e) && status == 0;
}

static bool to_file(struct str text, char **ret_path, struct err *e)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    *ret_path = fs_join(runtime && runtime[0] == '/' ? runtime : "/tmp", "tau-copy-XXXXXX");
    CLEANUP(fd_close_p) int fd = mkostemp(*ret_path, O_CLOEXEC); /* 0600 */
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "%s", *ret_path);
    if (fs_write_all(fd, text, e))
        return true;
    (void)unlink(*ret_path); /* half of it is of no use; the error is told */
    return false;
}

static bool in_tmux(void)
{
    const char *tmux = getenv("TMUX");
    return tmux && tmux[0];
}

void ui_copy(struct ui *ui, struct str text)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = NULL;
    if (ui->tty && in_tmux() && to_tmux(text, &e))
        ui_notice(ui, LOOK_NOTICE, "copied %zu bytes to tmux", text.n);
    else if (text.n > TERMINAL_MAX && to_file(text, &path, &e))
        ui_notice(ui, LOOK_NOTICE, "%zu bytes are more than a terminal takes: they are in %s", text.n, path);
    else if (text.n > TERMINAL_MAX)
        ui_notice(ui, LOOK_FAIL, "not copied: %s", e.message);
    else if (ui->tty && !tty_copy(ui->tty, text))
        ui_notice(ui, LOOK_FAIL, "the terminal is busy; once more");
    else
        ui_notice(ui, LOOK_NOTICE, "copied %zu bytes, if the terminal allows it", text.n);
}
