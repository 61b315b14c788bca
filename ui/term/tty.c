/* SPDX-License-Identifier: MIT
 *
 * tty: the terminal on standard input and output.
 *
 * ncurses writes to a memfd: given the terminal it would write at every cursor move, some fifty
 * times a frame, which tears and blocks. So the modes of the terminal, its size and its signals are
 * ours, and the functions of ncurses for them have no effect. Output goes to a description of our
 * own of the terminal, which does not block: the shell's is shared with other programs.
 */
#include "ui/term/tty.h"

#include "base/base64.h"
#include "base/fs.h"
#include "base/mem.h"
#include "ui/draw/theme.h"
#include "ui/term/modes.h"
#include "ui/ui.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

enum { DRAIN_MS = 1000, STDERR_MAX = 64 << 10, PENDING_MAX = 64 << 20, FRAME_KEEP_MAX = 64 << 10 };

/* ncurses' headers define short names as macros; none of ours may be one. */
#undef lines
#undef columns

struct tty {
    struct termios saved;
    const char *type;
    int out;   /* the terminal, not blocking where that can be had */
    int frame; /* the memfd that ncurses writes to */
    FILE *frame_file;
    SCREEN *screen;
    int w, h;
    struct canvas shown; /* what ncurses was given last */
    bool fresh;          /* the next frame is drawn in full and turns the modes on */
    bool mouse;          /* that one as well */
    struct buf pending;
    struct {
        attr_t attr;
        int pair;
    } style[LOOK_COUNT];
    int held_stderr; /* the real one, while a memfd stands for it; -1 */
    struct tty_stats stats;
    volatile sig_atomic_t *flag;
};

/* What a crash handler needs, at a place that it may look at. */
static struct {
    volatile sig_atomic_t on;
    struct termios saved;
    int held_stderr;
    volatile sig_atomic_t *flag;
} crash;

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};

/* ---- crashes ---- */

/* Only what is safe in a signal handler: write, tcsetattr, sendfile. Then the signal does what it
 * would have done, for the handler was for one time. */
static void on_crash(int signo)
{
    int saved = errno;
    if (crash.on) {
        crash.on = 0;
        ssize_t n = write(STDOUT_FILENO, ui_restore_bytes, ui_restore_n);
        tcsetattr(STDIN_FILENO, TCSANOW, &crash.saved);
        if (crash.flag)
            *crash.flag = 0;
        off_t at = 0;
        if (crash.held_stderr >= 0)
            n = sendfile(crash.held_stderr, STDERR_FILENO, &at, STDERR_MAX);
        (void)n;
    }
    errno = saved;
    raise(signo);
}

static void watch_crashes(bool on)
{
    static char stack[16384];
    stack_t alt = {.ss_sp = stack, .ss_size = sizeof(stack), .ss_flags = on ? 0 : SS_DISABLE};
    sigaltstack(&alt, NULL);
    struct sigaction act = {.sa_handler = on ? on_crash : SIG_DFL,
                            .sa_flags = on ? (int)(SA_RESETHAND | SA_ONSTACK) : 0};
    for (size_t i = 0; i < ARRAY_LEN(crash_signals); i++)
        sigaction(crash_signals[i], &act, NULL);
}

/* ---- modes ---- */

static void enter_raw(const struct tty *t)
{
    struct termios raw = t->saved;
    cfmakeraw(&raw);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

/* From the background of another job the terminal is no longer ours to set. */
static void leave_raw(const struct tty *t)
{
    pid_t front = tcgetpgrp(STDIN_FILENO);
    if (front < 0 || front == getpgrp())
        tcsetattr(STDIN_FILENO, TCSADRAIN, &t->saved);
}

static void set_flag(struct tty *t, bool on)
{
    crash.saved = t->saved;
    crash.held_stderr = t->held_stderr;
    crash.flag = t->flag;
    crash.on = on;
    if (t->flag)
        *t->flag = on;
}

static void hold_stderr(struct tty *t)
{
    t->held_stderr = -1;
    if (!isatty(STDERR_FILENO))
        return;
    CLEANUP(fd_close_p) int file = memfd_create("stderr", MFD_CLOEXEC);
    int keep = file < 0 ? -1 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (keep >= 0 && dup2(file, STDERR_FILENO) >= 0)
        t->held_stderr = keep;
    else if (keep >= 0)
        close(keep);
}

static void release_stderr(struct tty *t)
{
    if (t->held_stderr < 0)
        return;
    off_t at = 0;
    ssize_t n = sendfile(t->held_stderr, STDERR_FILENO, &at, STDERR_MAX);
    (void)n; /* nowhere to say it */
    dup2(t->held_stderr, STDERR_FILENO);
    fd_close_p(&t->held_stderr);
}

static void ask_size(struct tty *t)
{
    struct winsize ws = {0};
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) != 0 || ws.ws_col == 0 || ws.ws_row == 0)
        ws = (struct winsize){.ws_col = 80, .ws_row = 24};
    t->w = MIN((int)ws.ws_col, (int)CANVAS_W_MAX);
    t->h = MIN((int)ws.ws_row, (int)CANVAS_H_MAX);
}

