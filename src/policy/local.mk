# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libpolicy.a
libpolicy_a_SOURCES = src/policy/policy.c src/policy/launch.h src/policy/sandbox.h
