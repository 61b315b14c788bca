# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libui.a
libui_a_SOURCES = \
	ui/answers.c ui/answers.h \
	ui/app.c ui/app.h \
	ui/chooser.c ui/chooser.h \
	ui/commands.c ui/commands_choose.c ui/commands_pane.c ui/commands_verb.c ui/commands_view.c \
	ui/copy.c \
	ui/courier.c ui/courier.h \
	ui/edit.c \
	ui/errand.c ui/errand.h \
	ui/fetch.c ui/fetch.h \
	ui/filelist.c ui/filelist.h \
	ui/find.c \
	ui/frame.c \
	ui/keys.c \
	ui/layout.c ui/layout.h \
	ui/loop.c \
	ui/marks.c ui/mention.c ui/mouse.c \
	ui/paste.c \
	ui/panes.c ui/panes_item.c ui/places.c \
	ui/probe.c ui/probe.h \
	ui/recall.c ui/recall.h \
	ui/ui.h \
	ui/draw/canvas.c ui/draw/canvas.h ui/draw/looks.def \
	ui/draw/theme.c ui/draw/theme.h \
	ui/term/input.c ui/term/input.h \
	ui/term/key.c ui/term/key.h \
	ui/term/modes.h \
	ui/term/restore.c \
	ui/term/tty.c ui/term/tty.h \
	ui/view/approval.c \
	ui/view/help.c \
	ui/view/pane.c \
	ui/view/status.c \
	ui/view/transcript.c \
	ui/view/view.h \
	ui/vm/approve.c ui/vm/approve.h \
	ui/vm/bindings.def \
	ui/vm/command.c ui/vm/command.h ui/vm/commands.def \
	ui/vm/diffrows.c ui/vm/diffrows.h \
	ui/vm/doc.c ui/vm/doc.h \
	ui/vm/item.c ui/vm/item.h \
	ui/vm/loglines.c ui/vm/loglines.h \
	ui/vm/memory.c ui/vm/memory.h \
	ui/vm/panes.def \
	ui/vm/requests.c ui/vm/requests.h \
	ui/vm/status.c ui/vm/status.h \
	ui/vm/columns.c ui/vm/columns.h \
	ui/vm/sessionlist.c ui/vm/sessionlist.h \
	ui/vm/tasks.c ui/vm/tasks.h \
	ui/vm/tools.c ui/vm/tools.h \
	ui/vm/toolrow.c ui/vm/toolrow.h \
	ui/vm/transcript.c ui/vm/transcript.h \
	ui/widget/editor.c ui/widget/editor.h \
	ui/widget/textview.c ui/widget/textview.h

ui_tests = \
	tests/unit/t_ui_approve \
	tests/unit/t_ui_command \
	tests/unit/t_ui_draw \
	tests/unit/t_ui_editor \
	tests/unit/t_ui_input \
	tests/unit/t_ui_screen
tests_unit_t_ui_approve_LDADD = $(LINK_TEST) $(LINK_UI)
tests_unit_t_ui_command_LDADD = $(LINK_TEST) $(LINK_UI)
tests_unit_t_ui_draw_LDADD = $(LINK_TEST) $(LINK_UI)
tests_unit_t_ui_editor_LDADD = $(LINK_TEST) $(LINK_UI)
tests_unit_t_ui_input_LDADD = $(LINK_TEST) $(LINK_UI)
tests_unit_t_ui_screen_SOURCES = tests/unit/t_ui_screen.c tests/lib/screen.c tests/lib/screen.h
tests_unit_t_ui_screen_LDADD = $(LINK_TEST) $(LINK_UI)
check_PROGRAMS += $(ui_tests)
TESTS += $(ui_tests)
SAN_TESTS += $(ui_tests)
