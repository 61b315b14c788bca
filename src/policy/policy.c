/* SPDX-License-Identifier: MIT */
extern int policy_empty;
int policy_empty;
