# SPDX-License-Identifier: MIT
#
# Fuzz targets. To add one for NOUN:
#   1. tests/fuzz/f_NOUN.c, which includes "fuzz/fuzz.h" and exports LLVMFuzzerTestOneInput;
#   2. tests/fuzz/corpus/NOUN/, a few small inputs, good and bad; one for every crash that was mended;
#   3. its name in fuzz_targets, and beside the others the line that says what it links:
#      tests_fuzz_f_NOUN_LDADD = $(FUZZ_MAIN) $(LINK_<RANK>)
#
# In every check the corpora are replayed by programs of the same name, without libFuzzer.
# "make fuzz" builds the targets with clang in build-fuzz and runs each for FUZZ_TIME seconds; new
# inputs are kept in build-fuzz/corpus, and what crashes in build-fuzz/crash-*. "make fuzz
# FUZZ_ONLY=json" runs one.

fuzz_targets += \
	tests/fuzz/f_artifacts \
	tests/fuzz/f_chat \
	tests/fuzz/f_conf \
	tests/fuzz/f_diff \
	tests/fuzz/f_draw \
	tests/fuzz/f_event \
	tests/fuzz/f_field \
	tests/fuzz/f_form \
	tests/fuzz/f_gitdir \
	tests/fuzz/f_gitindex \
	tests/fuzz/f_glob \
	tests/fuzz/f_guard \
	tests/fuzz/f_image \
	tests/fuzz/f_import \
	tests/fuzz/f_json \
	tests/fuzz/f_keys \
	tests/fuzz/f_markdown \
	tests/fuzz/f_nearest \
	tests/fuzz/f_offline \
	tests/fuzz/f_pages \
	tests/fuzz/f_regex \
	tests/fuzz/f_rules \
	tests/fuzz/f_schema \
	tests/fuzz/f_script \
	tests/fuzz/f_search \
	tests/fuzz/f_shell \
	tests/fuzz/f_sse \
	tests/fuzz/f_status \
	tests/fuzz/f_utf8 \
	tests/fuzz/f_wrap
tests_fuzz_f_artifacts_LDADD = $(FUZZ_MAIN) $(LINK_WATCH)
tests_fuzz_f_chat_LDADD = $(FUZZ_MAIN) $(LINK_MODEL)
tests_fuzz_f_conf_SOURCES = tests/fuzz/f_conf.c src/cli/conf.c src/cli/conf.h src/cli/conf_edit.c src/cli/conf_edit.h \
	src/cli/options.c src/cli/options.h
tests_fuzz_f_conf_LDADD = $(FUZZ_MAIN) $(INIH_LIBS) $(LINK_CONTRACT)
tests_fuzz_f_diff_LDADD = $(FUZZ_MAIN) $(LINK_TEXT)
tests_fuzz_f_draw_LDADD = $(FUZZ_MAIN) $(LINK_UI)
tests_fuzz_f_event_LDADD = $(FUZZ_MAIN) $(LINK_STATE)
tests_fuzz_f_field_LDADD = $(FUZZ_MAIN) $(LINK_JSON)
tests_fuzz_f_form_LDADD = $(FUZZ_MAIN) $(LINK_JSON)
tests_fuzz_f_gitdir_LDADD = $(FUZZ_MAIN) $(LINK_TOOL)
tests_fuzz_f_gitindex_LDADD = $(FUZZ_MAIN) $(LINK_TOOL)
tests_fuzz_f_image_SOURCES = tests/fuzz/f_image.c src/cli/image.c src/cli/image.h
tests_fuzz_f_image_LDADD = $(FUZZ_MAIN) $(LINK_STORE)
tests_fuzz_f_import_SOURCES = tests/fuzz/f_import.c src/cli/import.c src/cli/import.h src/cli/import_events.c \
	src/cli/import_tau.c
