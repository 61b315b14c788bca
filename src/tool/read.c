/* SPDX-License-Identifier: MIT
 *
 * read: a file, or some of its lines, with line numbers. The file is streamed, so that a range of a
 * large one costs little memory; a line that is too long is counted, not kept.
 */
#include "tool/builtin.h"

#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    READ_BLOCK = 64 * 1024,
    READ_COUNT_MAX = 256 << 20, /* bytes of a file whose lines are all counted, also those not shown */
};

struct read_args {
    const char *path;
    int64_t offset, limit;
};
FIELD_SET(read_set, "read", struct read_args,
          FIELD_ROW(struct read_args, STR, REQ, path, "file, relative to the workspace"),
          FIELD_ROW(struct read_args, I64, OPT, offset, "first line, from 1", .min = 1,
                    .max = INT64_MAX),
          FIELD_ROW(struct read_args, I64, OPT, limit, "how many lines", .min = 1,
                    .max = INT64_MAX));

static bool read_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                        struct err *e)
{
    const struct read_args *a = args;
    char *path = call_path(call, a->path, e);
    if (!path)
        return false;
    ret->action = arena_printf(call->arena, "read %s", *path ? path : ".");
    ret->paths[0].path = a->path;
    ret->paths[0].write = false;
    ret->n_paths = 1;
    return true;
}

/* ---- lines out of blocks ---- */

struct reading {
    struct tool_call *call;
    int64_t first, last;           /* the wanted lines, from 1; last is INT64_MAX without a limit */
    int64_t line;                  /* number of the line that is being read */
    int64_t shown_last;            /* the last that was shown; 0: none */
    int64_t total;                 /* lines of the file, when it goes on and they were counted */
    char front[TOOL_LINE_MAX + 1]; /* the front of that line */
    size_t front_n;
    int64_t line_n; /* its bytes so far */
    bool replaced, page_full, more;
    bool counting; /* nothing more is shown: what follows is only counted */
    struct buf out;
};

/* The line is complete. False when nothing more is wanted. */
static bool end_line(struct reading *r)
{
    int64_t number = r->line++;
    size_t front_n = r->front_n;
    int64_t line_n = r->line_n;
    r->front_n = 0;
    r->line_n = 0;
    if (number < r->first)
        return true;
    if (number > r->last) {
        r->more = true;
        return false;
    }
    if (r->out.len + front_n > TOOL_PAGE_MAX) {
        r->page_full = r->more = true;
        return false;
    }
    struct str line = str_make(r->front, front_n);
    if (line_n == (int64_t)front_n && line.n && line.p[line.n - 1] == '\r') {
        line.n--;
        line_n--;
    }
    buf_printf(&r->out, "%6lld\t", (long long)number);
    add_line(&r->out, line, TOOL_LINE_MAX, line_n, &r->replaced);
    buf_putc(&r->out, '\n');
    r->shown_last = number;
    return true;
}

/* The lines of what is not shown. A reader is told how much there is without asking for it. */
static void count_block(struct reading *r, struct str block)
{
    for (ssize_t lf; block.n > 0; block = str_sub(block, (size_t)lf + 1, block.n)) {
        lf = str_index(block, '\n');
        if (lf < 0)
            break;
        r->line++;
        r->line_n = 0;
    }
    r->line_n += (int64_t)block.n;
}

static void take_block(struct reading *r, struct str block)
{
    while (block.n > 0 && !r->counting) {
        ssize_t lf = str_index(block, '\n');
        struct str part = lf < 0 ? block : str_sub(block, 0, (size_t)lf);
        size_t keep = MIN(part.n, sizeof(r->front) - r->front_n);
        memcpy(r->front + r->front_n, part.p, keep);
        r->front_n += keep;
        r->line_n += (int64_t)part.n;
        block = str_sub(block, part.n + (lf >= 0), block.n);
        if (lf >= 0)
            r->counting = !end_line(r);
    }
    if (r->counting)
        count_block(r, block);
}

