/* SPDX-License-Identifier: MIT
 *
 * policy: what a tool call may do. One value per process, shared by all threads (it locks inside);
 * changed by actions only. Deciding does no I/O beyond looking up paths.
 *
 * Order: protected and outside paths deny; deny rules; plan mode denies what changes; the preset's
 * limits and its demand for a sandbox; ask rules; paths that may hold secrets ask, unless a rule allows
 * them by name; allow rules, session grants and kept prefixes; what the mode gives; else ask. The first
 * that decides is named in the decision. At the end, what is allowed is asked about all the same when it
 * would run as root without bubblewrap and the preset wants that.
 */
#ifndef TAU_POLICY_POLICY_H
#define TAU_POLICY_POLICY_H

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "contract/tool.h"
#include "policy/sandbox.h"

enum verdict { VERDICT_ALLOW, VERDICT_ASK, VERDICT_DENY };
enum policy_mode { MODE_ASK, MODE_EDITS, MODE_PLAN, MODE_AUTO };
enum policy_preset { PRESET_PERMISSIVE, PRESET_BALANCED, PRESET_STRICT, PRESET_HARDENED };

/* The numbers of a preset (spec of record: data in policy/presets.def). */
struct policy_limits {
    int64_t max_file_read_bytes, max_file_write_bytes, max_command_output_bytes;
    int64_t bash_timeout_ms, max_command_length;
    bool allow_command_newlines;
    bool regular_files_only;
    int64_t rate_per_minute;
    bool needs_sandbox; /* strict, hardened: no command without one */
};

struct policy_config {
    const char *workspace;  /* real path */
    const char *state_dir;  /* the project's; kept prefixes live in <state_dir>/policy.rules */
    const char *config_dir; /* $XDG_CONFIG_HOME/tau; trust and user rules live there */
    enum policy_mode mode;
    enum policy_preset preset;
    const char *protected_paths; /* setting policy.protected */
    const char *sandbox_level;   /* setting sandbox.level; a named one is required, not "auto" */
    bool sandbox_network;
    const char *sandbox_read; /* setting sandbox.read */
    bool interactive;         /* somebody can be asked */
};

struct policy;

/* Reads both files of rules: ERR_CONFIG (file:line) when one can not be read, ERR_NOT_FOUND for the
 * workspace. config is copied. */
struct policy *policy_new(const struct policy_config *config, struct err *e) ATTR_WARN;
void policy_free(struct policy *p);

/* Reads the files of rules again. When one can not be read, the rules stay as they were. */
bool policy_reload(struct policy *p, struct err *e) ATTR_WARN;

struct decision {
    enum verdict verdict;
    char risk[16];  /* read, write, run or risky */
    char rule[256]; /* the rule that decided, for people: "preset balanced: make runs others" */
    char session_rule[256]; /* what approving for the session would add; empty: not offered */
    char prefix_rule[256];  /* what approving always would add; empty: not offered */
    struct err err;         /* for deny */
};

/* May this call go on? session: for its grants. Never fails: doubt is ask, or deny. */
void policy_decide(struct policy *p, const char *session, const struct tool_desc *tool,
                   const struct tool_intent *intent, struct decision *ret_decision);

/* For a tool that walks and shows what it finds: is this file one that a deny rule names, or one
 * that may hold secrets and was not allowed by name? Such files are passed over, and the tool says
 * so. */
bool policy_hides(struct policy *p, const char *session, const struct tool_desc *tool,
                  const char *relative);

/* Adds a rule that an answer made (session_rule, prefix_rule): for the session, or kept on disk.
 * ERR_INVALID for what is no allow rule with a pattern, ERR_TOO_LARGE, ERR_IO. */
bool policy_grant(struct policy *p, const char *session, const char *rule, bool keep,
                  struct err *e) ATTR_WARN;

/* Counts one call of the session; ERR_DENIED when the preset's rate is passed. */
bool policy_rate(struct policy *p, const char *session, struct err *e) ATTR_WARN;

struct policy_limits policy_limits(struct policy *p);
enum policy_mode policy_mode(struct policy *p);
enum policy_preset policy_preset(struct policy *p);
void policy_set_mode(struct policy *p, enum policy_mode mode);
void policy_set_preset(struct policy *p, enum policy_preset preset);
bool policy_mode_parse(struct str s, enum policy_mode *ret_mode);
bool policy_preset_parse(struct str s, enum policy_preset *ret_preset);
const char *policy_mode_name(enum policy_mode mode);
const char *policy_preset_name(enum policy_preset preset);

/* Is the workspace trusted (policy/trust.c keeps the list in config_dir)? */
bool policy_trusted(struct policy *p);
bool policy_trust(struct policy *p, bool trust, struct err *e) ATTR_WARN;

struct path_root;

/* Is this name in an open directory below root (of path_open_parent) a protected path, the
 * configured ones included? A tool that writes asks last, with the descriptor that it writes
 * through, since a link may have come into the way after policy_decide. Doubt is true. */
bool policy_protects(struct policy *p, const struct path_root *root, int dir, const char *name);

/* The profile that commands of this workspace run in now. Strings are borrowed from p. */
void policy_sandbox(struct policy *p, struct sandbox_profile *ret_profile);

/* For tau policy show: JSON of everything above, and the rules in order. */
void policy_show(struct policy *p, struct buf *out);

#endif
