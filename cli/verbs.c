/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of verbs, and the rows that several of them share.
 */
#include <string.h>

#include "cli/cli.h"
#include "cli/verb.h"

static const struct verb_syntax *const verbs[] = {
    &verb_read,   &verb_watch,      &verb_run,    &verb_log,    &verb_list,
    &verb_info,   &verb_doctor,     &verb_report, &verb_record, &verb_replay,
    &verb_decode, &verb_completion, &verb_man,
};

const struct verb_syntax *verb_at(size_t index)
{
    return index < COUNT_OF(verbs) ? verbs[index] : NULL;
}

const struct verb_syntax *verb_named(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        if (strcmp(verbs[i]->name, name) == 0) {
            return verbs[i];
        }
    }
    return NULL;
}

static const struct {
    uint32_t group; /* 0: every verb */
    struct option option;
} common[] = {
    {VERB_JSON, {'\0', "json", NULL, NULL, COMMON_JSON, "JSON instead of text"}},
    {VERB_CORES,
     {'\0', "cores", NULL, NULL, COMMON_CORES, "each physical core too, where the source has it"}},
    {VERB_SOURCE,
     {'\0', "source", "NAME", "driver emi legacy powercap replay", COMMON_SOURCE,
      "read this source only; driver+emi adds what driver lacks from emi"}},
    {VERB_SOURCE,
     {'\0', "replay", "FILE", NULL, COMMON_REPLAY,
      "play a recording instead of reading this machine; says simulated"}},
    {VERB_SOURCE,
     {'\0', "speed", "FACTOR", NULL, COMMON_SPEED,
      "with --replay: 1 is real time and the default, 10 ten times as fast, max without waiting"}},
    {VERB_SOURCE,
     {'\0', "path", "PATH", NULL, COMMON_PATH,
      "the powercap tree's root, instead of /sys/class/powercap"}},
    {0, {'h', "help", NULL, NULL, COMMON_HELP, "this text"}},
};

const struct option *verb_option(const struct verb_syntax *verb, size_t index)
{
    if (index < verb->option_count) {
        return &verb->options[index];
    }
    index -= verb->option_count;
    for (size_t i = 0; i < COUNT_OF(common); i++) {
        if (common[i].group != 0 && (common[i].group & verb->common) == 0) {
            continue;
        }
        if (index-- == 0) {
            return &common[i].option;
        }
    }
    return NULL;
}

static const struct {
    uint32_t group; /* 0: every verb */
    struct verb_exit exit;
} exits[] = {
    {0, {EXIT_CODE_OK, "done"}},
    {0, {EXIT_CODE_USAGE, "wrong usage: an unknown option, a value that cannot be"}},
    {VERB_SOURCE, {EXIT_CODE_DATA, "the recording cannot be read or is malformed"}},
    {VERB_SOURCE, {EXIT_CODE_UNAVAILABLE, "no source of energy on this machine"}},
    {0, {EXIT_CODE_OS, "out of memory"}},
    {0, {EXIT_CODE_IO, "the output could not be written"}},
    {VERB_SOURCE, {EXIT_CODE_IO, "no counter could be read, or the output could not be written"}},
    {VERB_SOURCE, {EXIT_CODE_DENIED, "this user may not read the source"}},
};

/* The code of a verb's own row that follows `code`; -1: none. */
static const struct verb_exit *next_own(const struct verb_syntax *verb, int code)
{
    const struct verb_exit *next = NULL;

    for (size_t i = 0; i < verb->exit_count; i++) {
        if (verb->exits[i].code > code && (next == NULL || verb->exits[i].code < next->code)) {
            next = &verb->exits[i];
        }
    }
    return next;
}

/* The same of the shared ones; of two with one code, the later is the more precise. */
static const struct verb_exit *next_shared(const struct verb_syntax *verb, int code)
{
    const struct verb_exit *next = NULL;

    for (size_t i = 0; i < COUNT_OF(exits); i++) {
        bool applies = verb->own_exits
                           ? exits[i].exit.code == EXIT_CODE_OK
                           : exits[i].group == 0 || (exits[i].group & verb->common) != 0;

        if (applies && exits[i].exit.code > code &&
            (next == NULL || exits[i].exit.code <= next->code)) {
            next = &exits[i].exit;
        }
    }
    return next;
}

const struct verb_exit *verb_exit(const struct verb_syntax *verb, size_t index)
{
    const struct verb_exit *found = NULL;
    int code = -1;

    do {
        const struct verb_exit *own = next_own(verb, code);
        const struct verb_exit *shared = next_shared(verb, code);

        found = own != NULL && (shared == NULL || own->code <= shared->code) ? own : shared;
        code = found != NULL ? found->code : code;
    } while (found != NULL && index-- > 0);
    return found;
}
