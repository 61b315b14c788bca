/* SPDX-License-Identifier: MIT
 *
 * upkeep: copies of the database, and whether it is sound.
 */
#include "store/handle.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BACKUPS_A_SECOND = 100, STAMP_MAX = 32 };

/* ---- backup ---- */

char *store_backup_name(const char *dir, const char *what, struct err *e)
{
    char stamp[STAMP_MAX];
    clock_format(clock_wall_ms(), stamp, sizeof(stamp));
    stamp[19] = '\0'; /* whole seconds */
    for (int i = 1; i <= BACKUPS_A_SECOND; i++) {
        char *path = i == 1 ? mem_printf("%s/tau-%s%sZ.db", dir, what, stamp)
                            : mem_printf("%s/tau-%s%sZ-%d.db", dir, what, stamp, i);
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        int why = errno;
        if (fd >= 0) {
            fd_close_p(&fd);
            return path;
        }
        free(path);
        if (why != EEXIST) {
            err_sys(e, ERR_STORE, why, "%s", dir);
            return NULL;
        }
    }
    err_set(e, ERR_STORE, "%s: too many backups at once", dir);
    return NULL;
}

static bool copy_to(sqlite3 *from, sqlite3 *to, struct err *e)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
    if (!b)
        return sql_failed(to, e);
    int rc = sqlite3_backup_step(b, -1);
    /* Repeats the failure of the step, and puts it where sql_failed looks. */
    int done = sqlite3_backup_finish(b);
    return (rc == SQLITE_DONE && done == SQLITE_OK) || sql_failed(to, e);
}

char *store_backup(struct store *s, struct err *e)
{
    CLEANUP(mem_free_p) char *dir = fs_join(s->dir, "backup");
    if (!fs_mkdirs(dir, 0700, e))
        return NULL;
    char *path = store_backup_name(dir, "", e);
    if (!path)
        return NULL;
    sqlite3 *to = sql_open(path, NULL, false, e);
    bool ok = to && copy_to(s->db, to, e);
    sql_close(to);
    if (ok)
        return path;
    (void)unlink(path); /* the failure to tell is the copy's */
    free(path);
    return NULL;
}

/* ---- rebuild ---- */

bool store_alone(const char *dir, const char *proc, struct err *e)
{
    CLEANUP(mem_free_p) char *procs = fs_join(dir, "proc");
    CLEANUP(mem_free_p) char *own = mem_printf("%s.lock", proc);
    DIR *d = opendir(procs);
    bool alone = d != NULL || errno == ENOENT;
    for (struct dirent *one; d && alone && (one = readdir(d));) {
        CLEANUP(mem_free_p) char *path = fs_join(procs, one->d_name);
        bool other = one->d_name[0] != '.' && strcmp(one->d_name, own) != 0;
        alone = !other || lock_is_free(path);
    }
    if (d)
        closedir(d);
    return alone || err_set(e, ERR_LEASED, "another tau has this store open") ||
           err_hint(e, "end it, then try again");
}

char *store_repair_lock(const char *dir)
{
    return fs_join(dir, "repair.lock");
}

bool store_rebuild(struct store *s, struct err *e)
{
    return store_alone(s->dir, s->proc, e) &&
           sql_exec(s->db, "UPDATE meta SET value = 'none' WHERE key = 'shape'", e);
}

/* ---- check ---- */

static bool check_pages(struct store *s, struct err *e)
{
    CLEANUP(sql_done_p) sqlite3_stmt *st = sql_prepare(s->db, "PRAGMA integrity_check(1)", e);
    bool ok = st != NULL;
    if (!ok || !sql_row(st, &ok, e))
        return ok;
    struct str finding = sql_str(st, 0);
    return str_is(finding, "ok") ||
           err_set(e, ERR_STORE_DAMAGED, "%s: %.*s", s->file, STR_ARG(finding));
}

/* From first_seq on the numbers rise by one. */
static bool check_numbers(struct store *s, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(s->db,
                                   "SELECT seq, before FROM (SELECT seq, lag(seq, 1,"
                                   " (SELECT value - 1 FROM meta WHERE key = 'first_seq'))"
                                   " OVER (ORDER BY seq) AS before FROM event WHERE seq >="
                                   " (SELECT value FROM meta WHERE key = 'first_seq'))"
                                   " WHERE seq <> before + 1 LIMIT 1",
                                   e);
    bool ok = st != NULL;
    if (!ok || !sql_row(st, &ok, e))
        return ok;
    return err_set(e, ERR_STORE_DAMAGED, "%s: the log has a hole between %lld and %lld", s->file,
                   (long long)sqlite3_column_int64(st, 1), (long long)sqlite3_column_int64(st, 0));
}

bool store_check(struct store *s, struct err *e)
{
    return check_pages(s, e) && check_numbers(s, e);
}
