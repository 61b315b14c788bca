/* SPDX-License-Identifier: MIT
 *
 * token: the word that callers of the gateway have to know, in a file that only its owner reads.
 */
#include "base/fs.h"
#include "base/mem.h"
#include "gateway/internal.h"

#include <string.h>
#include <sys/stat.h>

static bool token_read(struct gateway *g, struct err *e)
{
    struct stat st;
    CLEANUP(buf_free) struct buf b = {.max = 1024};
    if (!fs_read_file(g->token_path, &b, e))
        return err_wrap(e, "the gateway's token");
    if (stat(g->token_path, &st) != 0 || (st.st_mode & 077) != 0) {
        err_set(e, ERR_CONFIG, "the gateway's token in %.200s can be read by others (mode %04o)",
                g->token_path, (unsigned)st.st_mode & 07777);
        return err_hint(e, "remove it, so that a new one is made, or chmod 600 it");
    }
    struct str token = str_trim(buf_view(&b));
    if (token.n != SECRET_TOKEN - 1)
        return err_set(e, ERR_CONFIG, "%.200s holds no token of the gateway; remove it", g->token_path);
    memcpy(g->token, token.p, token.n);
    return true;
}

bool gateway_token(struct gateway *g, const char *state_dir, struct err *e)
{
    char line[SECRET_TOKEN + 1];
    g->token_path = fs_join(state_dir, "gateway.token");
    if (fs_exists(g->token_path))
        return token_read(g, e);
    secret_token(g->token);
    memcpy(line, g->token, SECRET_TOKEN - 1);
    line[SECRET_TOKEN - 1] = '\n';
    bool ok = fs_replace(g->token_path, str_make(line, SECRET_TOKEN), 0600, e);
    memset(line, 0, sizeof(line));
    return ok || err_wrap(e, "the gateway's token");
}
