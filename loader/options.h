/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line, parsed. Pure C: arguments are UTF-8, so that this is tested on any system.
 */
#ifndef RAPL_LOADER_OPTIONS_H
#define RAPL_LOADER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum loader_verb {
    LOADER_INSTALL,
    LOADER_START,
    LOADER_STOP,
    LOADER_REMOVE,
    LOADER_STATUS,
    LOADER_TESTSIGN,
    LOADER_HELP,
    LOADER_VERSION,
    LOADER_VERB_COUNT
};

/* When Windows starts the service. The values are the service manager's. */
enum loader_start { LOADER_START_SYSTEM = 1, LOADER_START_AUTO = 2, LOADER_START_DEMAND = 3 };

enum loader_testsign { TESTSIGN_VERB_STATUS, TESTSIGN_VERB_ON, TESTSIGN_VERB_OFF };

struct loader_options {
    enum loader_verb verb;
    bool access_given;
    uint32_t access; /* RAPL_ACCESS_*; meaningful if access_given */
    enum loader_start start;
    bool simulated;
    bool pnp;              /* install as a device */
    const char *inf;       /* points into argv; NULL if not given */
    const char *recording; /* points into argv; NULL if not given */
    enum loader_testsign testsign;
    const char *certificate; /* points into argv; NULL if not given */
    bool root;
    bool no_wait;
    bool json;
    bool quiet;
};

/* Why a command line was refused: "<problem>: <argument>. <action>". */
struct loader_usage_error {
    const char *problem;
    const char *argument; /* points into argv; NULL if nothing was given at all */
    const char *action;
};

/*
 * `argv[0]` is the program. On failure: false, `*error` filled, `*out` untouched.
 */
bool options_parse(int argc, const char *const argv[], struct loader_options *out,
                   struct loader_usage_error *error);

/* True if --json is among the arguments: a refused command line is reported as JSON too. */
bool options_want_json(int argc, const char *const argv[]);

/* True if it changes the machine, for which it takes an administrator. */
bool options_need_elevation(const struct loader_options *options);

/* Constant texts. */
const char *options_usage(void);
const char *options_verb_name(enum loader_verb verb);
const char *options_access_name(uint32_t access); /* RAPL_ACCESS_*; NULL for anything else */
const char *options_start_name(uint32_t start);   /* any start type of the service manager */

#endif
