/* SPDX-License-Identifier: MIT */
extern int text_empty;
int text_empty;
