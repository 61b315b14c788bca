# SPDX-License-Identifier: MIT
aftermath = tests/kill/aftermath.c tests/kill/aftermath.h
kill_tests = tests/kill/t_kill tests/kill/t_kill_asked
# Eight processes on one store: for soak.
many_tests = tests/kill/t_many
tests_kill_t_kill_SOURCES = tests/kill/t_kill.c $(aftermath) tests/kill/trace.c tests/kill/trace.h
tests_kill_t_kill_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE)
tests_kill_t_kill_asked_SOURCES = tests/kill/t_kill_asked.c $(aftermath) \
	tests/kill/watch.c tests/kill/watch.h tests/lib/vt.c tests/lib/vt.h
tests_kill_t_kill_asked_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE) $(VTERM_LIBS) -lutil
tests_kill_t_many_SOURCES = tests/kill/t_many.c $(aftermath)
tests_kill_t_many_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE)
check_PROGRAMS += $(kill_tests) $(many_tests)
TESTS += $(kill_tests)
# The programs under test are linked anew with tau, so that their results are as old as tau.
EXTRA_tests_kill_t_kill_DEPENDENCIES = tau$(EXEEXT)
EXTRA_tests_kill_t_kill_asked_DEPENDENCIES = tau$(EXEEXT)
