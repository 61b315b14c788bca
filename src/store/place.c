/* SPDX-License-Identifier: MIT
 *
 * place: how a store's file comes to be. It is written whole, synced and then named: that takes two
 * syncs instead of the many that SQLite wants for its first page, its journal and its WAL, and
 * nobody ever sees half of one.
 */
#include "store/place.h"

#include "base/fs.h"
#include "base/mem.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { AT_WRITE_VERSION = 18, AT_READ_VERSION = 19, VERSION_WAL = 2 }; /* in the header of a file */

bool place_sync_dir(const char *dir, struct err *e)
{
    CLEANUP(fd_close_p) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems can not sync a directory and say EINVAL. */
    if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
        return err_sys(e, ERR_STORE, errno, "%s", dir);
    return true;
}

/* The bytes of a database with our tables and nothing in them, as a file in WAL mode has them. */
static unsigned char *empty_database(size_t *ret_n, struct err *e)
{
    int64_t version;
    sqlite3_int64 n = 0;
    unsigned char *bytes = NULL;
    sqlite3 *db = sql_open(":memory:", NULL, false, e);
    /* So that what is pruned can be given back, some pages at a time. */
    if (db && sql_exec(db, "PRAGMA auto_vacuum = INCREMENTAL", e) && schema_make(db, &version, e)) {
        bytes = sqlite3_serialize(db, "main", &n, 0);
        if (!bytes)
            err_set(e, ERR_NO_MEMORY, "no memory for a new store");
    }
    sql_close(db);
    if (bytes)
        bytes[AT_WRITE_VERSION] = bytes[AT_READ_VERSION] = VERSION_WAL;
    *ret_n = (size_t)n;
    return bytes;
}

/* Gives the file its name, unless another process was quicker. */
static bool name_file(const char *temporary, const char *path, struct err *e)
{
    if (link(temporary, path) == 0 || errno == EEXIST)
        return true;
    /* A file system without hard links. */
    return rename(temporary, path) == 0 || err_sys(e, ERR_STORE, errno, "%s", path);
}

bool place_make(const char *path, const char *dir, struct err *e)
{
    size_t n;
    if (fs_exists(path))
        return true;
    unsigned char *bytes = empty_database(&n, e);
    if (!bytes)
        return false;
    CLEANUP(mem_free_p) char *temporary = mem_printf("%s.XXXXXX", path);
    int fd = mkostemp(temporary, O_CLOEXEC); /* 0600 whatever the umask */
    bool ok = fd >= 0 || err_sys(e, ERR_STORE, errno, "%s", dir);
    ok = ok && (fs_write_all(fd, str_make((const char *)bytes, n), e) || err_wrap(e, "%s", path));
    ok = ok && (fsync(fd) == 0 || err_sys(e, ERR_STORE, errno, "%s", path));
    sqlite3_free(bytes);
    if (fd < 0)
        return false;
    /* Before it is the database's: closing a descriptor of that would drop SQLite's locks on it. */
    fd_close_p(&fd);
    ok = ok && name_file(temporary, path, e);
    (void)unlink(temporary); /* renamed, or a second name, or of no use */
    return ok && place_sync_dir(dir, e);
}
