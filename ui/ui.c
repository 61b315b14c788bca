/* SPDX-License-Identifier: MIT */
extern int ui_empty;
int ui_empty;
