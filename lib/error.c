/* SPDX-License-Identifier: Apache-2.0
 *
 * Names and meanings of the library's errors.
 */
#include <rapl/rapl.h>

#include "rapl_version.h"

struct text {
    const char *name;
    const char *message;
};

static const struct text texts[RAPL_ERROR_COUNT] = {
    [RAPL_OK] = {"RAPL_OK", "no error"},
    [RAPL_ERROR_ARGUMENT] = {"RAPL_ERROR_ARGUMENT",
                             "an argument is malformed: a size, an index, a source's name, or a "
                             "call at the wrong time"},
    [RAPL_ERROR_MEMORY] = {"RAPL_ERROR_MEMORY", "out of memory"},
    [RAPL_ERROR_NO_SOURCE] = {"RAPL_ERROR_NO_SOURCE",
                              "no source of energy could be opened on this machine"},
    [RAPL_ERROR_NOT_HERE] = {"RAPL_ERROR_NOT_HERE", "this source is not on this machine"},
    [RAPL_ERROR_SKIPPED] = {"RAPL_ERROR_SKIPPED", "not tried: a source before it serves"},
    [RAPL_ERROR_DENIED] = {"RAPL_ERROR_DENIED", "present, and this user may not read it"},
    [RAPL_ERROR_UNSUPPORTED] = {"RAPL_ERROR_UNSUPPORTED",
                                "this CPU, system or source has no such thing"},
    [RAPL_ERROR_FAULTS] = {"RAPL_ERROR_FAULTS", "the register or file fails when it is read"},
    [RAPL_ERROR_DEAD] = {"RAPL_ERROR_DEAD",
                         "readable, and 0 at every reading so far: not wired on this machine, or "
                         "asleep"},
    [RAPL_ERROR_GONE] = {"RAPL_ERROR_GONE",
                         "the source went away: the driver was stopped or the device removed"},
    [RAPL_ERROR_GARBAGE] = {"RAPL_ERROR_GARBAGE", "the source answered something that cannot be"},
    [RAPL_ERROR_VERSION] = {"RAPL_ERROR_VERSION",
                            "the source speaks a version that this library does not"},
    [RAPL_ERROR_FILE] = {"RAPL_ERROR_FILE", "the recording cannot be read or is malformed"},
    [RAPL_ERROR_TIMEOUT] = {"RAPL_ERROR_TIMEOUT", "nothing happened within the time given"},
    [RAPL_ERROR_NO_SAMPLE] = {"RAPL_ERROR_NO_SAMPLE",
                              "the sample set holds no reading of this domain yet"},
    [RAPL_ERROR_SYSTEM] = {"RAPL_ERROR_SYSTEM", "the operating system failed"},
};

static const struct text unknown = {"RAPL_ERROR_UNKNOWN",
                                    "an error that this version of the library does not know"};

static const struct text *find(int error)
{
    return error >= 0 && error < RAPL_ERROR_COUNT ? &texts[error] : &unknown;
}

const char *rapl_error_name(int error)
{
    return find(error)->name;
}

const char *rapl_error_message(int error)
{
    return find(error)->message;
}

uint32_t rapl_library_version(void)
{
    static const uint32_t version[] = {RAPL_VERSION_NUMBERS};

    return version[0] << 16 | version[1] << 8 | version[2];
}
