# SPDX-License-Identifier: MIT
#
# The console on a pty. The demo has no agent in it, so these need only what the console may see.
check_PROGRAMS += tests/pty/console_demo
tests_pty_console_demo_SOURCES = tests/pty/console_demo.c src/cli/guardian.c
tests_pty_console_demo_LDADD = $(LINK_UI)

pty_tests = tests/pty/t_console tests/pty/t_failures tests/pty/t_guardian tests/pty/t_tau
tests_pty_t_console_SOURCES = tests/pty/t_console.c tests/lib/vt.c tests/lib/vt.h
tests_pty_t_console_LDADD = $(LINK_TEST) $(VTERM_LIBS) -lutil
tests_pty_t_failures_SOURCES = tests/pty/t_failures.c tests/lib/vt.c tests/lib/vt.h
tests_pty_t_failures_LDADD = $(LINK_TEST) $(VTERM_LIBS) -lutil
EXTRA_tests_pty_t_failures_DEPENDENCIES = tests/fake/model$(EXEEXT)
tests_pty_t_guardian_SOURCES = tests/pty/t_guardian.c tests/lib/vt.c tests/lib/vt.h
tests_pty_t_guardian_LDADD = $(LINK_TEST) $(VTERM_LIBS) -lutil
tests_pty_t_tau_SOURCES = tests/pty/t_tau.c tests/lib/vt.c tests/lib/vt.h
tests_pty_t_tau_LDADD = $(LINK_TEST) $(VTERM_LIBS) -lutil
check_PROGRAMS += $(pty_tests)
TESTS += $(pty_tests)
