# SPDX-License-Identifier: MIT
bin_PROGRAMS += tau
tau_SOURCES = \
	src/cli/demo.c src/cli/demo.h src/cli/place.c src/cli/place.h \
	src/cli/app.c src/cli/app.h \
	src/cli/cmd_clean.c \
	src/cli/cmd_completion.c \
	src/cli/cmd_onboard.c \
	src/cli/onboard.c src/cli/onboard.h \
	src/cli/cmd_prove.c \
	src/cli/prove.c src/cli/prove.h \
	src/cli/conf_edit.c src/cli/conf_edit.h \
	src/cli/signals.c src/cli/signals.h \
	src/cli/turn_log.c src/cli/turn_log.h \
	src/cli/agent.h \
	src/cli/cmd_agent.c \
	src/cli/cmd_ctl.c \
	src/cli/cmd_shell.c src/cli/shell.h \
	src/cli/cmd_up.c \
	src/cli/watching.c src/cli/watching.h \
	src/cli/cmd_gateway.c \
	src/cli/peer.c src/cli/peer.h \
	src/cli/cmd_policy.c \
	src/cli/cmd_repair.c \
	src/cli/commands.h \
	src/cli/completion.c \
	src/cli/conf.c src/cli/conf.h \
	src/cli/console.c src/cli/console.h \
	src/cli/export.c src/cli/export.h \
	src/cli/export_html.c \
	src/cli/export_events.c \
	src/cli/export_md.c \
	src/cli/export_tau.c \
	src/cli/image.c src/cli/image.h \
	src/cli/import.c src/cli/import.h \
	src/cli/import_events.c \
	src/cli/import_tau.c \
	src/cli/guardian.c src/cli/guardian.h \
	src/cli/headless.c src/cli/headless.h \
	src/cli/help.c src/cli/help.h \
	src/cli/line.c src/cli/line.h src/cli/line_mode.h \
	src/cli/line_commands.c src/cli/line_events.c \
	src/cli/main.c \
	src/cli/oldevents.c src/cli/oldevents.h \
	src/cli/options.c src/cli/options.h src/cli/options.def \
	src/cli/slash.c src/cli/slash.h \
	src/cli/relay.c src/cli/relay.h \
	src/cli/serving.c src/cli/serving.h \
	src/cli/verb_approvals.c \
	src/cli/verb_gateway.c \
	src/cli/verb_watch.c \
	src/cli/report.c src/cli/report.h \
	src/cli/verb.c src/cli/verb.h \
	src/cli/verb_config.c src/cli/verb_context.c \
	src/cli/verb_log.c \
	src/cli/verb_memory.c \
	src/cli/verb_model.c \
	src/cli/verb_policy.c src/cli/verb_prune.c \
	src/cli/verb_session.c \
	src/cli/verb_session_files.c \
	src/cli/verb_task.c \
	src/cli/verb_import.c \
	src/cli/verb_rewind.c \
	src/cli/verb_stats.c \
	src/cli/check.h src/cli/verb_check.c \
	src/cli/verb_image.c \
	src/cli/verb_mark.c \
	src/cli/verb_merge.c \
	src/cli/verb_diff.c src/cli/verb_doctor.c \
	src/cli/verb_tree.c
tau_LDADD = libui.a $(CURSES_LIBS) $(TERMKEY_LIBS) libwatch.a $(LINK_GATEWAY) $(INIH_LIBS)

serving_tests = tests/unit/t_serving
tests_unit_t_serving_SOURCES = tests/unit/t_serving.c src/cli/serving.c
tests_unit_t_serving_LDADD = libtestcore.a $(LINK_TEST) $(LINK_GATEWAY)
check_PROGRAMS += $(serving_tests)
TESTS += $(serving_tests)
SAN_TESTS += $(serving_tests)

# Completions, written by the program that they complete.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
nodist_bashcompletion_DATA = data/completion/tau
nodist_zshcompletion_DATA = data/completion/_tau
nodist_fishcompletion_DATA = data/completion/tau.fish
completions = $(nodist_bashcompletion_DATA) $(nodist_zshcompletion_DATA) $(nodist_fishcompletion_DATA)
CLEANFILES += $(completions)
data/completion/tau: tau$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) data/completion && ./tau$(EXEEXT) completion bash >$@.tmp && mv $@.tmp $@
data/completion/_tau: tau$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) data/completion && ./tau$(EXEEXT) completion zsh >$@.tmp && mv $@.tmp $@
data/completion/tau.fish: tau$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) data/completion && ./tau$(EXEEXT) completion fish >$@.tmp && mv $@.tmp $@

# The script of "tau demo", as the lines of a C string.
EXTRA_DIST += data/tour.jsonl
BUILT_SOURCES += src/cli/tour.inc
CLEANFILES += src/cli/tour.inc
src/cli/demo.$(OBJEXT): src/cli/tour.inc
src/cli/tour.inc: data/tour.jsonl
	$(AM_V_GEN)$(MKDIR_P) src/cli && $(as_c_string) '$(srcdir)/data/tour.jsonl' >$@.tmp && mv $@.tmp $@
