/* SPDX-License-Identifier: MIT
 *
 * mention: what has a meaning of its own in the composer: '@' names a file, '!' a command for the shell,
 * '#' something to remember, '/' a command of tau's.
 */
#include "ui/app.h"

#include <string.h>

/* ---- what is written ---- */

static bool is_line_of(struct str text, const char *sign)
{
    text = str_trim(text);
    return str_starts(text, sign) && text.n > strlen(sign) && str_index(text, '\n') < 0;
}

bool ui_is_shell(struct str text)
{
    return is_line_of(text, "!");
}

bool ui_is_memory(struct str text)
{
    return is_line_of(text, "# ");
}

/* The word before the cursor. */
static struct str word_before(const struct editor *ed)
{
    struct str text = editor_text(ed);
    size_t end = editor_cursor(ed), from = end;
    while (from > 0 && !strchr(" \t\n", text.p[from - 1]))
        from--;
    return str_sub(text, from, end - from);
}

/* ---- files ---- */

static void open_files(struct ui *ui)
{
    chooser_done(&ui->chooser);
    ui_line_open(ui, "");
    ui->chooser.what = CHOOSES_FILE;
    chooser_filter(&ui->chooser, STR(""));
    if (!filelist_start(&ui->files, ui->env) && !ui->files.thread.running)
        ui_line_close(ui);
}

void ui_mention(struct ui *ui)
{
    if (ui->focus == FOCUS_COMPOSER && str_is(word_before(ui->composer), "@"))
        open_files(ui);
}

void ui_mentioned(struct ui *ui)
{
    if (!filelist_take(&ui->files))
        return;
    ui->dirty = true;
    if (ui->chooser.what != CHOOSES_FILE || ui->chooser.all.n > 0)
        return;
    for (size_t i = 0; i < ui->files.names.names.n; i++)
        chooser_add(&ui->chooser, str_of(ui->files.names.names.v[i]), NULL, NULL, "");
    chooser_filter(&ui->chooser, editor_text(ui->line));
}

/* ---- Tab ---- */

/* On from what is written: a file's name, a command's. */
void cmd_complete_text(struct ui *ui, struct str args)
{
    struct str word = word_before(ui->composer), text = editor_text(ui->composer);
    char begun[LINE_MAX_BYTES];
    (void)args;
    if (text.n == 0) {
        cmd_pane(ui, STR(""));
        return;
    }
    size_t n = MIN(word.n > 0 ? word.n - 1 : 0, sizeof(begun) - 1);
    memcpy(begun, n ? word.p + 1 : "", n);
    begun[n] = '\0';
    bool file = str_starts(word, "@"), command = str_starts(word, "/") && word.n == text.n;
    if (!file && !command)
        return;
    const char *keeps = file ? "@" : "";
    while (!str_is(word_before(ui->composer), keeps) && editor_do(ui->composer, EDIT_BACKSPACE))
        ;
    if (file)
        open_files(ui);
    else
        cmd_palette(ui, STR(""));
    editor_insert(ui->line, str_of(begun));
    ui_line_changed(ui);
}
