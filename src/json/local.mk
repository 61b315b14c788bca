# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libjson.a
libjson_a_SOURCES = src/json/json.c
