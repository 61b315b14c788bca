# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libtool.a
libtool_a_SOURCES = \
	src/tool/call.c src/tool/call.h \
	src/tool/jobs.h \
	src/tool/keep.h \
	src/tool/output.c src/tool/output.h
