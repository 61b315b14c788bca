/* SPDX-License-Identifier: MIT
 *
 * vfs_shim: an SQLite VFS over the system's own that can lose power and run out of space. It keeps,
 * for each file, what a power loss can not take (all up to the last sync) and every write since.
 * One thread; files of one test at a time. Its memory is that of the files' bytes.
 */
#ifndef TAU_TESTS_VFS_SHIM_H
#define TAU_TESTS_VFS_SHIM_H

#include <stdbool.h>
#include <stdint.h>

#define SHIM_VFS "tau-shim"

/* Registers the VFS (once) and begins anew: power is on, there is space, nothing is known of any
 * file. Every file of it is closed. */
void shim_reset(void);

/* Power is on and there is space; what is known of the files stays. After a cut, when their handles
 * are closed. */
void shim_power_on(void);

/* The n-th write, truncation or sync from now (1 is the next) does not come to its end, and none
 * after it: they fail. Reading goes on, so that handles can be closed. */
void shim_cut_after(int64_t n);
bool shim_is_cut(void);

/* From the n-th write on, `count` writes find the disk full. */
void shim_full_after(int64_t n, int64_t count);

int64_t shim_writes(void); /* writes, truncations and syncs since shim_reset */
int64_t shim_syncs(void);  /* syncs among them */

/* After a cut, when all files are closed: makes the files what the power loss left. Of the writes
 * since the last sync of a file any may be missing and any torn; the numbers decide which. */
void shim_lose_power(uint64_t *random);

#endif
