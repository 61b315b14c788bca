/* SPDX-License-Identifier: MIT
 *
 * paste: a long text that was pasted stands in the composer as "[pasted 214 lines #1]", so that what is
 * written around it stays in view; what is sent, or goes to an editor, has it whole.
 */
#include "ui/app.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_LINES = 10, LONG_BYTES = 2000, KEPT_MAX = 100 };

static const char BEGIN[] = "[pasted ";

static size_t count_lines(struct str text)
{
    size_t n = text.n > 0 && text.p[text.n - 1] != '\n';
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

static size_t name_of(const struct pasted *p, char ret[PASTED_NAME_MAX])
{
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    buf_count(&lines, (int64_t)p->lines, "line");
    return (size_t)snprintf(ret, PASTED_NAME_MAX, "%s%s #%zu]", BEGIN, buf_cstr(&lines), p->n);
}

/* Whose name text begins with; NULL: nobody's. */
static const struct pasted *named(const struct ui *ui, struct str text, size_t *ret_n)
{
    char name[PASTED_NAME_MAX];
    for (size_t i = 0; str_starts(text, BEGIN) && i < ui->pastes.n; i++) {
        *ret_n = name_of(&ui->pastes.v[i], name);
        if (str_starts(text, name))
            return &ui->pastes.v[i];
    }
    return NULL;
}

void ui_unpaste(const struct ui *ui, struct str text, struct buf *out)
{
    for (size_t at = 0, n; at < text.n; at += n) {
        struct str rest = str_sub(text, at, text.n);
        const struct pasted *p = named(ui, rest, &n);
        ssize_t next = str_index(str_sub(rest, 1, rest.n), BEGIN[0]);
        if (!p)
            n = next < 0 ? rest.n : (size_t)next + 1;
        buf_str(out, p ? str_of(p->text) : str_sub(rest, 0, n));
    }
}

static void forget(struct pasted *p)
{
    free(p->text);
}

/* The oldest goes; it was sent long ago. */
static struct pasted *keep(struct ui *ui, struct str text)
{
    if (ui->pastes.n == KEPT_MAX) {
        forget(&ui->pastes.v[0]);
        memmove(ui->pastes.v, ui->pastes.v + 1, (KEPT_MAX - 1) * sizeof(*ui->pastes.v));
        ui->pastes.n--;
    }
    VEC_PUSH(&ui->pastes, ((struct pasted){.text = mem_strndup(text.p, text.n),
                                           .n = ++ui->n_pasted,
                                           .lines = count_lines(text)}));
    return &ui->pastes.v[ui->pastes.n - 1];
}

bool ui_paste(struct ui *ui, struct str text)
{
    char name[PASTED_NAME_MAX];
    CLEANUP(buf_free) struct buf whole = BUF_OWN;
    bool is_long = count_lines(text) > LONG_LINES || text.n > LONG_BYTES;
    if (!is_long)
        return editor_insert(ui->composer, text);
    ui_unpaste(ui, editor_text(ui->composer), &whole);
    if (whole.len + text.n > COMPOSER_MAX)
        return false;
    size_t n = name_of(keep(ui, text), name);
    return editor_insert(ui->composer, str_make(name, n));
}

size_t ui_paste_before(const struct ui *ui)
{
    size_t cursor = editor_cursor(ui->composer), n;
    struct str before = str_sub(editor_text(ui->composer), 0, cursor);
    for (size_t at = before.n; at > 0 && before.n - at < PASTED_NAME_MAX; at--)
        if (named(ui, str_sub(before, at - 1, before.n), &n) && n == before.n - (at - 1))
            return n;
    return 0;
}

void ui_pastes_done(struct ui *ui)
{
    for (size_t i = 0; i < ui->pastes.n; i++)
        forget(&ui->pastes.v[i]);
    free(ui->pastes.v);
    ui->pastes.v = NULL;
    ui->pastes.n = 0;
}
