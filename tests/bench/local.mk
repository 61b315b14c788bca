# SPDX-License-Identifier: MIT
#
# Measurements: programs that print one row each (name, value, unit) and assert nothing. To add one
# for NOUN: tests/bench/b_NOUN.c, its name in bench_targets, and what it links. "make bench" builds
# and runs them all.

bench_targets += \
	tests/bench/b_console \
	tests/bench/b_gateway \
	tests/bench/b_memory \
	tests/bench/b_model \
	tests/bench/b_reduce \
	tests/bench/b_search \
	tests/bench/b_session \
	tests/bench/b_store \
	tests/bench/b_tau
tests_bench_b_console_SOURCES = tests/bench/b_console.c tests/bench/cost.c tests/bench/cost.h tests/lib/vt.c \
	tests/lib/vt.h
tests_bench_b_console_LDADD = $(LINK_TEST) $(LINK_BASE) $(VTERM_LIBS) -lutil
tests_bench_b_gateway_SOURCES = tests/bench/b_gateway.c tests/bench/cost.c tests/bench/cost.h tests/lib/vt.c \
	tests/lib/vt.h
tests_bench_b_gateway_LDADD = $(LINK_TEST) $(LINK_BASE) $(VTERM_LIBS) -lutil
tests_bench_b_reduce_SOURCES = tests/bench/b_reduce.c $(mallocs)
tests_bench_b_reduce_LDADD = $(LINK_TEST) $(LINK_STATE)
tests_bench_b_reduce_LDFLAGS = $(MALLOCS_LDFLAGS)
zipf = tests/bench/zipf.c tests/bench/zipf.h
tests_bench_b_memory_SOURCES = tests/bench/b_memory.c $(zipf)
tests_bench_b_memory_LDADD = $(LINK_TEST) $(LINK_STORE) -lm
million = tests/bench/million.c tests/bench/million.h
tests_bench_b_search_SOURCES = tests/bench/b_search.c $(million) $(zipf)
tests_bench_b_search_LDADD = $(LINK_TEST) $(LINK_STORE) -lm
tests_bench_b_store_SOURCES = tests/bench/b_store.c $(million)
tests_bench_b_store_LDADD = $(LINK_TEST) $(LINK_STORE)
tests_bench_b_model_SOURCES = tests/bench/b_model.c tests/bench/cost.c tests/bench/cost.h tests/lib/vt.c \
	tests/lib/vt.h
tests_bench_b_model_LDADD = $(LINK_TEST) $(LINK_BASE) $(VTERM_LIBS) -lutil
tests_bench_b_session_SOURCES = tests/bench/b_session.c tests/bench/cost.c tests/bench/cost.h tests/lib/vt.c \
	tests/lib/vt.h
tests_bench_b_session_LDADD = $(LINK_TEST) $(LINK_BASE) $(VTERM_LIBS) -lutil
EXTRA_tests_bench_b_model_DEPENDENCIES = tests/fake/model$(EXEEXT)
tests_bench_b_tau_SOURCES = tests/bench/b_tau.c tests/bench/cost.c tests/bench/cost.h
tests_bench_b_tau_LDADD = $(LINK_TEST) $(LINK_BASE)
tests_bench_null_SOURCES = tests/bench/null.c
tests_bench_null_LDFLAGS = $(AM_LDFLAGS) -Wl,--no-as-needed
tests_bench_null_LDADD = $(SODIUM_LIBS) $(PCRE2_LIBS) $(UTF8PROC_LIBS) $(CJSON_LIBS) $(SQLITE_LIBS) \
	$(CURSES_LIBS) $(TERMKEY_LIBS) $(INIH_LIBS) $(CMARK_LIBS)
EXTRA_PROGRAMS = $(bench_targets) tests/bench/null
CLEANFILES += $(bench_targets)

bench: all
	@$(MAKE) -s $(AM_MAKEFLAGS) $(bench_targets) tests/bench/null $(check_LIBRARIES)
	@$(AM_TESTS_ENVIRONMENT) \
	for program in $(bench_targets); do echo "# $$program"; $$program || exit 1; done
.PHONY: bench
