/* SPDX-License-Identifier: MIT */
#include "base/outfile.h"

#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool outfile_open(struct outfile *f, const char *path, struct err *e)
{
    *f = (struct outfile){.path = mem_strdup(path), .temporary = mem_printf("%s.XXXXXX", path)};
    f->fd = mkostemp(f->temporary, O_CLOEXEC);
    if (f->fd >= 0)
        return true;
    err_sys(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "%s", path);
    free(TAKE(f->temporary));
    outfile_drop(f);
    return false;
}

bool outfile_add(struct outfile *f, struct str bytes, struct err *e)
{
    return fs_write_all(f->fd, bytes, e) || err_wrap(e, "%s", f->path);
}

static bool give_name(struct outfile *f, bool replace, struct err *e)
{
    if (fsync(f->fd) < 0)
        return err_sys(e, ERR_IO, errno, "%s: sync", f->path);
    if (replace)
        return rename(f->temporary, f->path) == 0 || err_sys(e, ERR_IO, errno, "%s", f->path);
    /* A second name never takes the place of what is there; the first goes with outfile_drop. */
    if (link(f->temporary, f->path) == 0)
        return true;
    if (errno == EEXIST)
        return err_set(e, ERR_EXISTS, "%s is there already", f->path);
    /* A file system without hard links. */
    if (fs_exists(f->path))
        return err_set(e, ERR_EXISTS, "%s is there already", f->path);
    return rename(f->temporary, f->path) == 0 || err_sys(e, ERR_IO, errno, "%s", f->path);
}

bool outfile_end(struct outfile *f, bool replace, struct err *e)
{
    bool ok = give_name(f, replace, e);
    outfile_drop(f);
    return ok;
}

void outfile_drop(struct outfile *f)
{
    if (f->temporary) {
        (void)unlink(f->temporary); /* after a rename there is nothing of that name */
        fd_close_p(&f->fd);
    }
    free(TAKE(f->temporary));
    free(TAKE(f->path));
}