tests_fuzz_f_import_LDADD = $(FUZZ_MAIN) $(LINK_STORE)
tests_fuzz_f_glob_LDADD = $(FUZZ_MAIN) $(LINK_TEXT)
tests_fuzz_f_guard_LDADD = $(FUZZ_MAIN) $(LINK_NET)
tests_fuzz_f_json_LDADD = $(FUZZ_MAIN) $(LINK_JSON)
tests_fuzz_f_keys_LDADD = $(FUZZ_MAIN) $(LINK_UI)
tests_fuzz_f_markdown_LDADD = $(FUZZ_MAIN) $(LINK_TEXT)
tests_fuzz_f_nearest_LDADD = $(FUZZ_MAIN) $(LINK_TOOL)
tests_fuzz_f_offline_LDADD = $(FUZZ_MAIN) $(LINK_MODEL)
tests_fuzz_f_pages_LDADD = $(FUZZ_MAIN) $(LINK_STORE)
tests_fuzz_f_regex_LDADD = $(FUZZ_MAIN) $(LINK_TEXT)
tests_fuzz_f_rules_LDADD = $(FUZZ_MAIN) $(LINK_POLICY)
tests_fuzz_f_schema_LDADD = $(FUZZ_MAIN) $(LINK_JSON)
tests_fuzz_f_script_LDADD = $(FUZZ_MAIN) $(LINK_MODEL)
tests_fuzz_f_search_LDADD = $(FUZZ_MAIN) $(LINK_STORE)
tests_fuzz_f_shell_LDADD = $(FUZZ_MAIN) $(LINK_TEXT)
tests_fuzz_f_sse_LDADD = $(FUZZ_MAIN) $(LINK_NET)
tests_fuzz_f_status_LDADD = $(FUZZ_MAIN) $(LINK_POLICY)
tests_fuzz_f_utf8_LDADD = $(FUZZ_MAIN) $(LINK_TEXT)
tests_fuzz_f_wrap_LDADD = $(FUZZ_MAIN) $(LINK_TEXT)

check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)
SAN_TESTS += $(fuzz_targets)
EXTRA_DIST += tests/fuzz/corpus

if FUZZING
FUZZ_MAIN = $(FUZZ_ENGINE)
else
FUZZ_MAIN = libfuzzmain.a
endif
check_LIBRARIES += libfuzzmain.a
libfuzzmain_a_SOURCES = tests/fuzz/fuzz.h tests/fuzz/replay_main.c

FUZZ_TIME = 30
FUZZ_DIR = $(abs_top_srcdir)/build-fuzz
FUZZ_ONLY = $(fuzz_targets:tests/fuzz/f_%=%)

fuzz:
	@$(MKDIR_P) '$(FUZZ_DIR)'
	@test -e '$(FUZZ_DIR)/Makefile' || (cd '$(FUZZ_DIR)' && '$(abs_top_srcdir)/configure' -q CC=clang \
	    CFLAGS='-g -O1' --enable-fuzzing --enable-sanitizer=address,undefined)
	@for noun in $(FUZZ_ONLY); do \
	    $(MAKE) -s -C '$(FUZZ_DIR)' tests/fuzz/f_$$noun || exit 1; done
	@cd '$(FUZZ_DIR)' && status=0; for noun in $(FUZZ_ONLY); do \
	    echo "fuzz: $$noun, $(FUZZ_TIME) seconds"; $(MKDIR_P) corpus/$$noun; \
	    tests/fuzz/f_$$noun -max_total_time=$(FUZZ_TIME) -timeout=10 -rss_limit_mb=1024 \
	        -verbosity=0 -print_final_stats=1 -artifact_prefix=crash-$$noun- corpus/$$noun \
	        '$(abs_top_srcdir)/tests/fuzz/corpus/'$$noun 2>fuzz-$$noun.log || status=1; \
	    grep -E 'number_of_executed_units|ERROR|SUMMARY|broken promise|runtime error' fuzz-$$noun.log; \
	done; exit $$status
.PHONY: fuzz
