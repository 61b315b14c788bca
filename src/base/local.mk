# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/base.h \
	src/base/base64.c src/base/base64.h \
	src/base/body.c src/base/body.h \
	src/base/buf.c src/base/buf.h \
	src/base/cancel.c src/base/cancel.h \
	src/base/clock.c src/base/clock.h \
	src/base/digest.c src/base/digest.h \
	src/base/err.c src/base/err.h src/base/errors.def \
	src/base/fs.c src/base/fs.h \
	src/base/id.c src/base/id.h \
	src/base/log.c src/base/log.h \
	src/base/map.c src/base/map.h \
	src/base/mem.c src/base/mem.h \
	src/base/outfile.c src/base/outfile.h \
	src/base/proc.c src/base/proc.h \
	src/base/secret.c src/base/secret.h \
	src/base/queue.c src/base/queue.h \
	src/base/str.c src/base/str.h \
	src/base/thread.c src/base/thread.h \
	src/base/xdg.c

base_tests = \
	tests/unit/t_arena \
	tests/unit/t_base64 \
	tests/unit/t_body \
	tests/unit/t_buf \
	tests/unit/t_cancel \
	tests/unit/t_clock \
	tests/unit/t_digest \
	tests/unit/t_err \
	tests/unit/t_fs \
	tests/unit/t_fs_torture \
	tests/unit/t_id \
	tests/unit/t_log \
	tests/unit/t_map \
	tests/unit/t_mem \
	tests/unit/t_outfile \
	tests/unit/t_proc \
	tests/unit/t_queue \
	tests/unit/t_str \
	tests/unit/t_thread
tests_unit_t_arena_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_base64_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_body_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_buf_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_cancel_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_clock_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_digest_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_err_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_fs_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_fs_torture_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_id_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_log_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_map_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_mem_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_outfile_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_proc_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_queue_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_str_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_unit_t_thread_LDADD = $(LINK_TEST) $(LINK_BASE)
check_PROGRAMS += $(base_tests)
TESTS += $(base_tests)
SAN_TESTS += $(base_tests)
