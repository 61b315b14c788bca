# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libagent.a
libagent_a_SOURCES = \
	src/agent/answer.c src/agent/answer.h \
	src/agent/calls.c src/agent/calls.h \
	src/agent/context.c src/agent/context.h \
	src/agent/part.c src/agent/part.h \
	src/agent/prompt.c src/agent/prompt.h \
	src/agent/retry.c src/agent/retry.h \
	src/agent/steer.c \
	src/agent/steer.h \
	src/agent/step.c src/agent/step.h \
	src/agent/toolset.c src/agent/toolset.h \
	src/agent/turn.c src/agent/turn.h

agent_tests = \
	tests/unit/t_context \
	tests/unit/t_part \
	tests/unit/t_retry
tests_unit_t_context_LDADD = $(LINK_TEST) $(LINK_AGENT)
tests_unit_t_part_LDADD = $(LINK_TEST) $(LINK_AGENT)
tests_unit_t_retry_LDADD = $(LINK_TEST) $(LINK_AGENT)
check_PROGRAMS += $(agent_tests)
TESTS += $(agent_tests)
SAN_TESTS += $(agent_tests)
