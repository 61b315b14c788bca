/* SPDX-License-Identifier: MIT
 *
 * f_gitdir: the first line is a .git file, the rest a HEAD. What is said of either is a part of it.
 */
#include "fuzz/fuzz.h"

#include "text/utf8.h"
#include "tool/gitdir.h"

#include <string.h>

enum { SHOWN = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str head = str_make((const char *)data, n), link;
    if (!str_split(&head, '\n', &link))
        link = STR("");
    struct str to = gitdir_link(link);
    TAU_ASSERT(to.n < link.n || link.n == 0);
    if (to.n > 0)
        TAU_ASSERT(to.p >= link.p && to.p + to.n <= link.p + link.n && memchr(to.p, '\0', to.n) == NULL);
    char shown[SHOWN] = "";
    if (gitdir_head(head, shown, sizeof(shown))) {
        struct str s = str_of(shown);
        TAU_ASSERT(s.n > 0 && s.n < SHOWN && str_find(head, s) >= 0 && str_index(s, '\n') < 0);
        TAU_ASSERT(!utf8_valid(head) || utf8_valid(s)); /* it is cut, and not inside a character */
    }
    return 0;
}
