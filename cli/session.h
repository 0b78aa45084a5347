/* SPDX-License-Identifier: Apache-2.0
 *
 * What `read` and `info` share: opening the driver, and saying why something is not there.
 */
#ifndef RAPL_CLI_SESSION_H
#define RAPL_CLI_SESSION_H

#include "cli/cli.h"
#include "lib/json.h"
#include "lib/sampler.h"

/*
 * Opens the source. EXIT_CODE_OK, or the code after a message on stderr, when this system has no
 * driver at all; the source is open only on EXIT_CODE_OK.
 */
int session_open(struct cli *cli, struct rapl_source *source);

/*
 * EXIT_CODE_OK if the machine is known, has RAPL in registers and the device is open; otherwise the
 * exit code, after a message on stderr.
 */
int session_check(struct cli *cli, const struct rapl_source *source);

/*
 * EXIT_CODE_OK if at least one counter counts, or, with `may_wake`, reads 0 and may yet count;
 * otherwise the exit code, after a message that says why the first one of the model does not.
 */
int session_check_meters(struct cli *cli, const struct rapl_sampler *sampler, bool may_wake);

/* Ends a headline: ", simulated" or ", simulated: unknown", nothing on real hardware. */
void session_label(struct text *out, const struct rapl_source *source);

/* "simulated" and, when it is, the recording's title and speed. */
void session_json(struct json *json, const struct rapl_source *source);

/* Why a counter is absent; "" if it is there. */
void session_reason(struct text *out, const struct rapl_sampler *sampler,
                    const struct rapl_meter *meter);

#endif
