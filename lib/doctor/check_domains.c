/* SPDX-License-Identifier: Apache-2.0
 *
 * The domains of the source that `rapl` uses: which have no energy, and why.
 */
#include "lib/doctor/finding.h"

#include <stdio.h>

static void name_domain(const struct rapl_domain_info *domain, char *out, size_t size)
{
    if (domain->package == RAPL_NONE) {
        snprintf(out, size, "%s", domain->name);
    } else {
        snprintf(out, size, "%s of package %u", domain->name, (unsigned)domain->package);
    }
}

static void check_domain(const struct rapl_domain_info *domain, struct doctor_report *report)
{
    const bool is_package = domain->domain == RAPL_DOMAIN_PACKAGE;
    struct doctor_finding *finding;
    char name[64];

    name_domain(domain, name, sizeof(name));
    switch (domain->status) {
    case RAPL_OK:
    case RAPL_ERROR_UNSUPPORTED: /* this model has not got it: nothing is missing */
        break;
    case RAPL_ERROR_DEAD:
        finding = doctor_add(report, is_package ? "package-dead" : "domain-dead",
                             is_package ? DOCTOR_WARNING : DOCTOR_NOTE);
        doctor_say(finding->what, "The counter of %s has been 0 at every reading.", name);
        doctor_say(finding->why, is_package
                                     ? "No energy of this package is counted: a virtual machine, "
                                       "or firmware that switched it off."
                                     : "It is not wired on this board, or asleep (psys and dram "
                                       "often are). It is left out, not shown as 0 W.");
        break;
    case RAPL_ERROR_DENIED:
        finding = doctor_add(report, "domain-denied", DOCTOR_WARNING);
        doctor_say(finding->what, "%s may not be read by this user.", name);
        doctor_say(finding->why, "Its energy is left out.");
        break;
    default:
        finding = doctor_add(report, is_package ? "package-fails" : "domain-fails",
                             is_package ? DOCTOR_WARNING : DOCTOR_NOTE);
        doctor_say(finding->what, "The counter of %s cannot be read: %s.", name,
                   rapl_error_message(domain->status));
        doctor_say(finding->why, "It is left out, not shown as 0 W.");
        break;
    }
}

void doctor_check_domains(const struct doctor_facts *facts, struct doctor_report *report)
{
    for (uint32_t i = 0; i < facts->domain_count; i++) {
        check_domain(&facts->domains[i], report);
    }
}
