# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	src/core/actions.c \
	src/core/asks.c \
	src/core/batch.c src/core/batch.h \
	src/core/core.c src/core/core.h \
	src/core/internal.h \
	src/core/mailbox.c \
	src/core/queries.c \
	src/core/recover.c \
	src/core/runs.c \
	src/core/sessions.c
