# SPDX-License-Identifier: MIT
#
# local/offline against what people say, in foreign source trees.
check_PROGRAMS += tests/offline/t_corpus
TESTS += tests/offline/t_corpus
tests_offline_t_corpus_LDADD = $(LINK_TEST) $(LINK_BASE)
EXTRA_DIST += tests/offline
# With a directory comes what was built in it, and an object in the source tree keeps others from being made.
dist-hook:
	@cd '$(distdir)/tests/offline' && for file in * .deps .dirstamp; do \
	    test -e '$(abs_srcdir)/tests/offline/'"$$file" || rm -rf "$$file"; \
	done
EXTRA_tests_offline_t_corpus_DEPENDENCIES = tau$(EXEEXT)