/* ---- output ---- */

bool tty_pending(const struct tty *t)
{
    return t->pending.len > 0;
}

int tty_fd(const struct tty *t)
{
    return t->out;
}

void tty_flush(struct tty *t)
{
    while (t->pending.len > 0) {
        ssize_t n = write(t->out, t->pending.data, t->pending.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0) {
            buf_clear(&t->pending); /* the terminal is gone; reading says so */
            return;
        }
        t->stats.writes++;
        buf_drop(&t->pending, (size_t)n);
    }
}

/* Waits a while for a slow terminal: before it is handed back. */
static void drain(struct tty *t)
{
    tty_flush(t);
    while (tty_pending(t)) {
        struct pollfd p = {.fd = t->out, .events = POLLOUT};
        if (poll(&p, 1, DRAIN_MS) <= 0)
            return;
        tty_flush(t);
    }
}

/* Moves what ncurses wrote to the end of pending; how many bytes. It writes where the last frame was:
 * to give the memory back and to be given it again costs more than the rest of this. */
static size_t take_frame(struct tty *t)
{
    if (fflush(t->frame_file) != 0)
        return 0;
    off_t size = lseek(t->frame, 0, SEEK_CUR);
    char *room = size > 0 ? buf_room(&t->pending, (size_t)size) : NULL;
    ssize_t got = room ? pread(t->frame, room, (size_t)size, 0) : 0;
    if (got > 0)
        t->pending.len += (size_t)got;
    if (lseek(t->frame, 0, SEEK_SET) != 0 || (size > FRAME_KEEP_MAX && ftruncate(t->frame, 0) != 0))
        return 0;
    return got > 0 ? (size_t)got : 0;
}

/* ---- cells to ncurses ---- */

static cchar_t to_cchar(const struct tty *t, const struct cell *cell)
{
    wchar_t text[CELL_CP_MAX + 1] = {0};
    for (size_t i = 0; i < CELL_CP_MAX && cell->cp[i]; i++)
        text[i] = (wchar_t)cell->cp[i];
    attr_t attr = t->style[cell->look].attr;
    if (cell->attr & ATTR_REVERSE)
        attr ^= A_REVERSE;
    if (cell->attr & ATTR_BOLD)
        attr |= A_BOLD;
    if (cell->attr & ATTR_UNDERLINE)
        attr |= A_UNDERLINE;
    cchar_t out;
    short pair = (short)t->style[cell->look].pair;
    if (setcchar(&out, text, attr, pair, NULL) != OK) {
        wchar_t plain[] = L"?";
        setcchar(&out, plain, attr, pair, NULL);
    }
    return out;
}

static void give_row(struct tty *t, const struct canvas *c, int y, cchar_t *row)
{
    int n = 0;
    for (int x = 0; x < c->w; x++) {
        const struct cell *cell = &c->cells[(size_t)y * (size_t)c->w + (size_t)x];
        if (cell->width > 0)
            row[n++] = to_cchar(t, cell);
    }
    mvadd_wchnstr(y, 0, row, n);
}

static void give_rows(struct tty *t, const struct canvas *c)
{
    bool all = t->fresh || t->shown.w != c->w || t->shown.h != c->h;
    if (all)
        canvas_resize(&t->shown, c->w, c->h);
    cchar_t *row = mem_array((size_t)c->w, sizeof(*row));
    size_t bytes = (size_t)c->w * sizeof(struct cell);
    for (int y = 0; y < c->h; y++) {
        struct cell *was = t->shown.cells + (size_t)y * (size_t)c->w;
        const struct cell *is = c->cells + (size_t)y * (size_t)c->w;
        if (!all && memcmp(was, is, bytes) == 0)
            continue;
        give_row(t, c, y, row);
        memcpy(was, is, bytes);
    }
    free(row);
}

