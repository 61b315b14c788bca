# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libtext.a
libtext_a_SOURCES = \
	src/text/diff.c src/text/diff.h \
	src/text/fuzzy.c src/text/fuzzy.h \
	src/text/glob.c src/text/glob.h src/text/globprog.h \
	src/text/hunk.c src/text/hunk.h \
	src/text/ignore.c \
	src/text/markdown.c src/text/markdown.h \
	src/text/markdown_cost.c src/text/markdown_cost.h \
	src/text/markdown_fence.c src/text/markdown_fence.h \
	src/text/markdown_table.c src/text/markdown_table.h \
	src/text/regex.c src/text/regex.h \
	src/text/shell.c src/text/shell.h \
	src/text/utf8.c src/text/utf8.h \
	src/text/width.c src/text/width.h \
	src/text/argv.c src/text/argv.h \
	src/text/url.c src/text/url.h \
	src/text/wrap.c src/text/wrap.h

text_tests = \
	tests/unit/t_diff \
	tests/unit/t_fuzzy \
	tests/unit/t_glob \
	tests/unit/t_hunk \
	tests/unit/t_markdown \
	tests/unit/t_regex \
	tests/unit/t_shell \
	tests/unit/t_utf8 \
	tests/unit/t_width \
	tests/unit/t_argv \
	tests/unit/t_wrap
tests_unit_t_diff_LDADD = $(LINK_TEST) $(LINK_TEXT)
tests_unit_t_fuzzy_LDADD = $(LINK_TEST) $(LINK_TEXT)
tests_unit_t_glob_LDADD = $(LINK_TEST) $(LINK_TEXT)
tests_unit_t_hunk_LDADD = $(LINK_TEST) $(LINK_TEXT)
tests_unit_t_markdown_LDADD = $(LINK_TEST) $(LINK_TEXT)
tests_unit_t_regex_LDADD = $(LINK_TEST) $(LINK_TEXT)
tests_unit_t_shell_LDADD = $(LINK_TEST) $(LINK_TEXT)
tests_unit_t_utf8_LDADD = $(LINK_TEST) $(LINK_TEXT)
tests_unit_t_width_LDADD = $(LINK_TEST) $(LINK_TEXT)
tests_unit_t_argv_LDADD = $(LINK_TEST) $(LINK_TEXT)
tests_unit_t_wrap_LDADD = $(LINK_TEST) $(LINK_TEXT)
check_PROGRAMS += $(text_tests)
TESTS += $(text_tests)
SAN_TESTS += $(text_tests)
