# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libcontract.a
libcontract_a_SOURCES = src/contract/contract.c
