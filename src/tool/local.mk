# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libtool.a
libtool_a_SOURCES = \
	src/tool/bash.c \
	src/tool/builtin.h \
	src/tool/call.c src/tool/call.h \
	src/tool/change.c src/tool/change.h \
	src/tool/edit.c \
	src/tool/gitdir.c src/tool/gitdir.h \
	src/tool/gitindex.c src/tool/gitindex.h \
	src/tool/glob.c \
	src/tool/grep.c \
	src/tool/job_tools.c \
	src/tool/jobs.c src/tool/jobs.h \
	src/tool/keep.c src/tool/keep.h \
	src/tool/keep_cache.c src/tool/keep_cache.h \
	src/tool/rewind.c src/tool/rewind.h \
	src/tool/ls.c \
	src/tool/memory_tools.c \
	src/tool/nearest.c src/tool/nearest.h \
	src/tool/output.c src/tool/output.h \
	src/tool/read.c \
	src/tool/session_search.c \
	src/tool/sh.c src/tool/sh.h \
	src/tool/table.c \
	src/tool/task_tools.c \
	src/tool/walk.c src/tool/walk.h \
	src/tool/write.c

check_LIBRARIES += libtooltest.a
libtooltest_a_SOURCES = tests/lib/tools.c tests/lib/tools.h
LINK_TOOL_TEST = libtooltest.a $(LINK_TEST) $(LINK_TOOL)

tool_tests = \
	tests/unit/t_gitdir \
	tests/unit/t_jobs \
	tests/unit/t_output \
	tests/unit/t_tool_bash \
	tests/unit/t_tool_edit \
	tests/unit/t_tool_find \
	tests/unit/t_tool_keep \
	tests/unit/t_tool_read \
	tests/unit/t_tool_session_search \
	tests/unit/t_tool_table \
	tests/unit/t_tool_torture
tests_unit_t_gitdir_LDADD = $(LINK_TOOL_TEST)
tests_unit_t_jobs_LDADD = $(LINK_TOOL_TEST)
tests_unit_t_output_LDADD = $(LINK_TOOL_TEST)
tests_unit_t_tool_bash_LDADD = $(LINK_TOOL_TEST)
tests_unit_t_tool_edit_LDADD = $(LINK_TOOL_TEST)
tests_unit_t_tool_find_LDADD = $(LINK_TOOL_TEST)
tests_unit_t_tool_keep_LDADD = $(LINK_TOOL_TEST)
tests_unit_t_tool_read_LDADD = $(LINK_TOOL_TEST)
tests_unit_t_tool_session_search_LDADD = $(LINK_TOOL_TEST)
tests_unit_t_tool_table_LDADD = $(LINK_TOOL_TEST)
tests_unit_t_tool_torture_LDADD = $(LINK_TOOL_TEST)
# They start tau-exec.
EXTRA_tests_unit_t_jobs_DEPENDENCIES = tau-exec
EXTRA_tests_unit_t_tool_bash_DEPENDENCIES = tau-exec
EXTRA_tests_unit_t_tool_table_DEPENDENCIES = tau-exec
check_PROGRAMS += $(tool_tests)
TESTS += $(tool_tests)
SAN_TESTS += $(tool_tests)
