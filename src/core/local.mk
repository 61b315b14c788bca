# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = src/core/core.c
