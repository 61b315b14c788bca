# SPDX-License-Identifier: MIT
#
# The suite in other builds, and for longer. Each build directory lies beside this one, below the
# source tree, and is configured when it is missing.


# The whole suite under AddressSanitizer and UndefinedBehaviorSanitizer.
check-asan:
	@cd '$(abs_top_srcdir)' && mkdir -p build-asan && { test -e build-asan/Makefile || (cd build-asan && \
	    ../configure -q --enable-werror --enable-sanitizer=address,undefined CFLAGS='-g1 -O1'); }
	@$(MAKE) -s -C '$(abs_top_srcdir)/build-asan' check

# What has threads, under ThreadSanitizer.
TSAN_TESTS = $(base_tests) $(state_tests) $(store_tests) $(core_tests) $(gateway_tests) $(watch_tests) $(serving_tests) tests/unit/t_http tests/pty/t_tau
check-tsan:
	@cd '$(abs_top_srcdir)' && mkdir -p build-tsan && { test -e build-tsan/Makefile || \
	    (cd build-tsan && ../configure -q --enable-werror --enable-sanitizer=thread CFLAGS='-g1 -O1'); }
	@$(MAKE) -s -C '$(abs_top_srcdir)/build-tsan' check-threads
check-threads: all
	@$(MAKE) $(AM_MAKEFLAGS) $(TSAN_TESTS) $(check_LIBRARIES)
	@TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1 $$TSAN_OPTIONS" \
	    $(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS="$(TSAN_TESTS)"

# A day of one console; then random turns of the real program, killed at random places, for SOAK_TIME
# seconds. Every round has a new seed; the first that fails ends it, and its log says the seed.
SOAK_TIME = 60
soak: all
	@$(MAKE) $(AM_MAKEFLAGS) $(soak_tests) $(kill_tests) $(many_tests) $(check_LIBRARIES)
	@$(AM_TESTS_ENVIRONMENT) for program in $(soak_tests); do ./$$program || exit 1; done; \
	end=`expr \`date +%s\` + $(SOAK_TIME)`; n=0; \
	while test `date +%s` -lt $$end; do \
	    n=`expr $$n + 1`; \
	    for program in $(kill_tests) $(many_tests); do \
	        ./$$program >soak.log 2>&1 || { cat soak.log; exit 1; }; \
	    done; \
	done; echo "soak: $$n rounds, $(SOAK_TIME) seconds, nothing lost"
CLEANFILES += soak.log
.PHONY: check-asan check-tsan check-threads soak

# Debian packages of this tree, in deb/. Wants debhelper.
deb: distdir
	@rm -rf deb && $(MKDIR_P) deb && mv $(distdir) deb/$(distdir) && cp -r deb/$(distdir)/data/debian deb/
	@mv deb/debian deb/$(distdir)/ && cd deb/$(distdir) && dpkg-buildpackage -b -us -uc
	@ls deb/*.deb
.PHONY: deb
