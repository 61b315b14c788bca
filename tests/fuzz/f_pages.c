/* SPDX-License-Identifier: MIT
 *
 * f_pages: any bytes as a database file. Rows come or do not; all that they hold can be read.
 */
#include "fuzz/fuzz.h"

#include "base/fs.h"
#include "store/pages.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static bool see(void *arg, const struct page_row *row)
{
    unsigned *sum = arg;
    TAU_ASSERT(row->n > 0 && row->n <= PAGES_COLUMNS_MAX);
    for (size_t i = 0; i < row->n; i++)
        for (size_t k = 0; k < row->v[i].s.n; k++)
            *sum += (unsigned char)row->v[i].s.p[k];
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct err e = ERR_INIT;
    unsigned sum = 0;
    int fd = memfd_create("pages", MFD_CLOEXEC);
    TAU_ASSERT(fd >= 0);
    bool ok = fs_write_all(fd, str_make((const char *)data, n), &e);
    TAU_ASSERT(ok && pages_each(fd, see, &sum, &e));
    close(fd);
    return 0;
}
