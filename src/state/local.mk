# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libstate.a
libstate_a_SOURCES = src/state/state.c
