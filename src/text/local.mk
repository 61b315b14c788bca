# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libtext.a
libtext_a_SOURCES = \
	src/text/diff.h \
	src/text/fuzzy.c src/text/fuzzy.h \
	src/text/glob.h \
	src/text/regex.h \
	src/text/utf8.c src/text/utf8.h \
	src/text/width.h \
	src/text/wrap.h
