/* SPDX-License-Identifier: MIT
 *
 * live: frames again and again.
 */
#include "watch/live.h"

#include "base/clock.h"
#include "base/fs.h"
#include "text/width.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

void live_size(struct live_frames *f, int fd)
{
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0)
        return;
    f->height = size.ws_row;
    f->columns = size.ws_col;
}

static void add_head(struct live_frames *f, struct buf *out)
{
    char cycles[24] = "*";
    if (f->cycles > 0)
        snprintf(cycles, sizeof(cycles), "%" PRId64, f->cycles);
    buf_puts(out, "Tau Operator Shell");
    if (f->title)
        buf_printf(out, " (%s)", f->title);
    buf_printf(out, " - profile=%s env=%s state_dir=%s", f->look.profile, f->look.environment, f->dir);
    if (f->interval_ms > 0)
        buf_printf(out, " cycle=%" PRId64 "/%s", f->cycle, cycles);
    buf_puts(out, "\n\n");
}

static void add_mark(const struct live_frames *f, size_t differs, struct buf *out)
{
    char cycles[24] = "*";
    if (f->cycles > 0)
        snprintf(cycles, sizeof(cycles), "%" PRId64, f->cycles);
    if (f->interval_ms > 0)
        buf_printf(out, "watch.cycle=%" PRId64 "/%s watch.interval_ms=%" PRId64 " watch.diff_ops=%zu\n",
                   f->cycle, cycles, f->interval_ms, differs);
}

/* At most so many cells of a line; its colours, which take none, all the same. */
static void add_cut(struct buf *out, struct str line, int cells)
{
    while (line.n > 0) {
        bool colour = line.p[0] == '\x1b';
        ssize_t end = colour ? str_index(line, 'm') : str_index(line, '\x1b');
        struct str part = str_sub(line, 0, end < 0 ? line.n : (size_t)end + colour);
        int used = 0;
        buf_str(out, colour ? part : str_sub(part, 0, width_fit(part, cells, &used)));
        cells -= used;
        line = str_sub(line, part.n, line.n);
    }
}

/* Over what is there: each line clears what was longer, the last clears what was below. A line too many,
 * or one that the terminal breaks in two, would push the first one out of the screen. */
static void add_in_place(const struct live_frames *f, struct str plain, struct buf *out)
{
    struct str line;
    size_t lines = 0, shown = 0;
    int height = f->height;
    for (size_t i = 0; i < plain.n; i++)
        lines += plain.p[i] == '\n';
    size_t room = height > 2 && lines >= (size_t)height ? (size_t)height - 2 : lines;
    buf_puts(out, "\x1b[H");
    for (; shown < room && str_line(&plain, &line); shown++) {
        if (f->columns > 0)
            add_cut(out, line, f->columns);
        else
            buf_str(out, line);
        buf_puts(out, "\x1b[K\r\n");
    }
    if (shown < lines) {
        char more[64];
        snprintf(more, sizeof(more), "... %zu more lines; a taller terminal has them", lines - shown);
        buf_printf(out, "%.*s\x1b[K", f->columns > 0 ? f->columns - 1 : (int)sizeof(more), more);
    }
    buf_puts(out, "\x1b[J");
}

void live_frame(struct live_frames *f, const struct artifacts *a, struct buf *out, size_t *ret_differs)
{
    CLEANUP(buf_free) struct buf body = BUF_OWN, plain = BUF_OWN;
    f->cycle++;
    if (f->json)
        frame_json(a, &f->look, &body);
    else
        frame_write(a, &f->look, &body);
    *ret_differs = frame_differs(buf_view(&f->last), buf_view(&body));
    buf_truncate(&f->last, 0);
    buf_str(&f->last, buf_view(&body));
    if (f->json) {
        buf_str(out, buf_view(&body));
        buf_putc(out, '\n');
        return;
    }
    add_head(f, &plain);
    buf_str(&plain, buf_view(&body));
    add_mark(f, *ret_differs, &plain);
    if (f->in_place)
        add_in_place(f, buf_view(&plain), out);
    else
        buf_str(out, buf_view(&plain));
}

/* What can not be written at once is left out: the next frame is whole again. */
static bool show(int fd, struct str bytes, struct err *e)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return true;
        if (n < 0)
            return err_sys(e, ERR_IO, errno, "the frame");
        bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
    return true;
}

static void drain(int fd)
{
    char bytes[4096];
    while (read(fd, bytes, sizeof(bytes)) > 0)
        ;
}

bool live_run(struct live_frames *f, int fd, struct cancel *cancel, void (*size)(struct live_frames *f),
              struct err *e)
{
    CLEANUP(fd_close_p) int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    struct artifacts *a = NEW(struct artifacts);
    bool ok = true, watched = false;
    while (ok && !cancel_fired(cancel) && (f->cycles == 0 || f->cycle < f->cycles)) {
        CLEANUP(buf_free) struct buf out = BUF_OWN;
        size_t differs;
        /* The directory may come later than we do. */
        if (watch >= 0 && !watched)
            watched = inotify_add_watch(watch, f->dir, IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE) >= 0;
        if (size)
            size(f);
        artifacts_read(a, f->dir);
        live_frame(f, a, &out, &differs);
        if (differs > 0 || f->cycles > 0)
            ok = show(fd, buf_view(&out), e);
        if (f->cycles > 0 && f->cycle >= f->cycles)
            break;
        int64_t now = clock_mono_ms(), until = now + f->interval_ms;
        if (watched && cancel_wait_fd(cancel, watch, POLLIN, until) == CANCEL_READY)
            (void)cancel_wait_fd(cancel, -1, 0, MIN(until, now + LIVE_LEAST_MS)); /* a burst is one change */
        else if (!watched)
            (void)cancel_wait_fd(cancel, -1, 0, until);
        if (watch >= 0)
            drain(watch);
    }
    free(a);
    return ok;
}
