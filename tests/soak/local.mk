# SPDX-License-Identifier: MIT
#
# What takes too long for every check: "make soak".
soak_tests = tests/soak/t_day
tests_soak_t_day_SOURCES = tests/soak/t_day.c $(aftermath) tests/bench/cost.c tests/bench/cost.h \
	tests/lib/vt.c tests/lib/vt.h
tests_soak_t_day_LDADD = libtestcore.a $(LINK_TEST) $(LINK_CORE) $(VTERM_LIBS) -lutil
EXTRA_tests_soak_t_day_DEPENDENCIES = tau$(EXEEXT)
EXTRA_PROGRAMS += $(soak_tests)
CLEANFILES += $(soak_tests)
