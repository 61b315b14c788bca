/* SPDX-License-Identifier: MIT
 *
 * log: the program's own diagnostics. The ring has a lock; the file has none, because no lock may
 * be held over a write: it is opened for appending, so that each line lands whole, and rotation
 * puts a new file under the same descriptor in one step (dup3). The one line that passes the limit
 * rotates.
 */
#include "base/log.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum target { TO_STDERR, TO_NOTHING, TO_FILE };
enum { PREFIX_MAX = 40, CUT = 3, UNIT_MAX = 8 };

static const char *const level_names[] = {
    [LOG_ERROR] = "error",
    [LOG_WARN] = "warning",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

static atomic_int highest = LOG_WARN;
static atomic_int target = TO_STDERR;

static pthread_mutex_t ring_lock = PTHREAD_MUTEX_INITIALIZER; /* guards the three below */
static int wake_fd = -1;
static struct log_line ring[LOG_RING];
static int64_t newest; /* n of the newest line; 0: none */

static atomic_int file_fd = -1; /* once open its number stays for the life of the process */
static _Atomic int64_t file_size;
static pthread_mutex_t path_lock =
    PTHREAD_MUTEX_INITIALIZER; /* guards file_path, orders reopening */
static char *file_path;

/* ---- the text of a line ---- */

/* Bytes of the UTF-8 character at p (n bytes are there), or 0 when it is none or a control. */
static size_t printable(const unsigned char *p, size_t n)
{
    size_t want = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (want == 0 || want > n || p[0] > 0xF4 || p[0] < 0x20 || p[0] == 0x7F)
        return 0;
    for (size_t i = 1; i < want; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    /* U+0080 to U+009F: some terminals obey them. */
    return p[0] == 0xC2 && p[1] < 0xA0 ? 0 : want;
}

/* Writes one character or escape to unit; returns how many bytes of p it stands for. */
static size_t next_unit(const unsigned char *p, size_t n, char unit[UNIT_MAX])
{
    size_t keep = printable(p, n);
    if (keep) {
        memcpy(unit, p, keep);
        unit[keep] = '\0';
        return keep;
    }
    switch (p[0]) {
    case '\n':
        memcpy(unit, "\\n", 3);
        break;
    case '\t':
        memcpy(unit, "\\t", 3);
        break;
    case '\r':
        memcpy(unit, "\\r", 3);
        break;
    default:
        snprintf(unit, UNIT_MAX, "\\x%02x", p[0]);
    }
    return 1;
}

/* Copies raw as one harmless line; `cut` says that raw itself is only a part. */
static void put_text(char to[LOG_LINE_MAX], const char *raw, bool cut)
{
    size_t n = strlen(raw), len = 0, keep = 0;
    char unit[UNIT_MAX];
    for (size_t at = 0; at < n;) {
        at += next_unit((const unsigned char *)raw + at, n - at, unit);
        size_t add = strlen(unit);
        if (len + add >= LOG_LINE_MAX) {
            cut = true;
            break;
        }
        memcpy(to + len, unit, add);
        len += add;
        if (len < LOG_LINE_MAX - CUT)
            keep = len; /* up to here the mark still fits behind it */
    }
    to[len] = '\0';
    if (cut)
        memcpy(to + keep, "...", CUT + 1);
}

/* ---- the file ---- */

static int open_file(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
}

/* Puts the open file behind the descriptor that writers use. Under path_lock. A file that is past the
 * limit counts as at it, so that the next line passes it. */
static bool install(int fd, int64_t *ret_size)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return false;
    *ret_size = MIN((int64_t)st.st_size, (int64_t)LOG_FILE_MAX);
    if (file_fd < 0) {
        file_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        return file_fd >= 0;
    }
    return dup3(fd, file_fd, O_CLOEXEC) >= 0;
}

/* Another process may have rotated the file already; then it only has to be opened again. */
static bool is_current(const char *path)
{
    struct stat ours, there;
    return fstat(file_fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

/* When it fails the old file goes on, for another LOG_FILE_MAX. */
static void rotate(void)
{
    int64_t size = 0;
    pthread_mutex_lock(&path_lock);
    CLEANUP(mem_free_p) char *old = mem_printf("%s.1", file_path);
    bool moved = !is_current(file_path) || rename(file_path, old) == 0;
    CLEANUP(fd_close_p) int fd = moved ? open_file(file_path) : -1;
    if (fd < 0 || !install(fd, &size))
        size = 0;
    atomic_store(&file_size, size);
    pthread_mutex_unlock(&path_lock);
}

static void write_file(const char *line, size_t n)
{
    /* A full disk must not end the program, and there is no better place to say it. */
    ssize_t done = write(file_fd, line, n);
    int64_t before = atomic_fetch_add(&file_size, done > 0 ? done : 0);
    if (before <= LOG_FILE_MAX && before + done > LOG_FILE_MAX)
        rotate();
}

bool log_to(const char *path, struct err *e)
{
    int64_t size;
    if (!path) {
        atomic_store(&target, TO_STDERR);
        return true;
    }
    CLEANUP(fd_close_p) int fd = open_file(path);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "%s", path);
    pthread_mutex_lock(&path_lock);
    bool ok = install(fd, &size);
    int why = errno;
    if (ok) {
        free(file_path);
        file_path = mem_strdup(path);
        atomic_store(&file_size, size);
        atomic_store(&target, TO_FILE);
    }
    pthread_mutex_unlock(&path_lock);
    return ok || err_sys(e, ERR_IO, why, "%s", path);
}

/* ---- lines ---- */

void log_level(enum log_level level)
{
    atomic_store(&highest, (int)level);
}

void log_quiet(void)
{
    atomic_store(&target, TO_NOTHING);
}

void log_wake(int eventfd)
{
    pthread_mutex_lock(&ring_lock);
    wake_fd = eventfd;
    pthread_mutex_unlock(&ring_lock);
}

static void remember(struct log_line *line)
{
    pthread_mutex_lock(&ring_lock);
    line->n = ++newest;
    ring[line->n % LOG_RING] = *line;
    if (wake_fd >= 0 && eventfd_write(wake_fd, 1) < 0)
        wake_fd = -1; /* it was closed: nobody is there to be woken */
    pthread_mutex_unlock(&ring_lock);
}

static void write_line(const struct log_line *line)
{
    char text[LOG_LINE_MAX + PREFIX_MAX], stamp[25];
    int n;
    switch ((enum target)atomic_load(&target)) {
    case TO_NOTHING:
        return;
    case TO_STDERR:
        n = snprintf(text, sizeof(text), "tau: %s: %s\n", level_names[line->level], line->text);
        if (write(STDERR_FILENO, text, (size_t)n) < 0)
            return; /* nobody is there to be told */
        return;
    case TO_FILE:
        clock_format(line->ts_ms, stamp, sizeof(stamp));
        n = snprintf(text, sizeof(text), "%s %s %s\n", stamp, level_names[line->level], line->text);
        write_file(text, (size_t)n);
    }
}

void log_msg(enum log_level level, const char *fmt, ...)
{
    char raw[LOG_LINE_MAX + 1] = ""; /* a byte more than fits, so that put_text sees what is cut */
    struct log_line line = {.level = level};
    int saved = errno;
    va_list ap;
    if ((int)level > atomic_load_explicit(&highest, memory_order_relaxed))
        return;
    va_start(ap, fmt);
    int n = vsnprintf(raw, sizeof(raw), fmt, ap);
    va_end(ap);
    line.ts_ms = clock_wall_ms();
    put_text(line.text, raw, n >= (int)sizeof(raw));
    remember(&line);
    write_line(&line);
    errno = saved;
}

size_t log_read(int64_t after, struct log_line *out, size_t max)
{
    size_t got = 0;
    pthread_mutex_lock(&ring_lock);
    int64_t n = MAX(after, newest - LOG_RING) + 1;
    for (n = MAX(n, (int64_t)1); n <= newest && got < max; n++)
        out[got++] = ring[n % LOG_RING];
    pthread_mutex_unlock(&ring_lock);
    return got;
}
