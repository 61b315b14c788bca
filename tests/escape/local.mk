# SPDX-License-Identifier: MIT
#
# The escape table: what a command can not do, tried for real at every level of the sandbox.
check_PROGRAMS += tests/escape/attack tests/escape/bypass tests/escape/escape
tests_escape_attack_SOURCES = tests/escape/attack.c
# Without sanitizers: it goes where they can not work.
tests_escape_attack_CFLAGS = -std=gnu17 $(WARN_CFLAGS)
tests_escape_attack_LDFLAGS =
tests_escape_bypass_SOURCES = tests/escape/bypass.c
tests_escape_bypass_LDADD = $(LINK_POLICY)
tests_escape_escape_SOURCES = tests/escape/escape.c
tests_escape_escape_LDADD = $(LINK_POLICY)
TESTS += tests/escape/bypass.sh tests/escape/run.sh
EXTRA_DIST += tests/escape/bypass.sh tests/escape/run.sh tests/escape/table
# A check of what changed runs them when what they are about changed, not whenever it is linked.
escape_deps = $(tau_exec_SOURCES) src/policy/launch.c src/policy/sandbox.c
tests/escape/bypass.log: $(escape_deps) tests/escape/bypass.c tests/data/bypasses/commands.tsv
tests/escape/run.log: $(escape_deps) tests/escape/attack.c tests/escape/escape.c tests/escape/table
