# SPDX-License-Identifier: MIT
bin_PROGRAMS += tau
tau_SOURCES = \
	src/cli/app.c src/cli/app.h \
	src/cli/cmd_config.c \
	src/cli/cmd_policy.c \
	src/cli/cmd_session.c \
	src/cli/commands.h \
	src/cli/completion.c \
	src/cli/conf.c src/cli/conf.h \
	src/cli/console.c src/cli/console.h \
	src/cli/guardian.c src/cli/guardian.h \
	src/cli/headless.c src/cli/headless.h \
	src/cli/help.c src/cli/help.h \
	src/cli/main.c \
	src/cli/options.c src/cli/options.h src/cli/options.def \
	src/cli/report.c src/cli/report.h
tau_LDADD = libui.a $(CURSES_LIBS) $(TERMKEY_LIBS) $(LINK_CORE) $(INIH_LIBS)
