# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	src/model/catalog.c src/model/catalog.h src/model/catalog.def \
	src/model/chat.c src/model/chat.h \
	src/model/chat_refusal.c \
	src/model/chat_request.c \
	src/model/endpoint.c src/model/endpoint.h src/model/endpoints.def \
	src/model/local.h \
	src/model/offline.c src/model/offline.h \
	src/model/offline_changes.c \
	src/model/offline_define.c \
	src/model/offline_diff.c \
	src/model/offline_doc.c src/model/offline_doc.h \
	src/model/offline_edit.c \
	src/model/offline_everywhere.c \
	src/model/offline_extent.c \
	src/model/offline_find.c \
	src/model/offline_held.c \
	src/model/offline_help.c \
	src/model/offline_jobs.c \
	src/model/offline_literal.c \
	src/model/offline_kind.c src/model/offline_kind.h \
	src/model/offline_lang.c \
	src/model/offline_lines.c src/model/offline_lines.h \
	src/model/offline_match.c \
	src/model/offline_memory.c \
	src/model/offline_move.c \
	src/model/offline_prose.c \
	src/model/offline_run.c \
	src/model/offline_show.c \
	src/model/offline_summarize.c \
	src/model/offline_tasks.c \
	src/model/offline_tree.c \
	src/model/offline_turn.c \
	src/model/offline_words.c src/model/offline_words.h \
	src/model/openai.c src/model/openai.h \
	src/model/provider.c src/model/provider.h \
	src/model/request.c src/model/request.h \
	src/model/script.c \
	src/model/script_file.c src/model/script_file.h \
	src/model/stream.c src/model/stream.h

model_tests = \
	tests/unit/t_chat \
	tests/unit/t_endpoint \
	tests/unit/t_offline \
	tests/unit/t_offline_lines \
	tests/unit/t_provider \
	tests/unit/t_script
tests_unit_t_chat_LDADD = $(LINK_TEST) $(LINK_MODEL)
tests_unit_t_chat_SOURCES = tests/unit/t_chat.c $(parses)
tests_unit_t_chat_LDFLAGS = $(PARSES_LDFLAGS)
tests_unit_t_endpoint_LDADD = $(LINK_TEST) $(LINK_MODEL)
tests_unit_t_offline_LDADD = $(LINK_TEST) $(LINK_MODEL)
tests_unit_t_offline_lines_LDADD = $(LINK_TEST) $(LINK_MODEL)
tests_unit_t_provider_LDADD = $(LINK_TEST) $(LINK_MODEL)
tests_unit_t_script_LDADD = $(LINK_TEST) $(LINK_MODEL)
check_PROGRAMS += $(model_tests)
TESTS += $(model_tests)
SAN_TESTS += $(model_tests)
