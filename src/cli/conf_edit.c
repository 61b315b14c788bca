/* SPDX-License-Identifier: MIT */
#include "cli/conf_edit.h"

#include <string.h>

/* Without the blanks that inih skips: those of isspace(3) in the C locale. */
static struct str trim(struct str s)
{
    static const char blanks[] = " \t\n\v\f\r";
    while (s.n && memchr(blanks, s.p[0], sizeof(blanks) - 1))
        s = str_sub(s, 1, s.n);
    while (s.n && memchr(blanks, s.p[s.n - 1], sizeof(blanks) - 1))
        s.n--;
    return s;
}

bool conf_section(struct str line, struct str *ret_name)
{
    line = trim(line);
    *ret_name = STR_NULL;
    if (!str_starts(line, "["))
        return false;
    ssize_t end = str_index(line, ']');
    struct str after = end < 0 ? line : trim(str_sub(line, (size_t)end + 1, line.n));
    bool ends = after.n == 0 || after.p[0] == ';' || after.p[0] == '#';
    if (ends && str_index(line, '\0') < 0)
        *ret_name = str_sub(line, 1, (size_t)end - 1);
    return true;
}

/* "key = value" or "key: value", as inih takes it. */
static bool is_pair(struct str line, const char *key)
{
    size_t n = 0;
    line = trim(line);
    while (n < line.n && line.p[n] != '=' && line.p[n] != ':')
        n++;
    return n < line.n && str_is(trim(str_sub(line, 0, n)), key);
}

struct places {
    size_t last_pair;   /* line that says it, from 1; 0: none */
    size_t section_end; /* the last line of its section that is not empty; 0: it has none */
};

static struct places find(struct str text, const struct setting_desc *d)
{
    struct places p = {0};
    struct str line, name;
    bool inside = false;
    for (size_t i = 1; str_line(&text, &line); i++) {
        if (conf_section(line, &name))
            inside = str_is(name, d->section);
        if (!inside)
            continue;
        if (is_pair(line, d->key))
            p.last_pair = i;
        if (trim(line).n > 0)
            p.section_end = i;
    }
    return p;
}

static void add_pair(const struct setting_desc *d, const char *value, struct buf *out)
{
    if (value)
        buf_printf(out, "%s = %s\n", d->key, value);
}

void conf_edit(struct str text, enum setting_id id, const char *value, struct buf *out)
{
    const struct setting_desc *d = &setting_table[id];
    struct places p = find(text, d);
    struct str rest = text, line, name;
    bool inside = false;
    for (size_t i = 1; rest.n > 0 && str_line(&rest, &line); i++) {
        if (conf_section(line, &name))
            inside = str_is(name, d->section);
        if (inside && is_pair(line, d->key)) {
            if (i == p.last_pair)
                add_pair(d, value, out);
            continue;
        }
        buf_str(out, line);
        buf_putc(out, '\n');
        if (i == p.section_end && !p.last_pair)
            add_pair(d, value, out);
    }
    if (p.section_end || !value)
        return;
    if (out->len > 0)
        buf_putc(out, '\n');
    buf_printf(out, "[%s]\n", d->section);
    add_pair(d, value, out);
}
