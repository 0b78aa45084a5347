/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs every check, sorts what was found, and says how healthy that is.
 */
#include "lib/doctor/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct doctor_finding *doctor_add(struct doctor_report *report, const char *id,
                                  enum doctor_severity severity)
{
    /* The last place is the one that is written over when there are too many. */
    struct doctor_finding *const finding =
        &report->findings[report->count < DOCTOR_FINDINGS_MAX ? report->count++
                                                              : DOCTOR_FINDINGS_MAX - 1];
    *finding = (struct doctor_finding){.id = id, .severity = (uint8_t)severity};
    return finding;
}

void doctor_say(char text[384], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, 384, format, arguments);
    va_end(arguments);
}

const struct doctor_source *doctor_source_named(const struct doctor_facts *facts, const char *name)
{
    for (uint32_t i = 0; i < facts->source_count; i++) {
        if (strcmp(facts->sources[i].info.name, name) == 0) {
            return &facts->sources[i];
        }
    }
    return NULL;
}

bool doctor_has_energy(const struct doctor_facts *facts)
{
    return facts->best >= 0 && facts->sources[facts->best].package_live_count != 0;
}

/* Stable: findings of one severity stay in the order of the checks. */
static void sort_findings(struct doctor_report *report)
{
    for (uint32_t i = 1; i < report->count; i++) {
        const struct doctor_finding moved = report->findings[i];
        uint32_t at = i;

        for (; at > 0 && report->findings[at - 1].severity < moved.severity; at--) {
            report->findings[at] = report->findings[at - 1];
        }
        report->findings[at] = moved;
    }
}

static bool any_is_a_nuisance(const struct doctor_report *report)
{
    for (uint32_t i = 0; i < report->count; i++) {
        if (report->findings[i].severity != DOCTOR_NOTE) {
            return true;
        }
    }
    return false;
}

void doctor_diagnose(const struct doctor_facts *facts, struct doctor_report *out)
{
    memset(out, 0, sizeof(*out));
    doctor_check_machine(facts, out);
    if (facts->system == DOCTOR_SYSTEM_WINDOWS) {
        doctor_check_driver(facts, out);
        doctor_check_trust(facts, out);
        doctor_check_access(facts, out);
        doctor_check_meters(facts, out);
    } else {
        doctor_check_linux(facts, out);
    }
    doctor_check_domains(facts, out);
    sort_findings(out);

    if (!doctor_has_energy(facts)) {
        out->health = DOCTOR_NO_ENERGY;
    } else {
        out->health = any_is_a_nuisance(out) ? DOCTOR_DEGRADED : DOCTOR_HEALTHY;
    }
}

const char *doctor_health_name(uint32_t health)
{
    static const char *const names[] = {"healthy", "degraded", "no energy"};

    return health < sizeof(names) / sizeof(names[0]) ? names[health] : "unknown";
}

const char *doctor_severity_name(uint32_t severity)
{
    static const char *const names[] = {"note", "warning", "problem"};

    return severity < sizeof(names) / sizeof(names[0]) ? names[severity] : "unknown";
}
