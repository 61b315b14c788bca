# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libagent.a
libagent_a_SOURCES = \
	src/agent/context.c \
	src/agent/part.c src/agent/part.h \
	src/agent/prompt.c src/agent/prompt.h \
	src/agent/step.c src/agent/step.h \
	src/agent/toolset.c src/agent/toolset.h \
	src/agent/turn.c src/agent/turn.h
