/* SPDX-License-Identifier: MIT */
extern int core_empty;
int core_empty;
