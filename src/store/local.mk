# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = \
	src/store/blob.c src/store/blob.h \
	src/store/content.c src/store/content.h \
	src/store/handle.h \
	src/store/idem.c \
	src/store/inspect.c src/store/inspect.h \
	src/store/lock.c src/store/lock.h \
	src/store/log.c \
	src/store/pages.c src/store/pages.h \
	src/store/place.c src/store/place.h \
	src/store/prune.c src/store/prune.h \
	src/store/query.c src/store/query.h \
	src/store/query_rows.c \
	src/store/query_sql.c src/store/query_sql.h \
	src/store/recall.c src/store/recall.h \
	src/store/records.c \
	src/store/salvage.c src/store/salvage.h \
	src/store/swap.c src/store/swap.h \
	src/store/schema.c src/store/schema.h \
	src/store/search.c src/store/search.h \
	src/store/sql.c src/store/sql.h \
	src/store/store.c src/store/store.h \
	src/store/sweep.c src/store/sweep.h \
	src/store/tausql.c src/store/tausql.h \
	src/store/upkeep.c

store_tests = \
	tests/unit/t_blob \
	tests/unit/t_inspect \
	tests/unit/t_query \
	tests/unit/t_scale \
	tests/unit/t_recall \
	tests/unit/t_search \
	tests/unit/t_store \
	tests/unit/t_store_law \
	tests/unit/t_store_power \
	tests/unit/t_store_procs \
	tests/unit/t_store_upkeep \
	tests/unit/t_sweep
tests_unit_t_blob_LDADD = $(LINK_TEST) $(LINK_STORE)
tests_unit_t_inspect_LDADD = $(LINK_TEST) $(LINK_STORE)
tests_unit_t_query_LDADD = $(LINK_TEST) $(LINK_STORE)
tests_unit_t_scale_LDADD = $(LINK_TEST) $(LINK_STORE)
tests_unit_t_recall_LDADD = $(LINK_TEST) $(LINK_STORE)
tests_unit_t_search_LDADD = $(LINK_TEST) $(LINK_STORE)
tests_unit_t_search_SOURCES = tests/unit/t_search.c $(parses)
tests_unit_t_search_LDFLAGS = $(PARSES_LDFLAGS)
tests_unit_t_store_LDADD = $(LINK_TEST) $(LINK_STORE)
# The one test that holds the projections against the fold.
tests_unit_t_store_law_LDADD = $(LINK_TEST) libstate.a $(LINK_STORE)
tests_unit_t_store_power_LDADD = $(LINK_TEST) $(LINK_STORE)
tests_unit_t_store_procs_LDADD = $(LINK_TEST) $(LINK_STORE)
tests_unit_t_sweep_LDADD = $(LINK_TEST) $(LINK_STORE)
tests_unit_t_store_upkeep_LDADD = $(LINK_TEST) $(LINK_STORE)
check_PROGRAMS += $(store_tests)
TESTS += $(store_tests)
SAN_TESTS += $(store_tests)
