/* SPDX-License-Identifier: MIT
 *
 * theme: which colours and attributes a look has on this terminal.
 */
#include "ui/draw/theme.h"

struct row {
    int16_t dark[2], dark16[2], light[2], light16[2];
    uint8_t attr;
};

static const struct row rows[LOOK_COUNT] = {
#define LOOK(id, name, df, db, df16, db16, lf, lb, lf16, lb16, at)                                 \
    [LOOK_##id] = {{df, db}, {df16, db16}, {lf, lb}, {lf16, lb16}, at},
#include "ui/draw/looks.def"
#undef LOOK
};

enum theme_kind theme_choose(const char *setting, int colors, const char *no_color,
                             const char *colorfgbg)
{
    struct str want = str_of(setting);
    if (str_is(want, "mono") || colors < 8)
        return THEME_MONO;
    if (str_is(want, "dark"))
        return THEME_DARK;
    if (str_is(want, "light"))
        return THEME_LIGHT;
    if (no_color && no_color[0])
        return THEME_MONO;
    struct str bg = str_of(colorfgbg), part = STR_NULL;
    while (str_split(&bg, ';', &part))
        ; /* the background is the last part */
    int64_t number;
    return str_i64(part, &number) && (number == 7 || number == 15) ? THEME_LIGHT : THEME_DARK;
}

struct style theme_style(enum theme_kind theme, int colors, enum look look)
{
    const struct row *r = &rows[look < LOOK_COUNT ? look : LOOK_TEXT];
    uint8_t attr = (uint8_t)(r->attr & ~ATTR_MONO_REVERSE);
    if (theme == THEME_MONO) {
        if (r->attr & ATTR_MONO_REVERSE)
            attr |= ATTR_REVERSE;
        return (struct style){-1, -1, attr};
    }
    bool many = colors >= 256;
    const int16_t *pair =
        theme == THEME_LIGHT ? (many ? r->light : r->light16) : (many ? r->dark : r->dark16);
    if (many && pair[0] >= 0)
        attr &= (uint8_t)~ATTR_DIM; /* the colour is dim enough */
    return (struct style){pair[0], pair[1], attr};
}
