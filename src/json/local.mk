# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libjson.a
libjson_a_SOURCES = \
	src/json/check.c src/json/check.h \
	src/json/field.c src/json/field.h \
	src/json/form.c src/json/form.h \
	src/json/json.c src/json/json.h \
	src/json/jsonw.c src/json/jsonw.h \
	src/json/plain.c src/json/plain.h \
	src/json/schema.c src/json/schema.h

# A test that counts how often it parses takes these.
parses = tests/lib/parses.c tests/lib/parses.h
PARSES_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=cJSON_ParseWithLengthOpts

json_tests = tests/unit/t_field tests/unit/t_form tests/unit/t_json tests/unit/t_jsonw tests/unit/t_schema
tests_unit_t_field_LDADD = $(LINK_TEST) $(LINK_JSON)
tests_unit_t_form_LDADD = $(LINK_TEST) $(LINK_JSON)
tests_unit_t_json_LDADD = $(LINK_TEST) $(LINK_JSON)
tests_unit_t_schema_LDADD = $(LINK_TEST) $(LINK_JSON)
tests_unit_t_jsonw_LDADD = $(LINK_TEST) $(LINK_JSON)
check_PROGRAMS += $(json_tests)
TESTS += $(json_tests)
SAN_TESTS += $(json_tests)
