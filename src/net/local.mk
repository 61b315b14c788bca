# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = \
	src/net/lib_curl.c src/net/lib_curl.h \
	src/net/net.c src/net/net.h \
	src/net/sse.c src/net/sse.h
