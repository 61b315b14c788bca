# SPDX-License-Identifier: MIT
#
# The manual. Pages are templates; what the tables know is put in by docgen.
noinst_PROGRAMS += docgen
docgen_SOURCES = src/cli/docgen.c src/cli/docgen.h src/cli/docgen_console.c src/cli/options.c
docgen_LDADD = libui.a $(LINK_TOOL)

man_MANS = man/tau.1 man/tau-config.5 man/tau-contract.7
man_templates = man/tau.1.in man/tau-config.5.in man/tau-contract.7.in
EXTRA_DIST += $(man_templates)
CLEANFILES += $(man_MANS)

man/tau.1: man/tau.1.in docgen$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && ./docgen$(EXEEXT) $(srcdir)/man/tau.1.in >$@.tmp && mv $@.tmp $@
man/tau-config.5: man/tau-config.5.in docgen$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && ./docgen$(EXEEXT) $(srcdir)/man/tau-config.5.in >$@.tmp && mv $@.tmp $@
man/tau-contract.7: man/tau-contract.7.in docgen$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && ./docgen$(EXEEXT) $(srcdir)/man/tau-contract.7.in >$@.tmp && mv $@.tmp $@

LINT_TESTS += tests/lint/man.sh tests/lint/named.sh
