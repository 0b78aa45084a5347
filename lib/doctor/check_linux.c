/* SPDX-License-Identifier: Apache-2.0
 *
 * Linux: powercap, its module, and who may read it.
 */
#include "lib/doctor/finding.h"

/* AMD's registers are in the intel_rapl driver since Linux 5.11, Intel's since 3.13. */
#define LINUX_AT_LEAST(facts, a, b)                                                                \
    ((facts)->linux_.major > (a) || ((facts)->linux_.major == (a) && (facts)->linux_.minor >= (b)))

static void check_zones(const struct doctor_facts *facts, struct doctor_report *report)
{
    struct doctor_finding *finding;

    if (facts->linux_.zones != RAPL_TRUTH_NO || facts->cpu.hypervisor) {
        return; /* of a virtual machine "guest" says it */
    }
    if (facts->linux_.container == RAPL_TRUTH_YES) {
        finding = doctor_add(report, "container", DOCTOR_PROBLEM);
        doctor_say(finding->what, "This is a container that does not see /sys/class/powercap.");
        doctor_say(finding->why, "Docker and Podman mask it, as energy is a side channel "
                                 "(CVE-2020-8694).");
        doctor_say(finding->fix,
                   "Measure on the host, or run the container with "
                   "-v /sys/devices/virtual/powercap:/sys/devices/virtual/powercap:ro "
                   "--security-opt systempaths=unconfined");
    } else if (facts->linux_.major != 0 && facts->cpu.vendor != RAPL_VENDOR_INTEL &&
               !LINUX_AT_LEAST(facts, 5, 11)) {
        finding = doctor_add(report, "kernel-too-old", DOCTOR_PROBLEM);
        doctor_say(finding->what, "Linux %u.%u does not read AMD's energy counters.",
                   facts->linux_.major, facts->linux_.minor);
        doctor_say(finding->why, "Its powercap driver has them since 5.11.");
        doctor_say(finding->fix, "Update the kernel");
    } else if (facts->linux_.rapl_module != RAPL_TRUTH_YES) {
        finding = doctor_add(report, "module-missing", DOCTOR_PROBLEM);
        doctor_say(finding->what, "The kernel's RAPL driver is not loaded.");
        doctor_say(finding->why, "Without it there are no zones in /sys/class/powercap.");
        doctor_say(finding->fix, "sudo modprobe intel_rapl_msr (AMD too)");
    } else {
        finding = doctor_add(report, "zones-missing", DOCTOR_PROBLEM);
        doctor_say(finding->what, "The kernel's RAPL driver is loaded and shows no zone.");
        doctor_say(finding->why, "It does not know this processor, or the registers fault.");
        doctor_say(finding->fix, "sudo dmesg | grep -i rapl says why");
    }
}

static void check_rights(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct doctor_source *const powercap = doctor_source_named(facts, "powercap");
    struct doctor_finding *finding;

    if (powercap != NULL && powercap->info.status == RAPL_ERROR_DENIED) {
        finding = doctor_add(report, "powercap-denied", DOCTOR_PROBLEM);
        doctor_say(finding->what, "Only root may read the energy counters here.");
        doctor_say(finding->why, "Linux made them root's in 5.10, as energy shows what other "
                                 "programs compute (CVE-2020-8694).");
        doctor_say(finding->fix, "%s", powercap->info.remedy);
    } else if (facts->linux_.world_readable == RAPL_TRUTH_YES) {
        finding = doctor_add(report, "powercap-open", DOCTOR_NOTE);
        doctor_say(finding->what, "Every user may read the energy counters.");
        doctor_say(finding->why, "Energy at this rate shows what other programs compute "
                                 "(PLATYPUS, CVE-2020-8694).");
        doctor_say(finding->fix, "sudo chmod 0400 /sys/class/powercap/*/energy_uj, if others use "
                                 "this machine");
    } else if (powercap != NULL && powercap->info.status != RAPL_OK &&
               facts->linux_.zones == RAPL_TRUTH_YES) {
        finding = doctor_add(report, "powercap-failed", DOCTOR_PROBLEM);
        doctor_say(finding->what, "powercap does not serve: %s", powercap->info.reason);
        doctor_say(finding->why, "It is the only source of energy on Linux.");
        doctor_say(finding->fix, "%s", powercap->info.remedy);
    }
}

void doctor_check_linux(const struct doctor_facts *facts, struct doctor_report *report)
{
    check_zones(facts, report);
    check_rights(facts, report);
}
