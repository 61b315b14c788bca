/* SPDX-License-Identifier: MIT
 *
 * swap: a store's database file for another one, so that at every moment one of both is there. One
 * thread, which alone has the store open.
 */
#ifndef TAU_STORE_SWAP_H
#define TAU_STORE_SWAP_H

#include "base/base.h"
#include "base/err.h"

/* Puts the database `fresh` in the place of store/tau.db. *ret_backup: where that is now, with its log beside
 * it, below store/backup; malloc'd. On failure everything is where it was, but for a sync that failed last. */
bool swap_database(const char *store, const char *fresh, char **ret_backup, struct err *e) ATTR_WARN;

#endif
