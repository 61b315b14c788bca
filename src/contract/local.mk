# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libcontract.a
libcontract_a_SOURCES = \
	src/contract/action.c src/contract/action.h src/contract/actions.def \
	src/contract/queries.def \
	src/contract/event.c src/contract/event.h src/contract/events.def \
	src/contract/marker.c src/contract/marker.h \
	src/contract/record.c src/contract/record.h src/contract/records.def \
	src/contract/seams.h \
	src/contract/settings.c src/contract/settings.h src/contract/settings.def \
	src/contract/retell.c src/contract/retell.h \
	src/contract/states.c src/contract/states.h src/contract/states.def \
	src/contract/tool.h \
	src/contract/verbs.c src/contract/verbs.h src/contract/verbs.def src/contract/aliases.def

contract_tests = \
	tests/unit/t_action \
	tests/unit/t_event \
	tests/unit/t_record \
	tests/unit/t_settings \
	tests/unit/t_states \
	tests/unit/t_verbs
tests_unit_t_action_LDADD = $(LINK_TEST) $(LINK_CONTRACT)
tests_unit_t_event_LDADD = $(LINK_TEST) $(LINK_CONTRACT)
tests_unit_t_record_LDADD = $(LINK_TEST) $(LINK_CONTRACT)
tests_unit_t_settings_LDADD = $(LINK_TEST) $(LINK_CONTRACT)
tests_unit_t_states_LDADD = $(LINK_TEST) $(LINK_CONTRACT)
tests_unit_t_verbs_LDADD = $(LINK_TEST) $(LINK_CONTRACT)
check_PROGRAMS += $(contract_tests)
TESTS += $(contract_tests)
SAN_TESTS += $(contract_tests)
