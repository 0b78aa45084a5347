/* SPDX-License-Identifier: Apache-2.0
 *
 * What `rapl info` knows, gathered once and shown as text or JSON.
 */
#ifndef RAPL_CLI_INFO_H
#define RAPL_CLI_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include <rapl/rapl.h>

#include "cli/cli.h"
#include "core/cpu.h"
#include "core/model.h"
#include "lib/json.h"

struct info {
    struct rapl_session *session; /* may be one that did not open: its sources say why */
    bool opened;
    struct rapl_cpu cpu; /* of the source, or of this machine when none serves */
    bool has_cpu;
    bool is_guest;
    const struct rapl_model *model;   /* NULL: no RAPL known for it */
    struct rapl_machine_info machine; /* zeroed when not opened */
    bool has_driver;                  /* this system can have the driver */
    struct rapl_driver_state driver;
};

/* Gathers what there is; reads once. */
void info_gather(struct cli *cli, struct rapl_session *session, bool opened, struct info *out);

/* How long a counter lasts at `power_mw` before it wraps, in seconds; 0: for ever, or not known. */
uint64_t info_lasts_s(const struct rapl_domain_info *domain, uint32_t power_mw);

/* The TDP that bounds a domain's power: its package's; 0: not known, or not part of the package. */
uint32_t info_tdp_mw(const struct info *info, const struct rapl_domain_info *domain);

void info_show(struct text *out, const struct info *info, bool colour);
void info_json(struct text *out, const struct info *info);

#endif