void tty_show(struct tty *t, const struct canvas *c)
{
    if (tty_pending(t))
        return;
    bool first = t->fresh;
    give_rows(t, c);
    if (first)
        clearok(curscr, TRUE);
    t->fresh = false;
    bool cursor = c->cursor_x >= 0 && c->cursor_x < c->w && c->cursor_y >= 0 && c->cursor_y < c->h;
    curs_set(cursor ? 1 : 0);
    if (cursor)
        move(c->cursor_y, c->cursor_x);
    wnoutrefresh(stdscr);
    buf_puts(&t->pending, SYNC_BEGIN);
    doupdate();
    if (take_frame(t) == 0 && !first) {
        buf_clear(&t->pending);
        return;
    }
    if (first)
        buf_puts(&t->pending, t->mouse ? MODES_ON MOUSE_ON : MODES_ON MOUSE_OFF);
    buf_puts(&t->pending, SYNC_END);
    t->stats.frames++;
    t->stats.bytes += (int64_t)t->pending.len;
    tty_flush(t);
}

/* ---- opening and closing ---- */

static void set_styles(struct tty *t, const char *setting)
{
    int colors = 0;
    if (has_colors() && start_color() == OK) {
        use_default_colors();
        colors = COLORS;
    }
    enum theme_kind theme = theme_choose(setting, colors, getenv("NO_COLOR"), getenv("COLORFGBG"));
    for (int i = 0; i < LOOK_COUNT; i++) {
        struct style s = theme_style(theme, colors, (enum look)i);
        attr_t attr = A_NORMAL;
        attr |= s.attr & ATTR_BOLD ? A_BOLD : A_NORMAL;
        attr |= s.attr & ATTR_DIM ? A_DIM : A_NORMAL;
        attr |= s.attr & ATTR_REVERSE ? A_REVERSE : A_NORMAL;
        attr |= s.attr & ATTR_UNDERLINE ? A_UNDERLINE : A_NORMAL;
        int pair = s.fg < 0 && s.bg < 0 ? 0 : alloc_pair(s.fg, s.bg);
        t->style[i].attr = attr;
        t->style[i].pair = MAX(0, pair);
    }
}

/* newterm takes signals that were free; ours are read from a descriptor and must stay so. */
static void undo_handlers(void)
{
    static const int taken[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    struct sigaction plain = {.sa_handler = SIG_DFL};
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        sigaction(taken[i], &plain, NULL);
}

/* Terminals that are newer than the terminfo of this machine are of xterm's kind when they say so
 * by their name or by COLORTERM. */
static bool is_like_xterm(const char *type)
{
    const char *colorterm = getenv("COLORTERM");
    return str_starts(str_of(type), "xterm-") || (colorterm && colorterm[0]);
}

static bool can_do(struct tty *t, struct err *e)
{
    const char *type = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return err_set(e, ERR_UNSUPPORTED,
                       "the console needs a terminal on standard input and output; "
                       "tau -p asks without one");
    int status = 0;
    t->type = type && type[0] ? type : "";
    bool known = t->type[0] && setupterm(t->type, STDOUT_FILENO, &status) == OK;
    if (!known && t->type[0] && is_like_xterm(t->type)) {
        t->type = "xterm-256color";
        known = setupterm(t->type, STDOUT_FILENO, &status) == OK;
    }
    if (!known)
        return err_set(e, ERR_UNSUPPORTED,
                       "the terminal type %s is not known; set TERM, or use tau -p",
                       type && type[0] ? type : "(TERM is not set)");
    bool able = cursor_address && clear_screen;
    del_curterm(cur_term); /* newterm reads it again */
    if (!able)
        return err_set(e, ERR_UNSUPPORTED,
                       "a terminal of type %s can not move its cursor; use tau -p", type);
    return true;
}

static int open_output(void)
{
    char name[128];
    if (ttyname_r(STDOUT_FILENO, name, sizeof(name)) == 0) {
        int fd = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd >= 0)
            return fd;
    }
    return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
}

