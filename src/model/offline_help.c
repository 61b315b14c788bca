/* SPDX-License-Identifier: MIT
 *
 * offline_help: the kind help, and what is said when nothing was understood: which kinds are near,
 * with examples that work. Also greetings. It never claims to be a language model.
 */
#include "model/offline.h"

#include "model/local.h"

#include <string.h>

enum { NEAREST = 2 };

enum { FORM_HELP, FORM_SELF, FORM_CONNECT };
enum { FORM_HELLO, FORM_THANKS, FORM_BYE, FORM_CONFIRM };

static bool is_shown(const struct offline_kind *kind)
{
    return kind != &offline_greet;
}

/* What is said of other models follows from the table of providers, so that it stays true. */
static void say_connect(struct offline_move *m)
{
    bool any = false;
    for (size_t i = 0; i < provider_table_n; i++)
        any = any || strcmp(provider_table[i]->name, provider_offline.name) != 0;
    if (any)
        offline_say(m, "A language model is connected by naming it: `tau --model PROVIDER/NAME`. "
                       "`tau model list` names the models that this tau knows.\n");
    else
        offline_say(m, "This tau has no provider of a language model yet, only the models in the "
                       "program itself; `tau model list` names them, and `--model` chooses one.\n");
}

static void say_kinds(struct offline_move *m)
{
    offline_say(m, "I understand a fixed set of requests, in many wordings:\n\n");
    for (size_t i = 0; i < offline_kinds_n; i++) {
        const struct offline_kind *kind = offline_kinds[i];
        if (is_shown(kind))
            offline_say(m, "- **%s**: %s. Example: `%s`\n", kind->name, kind->help,
                        kind->examples[0]);
    }
    offline_say(m,
                "\nWhat changes files or runs commands goes through the same approvals as with any "
                "model. ");
    say_connect(m);
}

/* In one line, with the two that are nearest by their words; the first of all when none is. */
static void say_not_understood(const struct offline_turn *t, struct offline_move *m)
{
    int scores[32] = {0};
    TAU_ASSERT(offline_kinds_n <= ARRAY_LEN(scores));
    for (size_t i = 0; i < offline_kinds_n; i++) {
        bool shown = is_shown(offline_kinds[i]);
        int bare = shown && offline_kinds[i] != &offline_help;
        scores[i] = shown ? 2 * offline_nearness(t->a, t->prompt, offline_kinds[i]) + bare : 0;
    }
    offline_say(m, "I did not understand this. I follow rules; the nearest that I can do:");
    for (size_t said = 0; said < NEAREST; said++) {
        size_t best = 0;
        for (size_t i = 1; i < offline_kinds_n; i++)
            best = scores[i] > scores[best] ? i : best;
        scores[best] = 0;
        offline_say(m, "%s `%s` (%s)", said ? " or" : "", offline_kinds[best]->examples[0],
                    offline_kinds[best]->name);
    }
    offline_say(m, ". `help` lists all.\n");
}

static void help_plan(const struct offline_turn *t, const struct offline_match *match,
                      struct offline_move *m)
{
    if (match->form < 0 && t->prompt.n) {
        say_not_understood(t, m);
        return;
    }
    if (match->form == FORM_SELF)
        offline_say(m,
                    "I am local/offline, the assistant that is built into tau. I am not a language "
                    "model: I match your words against rules, call tau's tools, and report what "
                    "they say. ");
    if (match->form == FORM_CONNECT) {
        say_connect(m);
        return;
    }
    say_kinds(m);
}

