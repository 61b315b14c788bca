/* SPDX-License-Identifier: MIT */
extern int agent_empty;
int agent_empty;
