# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	src/model/local.h \
	src/model/provider.c src/model/provider.h \
	src/model/request.c src/model/request.h \
	src/model/script.c \
	src/model/script_file.c src/model/script_file.h \
	src/model/stream.c src/model/stream.h

model_tests = \
	tests/unit/t_provider \
	tests/unit/t_script
tests_unit_t_provider_LDADD = $(LINK_TEST) $(LINK_MODEL)
tests_unit_t_script_LDADD = $(LINK_TEST) $(LINK_MODEL)
check_PROGRAMS += $(model_tests)
TESTS += $(model_tests)
SAN_TESTS += $(model_tests)
