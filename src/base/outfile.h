/* SPDX-License-Identifier: MIT
 *
 * outfile: a file that is written piece by piece and is there when it is whole: a temporary file
 * beside it (0600), then synced and given its name. One thread.
 *
 *   struct outfile f;  outfile_open;  outfile_add, any number of times;  outfile_end or outfile_drop
 */
#ifndef TAU_BASE_OUTFILE_H
#define TAU_BASE_OUTFILE_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

struct outfile {
    int fd;
    char *path, *temporary;
};

bool outfile_open(struct outfile *f, const char *path, struct err *e) ATTR_WARN;
bool outfile_add(struct outfile *f, struct str bytes, struct err *e) ATTR_WARN;

/* Gives it its name. What has that name is kept (ERR_EXISTS) unless `replace`. Either way f is done. */
bool outfile_end(struct outfile *f, bool replace, struct err *e) ATTR_WARN;

/* Leaves nothing; after outfile_end, and for one that was never opened but zeroed, nothing is done. */
void outfile_drop(struct outfile *f);

#endif
