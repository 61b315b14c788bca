# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libui.a
libui_a_SOURCES = \
	ui/ui.h \
	ui/draw/canvas.c ui/draw/canvas.h ui/draw/looks.def \
	ui/draw/theme.c ui/draw/theme.h \
	ui/term/input.c ui/term/input.h \
	ui/term/key.c ui/term/key.h \
	ui/term/modes.h \
	ui/term/restore.c \
	ui/term/tty.c ui/term/tty.h
