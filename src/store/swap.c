/* SPDX-License-Identifier: MIT
 *
 * swap: names and copies of database files.
 */
#include "store/swap.h"

#include "base/fs.h"
#include "base/mem.h"
#include "store/handle.h"
#include "store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool copy_file(const char *from, const char *to, struct err *e)
{
    CLEANUP(fd_close_p) int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in < 0)
        return err_sys(e, ERR_STORE, errno, "%s", from);
    CLEANUP(fd_close_p) int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (out < 0)
        return err_sys(e, ERR_STORE, errno, "%s", to);
    if (!fs_copy(in, out, e))
        return err_wrap(e, "%s", to);
    return fsync(out) == 0 || err_sys(e, ERR_STORE, errno, "%s: sync", to);
}

/* A second name for the old file; without hard links a copy. It keeps its own until the fresh one takes it at
 * once, so that there is never none: for that would be a new store to whoever opens it. */
static bool keep_old(const char *path, const char *backup, struct err *e)
{
    return link(path, backup) == 0 || copy_file(path, backup, e);
}

bool swap_database(const char *store, const char *fresh, char **ret_backup, struct err *e)
{
    CLEANUP(mem_free_p) char *dir = fs_join(store, "backup");
    CLEANUP(mem_free_p) char *path = fs_join(store, "tau.db");
    CLEANUP(mem_free_p) char *wal = fs_join(store, "tau.db-wal");
    CLEANUP(mem_free_p) char *shm = fs_join(store, "tau.db-shm");
    char *backup = fs_mkdirs(dir, 0700, e) ? store_backup_name(dir, "damaged-", e) : NULL;
    if (!backup)
        return false;
    CLEANUP(mem_free_p) char *backup_wal = mem_printf("%s-wal", backup);
    bool moved = false, placed = false;
    bool ok = (unlink(backup) == 0 || err_sys(e, ERR_STORE, errno, "%s", backup)) && keep_old(path, backup, e);
    if (ok) {
        moved = rename(wal, backup_wal) == 0;
        ok = moved || errno == ENOENT || err_sys(e, ERR_STORE, errno, "%s", backup_wal);
    }
    ok = ok && (unlink(shm) == 0 || errno == ENOENT || err_sys(e, ERR_STORE, errno, "%s", shm)) &&
         place_sync_dir(dir, e);
    if (ok) {
        placed = rename(fresh, path) == 0;
        ok = (placed || err_sys(e, ERR_STORE, errno, "%s", path)) && place_sync_dir(store, e);
    }
    if (!placed) { /* as it was: what failed is what is said */
        if (moved)
            (void)!rename(backup_wal, wal);
        (void)!unlink(backup);
    }
    if (ok)
        *ret_backup = backup;
    else
        free(backup);
    return ok;
}
