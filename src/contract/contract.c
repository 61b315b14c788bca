/* SPDX-License-Identifier: MIT */
extern int contract_empty;
int contract_empty;