static bool open_screen(struct tty *t, struct err *e)
{
    t->out = open_output();
    t->frame = memfd_create("frame", MFD_CLOEXEC);
    t->frame_file = t->frame < 0 ? NULL : fdopen(t->frame, "w");
    if (t->out < 0 || !t->frame_file)
        return err_sys(e, ERR_IO, errno, "the console's screen can not start");
    use_env(FALSE);   /* not LINES and COLUMNS of who knows when */
    use_tioctl(TRUE); /* with it a terminal type that says no size gets one; ours comes below */
    t->screen = newterm(t->type, t->frame_file, stdin);
    undo_handlers();
    if (!t->screen)
        return err_set(e, ERR_UNSUPPORTED, "ncurses does not take the terminal type %s",
                       tty_type(t));
    set_term(t->screen);
    typeahead(-1); /* a frame is whole, also when a key came meanwhile */
    resizeterm(t->h, t->w);
    leaveok(stdscr, FALSE);
    scrollok(stdscr, FALSE);
    return true;
}

struct tty *tty_open(const char *theme, volatile sig_atomic_t *screen, struct err *e)
{
    struct tty *t = NEW(struct tty);
    *t = (struct tty){.out = -1, .frame = -1, .held_stderr = -1, .flag = screen, .fresh = true};
    if (!can_do(t, e)) {
        free(t);
        return NULL;
    }
    t->shown = CANVAS_NONE;
    t->pending = BUF_INIT(PENDING_MAX);
    if (tcgetattr(STDIN_FILENO, &t->saved) != 0) {
        err_sys(e, ERR_UNSUPPORTED, errno, "the terminal");
        free(t);
        return NULL;
    }
    ask_size(t);
    if (!open_screen(t, e)) {
        fd_close_p(&t->out);
        if (t->frame_file)
            fclose(t->frame_file);
        free(t);
        return NULL;
    }
    set_styles(t, theme);
    hold_stderr(t);
    watch_crashes(true);
    set_flag(t, true);
    enter_raw(t);
    return t;
}

void tty_suspend(struct tty *t)
{
    buf_puts(&t->pending, SYNC_END MODES_OFF);
    endwin();
    take_frame(t);
    drain(t);
    buf_clear(&t->pending);
    leave_raw(t);
    set_flag(t, false);
}

void tty_resume(struct tty *t)
{
    /* The operator may have changed the modes meanwhile; but what looks raw is our own, seen by a
     * process that was stopped without a chance to tidy up. */
    struct termios now;
    if (tcgetattr(STDIN_FILENO, &now) == 0 && (now.c_lflag & ICANON))
        t->saved = now;
    set_flag(t, true);
    enter_raw(t);
    tty_resize(t);
    t->fresh = true;
}

void tty_close(struct tty *t)
{
    if (!t)
        return;
    tty_suspend(t);
    watch_crashes(false);
    delscreen(t->screen);
    fclose(t->frame_file);
    release_stderr(t);
    fd_close_p(&t->out);
    canvas_done(&t->shown);
    buf_free(&t->pending);
    free(t);
}

bool tty_resize(struct tty *t)
{
    int w = t->w, h = t->h;
    ask_size(t);
    if (w == t->w && h == t->h)
        return false;
    resizeterm(t->h, t->w);
    t->fresh = true;
    return true;
}

bool tty_copy(struct tty *t, struct str text)
{
    if (tty_pending(t))
        return false;
    buf_puts(&t->pending, "\x1b]52;c;");
    base64_encode(&t->pending, text);
    buf_puts(&t->pending, "\x07");
    tty_flush(t);
    return true;
}

void tty_mouse(struct tty *t, bool on)
{
    t->mouse = on;
    t->fresh = true;
}

void tty_theme(struct tty *t, const char *theme)
{
    set_styles(t, theme);
    t->fresh = true;
}

void tty_redraw(struct tty *t)
{
    t->fresh = true;
}

int tty_width(const struct tty *t)
{
    return t->w;
}

int tty_height(const struct tty *t)
{
    return t->h;
}

const char *tty_type(const struct tty *t)
{
    return t->type;
}

struct tty_stats tty_stats(const struct tty *t)
{
    return t->stats;
}
