# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libgateway.a
libgateway_a_SOURCES = \
	src/gateway/acting.c \
	src/gateway/audit.c \
	src/gateway/events.c \
	src/gateway/gateway.c src/gateway/gateway.h \
	src/gateway/internal.h \
	src/gateway/socket.c src/gateway/socket.h \
	src/gateway/status.c \
	src/gateway/token.c

gateway_tests = tests/unit/t_gateway
tests_unit_t_gateway_LDADD = libtestcore.a $(LINK_TEST) $(LINK_GATEWAY)
check_PROGRAMS += $(gateway_tests)
TESTS += $(gateway_tests)
SAN_TESTS += $(gateway_tests)
