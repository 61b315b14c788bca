# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libpolicy.a
libpolicy_a_SOURCES = \
	src/policy/builtin.def \
	src/policy/command.c src/policy/command.h \
	src/policy/decide.c src/policy/decide.h \
	src/policy/explain.c src/policy/explain.h \
	src/policy/launch.c src/policy/launch.h \
	src/policy/offer.c src/policy/offer.h \
	src/policy/path.c src/policy/path.h src/policy/protected.def \
	src/policy/policy.c src/policy/policy.h src/policy/state.h \
	src/policy/presets.def \
	src/policy/program.c src/policy/program.h src/policy/programs.def \
	src/policy/rate.c src/policy/rate.h \
	src/policy/risks.def \
	src/policy/rule.c src/policy/rule.h \
	src/policy/sandbox.c src/policy/sandbox.h src/policy/sandbox_seal.c \
	src/policy/secrets.def \
	src/policy/sed.c src/policy/sed.h \
	src/policy/show.c \
	src/policy/trust.c src/policy/trust.h

policy_tests = \
	tests/unit/t_launch \
	tests/unit/t_path \
	tests/unit/t_policy \
	tests/unit/t_sandbox
tests_unit_t_launch_LDADD = $(LINK_TEST) $(LINK_POLICY)
# It starts tau-exec: a new one is a new test.
EXTRA_tests_unit_t_launch_DEPENDENCIES = tau-exec
tests_unit_t_path_LDADD = $(LINK_TEST) $(LINK_POLICY)
tests_unit_t_policy_LDADD = $(LINK_TEST) $(LINK_POLICY)
tests_unit_t_sandbox_LDADD = $(LINK_TEST) $(LINK_POLICY)
check_PROGRAMS += $(policy_tests)
TESTS += $(policy_tests)
SAN_TESTS += $(policy_tests)
