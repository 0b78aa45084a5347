/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of CPUs: reading `--cpu 06_9E`, and showing a CPU and its model row.
 */
#ifndef RAPL_CLI_CPU_ID_H
#define RAPL_CLI_CPU_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/json.h"
#include "lib/text.h"
#include "core/cpu.h"
#include "core/model.h"

/*
 * "06_9E" or "06_9E_0A": display family, model and, ignored, stepping, in hexadecimal as the Intel
 * SDM writes them; "06" alone is the family with its model unknown. The vendor follows from the
 * family and is RAPL_VENDOR_UNKNOWN where it does not. False, `*out` untouched, for anything else.
 */
bool cpu_id_parse(const char *text, struct rapl_cpu *out);

/* "intel", "amd", "hygon" in any case. False, `*vendor` untouched, for anything else. */
bool cpu_vendor_parse(const char *text, uint8_t *vendor);

/* "06_9E", or "06" where the model is not known. */
#define CPU_ID_SIZE 12u
void cpu_id_format(const struct rapl_cpu *cpu, char out[CPU_ID_SIZE]);

/* Lines "cpu", "source" and, where sources disagree, "doubt". `model` may be NULL. */
void cpu_show(struct text *out, const struct rapl_cpu *cpu, const struct rapl_model *model);

/* The same as an object "cpu". */
void cpu_json(struct json *json, const struct rapl_cpu *cpu, const struct rapl_model *model);

#endif
