/* SPDX-License-Identifier: MIT
 *
 * f_gitindex: the bytes of a .git/index.
 */
#include "fuzz/fuzz.h"

#include "tool/gitindex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { ENTRY_MIN = 62 };
    struct str bytes = str_make((const char *)data, n);
    struct timespec now = {1u << 31, 0};
    struct gitindex *all = gitindex_parse(bytes, now, STR(""));
    struct gitindex *some = gitindex_parse(bytes, now, STR("src/"));
    TAU_ASSERT(!all == !some); /* the prefix decides what is kept, not what is understood */
    if (all) {
        TAU_ASSERT(gitindex_count(some) <= gitindex_count(all));
        TAU_ASSERT(gitindex_count(all) <= n / ENTRY_MIN);
        TAU_ASSERT(!gitindex_has(all, "", &(struct stat){0}));
    }
    gitindex_free(all);
    gitindex_free(some);
    return 0;
}
