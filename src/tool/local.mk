# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libtool.a
libtool_a_SOURCES = \
	src/tool/bash.c \
	src/tool/builtin.h \
	src/tool/call.c src/tool/call.h \
	src/tool/change.c src/tool/change.h \
	src/tool/command.c src/tool/command.h \
	src/tool/edit.c \
	src/tool/gitindex.c src/tool/gitindex.h \
	src/tool/glob.c \
	src/tool/grep.c \
	src/tool/job_tools.c \
	src/tool/jobs.c src/tool/jobs.h \
	src/tool/keep.c src/tool/keep.h \
	src/tool/ls.c \
	src/tool/nearest.c src/tool/nearest.h \
	src/tool/output.c src/tool/output.h \
	src/tool/read.c \
	src/tool/table.c \
	src/tool/walk.c src/tool/walk.h \
	src/tool/write.c
