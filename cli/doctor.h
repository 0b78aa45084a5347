/* SPDX-License-Identifier: Apache-2.0
 *
 * A diagnosis as text for people and JSON for programs; `rapl doctor` and `rapl report` show it.
 */
#ifndef RAPL_CLI_DOCTOR_H
#define RAPL_CLI_DOCTOR_H

#include <stdbool.h>

#include "lib/doctor/diagnose.h"
#include "lib/json.h"
#include "lib/text.h"

void doctor_show(struct text *out, const struct doctor_facts *facts,
                 const struct doctor_report *report, bool colour);

/* Members of the object that is open: docs/schemas/doctor.json. */
void doctor_json(struct json *json, const struct doctor_facts *facts,
                 const struct doctor_report *report);

#endif
