# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = \
	src/net/failure.c src/net/failure.h \
	src/net/gather.c src/net/gather.h \
	src/net/http_guard.c src/net/http_guard.h \
	src/net/http_link.c src/net/http_link.h \
	src/net/http_server.c src/net/http_server.h \
	src/net/lib_curl.c src/net/lib_curl.h \
	src/net/lib_mhd.c src/net/lib_mhd.h \
	src/net/net.c src/net/net.h \
	src/net/sse.c src/net/sse.h

net_tests = \
	tests/unit/t_gather \
	tests/unit/t_http \
	tests/unit/t_net \
	tests/unit/t_sse
tests_unit_t_gather_LDADD = $(LINK_TEST) $(LINK_NET)
tests_unit_t_http_LDADD = $(LINK_TEST) $(LINK_NET)
tests_unit_t_net_LDADD = $(LINK_TEST) $(LINK_NET)
tests_unit_t_sse_LDADD = $(LINK_TEST) $(LINK_NET)
# The bytes that memchr looks at are counted.
tests_unit_t_sse_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=memchr
check_PROGRAMS += $(net_tests)
TESTS += $(net_tests)
SAN_TESTS += $(net_tests)
