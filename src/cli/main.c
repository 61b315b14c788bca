/* SPDX-License-Identifier: MIT
 *
 * main: order of start and stop, nothing else.
 *
 * A console splits off its guardian before anything else is touched: no thread, no library, no file
 * is open then. Signals are blocked before the first thread, so that only signalfds see them.
 */
#include "config.h"

#include "base/buf.h"
#include "cli/agent.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/demo.h"
#include "cli/headless.h"
#include "cli/help.h"
#include "cli/line.h"
#include "cli/report.h"
#include "cli/slash.h"
#include "cli/verb.h"
#include "model/endpoint.h"

#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Those that have no row here are verbs. */
static int (*const commands[CMD_COUNT])(const struct options *o) = {
    [CMD_SESSION_REPAIR] = cmd_session_repair,
    [CMD_GATEWAY_SERVE] = cmd_gateway_serve,
    [CMD_GATEWAY_ROUTES] = cmd_gateway_routes,
    [CMD_POLICY_TRUST] = cmd_policy_trust,
    [CMD_ONBOARD] = cmd_onboard,
    [CMD_PROVE] = cmd_prove,
    [CMD_CLEAN] = cmd_clean,
    [CMD_UP] = cmd_up,
    [CMD_STATUS] = cmd_status,
    [CMD_DOWN] = cmd_down,
    [CMD_SHELL] = cmd_shell,
    [CMD_SHELL_LIVE] = cmd_shell_live,
    [CMD_CTL] = cmd_ctl,
    [CMD_COMPLETION] = cmd_completion,
};

static int print(struct buf *text)
{
    struct err e = ERR_INIT;
    bool ok = report_out(buf_view(text), &e);
    buf_free(text);
    if (!ok)
        report(&e);
    return ok ? 0 : err_code_exit(e.code);
}

static int usage_error(const struct err *e)
{
    report(e);
    return err_code_exit(ERR_USAGE);
}

static int show_help(const struct options *o)
{
    struct buf text = BUF_OWN;
    struct err e = ERR_INIT;
    if (o->command != CMD_MAIN) {
        help_command(&text, o->command);
        return print(&text);
    }
    if (help_write(&text, o->n_args ? o->args[0] : NULL) ||
        help_commands(&text, str_of(o->args[0])))
        return print(&text);
    buf_free(&text);
    err_set(&e, ERR_USAGE, "there is no help on '%s'", o->args[0]);
    err_hint(&e, "topics: exit-codes, models, settings");
    return usage_error(&e);
}

/* What every process of tau wants of the system. Failures here change nothing for the better or the
 * worse, so they are not told. */
static void prepare_process(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &files) < 0)
            files.rlim_cur = 0;
    }
    /* Nobody of the same user may look into our memory: keys will be there. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return;
}

/* Keys leave the environment and the command line before there is a thread or a child. */
static void hide_keys(struct options *o)
{
    endpoints_take_env();
    options_hide_key(o);
}

/* The guardian has a copy of the command line, and no use for it. */
static void forget_keys(void *options)
{
    options_wipe_key(options);
}

static void block_signals(void)
{
    static const int signals[] = {SIGINT,  SIGTERM, SIGHUP,   SIGQUIT,
                                  SIGTSTP, SIGCONT, SIGWINCH, SIGPIPE};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaddset(&set, signals[i]);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* Is there a terminal that a screen can be drawn on? */
static bool has_screen(void)
{
    const char *term = getenv("TERM");
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

static int run_console(struct options *o)
{
    struct guardian g = {.fd = -1};
    struct err e = ERR_INIT;
    if (o->value[OPT_LINE] || !has_screen()) {
        block_signals();
        prepare_process();
        hide_keys(o);
        return line_run(o);
    }
    if (!guardian_split(&g, forget_keys, o, &e)) {
        report(&e);
        return 1;
    }
    block_signals();
    prepare_process();
    hide_keys(o);
    return console_run(o, &g);
}

static int run_demo(struct options *o)
{
    struct place place;
    struct err e = ERR_INIT;
    int status = 1;
    if (demo_open(&place, o, &e))
        status = run_console(o);
    else
        report(&e);
    place_close(&place, false);
    return status;
}

/* The view, then the console, which takes the same options. */
static int run_agent(struct options *o)
{
    struct err e = ERR_INIT;
    if (o->command == CMD_TUI && o->value[OPT_LIVE_SHELL]) {
        o->value[OPT_WATCH] = "";
        o->command = CMD_SHELL_LIVE;
        block_signals();
        prepare_process();
        hide_keys(o);
        agent_say_unkept(o);
        return cmd_shell_live(o);
    }
    if (o->command == CMD_TUI)
        agent_defaults(o);
    if (!agent_launch(o, &e)) {
        report(&e);
        return err_code_exit(e.code);
    }
    if (o->value[OPT_DRY_RUN])
        return 0;
    o->command = CMD_MAIN;
    return run_console(o);
}

int main(int argc, char **argv)
{
    struct options o;
    struct err e = ERR_INIT;
    mallopt(M_ARENA_MAX, 2);
    /* LC_NUMERIC stays "C": numbers on the wire have a point. */
    if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1)
        setlocale(LC_CTYPE, "C.UTF-8");
    if (!options_parse(&o, argc, argv, &e))
        return usage_error(&e);
    if (o.value[OPT_HELP])
        return show_help(&o);
    if (o.value[OPT_VERSION]) {
        struct buf text = BUF_OWN;
        buf_puts(&text, PACKAGE_STRING "\n");
        return print(&text);
    }
    if (o.command == CMD_MAIN && o.value[OPT_ONBOARD])
        o.command = CMD_ONBOARD;
    bool several = (o.value[OPT_LINE] != NULL) + (o.value[OPT_COMMAND_FILE] != NULL) + headless_wanted(&o) > 1;
    if (o.command == CMD_MAIN && several) {
        err_set(&e, ERR_USAGE, "-p, --line and --command-file are three ways of use: say one");
        return usage_error(&e);
    }
    if (o.command == CMD_MAIN && !headless_wanted(&o) && o.value[OPT_SCHEMA]) {
        err_set(&e, ERR_USAGE, "--schema is for one turn: it wants -p TEXT");
        return usage_error(&e);
    }
    if (o.command == CMD_MAIN && !headless_wanted(&o) && !o.value[OPT_COMMAND_FILE])
        return run_console(&o);
    if (o.command == CMD_DEMO)
        return run_demo(&o);
    if (o.command == CMD_AGENT || o.command == CMD_TUI)
        return run_agent(&o);
    block_signals();
    prepare_process();
    if (o.command == CMD_UP)
        options_hide_key(&o); /* what it starts takes the others from the same environment */
    else
        hide_keys(&o);
    if (o.command == CMD_MAIN && o.value[OPT_COMMAND_FILE])
        return line_run_file(&o);
    if (o.command == CMD_MAIN && o.value[OPT_PROMPT] && slash_is(str_of(o.value[OPT_PROMPT])))
        return slash_run(&o, str_of(o.value[OPT_PROMPT]));
    if (o.command == CMD_MAIN)
        return headless_run(&o);
    return commands[o.command] ? commands[o.command](&o) : verb_run(&o);
}
