/* SPDX-License-Identifier: MIT
 *
 * theme: which colours and attributes a look has on this terminal. Pure; UI thread.
 */
#ifndef TAU_UI_THEME_H
#define TAU_UI_THEME_H

#include "ui/draw/canvas.h"

enum theme_kind { THEME_DARK, THEME_LIGHT, THEME_MONO };

struct style {
    int16_t fg, bg; /* palette numbers; -1: the terminal's own */
    uint8_t attr;
};

/* Which theme a setting (auto, dark, light, mono; NULL is auto) means here: auto is mono when
 * NO_COLOR is set and not empty or the terminal has no colours, light when COLORFGBG says so, else
 * dark. no_color and colorfgbg are the values of these variables, or NULL. */
enum theme_kind theme_choose(const char *setting, int colors, const char *no_color,
                             const char *colorfgbg);

/* colors: how many the terminal has. */
struct style theme_style(enum theme_kind theme, int colors, enum look look);

#endif
