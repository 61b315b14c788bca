# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libstate.a
libstate_a_SOURCES = \
	src/state/draft.c src/state/draft.h \
	src/state/edge.c src/state/edge.h \
	src/state/heads.c src/state/heads.h \
	src/state/hub.c src/state/hub.h \
	src/state/live.c src/state/live.h \
	src/state/reduce.h \
	src/state/reduce_approval.c \
	src/state/reduce_job.c \
	src/state/reduce_live.c \
	src/state/reduce_memory.c \
	src/state/reduce_misc.c \
	src/state/reduce_session.c \
	src/state/reduce_task.c \
	src/state/reduce_tool.c \
	src/state/reduce_turn.c \
	src/state/section.c src/state/section.h \
	src/state/snapshot.c src/state/snapshot.h \
	src/state/transcript.c

state_tests = \
	tests/unit/t_hub \
	tests/unit/t_reduce \
	tests/unit/t_reduce_cost \
	tests/unit/t_reduce_tool \
	tests/unit/t_reduce_turn \
	tests/unit/t_snapshot
tests_unit_t_hub_LDADD = $(LINK_TEST) $(LINK_STATE)
tests_unit_t_reduce_LDADD = $(LINK_TEST) $(LINK_STATE)
MALLOCS_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray
mallocs = tests/lib/mallocs.c tests/lib/mallocs.h
tests_unit_t_reduce_cost_SOURCES = tests/unit/t_reduce_cost.c $(mallocs)
tests_unit_t_reduce_cost_LDADD = $(LINK_TEST) $(LINK_STATE)
tests_unit_t_reduce_cost_LDFLAGS = $(MALLOCS_LDFLAGS)
tests_unit_t_reduce_tool_LDADD = $(LINK_TEST) $(LINK_STATE)
tests_unit_t_reduce_turn_LDADD = $(LINK_TEST) $(LINK_STATE)
tests_unit_t_reduce_turn_SOURCES = tests/unit/t_reduce_turn.c $(parses)
tests_unit_t_reduce_turn_LDFLAGS = $(PARSES_LDFLAGS)
tests_unit_t_snapshot_LDADD = $(LINK_TEST) $(LINK_STATE)
check_PROGRAMS += $(state_tests)
TESTS += $(state_tests)
SAN_TESTS += $(state_tests)
