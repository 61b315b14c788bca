/* SPDX-License-Identifier: MIT
 *
 * sweep: old files below blobs/, less those that are named.
 */
#include "store/sweep.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "contract/event.h"
#include "store/handle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHA_CHARS = DIGEST_HEX - 1, FAN_CHARS = 2, FANS = 256, LOOK_EVERY = 1000 };

static const char hex[] = "0123456789abcdef";

/* Most of a log, and none of it names a blob. */
static const enum event_kind nameless[] = {
    EV_TURN_TEXT,  EV_TURN_REASONING,          EV_TOOL_OUTPUT,           EV_JOB_OUTPUT,
    EV_TURN_USAGE_REPORTED, EV_TURN_CONTEXT_MEASURED, EV_SESSION_LEASED, EV_TURN_PROVIDER_REQUESTED,
};

struct sweep {
    char *blobs; /* the directory */
    int64_t old_ms;
    struct map old; /* digest: its size, plus 1 */
    struct cancel *cancel;
    struct swept *ret;
};

/* ---- which are old ---- */

static int64_t age_of(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;
}

static bool is_hex(const char *s, size_t n)
{
    return strlen(s) == n && strspn(s, hex) == n;
}

static char *path_of(const struct sweep *s, const char *sha)
{
    return mem_printf("%s/%.*s/%s", s->blobs, FAN_CHARS, sha, sha + FAN_CHARS);
}

static void look_fan(struct sweep *s, const char *fan)
{
    CLEANUP(mem_free_p) char *path = fs_join(s->blobs, fan);
    DIR *d = opendir(path);
    for (struct dirent *one; d && s->old.n < SWEEP_MOST && (one = readdir(d));) {
        struct stat st;
        if (!is_hex(one->d_name, SHA_CHARS - FAN_CHARS) ||
            fstatat(dirfd(d), one->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
            age_of(&st) >= s->old_ms)
            continue;
        CLEANUP(mem_free_p) char *sha = mem_printf("%s%s", fan, one->d_name);
        map_put(&s->old, str_of(sha), (void *)(uintptr_t)(st.st_size + 1));
    }
    if (d)
        closedir(d);
}

/* Each run begins at another fan: old ones that are named stay, and might else take up all that one
 * run looks up, every time. */
static void look_all(struct sweep *s)
{
    unsigned char from;
    random_bytes(&from, sizeof(from));
    for (int i = 0; i < FANS && s->old.n < SWEEP_MOST && !cancel_fired(s->cancel); i++) {
        char fan[FAN_CHARS + 1];
        snprintf(fan, sizeof(fan), "%02x", (unsigned char)(from + i));
        look_fan(s, fan);
    }
}

/* ---- which are named ---- */

/* Every digest in the text counts, whatever it stands for. */
static void unlist(struct sweep *s, struct str text)
{
    for (size_t at = 0, n; at < text.n; at += n + 1) {
        for (n = 0; at + n < text.n && memchr(hex, text.p[at + n], sizeof(hex) - 1); n++)
            ;
        for (size_t i = at; i + SHA_CHARS <= at + n && s->old.n > 0; i++)
            (void)map_remove(&s->old, str_make(text.p + i, SHA_CHARS));
    }
}

static bool unlist_named(struct sweep *s, const char *dir, struct err *e)
{
    CLEANUP(mem_free_p) char *path = fs_join(dir, "tau.db");
    CLEANUP(buf_free) struct buf sql = BUF_OWN;
    sqlite3 *db = sql_open(path, NULL, true, e);
    buf_puts(&sql, "SELECT sha256 FROM artifacts UNION ALL SELECT json FROM event WHERE kind NOT IN (''");
    for (size_t i = 0; i < ARRAY_LEN(nameless); i++)
        buf_printf(&sql, ", '%s'", event_table[nameless[i]].wire);
    buf_putc(&sql, ')');
    sqlite3_stmt *st = db ? sql_prepare(db, buf_cstr(&sql), e) : NULL;
    bool ok = st != NULL;
    for (int64_t n = 1; ok && s->old.n > 0 && sql_row(st, &ok, e); n++) {
        unlist(s, sql_str(st, 0));
        if (n % LOOK_EVERY == 0 && cancel_fired(s->cancel))
            break;
    }
    sql_done_p(&st);
    sql_close(db);
    return ok;
}

/* ---- away ---- */

/* Whoever found it there since has made it young, and looks once more whether it is there: either it is
 * not and they write it, or we see that it is young and put it back. */
static bool remove_one(struct sweep *s, const char *sha)
{
    CLEANUP(mem_free_p) char *path = path_of(s, sha);
    CLEANUP(mem_free_p) char *gone = mem_printf("%s/gone-%s", s->blobs, sha);
    struct stat st;
    if (rename(path, gone) < 0)
        return false;
    if (lstat(gone, &st) == 0 && age_of(&st) >= s->old_ms) {
        (void)!rename(gone, path);
        return false;
    }
    return unlink(gone) == 0;
}

/* What a sweep that was killed had set aside. */
static void remove_gone(struct sweep *s)
{
    DIR *d = opendir(s->blobs);
    for (struct dirent *one; d && (one = readdir(d));)
        if (strncmp(one->d_name, "gone-", 5) == 0 && is_hex(one->d_name + 5, SHA_CHARS)) {
            CLEANUP(mem_free_p) char *gone = fs_join(s->blobs, one->d_name);
            CLEANUP(mem_free_p) char *path = path_of(s, one->d_name + 5);
            (void)!rename(gone, path); /* and is looked at as all others */
        }
    if (d)
        closedir(d);
}

/* What a writer that died had begun (store/blob.c). */
static void remove_begun(struct sweep *s, bool dry_run)
{
    DIR *d = opendir(s->blobs);
    for (struct dirent *one; d && (one = readdir(d));) {
        struct stat st;
        if (strncmp(one->d_name, "new-", 4) != 0 ||
            fstatat(dirfd(d), one->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
            age_of(&st) >= s->old_ms || (!dry_run && unlinkat(dirfd(d), one->d_name, 0) < 0))
            continue;
        s->ret->blobs++;
        s->ret->bytes += st.st_size;
    }
    if (d)
        closedir(d);
}

bool sweep_blobs(const char *dir, bool dry_run, struct cancel *cancel, struct swept *ret, struct err *e)
{
    struct sweep s = {.blobs = fs_join(dir, "blobs"),
                      .old_ms = clock_wall_ms() - SWEEP_AGE_MS,
                      .cancel = cancel,
                      .ret = ret};
    size_t at = 0;
    const char *sha;
    void *size;
    *ret = (struct swept){0};
    if (!dry_run)
        remove_gone(&s);
    if (!cancel_fired(cancel))
        remove_begun(&s, dry_run);
    look_all(&s);
    bool ok = s.old.n == 0 || unlist_named(&s, dir, e);
    while (ok && !cancel_fired(cancel) && map_next(&s.old, &at, &sha, &size))
        if (dry_run || remove_one(&s, sha)) {
            ret->blobs++;
            ret->bytes += (int64_t)(uintptr_t)size - 1;
        }
    map_free(&s.old, NULL);
    free(s.blobs);
    return ok;
}
