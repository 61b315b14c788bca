# SPDX-License-Identifier: MIT
check_PROGRAMS += tests/pty/console_demo
tests_pty_console_demo_SOURCES = tests/pty/console_demo.c src/cli/guardian.c
tests_pty_console_demo_LDADD = $(LINK_UI)
