/* SPDX-License-Identifier: MIT */
extern int model_empty;
int model_empty;
