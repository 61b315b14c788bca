/* SPDX-License-Identifier: MIT
 *
 * mallocs: what malloc and its like were asked for. A program that links it takes $(MALLOCS_LDFLAGS), by
 * which the linker sends its own calls here; those of libraries are not seen. One thread.
 */
#ifndef TAU_TESTS_MALLOCS_H
#define TAU_TESTS_MALLOCS_H

#include <stddef.h>

struct mallocs {
    size_t calls, bytes;
};
extern struct mallocs mallocs; /* since it was last set to nothing */

#endif
