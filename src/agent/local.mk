# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libagent.a
libagent_a_SOURCES = src/agent/agent.c
