/* SPDX-License-Identifier: Apache-2.0
 *
 * Registers of this machine, for `rapl record`: through the legacy device on Windows, through
 * /dev/cpu/N/msr on Linux. Reads only.
 */
#ifndef RAPL_CLI_MSR_H
#define RAPL_CLI_MSR_H

#include <stdbool.h>

#include "cli/cli.h"
#include "lib/device.h"
#include "lib/host.h"

struct msr {
    struct rapl_host host;
    struct rapl_device device;
    struct rapl_clock clock;
    bool simulated;
    void *state;
};

/* EXIT_CODE_OK, or the exit code after saying what is missing and what to do. */
int msr_open(struct cli *cli, struct msr *out);
void msr_close(struct msr *msr);

#endif
