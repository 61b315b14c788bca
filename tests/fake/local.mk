# SPDX-License-Identifier: MIT
#
# The fake model server, for tests and figures.
check_PROGRAMS += tests/fake/model
tests_fake_model_SOURCES = tests/fake/model.c tests/fake/rows.def tests/fake/wire.c tests/fake/wire.h
tests_fake_model_LDADD = $(LINK_JSON)
