/* SPDX-License-Identifier: MIT */
extern int json_empty;
int json_empty;
