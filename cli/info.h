/* SPDX-License-Identifier: Apache-2.0
 *
 * What `rapl info` knows, gathered once and shown as text or JSON.
 */
#ifndef RAPL_CLI_INFO_H
#define RAPL_CLI_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/json.h"
#include "lib/text.h"
#include "lib/decode.h"
#include "lib/sampler.h"
#include "lib/source.h"

/* Unit, power info and power limit registers of one package. */
#define INFO_REGISTERS_MAX 16u

struct info_register {
    const struct rapl_register *reg;
    uint32_t error; /* Windows code; 0: decoded is filled */
    struct rapl_decoded decoded;
};

struct info_package {
    uint32_t count;
    struct info_register reg[INFO_REGISTERS_MAX];
};

struct info {
    const struct rapl_source *source;
    bool has_meters; /* the sampler is open and packages are filled */
    struct rapl_sampler sampler;
    struct info_package *packages; /* as many as the sampler has */
};

/* Reads what can be read. `sampling`: device and machine are good. False without memory. */
bool info_gather(const struct rapl_source *source, bool sampling, struct info *out);
void info_free(struct info *info);

/* A domain of a package: its only meter, or for cores the first one and how many count. */
struct info_domain {
    const struct rapl_meter *meter;
    uint32_t cores; /* 0: not per core */
    uint32_t cores_present;
    bool present;
    uint64_t lasts_s; /* at TDP; 0: not known */
};

/* False when the package has no such domain among its meters (never for a valid domain). */
bool info_domain(const struct info *info, uint32_t package, uint32_t domain,
                 struct info_domain *out);

/* "open", "open for reading only", "not open". */
const char *info_device_text(const struct rapl_source *source);

void info_show(struct text *out, const struct info *info, bool colour);
void info_json(struct text *out, const struct info *info);

#endif
