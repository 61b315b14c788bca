/* SPDX-License-Identifier: MIT
 *
 * refold: the copy of the projections that a log begins with that lost events (store/salvage.h), made by
 * folding what is left of it.
 */
#ifndef TAU_CORE_REFOLD_H
#define TAU_CORE_REFOLD_H

#include "base/base.h"
#include "base/err.h"

/* Folds the copy in the store of this directory forward until it holds all before `upto`. Nobody else has
 * the store open. */
bool refold(const char *dir, int64_t upto, struct err *e) ATTR_WARN;

#endif
