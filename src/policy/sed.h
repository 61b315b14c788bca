/* SPDX-License-Identifier: MIT
 *
 * sed: is a sed command one that only prints? sed writes files (-i, w) and runs programs (e), and
 * its scripts are a language; this reads the small part of it that people use to look at files.
 * Pure.
 */
#ifndef TAU_POLICY_SED_H
#define TAU_POLICY_SED_H

#include "base/base.h"
#include "base/str.h"
#include "text/shell.h"

/* Addresses (numbers, $, /regex/, ranges, !) before p, d, q, =, and s with the flags g i I p and
 * numbers, with ; between them. */
bool sed_script_reads(struct str script);

/* The whole command: options -n -E -r -s -u -z and -e SCRIPT, then the script unless -e gave it.
 * *ret_script: index of the word that is the script and not a path, or 0. */
bool sed_reads(const struct shell_command *c, size_t *ret_script);

#endif
