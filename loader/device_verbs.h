/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verbs do where the driver is installed as a device.
 */
#ifndef RAPL_LOADER_DEVICE_VERBS_H
#define RAPL_LOADER_DEVICE_VERBS_H

#include "loader/device.h"
#include "loader/options.h"
#include "loader/report.h"

/*
 * The first device of ours, if there is one: `*found`. LOADER_OK, or the code reported and the rest
 * untouched.
 */
int device_look(struct report *report, struct device *out, bool *found);

int device_start(const struct loader_options *options, struct report *report,
                 const struct device *device);
int device_stop(struct report *report, const struct device *device);

/* "running", "disabled", "not started", "unknown". */
const wchar_t *device_state_name(const struct device_state *state);

/* Reports why Windows did not start it: "<what>: Code 52: ..." */
int device_report_problem(struct report *report, enum loader_exit code,
                          const struct device_state *state, const wchar_t *what);

struct device_removed {
    unsigned devices;
    unsigned packages;
};

/*
 * Removes every device of ours and then every driver package for it. LOADER_OK, or the code
 * reported and `*out` untouched.
 */
int device_remove_all(struct report *report, struct device_removed *out);

#endif
