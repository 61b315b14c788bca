/* SPDX-License-Identifier: MIT
 *
 * state: what struct policy holds; for the files of this folder only.
 *
 * Locking: what stands above `lock` never changes after policy_new; everything below it is read and
 * written under the lock, which is never held over I/O. So a decision has two parts: facts are
 * gathered without the lock (decide.h), and are then held against rules, mode and preset.
 */
#ifndef TAU_POLICY_STATE_H
#define TAU_POLICY_STATE_H

#include "base/map.h"
#include "policy/path.h"
#include "policy/policy.h"
#include "policy/rate.h"
#include "policy/rule.h"

#include <pthread.h>

enum { POLICY_SESSIONS_MAX = 1024, POLICY_PROTECT_MAX = 64 };

struct preset {
    const char *name;
    struct policy_limits limits;
    enum verdict as_root; /* commands as uid 0 without bubblewrap */
    bool auto_unparsed;
    uint64_t processes, file_mib;
};

extern const struct preset policy_presets[];

struct policy {
    struct arena arena; /* of what never changes */
    struct path_root root;
    const char *state_dir, *config_dir, *protected_paths, *path;
    bool interactive, network;
    enum sandbox_level wanted; /* the strongest when the setting says auto */
    bool required;             /* the setting names a level, so that one it is */
    const char **read;         /* sandbox.read */
    const char *protect[POLICY_PROTECT_MAX + 2]; /* the first is .git itself; see policy_sandbox */

    pthread_mutex_t lock;
    enum policy_mode mode;
    enum policy_preset preset;
    bool trusted;
    struct rules builtin[PRESET_HARDENED + 1]; /* made once; by preset */
    struct rules user, kept;
    struct map sessions; /* struct rules * by name */
    struct rate rate;
};

#endif
