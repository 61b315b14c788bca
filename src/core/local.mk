# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	src/core/actions.c \
	src/core/asks.c \
	src/core/batch.c src/core/batch.h \
	src/core/catchup.c \
	src/core/core.c src/core/core.h \
	src/core/images.c \
	src/core/imports.c \
	src/core/internal.h \
	src/core/mailbox.c \
	src/core/marks.c \
	src/core/memory.c \
	src/core/merge.c \
	src/core/queries.c \
	src/core/recover.c \
	src/core/refold.c src/core/refold.h \
	src/core/retain.c src/core/retain.h \
	src/core/runs.c \
	src/core/sessions.c \
	src/core/steer.c \
	src/core/tasks.c \
	src/core/tree.c

check_LIBRARIES += libtestcore.a
libtestcore_a_SOURCES = tests/lib/core.c tests/lib/core.h

core_tests = \
	tests/unit/t_core \
	tests/unit/t_core_clock \
	tests/unit/t_core_fold \
	tests/unit/t_core_steer \
	tests/unit/t_core_two \
	tests/unit/t_memory \
	tests/unit/t_retain \
	tests/unit/t_salvage \
	tests/unit/t_session_tree
tests_unit_t_core_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE)
tests_unit_t_core_clock_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE)
tests_unit_t_core_fold_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE)
tests_unit_t_core_steer_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE)
tests_unit_t_core_two_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE)
tests_unit_t_salvage_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE)
tests_unit_t_retain_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE)
tests_unit_t_memory_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE)
tests_unit_t_session_tree_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE)
check_PROGRAMS += $(core_tests)
TESTS += $(core_tests)
SAN_TESTS += $(core_tests)
