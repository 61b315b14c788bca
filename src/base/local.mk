# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/base.h \
	src/base/body.h \
	src/base/buf.c src/base/buf.h \
	src/base/cancel.h \
	src/base/clock.h \
	src/base/digest.h \
	src/base/err.c src/base/err.h src/base/errors.def \
	src/base/fs.h \
	src/base/id.h \
	src/base/log.h \
	src/base/map.h \
	src/base/mem.c src/base/mem.h \
	src/base/proc.h \
	src/base/queue.h \
	src/base/str.c src/base/str.h \
	src/base/thread.h

base_tests = tests/unit/t_buf
tests_unit_t_buf_LDADD = $(LINK_TEST) $(LINK_BASE)
check_PROGRAMS += $(base_tests)
TESTS += $(base_tests)
SAN_TESTS += $(base_tests)
