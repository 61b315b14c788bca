/* SPDX-License-Identifier: MIT
 *
 * vt: a program on a pty, seen through libvterm.
 */
#include "lib/vt.h"

#include "lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>

struct vt {
    struct termios before; /* of the terminal, when nobody had it yet */
    int fd;
    pid_t pid;
    bool ended;
    int status, w, h;
    VTerm *vterm;
    VTermScreen *screen;
    VTermPos cursor;
    bool alternate, cursor_visible, mouse;
    char title[200];
    char row[4096];
    size_t frames, loose, bytes;
    bool in_frame;
    char tail[8]; /* the last bytes, to see marks across reads */
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- what libvterm tells ---- */

static int on_prop(VTermProp prop, VTermValue *val, void *user)
{
    struct vt *v = user;
    if (prop == VTERM_PROP_ALTSCREEN)
        v->alternate = val->boolean;
    if (prop == VTERM_PROP_CURSORVISIBLE)
        v->cursor_visible = val->boolean;
    if (prop == VTERM_PROP_MOUSE)
        v->mouse = val->number != VTERM_PROP_MOUSE_NONE;
    if (prop == VTERM_PROP_TITLE)
        snprintf(v->title, sizeof(v->title), "set");
    return 1;
}

static int on_cursor(VTermPos pos, VTermPos old, int visible, void *user)
{
    (void)old;
    (void)visible;
    ((struct vt *)user)->cursor = pos;
    return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_prop, .movecursor = on_cursor};

static void on_output(const char *bytes, size_t n, void *user)
{
    ssize_t done = write(((struct vt *)user)->fd, bytes, n);
    (void)done; /* an answer that nobody reads any more */
}

/* ---- the program ---- */

static void run_child(const char *const *argv, const char *const *env)
{
    static char *const clean[] = {NULL};
    const char *sanitizer = getenv("TSAN_OPTIONS");
    char *thread_sanitizer = sanitizer ? strdup(sanitizer) : NULL;
    environ = (char **)(uintptr_t)clean;
    if (thread_sanitizer)
        setenv("TSAN_OPTIONS", thread_sanitizer, 1);
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
    setenv("HOME", "/nonexistent", 1);
    setenv("TZ", "UTC", 1);
    for (size_t i = 0; env && env[i]; i++)
        putenv((char *)(uintptr_t)env[i]);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

struct vt *vt_start(const char *const *argv, const char *const *env, int w, int h)
{
    struct vt *v = calloc(1, sizeof(*v));
    struct winsize size = {.ws_col = (unsigned short)w, .ws_row = (unsigned short)h};
    v->w = w;
    v->h = h;
    v->cursor_visible = true;
    int slave;
    if (openpty(&v->fd, &slave, NULL, NULL, &size) < 0 || tcgetattr(slave, &v->before) < 0)
        fail_msg("openpty: %s", strerror(errno));
    v->pid = fork();
    if (v->pid == 0) {
        close(v->fd);
        if (login_tty(slave) < 0)
            _exit(126);
        run_child(argv, env);
    }
    if (v->pid < 0)
        fail_msg("fork: %s", strerror(errno));
    close(slave);
    fcntl(v->fd, F_SETFD, FD_CLOEXEC);
    v->vterm = vterm_new(h, w);
    vterm_set_utf8(v->vterm, 1);
    vterm_output_set_callback(v->vterm, on_output, v);
    v->screen = vterm_obtain_screen(v->vterm);
    vterm_screen_set_callbacks(v->screen, &callbacks, v);
    vterm_screen_enable_altscreen(v->screen, 1);
    vterm_screen_reset(v->screen, 1);
    return v;
}

/* ---- reading ---- */

/* Counts frames and what is written outside of them. */
static void watch_marks(struct vt *v, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        memmove(v->tail, v->tail + 1, sizeof(v->tail) - 1);
        v->tail[sizeof(v->tail) - 1] = bytes[i];
        if (!v->in_frame)
            v->loose++;
        if (memcmp(v->tail, "\x1b[?2026h", 8) == 0) {
            v->in_frame = true;
            v->loose -= 8;
        }
        if (memcmp(v->tail, "\x1b[?2026l", 8) == 0) {
            v->frames += v->in_frame;
            v->in_frame = false;
        }
    }
}

/* One read; false when nothing came in time or the program is gone. */
static bool read_some(struct vt *v, int64_t until)
{
    char bytes[65536];
    struct pollfd p = {.fd = v->fd, .events = POLLIN};
    int64_t left = until - now_ms();
    if (poll(&p, 1, left > 0 ? (int)left : 0) <= 0)
        return false;
    ssize_t n = read(v->fd, bytes, sizeof(bytes));
    if (n <= 0)
        return false;
    watch_marks(v, bytes, (size_t)n);
    v->bytes += (size_t)n;
    vterm_input_write(v->vterm, bytes, (size_t)n);
    return true;
}

void vt_pump(struct vt *v, int ms)
{
    int64_t until = now_ms() + ms;
    while (now_ms() < until) {
        if (!read_some(v, until) && now_ms() < until) {
            struct pollfd none = {.fd = -1};
            poll(&none, 1, 1); /* hung up: let the deadline come */
        }
    }
}

const char *vt_row(struct vt *v, int y)
{
    VTermRect r = {.start_row = y, .end_row = y + 1, .start_col = 0, .end_col = v->w};
    size_t n = vterm_screen_get_text(v->screen, v->row, sizeof(v->row) - 1, r);
    v->row[n] = '\0';
    return v->row;
}

uint32_t vt_background(struct vt *v, int x, int y)
{
    VTermScreenCell cell = {0};
    (void)vterm_screen_get_cell(v->screen, (VTermPos){.row = y, .col = x}, &cell);
    if (VTERM_COLOR_IS_DEFAULT_BG(&cell.bg))
        return UINT32_MAX;
    vterm_screen_convert_color_to_rgb(v->screen, &cell.bg);
    return (uint32_t)cell.bg.rgb.red << 16 | (uint32_t)cell.bg.rgb.green << 8 | cell.bg.rgb.blue;
}

bool vt_shows(struct vt *v, const char *text)
{
    for (int y = 0; y < v->h; y++) {
        if (strstr(vt_row(v, y), text))
            return true;
    }
    return false;
}

static void fail_with_screen(struct vt *v, const char *what, const char *text)
{
    for (int y = 0; y < v->h; y++)
        print_message("# |%s\n", vt_row(v, y));
    fail_msg("%s: <%s>", what, text);
}

void vt_expect(struct vt *v, const char *text)
{
    int64_t until = now_ms() + VT_DEADLINE_MS;
    while (!vt_shows(v, text)) {
        if (!read_some(v, until) && !vt_shows(v, text))
            fail_with_screen(v, "never came", text);
    }
}

void vt_expect_gone(struct vt *v, const char *text)
{
    int64_t until = now_ms() + VT_DEADLINE_MS;
    while (vt_shows(v, text)) {
        if (!read_some(v, until) && vt_shows(v, text))
            fail_with_screen(v, "never went", text);
    }
}

void vt_send(struct vt *v, const char *bytes)
{
    size_t n = strlen(bytes);
    while (n > 0) {
        ssize_t done = write(v->fd, bytes, n);
        if (done < 0)
            fail_msg("write to the terminal: %s", strerror(errno));
        bytes += done;
        n -= (size_t)done;
    }
}

void vt_resize(struct vt *v, int w, int h)
{
    struct winsize size = {.ws_col = (unsigned short)w, .ws_row = (unsigned short)h};
    v->w = w;
    v->h = h;
    vterm_set_size(v->vterm, h, w);
    ioctl(v->fd, TIOCSWINSZ, &size);
}

int vt_end(struct vt *v)
{
    int64_t until = now_ms() + VT_DEADLINE_MS;
    while (!v->ended && now_ms() < until) {
        read_some(v, now_ms() + 20);
        v->ended = waitpid(v->pid, &v->status, WNOHANG) == v->pid;
    }
    if (!v->ended)
        fail_with_screen(v, "did not end", "");
    while (read_some(v, now_ms()))
        ; /* its last words */
    return v->status;
}

void vt_free(struct vt *v)
{
    if (!v->ended) {
        kill(v->pid, SIGKILL);
        waitpid(v->pid, &v->status, 0);
    }
    close(v->fd);
    vterm_free(v->vterm);
    free(v);
}

/* ---- facts ---- */

bool vt_mouse(const struct vt *v)
{
    return v->mouse;
}

bool vt_alternate(const struct vt *v)
{
    return v->alternate;
}

bool vt_cursor_visible(const struct vt *v)
{
    return v->cursor_visible;
}

void vt_cursor(const struct vt *v, int *ret_x, int *ret_y)
{
    *ret_x = v->cursor.col;
    *ret_y = v->cursor.row;
}

const char *vt_title(const struct vt *v)
{
    return v->title;
}

size_t vt_frames(const struct vt *v)
{
    return v->frames;
}

size_t vt_loose(const struct vt *v)
{
    return v->loose;
}

void vt_loose_reset(struct vt *v)
{
    v->loose = 0;
}

size_t vt_bytes(const struct vt *v)
{
    return v->bytes;
}

pid_t vt_pid(const struct vt *v)
{
    return v->pid;
}

struct termios vt_before(const struct vt *v)
{
    return v->before;
}

struct termios vt_termios(const struct vt *v)
{
    struct termios t;
    memset(&t, 0, sizeof(t));
    if (tcgetattr(v->fd, &t) != 0)
        fail_msg("tcgetattr: %s", strerror(errno));
    return t;
}

pid_t vt_child_of(pid_t pid)
{
    char path[100];
    int child = -1;
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *f = fopen(path, "re");
    if (!f || fscanf(f, "%d", &child) != 1)
        child = -1;
    if (f)
        fclose(f);
    return child;
}

bool vt_gone(pid_t pid)
{
    int64_t until = now_ms() + VT_DEADLINE_MS;
    while (kill(pid, 0) == 0 && now_ms() < until) {
        struct pollfd none = {.fd = -1};
        poll(&none, 1, 2);
    }
    return kill(pid, 0) != 0;
}
