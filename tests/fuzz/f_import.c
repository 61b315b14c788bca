/* SPDX-License-Identifier: MIT
 *
 * f_import: any bytes as a file of Tau's entries, and as one of tau's events: read, judged and
 * walked to the end as with --dry-run. Each entry that is kept stands in the tree once.
 */
#include "fuzz/fuzz.h"

#include "base/fs.h"
#include "cli/import.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct err e = ERR_INIT;
    CLEANUP(fd_close_p) int fd = memfd_create("import", MFD_CLOEXEC);
    TAU_ASSERT(fd >= 0 && fs_write_all(fd, str_make((const char *)data, n), &e) &&
               lseek(fd, 0, SEEK_SET) == 0);
    struct import entries = {.path = "f", .name = "f", .dry_run = true};
    if (import_tau(&entries, fd, NULL, &e))
        TAU_ASSERT(entries.roots > 0 && entries.entries + entries.system > 0);
    struct import events = {.path = "f", .name = "f", .dry_run = true};
    e = ERR_INIT;
    if (!import_events(&events, fd, &e))
        TAU_ASSERT(e.code != ERR_NONE);
    return 0;
}
