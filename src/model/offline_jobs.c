/* SPDX-License-Identifier: MIT
 *
 * offline_jobs: the kind jobs: lists the commands in the background, shows what one has printed,
 * and ends one.
 */
#include "model/offline_kind.h"

enum { LINES_SHOWN = 40 };

enum { FORM_LIST, FORM_SHOW, FORM_STOP };

static void jobs_plan(const struct offline_turn *t, const struct offline_match *match,
                      struct offline_move *m)
{
    char *id = offline_slot(t->a, match, SLOT_WORD, false);
    if (t->n_results == 0) {
        if (match->form == FORM_LIST)
            offline_call(m, "jobs_list", NULL);
        else if (match->form == FORM_SHOW)
            offline_call(m, "jobs_status", "job_id", id, "#output_preview_bytes", "8000", NULL);
        else
            offline_call(m, "jobs_cancel", "job_id", id, NULL);
        return;
    }
    const struct offline_result *r = &t->results[0];
    if (r->is_error) {
        offline_say_failed(m, r,
                           match->form == FORM_LIST   ? "list the jobs"
                           : match->form == FORM_SHOW ? arena_printf(t->a, "look at `%s`", id)
                                                      : arena_printf(t->a, "end `%s`", id));
        return;
    }
    if (str_starts(r->text, "[no jobs]"))
        offline_say(m, "No command of this session runs in the background.\n");
    else if (match->form == FORM_STOP)
        offline_say(m, "%.*s.\n", STR_ARG(r->text));
    else
        kind_say_block(m, r->text, LINES_SHOWN);
}

static const struct offline_pattern patterns[] = {
    PATTERN(FORM_LIST, "list|show|display [me] [all|the|my] [running|background] jobs|job [list]"),
    PATTERN(FORM_LIST, "which|what jobs|commands are|is [running|there] [in] [the] [background]"),
    PATTERN(FORM_LIST, "what is|runs running|in [in] [the] background"),
    PATTERN(FORM_LIST, "[are] [there] [any] [background] jobs [running]"),
    PATTERN(FORM_SHOW, "show|display|print [me] [the] [status|output] [of] [the] job {word}"),
    PATTERN(FORM_SHOW, "[what] [is] [the] status|output|state of [the] job {word}"),
    PATTERN(FORM_SHOW, "how is|does [the] job {word} [doing|going|do]"),
    PATTERN(FORM_SHOW, "is [the] job {word} [still] done|running|finished|ready|over"),
    PATTERN(FORM_SHOW, "what did|does|has [the] job {word} print|printed|say|said"),
    PATTERN(FORM_STOP, "stop|cancel|end|kill|abort|terminate [the] [background] job {word}"),
    PATTERN_END,
};

static const char *const examples[] = {"list the jobs", "show job JOB", "stop job JOB", NULL};

const struct offline_kind offline_jobs = {
    .name = "jobs",
    .help = "list the commands that run in the background, show what one printed, or end it",
    .words = "job jobs background running stop cancel status",
    .examples = examples,
    .patterns = patterns,
    .plan = jobs_plan,
};
