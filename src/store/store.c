/* SPDX-License-Identifier: MIT */
extern int store_empty;
int store_empty;
