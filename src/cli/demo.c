/* SPDX-License-Identifier: MIT
 *
 * demo: what is looked at, and the options that lead there.
 */
#include "cli/demo.h"

#include "base/fs.h"
#include "base/mem.h"

#include <stdlib.h>

static const char tour[] =
#include "cli/tour.inc"
    ;

static const struct {
    const char *name, *text;
} files[] = {
    {"notes.md", "# Notes\n\nThings to remember for teh release.\n\n- tag the commit\n"
                 "- teh changelog needs a date\n- tell the packagers\n"},
    {"main.c", "#include <stdio.h>\n\nint main(void)\n{\n    puts(\"hello\");\n    return 0;\n}\n"},
};

const char demo_greeting[] = "This is a demonstration: the answers were written beforehand.\n"
                             "Say anything, and press Enter.\n"
                             "? lists the keys, : is for commands, :q quits, and nothing is kept.";

bool demo_open(struct place *p, struct options *o, struct err *e)
{
    bool ok = place_open(p, "demo", e) && fs_replace(p->script, str_make(tour, sizeof(tour) - 1), 0600, e);
    for (size_t i = 0; i < ARRAY_LEN(files) && ok; i++) {
        CLEANUP(mem_free_p) char *path = fs_join(p->workspace, files[i].name);
        ok = fs_replace(path, str_of(files[i].text), 0644, e);
    }
    o->value[OPT_DIRECTORY] = p->workspace;
    o->value[OPT_STORE_DIR] = p->store;
    o->value[OPT_MODEL] = "local/script";
    o->value[OPT_SCRIPT] = p->script;
    o->value[OPT_MODE] = "ask"; /* a question is part of what is shown */
    return ok;
}
