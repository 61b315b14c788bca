/* SPDX-License-Identifier: MIT
 *
 * token: the word that callers of the gateway have to know, in a file that only its owner reads.
 */
#include "base/fs.h"
#include "base/mem.h"
#include "gateway/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool token_read(const char *path, char token[SECRET_TOKEN], struct err *e)
{
    struct stat st;
    CLEANUP(buf_free) struct buf b = {.max = 1024};
    if (!fs_read_file(path, &b, e))
        return err_wrap(e, "the gateway's token");
    if (stat(path, &st) != 0 || (st.st_mode & 077) != 0) {
        err_set(e, ERR_CONFIG, "the gateway's token in %.200s can be read by others (mode %04o)", path,
                (unsigned)st.st_mode & 07777);
        return err_hint(e, "remove it, so that a new one is made, or chmod 600 it");
    }
    struct str text = str_trim(buf_view(&b));
    if (text.n != SECRET_TOKEN - 1)
        return err_set(e, ERR_CONFIG, "%.200s holds no token of the gateway; remove it", path);
    memcpy(token, text.p, text.n);
    return true;
}

/* Written beside, and given its name only where nobody has it: of two that start for the first time, both
 * have the one that is in the file then. */
static bool token_make(const char *path, char token[SECRET_TOKEN], struct err *e)
{
    static atomic_int made;
    char line[SECRET_TOKEN + 1] = "";
    if (fs_exists(path))
        return token_read(path, token, e);
    CLEANUP(mem_free_p) char *beside = mem_printf("%s.%ld-%d", path, (long)getpid(), atomic_fetch_add(&made, 1));
    secret_token(line);
    line[SECRET_TOKEN - 1] = '\n';
    bool ok = fs_replace(beside, str_make(line, SECRET_TOKEN), 0600, e);
    secret_wipe(line);
    ok = ok && (fs_rename_new(AT_FDCWD, beside, path) == 0 || errno == EEXIST || err_sys(e, ERR_IO, errno, "%.300s", path));
    (void)unlink(beside); /* it has its name, or it is of no use */
    return ok ? token_read(path, token, e) : err_wrap(e, "the gateway's token");
}

bool gateway_token(struct gateway *g, const char *state_dir, struct err *e)
{
    CLEANUP(mem_free_p) char *view = fs_join(state_dir, "gateway.view.token");
    g->token_path = fs_join(state_dir, "gateway.token");
    return token_make(g->token_path, g->token, e) && token_make(view, g->view_token, e);
}
