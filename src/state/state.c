/* SPDX-License-Identifier: MIT */
extern int state_empty;
int state_empty;
