/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes a recording (docs/recording-format.md) of registers that can be read: identity, topology,
 * every register on the model's list, and how the energy counters move.
 *
 * Processors are renumbered package by package, core by core, and get APIC ids of their own: the
 * format numbers them so, and who reads which register does not change by it.
 */
#ifndef RAPL_CLI_RECORDER_H
#define RAPL_CLI_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/device.h"
#include "lib/host.h"
#include "lib/text.h"

/* The format's own bounds (recording/recording.h), and points that surely fit in 4 MiB. */
#define RECORDER_PROCESSORS_MAX 256u
#define RECORDER_POINTS_MAX     65536u

struct recorder;

enum recorder_result {
    RECORDER_OK,
    RECORDER_NO_MEMORY,
    RECORDER_NO_RAPL,  /* no model, or none of its registers can be read */
    RECORDER_TOO_MANY, /* processors, more than the format has room for */
};

/* `host` has a model unless NO_RAPL; it and `device` stay with the caller. Reads once. */
enum recorder_result recorder_new(const struct rapl_host *host, const struct rapl_device *device,
                                  struct recorder **out);
void recorder_free(struct recorder *recorder);

enum recorder_sampled {
    RECORDER_SAMPLED,
    RECORDER_FULL, /* no room for another point */
    RECORDER_LOST, /* no counter can be read any more, though some could */
};

/* Reads the energy counters again. Points that were taken stay, whatever it returns. */
enum recorder_sampled recorder_sample(struct recorder *recorder);

/* The recording as text. `title` in UTF-8; quotes in it become apostrophes. */
void recorder_write(const struct recorder *recorder, const char *title, bool simulated,
                    struct text *out);

#endif
