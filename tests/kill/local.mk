# SPDX-License-Identifier: MIT
kill_tests = tests/kill/t_kill
tests_kill_t_kill_SOURCES = tests/kill/t_kill.c tests/kill/trace.c tests/kill/trace.h
tests_kill_t_kill_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE)
check_PROGRAMS += $(kill_tests)
TESTS += $(kill_tests)
# The program under test is linked anew with tau, so that its result is as old as tau.
EXTRA_tests_kill_t_kill_DEPENDENCIES = tau$(EXEEXT)