static const struct offline_pattern help_patterns[] = {
    PATTERN(FORM_HELP, "help|usage|commands|manual|? [me]"),
    PATTERN(FORM_HELP, "[i] need [some] help"),
    PATTERN(FORM_HELP, "help me *"),
    PATTERN(FORM_HELP, "what can|do|could you|i|we|tau do|say|ask|understand|know|type|offer|"
                       "support [here|for|you|with] [me]"),
    PATTERN(FORM_HELP, "what else can|do you do|understand|know"),
    PATTERN(FORM_HELP, "what are your|the|my commands|abilities|capabilities|options|skills|"
                       "kinds|features|functions|possibilities"),
    PATTERN(FORM_HELP, "which|what commands|requests|questions|things|kinds can|do|are [you|i] "
                       "understand|know|use|ask|give|there|supported"),
    PATTERN(FORM_HELP, "show|list|give [me] [the|some|all] help|commands|examples|options|kinds"),
    PATTERN(FORM_HELP, "show|list|give|tell|name [me] [all] [of] your commands|abilities|skills|features|capabilities|requests"),
    PATTERN(FORM_HELP, "how do|does|can|should i|you|this|it|tau|one|we work|use|begin|start|"
                       "help|ask [you|this|it|tau|with] [me]"),
    PATTERN(FORM_HELP, "how does this|it|that work"),
    PATTERN(FORM_HELP, "give|show [me] [some|an] example|examples"),
    PATTERN(FORM_SELF, "who|what are|is you|tau|this [exactly] [anyway]"),
    PATTERN(FORM_SELF,
            "are|is you|this [a|an] [real] [ai|llm|bot|robot|human|person|model|"
            "machine|program|gpt|chatgpt|claude|gemini|copilot|llama] [language] [model|there|"
            "human]"),
    PATTERN(FORM_SELF, "which|what [language] model|llm|ai are|is|do [you|this|it|i] [this|use|"
                       "using|running|active|talking]"),
    PATTERN(FORM_SELF, "introduce yourself"),
    PATTERN(FORM_SELF, "what is|are local/offline|offline"),
    PATTERN(FORM_CONNECT,
            "how do|can|could|to [i|we|you] connect|use|add|configure|select|"
            "choose|set|switch|change|get [to] [up] [a|an|the|another|real|other|my|openai] "
            "[real|language|other|better|openai|local] model|llm|ai|key|provider|models *"),
    PATTERN(FORM_CONNECT, "connect|switch|change|use [to] [a|an|the|another] [real|language|"
                          "other|better|different] model|llm"),
    PATTERN_END,
};

static const char *const help_examples[] = {"help", "what can you do?", NULL};

const struct offline_kind offline_help = {
    .name = "help",
    .help = "list what this assistant can do, and how to connect a language model",
    .words = "help commands model connect who",
    .examples = help_examples,
    .patterns = help_patterns,
    .plan = help_plan,
};

/* ---- greetings ---- */

static void greet_plan(const struct offline_turn *t, const struct offline_match *match,
                       struct offline_move *m)
{
    (void)t;
    switch (match->form) {
    case FORM_THANKS:
        offline_say(m, "You are welcome.\n");
        break;
    case FORM_BYE:
        offline_say(m, "Goodbye. `:q` ends the console; what was done here is kept.\n");
        break;
    case FORM_CONFIRM:
        offline_say(m,
                    "I do not remember a question of mine: each request stands alone. Please say "
                    "in one sentence what to do; `help` shows what I understand.\n");
        break;
    default:
        offline_say(m,
                    "Hello. I am local/offline, a rule-based assistant. Ask me for example:\n\n");
        for (size_t i = 0; i < offline_kinds_n; i++)
            if (is_shown(offline_kinds[i]) && offline_kinds[i] != &offline_help)
                offline_say(m, "- `%s`\n", offline_kinds[i]->examples[0]);
    }
}

static const struct offline_pattern greet_patterns[] = {
    PATTERN(FORM_HELLO, "hi|hello|hey|hallo|howdy|greetings|moin|yo|hola [there|tau|you|again|"
                        "everyone]"),
    PATTERN(FORM_HELLO, "good morning|afternoon|evening|day|night [tau]"),
    PATTERN(FORM_HELLO, "how are|is you|it|everything [doing|today|going]"),
    PATTERN(FORM_HELLO, "how's it going"),
    PATTERN(FORM_HELLO, "what's up|new"),
    PATTERN(FORM_HELLO, "nice to meet you"),
    PATTERN(FORM_HELLO, "test|ping|testing"),
    PATTERN(FORM_THANKS, "thanks|thank|thx|cheers|ty [you] [a] [very|so] [much|lot|tau]"),
    PATTERN(FORM_THANKS, "great|nice|good|perfect|excellent|cool|awesome|super [job|work|thanks]"),
    PATTERN(FORM_THANKS, "well done"),
    PATTERN(FORM_BYE, "bye|goodbye|quit|exit|ciao|farewell [now|tau]"),
    PATTERN(FORM_BYE, "see you [later|soon]"),
    PATTERN(FORM_CONFIRM, "yes|no|ok|okay|sure|yep|nope|y|n|continue|proceed"),
    PATTERN(FORM_CONFIRM, "do|go|try it|ahead|on|that|again"),
    PATTERN_END,
};

static const char *const greet_examples[] = {"hello", NULL};

const struct offline_kind offline_greet = {
    .name = "greeting",
    .help = "say hello",
    .words = "hello hi",
    .examples = greet_examples,
    .patterns = greet_patterns,
    .plan = greet_plan,
};
