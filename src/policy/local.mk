# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libpolicy.a
libpolicy_a_SOURCES = \
	src/policy/launch.c src/policy/launch.h \
	src/policy/path.c src/policy/path.h src/policy/protected.def \
	src/policy/policy.c src/policy/policy.h \
	src/policy/sandbox.c src/policy/sandbox.h \
	src/policy/sandbox_seal.c

policy_tests = \
	tests/unit/t_launch \
	tests/unit/t_path \
	tests/unit/t_sandbox
tests_unit_t_launch_LDADD = $(LINK_TEST) $(LINK_POLICY)
# It starts tau-exec: a new one is a new test.
EXTRA_tests_unit_t_launch_DEPENDENCIES = tau-exec
tests_unit_t_path_LDADD = $(LINK_TEST) $(LINK_POLICY)
tests_unit_t_sandbox_LDADD = $(LINK_TEST) $(LINK_POLICY)
check_PROGRAMS += $(policy_tests)
TESTS += $(policy_tests)
SAN_TESTS += $(policy_tests)