/* From the file's start to the last wanted line, or to its end when its lines are counted. */
static bool stream(struct reading *r, int fd, const struct stat *st, const char *path,
                   struct err *e)
{
    CLEANUP(mem_free_p) char *block = mem_new(READ_BLOCK);
    bool first = true;
    for (;;) {
        ssize_t n = read(fd, block, READ_BLOCK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, ERR_IO, errno, "%s", path);
        struct str bytes = str_make(block, (size_t)n);
        if (first && looks_binary(str_sub(bytes, 0, TOOL_SNIFF_BYTES)))
            return err_set(e, ERR_NOT_TEXT, "%s is binary (%lld bytes)", path,
                           (long long)st->st_size);
        first = false;
        if (n == 0 && r->counting)
            r->total = r->line - (r->line_n == 0);
        if (n == 0) {
            if (r->line_n > 0 && !r->counting && !end_line(r))
                r->total = r->line - 1; /* a last line without its newline */
            return true;
        }
        take_block(r, bytes);
        if (r->counting && st->st_size > READ_COUNT_MAX)
            return true;
        if (call_stopped(r->call, e))
            return err_wrap(e, "%s, line %lld", path, (long long)r->line);
    }
}

/* ---- the answer ---- */

static void add_notes(struct reading *r, const struct stat *st)
{
    if (r->shown_last == 0 && st->st_size == 0)
        buf_puts(&r->out, "[the file is empty]\n");
    if (r->more && r->shown_last) {
        buf_printf(&r->out, "[the file goes on after line %lld", (long long)r->shown_last);
        if (r->total)
            buf_printf(&r->out, " of %lld", (long long)r->total);
        buf_printf(&r->out, ": read on with offset %lld]\n", (long long)r->shown_last + 1);
    }
    if (r->replaced)
        buf_puts(&r->out, "[bytes that are not UTF-8 are shown as \xEF\xBF\xBD]\n");
}

static bool check_size(struct tool_call *call, const struct read_args *a, const struct stat *st,
                       const char *path, struct err *e)
{
    int64_t max = policy_limits(call->policy).max_file_read_bytes;
    if (a->offset || a->limit || st->st_size <= max)
        return true;
    err_set(e, ERR_TOO_LARGE, "%s has %lld bytes, more than the %lld that are read at once", path,
            (long long)st->st_size, (long long)max);
    return err_hint(e, "read some lines of it with offset and limit, or search it with grep");
}

static bool read_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                     struct err *e)
{
    const struct read_args *a = args;
    char *path = call_path(call, a->path, e);
    if (!path)
        return false;
    CLEANUP(fd_close_p) int fd = path_open(&call->root, path, O_RDONLY, true, e);
    struct stat st;
    if (fd < 0)
        return false;
    if (fstat(fd, &st) < 0)
        return err_sys(e, ERR_IO, errno, "%s", path);
    if (!check_size(call, a, &st, path, e))
        return false;
    CLEANUP(mem_free_p) struct reading *r = NEW(struct reading);
    r->call = call;
    r->line = 1;
    r->first = a->offset ? a->offset : 1;
    r->last = a->limit && a->limit <= INT64_MAX - r->first ? r->first + a->limit - 1 : INT64_MAX;
    r->out = BUF_OWN;
    bool ok = stream(r, fd, &st, path, e);
    if (ok && r->shown_last == 0 && r->first > 1)
        ok = err_set(e, ERR_BAD_ARGUMENTS, "offset: %s has only %s", path,
                     call_count(call, r->line - 1, "line"));
    if (ok) {
        add_notes(r, &st);
        outcome_result(call, ret, &r->out);
        ret->truncated = r->page_full;
        int64_t n = r->shown_last ? r->shown_last - r->first + 1 : 0;
        ret->summary = arena_printf(call->arena, "%s of %s", call_count(call, n, "line"), path);
    }
    buf_free(&r->out);
    return ok;
}

const struct tool_desc tool_read = {
    .name = "read",
    .doc = "Reads a text file with line numbers. For a large file ask for lines with offset and "
           "limit.",
    .args = &read_set,
    .effect = TOOL_READS,
    .timeout_ms = TOOL_LOOK_MS,
    .intend = read_intend,
    .run = read_run,
};
