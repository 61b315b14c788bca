# SPDX-License-Identifier: MIT
#
# local/offline against what people say, in foreign source trees.
check_PROGRAMS += tests/offline/t_corpus
TESTS += tests/offline/t_corpus
tests_offline_t_corpus_LDADD = $(LINK_TEST) $(LINK_BASE)
EXTRA_DIST += tests/offline
EXTRA_tests_offline_t_corpus_DEPENDENCIES = tau$(EXEEXT)
