# SPDX-License-Identifier: MIT
#
# The suite. Unit tests are listed by their folder's local.mk; here are the helpers, the lints and the
# targets that run a part of the suite.

check_LIBRARIES += libtestlib.a
libtestlib_a_SOURCES = \
	tests/lib/fold.c tests/lib/fold.h \
	tests/lib/gen.c tests/lib/gen.h \
	tests/lib/test.c tests/lib/test.h \
	tests/lib/vfs_shim.c tests/lib/vfs_shim.h \
	tests/lib/world.c tests/lib/world.h

LINT_TESTS = tests/lint/layers.sh tests/lint/forbidden.sh tests/lint/linked.sh
TESTS += $(LINT_TESTS)
EXTRA_DIST += $(LINT_TESTS) tests/lint/forbidden.awk tests/lint/forbidden.rules

include tests/escape/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
include tests/pty/local.mk

# Only the tests whose program or script is newer than their last result; the lints always, because
# they read everything.
# `all` is a make of its own (config.h first): what it builds must not be built beside it.
check-fast: all
	@$(MAKE) $(AM_MAKEFLAGS) $(check_PROGRAMS) $(check_LIBRARIES)
	@rm -f $(LINT_TESTS:.sh=.log)
	@$(MAKE) $(AM_MAKEFLAGS) $(TEST_LOGS)
	@failed=`grep -l '^:global-test-result: *\(FAIL\|ERROR\)' $(TEST_LOGS:.log=.trs) 2>/dev/null`; \
	if test -n "$$failed"; then echo "failed: $$failed"; exit 1; fi

# The sanitizer build's share, and the programs that it needs: no more is compiled for it.
san-programs: tau-exec$(EXEEXT) $(SAN_TESTS) $(check_LIBRARIES)
check-san: san-programs
	@$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS="$(SAN_TESTS)"
.PHONY: check-fast check-san san-programs

# What tests left behind, also those that were killed.
CLEANFILES += man/tau.1.txt
clean-local:
	-rm -rf tests/tmp deb
