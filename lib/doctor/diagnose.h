/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong on a machine, from the facts alone: each finding says what, why it matters, and the
 * command that fixes it.
 */
#ifndef RAPL_LIB_DOCTOR_DIAGNOSE_H
#define RAPL_LIB_DOCTOR_DIAGNOSE_H

#include "lib/doctor/facts.h"

enum doctor_severity {
    DOCTOR_NOTE,    /* good to know; nothing to do */
    DOCTOR_WARNING, /* energy is there, but less of it, or at a risk */
    DOCTOR_PROBLEM, /* this keeps energy from being read */
};

struct doctor_finding {
    const char *id; /* "driver-stopped": stable, for programs */
    uint8_t severity;
    char what[384];
    char why[384];
    char fix[384]; /* a command, or what to ask whom for; "" if nothing can be done */
};

#define DOCTOR_FINDINGS_MAX 40u

enum doctor_health {
    DOCTOR_HEALTHY,
    DOCTOR_DEGRADED,
    DOCTOR_NO_ENERGY,
};

struct doctor_report {
    uint8_t health; /* enum doctor_health: the exit status of `rapl doctor` */
    uint32_t count;
    struct doctor_finding findings[DOCTOR_FINDINGS_MAX]; /* the worst first */
};

void doctor_diagnose(const struct doctor_facts *facts, struct doctor_report *out);

/* "healthy", "degraded", "no energy"; "note", "warning", "problem". */
const char *doctor_health_name(uint32_t health);
const char *doctor_severity_name(uint32_t severity);

#endif
