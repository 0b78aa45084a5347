/* SPDX-License-Identifier: Apache-2.0
 *
 * How the parts of the diagnosis add findings.
 */
#ifndef RAPL_LIB_DOCTOR_FINDING_H
#define RAPL_LIB_DOCTOR_FINDING_H

#include "core/compiler.h"
#include "lib/doctor/diagnose.h"

/*
 * A new finding whose texts the caller fills; beyond the last one there is room for, one that is
 * never shown. `id` is constant text. Never NULL.
 */
struct doctor_finding *doctor_add(struct doctor_report *report, const char *id,
                                  enum doctor_severity severity);

/* Fills one text of a finding; longer text is cut. */
COMPILER_PRINTF(2, 3) void doctor_say(char text[384], const char *format, ...);

/* The source of that name; NULL if it was not tried on this system. */
const struct doctor_source *doctor_source_named(const struct doctor_facts *facts, const char *name);

/* True if a source gives package energy. */
bool doctor_has_energy(const struct doctor_facts *facts);

/* The parts, in the order of findings of the same severity. */
void doctor_check_machine(const struct doctor_facts *facts, struct doctor_report *report);
void doctor_check_driver(const struct doctor_facts *facts, struct doctor_report *report);
void doctor_check_trust(const struct doctor_facts *facts, struct doctor_report *report);
void doctor_check_access(const struct doctor_facts *facts, struct doctor_report *report);
void doctor_check_meters(const struct doctor_facts *facts, struct doctor_report *report);
void doctor_check_linux(const struct doctor_facts *facts, struct doctor_report *report);
void doctor_check_domains(const struct doctor_facts *facts, struct doctor_report *report);

#endif
