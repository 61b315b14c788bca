# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libtool.a
libtool_a_SOURCES = src/tool/tool.c
