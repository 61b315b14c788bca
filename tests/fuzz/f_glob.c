/* SPDX-License-Identifier: MIT
 *
 * f_glob: the first line is a path, the rest a .gitignore whose lines are globs as well.
 */
#include "fuzz/fuzz.h"

#include "text/glob.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str text = str_make((const char *)data, n), path, line;
    if (!str_line(&text, &path))
        return 0;
    struct ignore *g = ignore_new();
    ignore_add(g, STR(""), text);
    ignore_add(g, STR("a"), text);
    bool file = ignore_match(g, path, false), dir = ignore_match(g, path, true);
    ignore_pop(g, STR("a"));
    ignore_pop(g, STR(""));
    /* Without rules only .git is ignored, whatever kind of file it is. */
    TAU_ASSERT(ignore_match(g, path, false) == ignore_match(g, path, true));
    TAU_ASSERT(!ignore_match(g, path, true) || (file && dir));
    ignore_free(g);
    TAU_ASSERT(glob_match(STR("**"), path));
    while (str_line(&text, &line)) {
        /* Both alternatives of a brace are the same, so it changes nothing. */
        CLEANUP(buf_free) struct buf twice = BUF_OWN;
        bool plain = line.n < 100 && str_index(line, '\\') < 0 && str_index(line, '[') < 0 &&
                     str_index(line, '{') < 0 && str_index(line, '}') < 0 &&
                     str_index(line, ',') < 0 && str_index(line, '*') < 0;
        buf_printf(&twice, "{%.*s,%.*s}", STR_ARG(line), STR_ARG(line));
        bool matches = glob_match(line, path);
        TAU_ASSERT(!plain || memchr(line.p, 0, line.n) ||
                   glob_match(buf_view(&twice), path) == matches);
    }
    return 0;
}
