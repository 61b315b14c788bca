/* SPDX-License-Identifier: MIT
 *
 * pages: leaves of tables, cell by cell.
 */
#include "store/pages.h"

#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_HEADER = 100, /* bytes of the first page before its own */
    AT_PAGE_SIZE = 16,
    AT_RESERVED = 20,
    PAGE_USUAL = 4096, /* when the header says nothing that can be */
    LEAF = 0x0d,       /* of a table */
    LEAF_HEADER = 8,
};

struct file {
    int fd;
    int64_t pages;
    size_t page, usable;   /* bytes of a page, and of those without what is reserved */
    unsigned char *at;     /* the page that is looked at */
    unsigned char *more;   /* a page of a chain */
    unsigned char *whole;  /* a row that goes over several pages */
};

static size_t be16(const unsigned char *p)
{
    return (size_t)p[0] << 8 | p[1];
}

static int64_t be32(const unsigned char *p)
{
    return (int64_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* Reads a number of 1 to 9 bytes; how many, 0 when it does not end in n. */
static size_t varint(const unsigned char *p, size_t n, uint64_t *ret)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n && i < 9; i++) {
        if (i == 8) {
            *ret = v << 8 | p[i];
            return 9;
        }
        v = v << 7 | (p[i] & 0x7f);
        if (!(p[i] & 0x80)) {
            *ret = v;
            return i + 1;
        }
    }
    return 0;
}

static bool read_page(const struct file *f, int64_t number, unsigned char *to)
{
    if (number < 1 || number > f->pages)
        return false;
    for (size_t got = 0; got < f->page;) {
        ssize_t n = pread(f->fd, to + got, f->page - got, (off_t)((number - 1) * (int64_t)f->page + (int64_t)got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    return true;
}

/* ---- a row ---- */

/* A signed big-endian number of n bytes. */
static int64_t integer(const unsigned char *p, size_t n)
{
    uint64_t v = n > 0 && p[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return (int64_t)v;
}

/* The value of a serial type at p; false when it does not fit into n. */
static bool value_of(uint64_t serial, const unsigned char *p, size_t n, struct page_value *ret,
                     size_t *ret_used)
{
    static const size_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
    *ret = (struct page_value){.type = PAGE_NULL};
    if (serial == 10 || serial == 11)
        return false; /* of SQLite itself only */
    uint64_t size = serial < 10 ? sizes[serial] : (serial - 12) / 2;
    if (size > n)
        return false;
    *ret_used = (size_t)size;
    if (serial >= 12) {
        ret->type = serial & 1 ? PAGE_TEXT : PAGE_BLOB;
        ret->s = str_make((const char *)p, (size_t)size);
    } else if (serial == 7) {
        ret->type = PAGE_REAL;
    } else if (serial > 0) {
        ret->type = PAGE_INT;
        ret->i = serial == 8 || serial == 9 ? (int64_t)serial - 8 : integer(p, (size_t)size);
    }
    return true;
}

static bool parse_record(const unsigned char *p, size_t n, struct page_row *row)
{
    uint64_t header, serial;
    size_t at = varint(p, n, &header), body;
    if (at == 0 || header > n || header < at)
        return false;
    body = (size_t)header;
    for (row->n = 0; at < header; row->n++) {
        size_t step = varint(p + at, (size_t)header - at, &serial), used;
        if (step == 0 || row->n == PAGES_COLUMNS_MAX ||
            !value_of(serial, p + body, n - body, &row->v[row->n], &used))
            return false;
        at += step;
        body += used;
    }
    return row->n > 0 && body == n;
}

/* ---- a cell ---- */

/* How many bytes of a payload lie in the leaf. */
static size_t local_of(const struct file *f, uint64_t payload)
{
    size_t u = f->usable, most = u - 35, least = (u - 12) * 32 / 255 - 23;
    if (payload <= most)
        return (size_t)payload;
    size_t k = least + (size_t)((payload - least) % (u - 4));
    return k <= most ? k : least;
}

/* Puts the pages of a chain behind the `have` bytes that f->whole holds already. */
static bool follow(struct file *f, int64_t page, size_t have, size_t payload)
{
    while (have < payload) {
        size_t n = MIN(payload - have, f->usable - 4);
        if (!read_page(f, page, f->more))
            return false;
        memcpy(f->whole + have, f->more + 4, n);
        have += n;
        page = be32(f->more);
    }
    return page == 0;
}

static bool parse_cell(struct file *f, size_t at, struct page_row *row)
{
    uint64_t payload, rowid;
    size_t n = varint(f->at + at, f->usable - at, &payload), m;
    if (n == 0 || payload > PAGES_ROW_MAX || payload == 0)
        return false;
    m = varint(f->at + at + n, f->usable - at - n, &rowid);
    at += n + m;
    size_t local = local_of(f, payload);
    bool over = local < payload;
    if (m == 0 || local + (over ? 4 : 0) > f->usable - at)
        return false;
    row->rowid = (int64_t)rowid;
    if (!over)
        return parse_record(f->at + at, local, row);
    free(f->whole);
    f->whole = mem_new((size_t)payload);
    memcpy(f->whole, f->at + at, local);
    return follow(f, be32(f->at + at + local), local, (size_t)payload) &&
           parse_record(f->whole, (size_t)payload, row);
}

/* ---- the file ---- */

/* False to stop. */
static bool look_page(struct file *f, size_t header, bool (*fn)(void *arg, const struct page_row *row),
                      void *arg)
{
    const unsigned char *p = f->at + header;
    size_t cells = be16(p + 3), table = header + LEAF_HEADER;
    if (p[0] != LEAF || table + 2 * cells > f->usable)
        return true;
    for (size_t i = 0; i < cells; i++) {
        struct page_row row;
        size_t at = be16(f->at + table + 2 * i);
        if (at >= table + 2 * cells && at < f->usable && parse_cell(f, at, &row) && !fn(arg, &row))
            return false;
    }
    return true;
}

static bool open_file(struct file *f, struct err *e)
{
    unsigned char head[FILE_HEADER] = {0};
    struct stat st;
    if (fstat(f->fd, &st) < 0 || pread(f->fd, head, sizeof(head), 0) < 0)
        return err_sys(e, ERR_STORE, errno, "the database");
    size_t size = be16(head + AT_PAGE_SIZE);
    size = size == 1 ? 65536 : size;
    bool said = memcmp(head, "SQLite format 3", 16) == 0 && size >= 512 && (size & (size - 1)) == 0;
    f->page = said ? size : PAGE_USUAL;
    f->usable = f->page - (said && head[AT_RESERVED] <= 32 ? head[AT_RESERVED] : 0);
    f->pages = st.st_size / (int64_t)f->page;
    f->at = mem_new(f->page);
    f->more = mem_new(f->page);
    return true;
}

bool pages_each(int fd, bool (*fn)(void *arg, const struct page_row *row), void *arg, struct err *e)
{
    struct file f = {.fd = fd};
    bool ok = open_file(&f, e), more = ok;
    for (int64_t i = 1; more && i <= f.pages; i++)
        if (read_page(&f, i, f.at))
            more = look_page(&f, i == 1 ? FILE_HEADER : 0, fn, arg);
    free(f.at);
    free(f.more);
    free(f.whole);
    return ok;
}
