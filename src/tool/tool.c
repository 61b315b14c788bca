/* SPDX-License-Identifier: MIT */
extern int tool_empty;
int tool_empty;
