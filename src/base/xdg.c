/* SPDX-License-Identifier: MIT
 *
 * xdg: base directories of the user. Apart from fs.c, because looking up a user can not be linked
 * statically, and tau-exec is static.
 */
#include "base/fs.h"

#include "base/mem.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

enum { PASSWD_BYTES = 16 * 1024 };

static char *home_of_passwd(void)
{
    struct passwd row, *found = NULL;
    CLEANUP(mem_free_p) char *text = mem_new(PASSWD_BYTES);
    if (getpwuid_r(getuid(), &row, text, PASSWD_BYTES, &found) != 0 || !found ||
        found->pw_dir[0] != '/')
        return mem_strdup("/");
    return mem_strdup(found->pw_dir);
}

char *fs_xdg(const char *variable, const char *fallback)
{
    const char *value = getenv(variable);
    if (value && value[0] == '/')
        return mem_strdup(value);
    const char *home = getenv("HOME");
    CLEANUP(mem_free_p) char *base = home && home[0] == '/' ? mem_strdup(home) : home_of_passwd();
    return fs_join(base, fallback);
}
