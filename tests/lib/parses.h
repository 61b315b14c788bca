/* SPDX-License-Identifier: MIT
 *
 * parses: how many trees cJSON was asked for. A program that links it takes $(PARSES_LDFLAGS), by which the
 * linker sends the calls of our own code here. One thread.
 */
#ifndef TAU_TESTS_PARSES_H
#define TAU_TESTS_PARSES_H

#include <stddef.h>

extern size_t parses; /* since it was last set to nothing */

#endif
