# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libwatch.a
libwatch_a_SOURCES = \
	src/watch/artifacts.c src/watch/artifacts.h \
	src/watch/artifacts_state.c \
	src/watch/demo.c src/watch/demo.h \
	src/watch/frame.c src/watch/frame.h \
	src/watch/live.c src/watch/live.h \
	src/watch/watch.c src/watch/watch.h

watch_tests = tests/unit/t_watch
tests_unit_t_watch_LDADD = libtestcore.a $(LINK_TEST) $(LINK_WATCH)
check_PROGRAMS += $(watch_tests)
TESTS += $(watch_tests)
SAN_TESTS += $(watch_tests)

# The recorded log of "tau shell --demo", as the lines of a C string.
as_c_string = sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/'
EXTRA_DIST += data/demo.jsonl
BUILT_SOURCES += src/watch/demo.inc
CLEANFILES += src/watch/demo.inc
src/watch/demo.$(OBJEXT): src/watch/demo.inc
src/watch/demo.inc: data/demo.jsonl
	$(AM_V_GEN)$(MKDIR_P) src/watch && $(as_c_string) '$(srcdir)/data/demo.jsonl' >$@.tmp && mv $@.tmp $@
