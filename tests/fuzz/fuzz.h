/* SPDX-License-Identifier: MIT
 *
 * fuzz: what every fuzz target includes. A target exports LLVMFuzzerTestOneInput, which must return
 * 0, leave nothing behind, and end the process (TAU_ASSERT) when a promise is broken. libFuzzer
 * calls it with inputs it makes up; replay_main.c calls it with those of the corpus.
 */
#ifndef TAU_TESTS_FUZZ_H
#define TAU_TESTS_FUZZ_H

#include "base/base.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#endif
