# SPDX-License-Identifier: MIT
#
# The real program from outside: scripts that start it with a store, a home and a workspace of its
# own. What they share is tests/cli/lib.sh.
check_PROGRAMS += tests/cli/peek
tests_cli_peek_SOURCES = tests/cli/peek.c
tests_cli_peek_LDADD = $(SQLITE_LIBS) $(LINK_JSON)
# Linked anew with tau, so that a script's result is as old as the program.
EXTRA_tests_cli_peek_DEPENDENCIES = tau$(EXEEXT) tau-exec$(EXEEXT)

check_PROGRAMS += tests/cli/follow
tests_cli_follow_SOURCES = tests/cli/follow.c
tests_cli_follow_LDADD = $(LINK_JSON)

check_PROGRAMS += tests/cli/call
tests_cli_call_SOURCES = tests/cli/call.c
tests_cli_call_LDADD = $(LINK_JSON)

cli_tests = \
	tests/cli/cancel.sh \
	tests/cli/cancel_phases.sh \
	tests/cli/ctl.sh \
	tests/cli/docs.sh \
	tests/cli/faces.sh \
	tests/cli/gateway.sh \
	tests/cli/image.sh \
	tests/cli/import.sh \
	tests/cli/input.sh \
	tests/cli/keys.sh \
	tests/cli/line.sh \
	tests/cli/memory.sh \
	tests/cli/model.sh \
	tests/cli/models.sh \
	tests/cli/onboard.sh \
	tests/cli/options.sh \
	tests/cli/output.sh \
	tests/cli/policy.sh \
	tests/cli/prune.sh tests/cli/repair.sh tests/cli/rewind.sh \
	tests/cli/schema.sh \
	tests/cli/session_files.sh \
	tests/cli/session_path.sh \
	tests/cli/shell.sh \
	tests/cli/store.sh \
	tests/cli/tree.sh \
	tests/cli/turns.sh \
	tests/cli/upkeep.sh \
	tests/cli/verbs.sh
TESTS += $(cli_tests)
EXTRA_DIST += tests/cli/lib.sh $(cli_tests)
