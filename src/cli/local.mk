# SPDX-License-Identifier: MIT
bin_PROGRAMS += tau
tau_SOURCES = src/cli/main.c src/cli/guardian.c src/cli/guardian.h
tau_LDADD = $(LINK_CORE) libui.a $(CURSES_LIBS) $(TERMKEY_LIBS) libstate.a $(LINK_STORE) $(INIH_LIBS)
