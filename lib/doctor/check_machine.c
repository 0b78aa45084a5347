/* SPDX-License-Identifier: Apache-2.0
 *
 * The processor, the hypervisor and the Windows release: is there anything to read at all?
 */
#include "lib/doctor/finding.h"

/* Windows 10 1607 and Windows Server 2016, the oldest this driver loads on. */
#define OLDEST_BUILD 14393u

static bool is_simulated(const struct doctor_facts *facts)
{
    return facts->best >= 0 && (facts->sources[facts->best].info.flags & RAPL_FLAG_SIMULATED) != 0;
}

/* Whose hypervisor may hide what its processor has. */
static bool is_guest(const struct doctor_facts *facts)
{
    return facts->cpu.hypervisor && !facts->cpu.hyperv_root;
}

static void check_processor(const struct doctor_facts *facts, struct doctor_report *report)
{
    struct doctor_finding *finding;

    if (facts->is_x86 == RAPL_TRUTH_NO) {
        finding = doctor_add(report, "cpu-not-x86", DOCTOR_PROBLEM);
        doctor_say(finding->what, "This processor is not x86: it has no RAPL.");
        doctor_say(finding->why, "RAPL is Intel's, AMD's and Hygon's interface.");
    } else if (facts->cpu.vendor == RAPL_VENDOR_UNKNOWN && facts->is_x86 == RAPL_TRUTH_YES) {
        finding = doctor_add(report, "cpu-vendor", DOCTOR_PROBLEM);
        doctor_say(finding->what, "This processor is neither Intel's, AMD's nor Hygon's.");
        doctor_say(finding->why, "No other vendor's energy counters are known.");
    } else if (facts->cpu.vendor != RAPL_VENDOR_UNKNOWN && !facts->has_row && !is_guest(facts)) {
        finding = doctor_add(report, "cpu-no-rapl", DOCTOR_PROBLEM);
        doctor_say(finding->what, "No RAPL is known for this processor (family %u, model %u).",
                   facts->cpu.family, facts->cpu.model);
        doctor_say(finding->why, "Intel has it from Sandy Bridge (2011) on, AMD from Zen (2017) "
                                 "on. Older processors have no energy counters.");
    } else if (facts->has_row && !facts->row_has_rapl) {
        finding = doctor_add(report, "cpu-tpmi", DOCTOR_PROBLEM);
        doctor_say(finding->what, "%s publishes energy in memory (TPMI), not in registers.",
                   facts->model_name);
        doctor_say(finding->why, "This driver reads registers only.");
        doctor_say(finding->fix, "On Linux use the kernel's intel_rapl_tpmi driver.");
    } else if (facts->row_is_generic) {
        finding = doctor_add(report, "cpu-generic", DOCTOR_NOTE);
        doctor_say(finding->what,
                   "This model (family %u, model %u) has no row of its own: its family's defaults "
                   "are used.",
                   facts->cpu.family, facts->cpu.model);
        doctor_say(finding->why, "A unit that differs on this model would scale the numbers.");
        doctor_say(finding->fix, "rapl report -o report.txt, and send it with an issue");
    }
}

static void check_hypervisor(const struct doctor_facts *facts, struct doctor_report *report)
{
    struct doctor_finding *finding;

    if (!facts->cpu.hypervisor) {
        return;
    }
    if (facts->cpu.hyperv_root) {
        finding = doctor_add(report, "hypervisor-root", DOCTOR_NOTE);
        doctor_say(finding->what, "Hyper-V runs below this system, which is its root.");
        doctor_say(finding->why, "Windows 11 does so for virtualization-based security; energy "
                                 "counters work as on bare metal.");
        return;
    }
    finding =
        doctor_add(report, "guest", doctor_has_energy(facts) ? DOCTOR_WARNING : DOCTOR_PROBLEM);
    doctor_say(finding->what, "This is a virtual machine.");
    doctor_say(finding->why, doctor_has_energy(facts)
                                 ? "What the hypervisor shows of energy is its own choice, not a "
                                   "register's."
                                 : "Hypervisors hide the energy counters, or show them as 0.");
    doctor_say(finding->fix, "Measure on the host, and attribute energy to its guests there.");
}

static void check_windows(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct doctor_windows *const windows = &facts->windows;
    struct doctor_finding *finding;

    if (windows->build == 0 || windows->build >= OLDEST_BUILD) {
        return;
    }
    finding = doctor_add(report, "windows-too-old", DOCTOR_PROBLEM);
    doctor_say(finding->what, "Windows %u.%u build %u is older than Windows 10 1607.",
               windows->major, windows->minor, windows->build);
    doctor_say(finding->why, "The driver uses functions this kernel has not: it does not load "
                             "(error 127).");
    doctor_say(finding->fix, "Update to Windows 10 1607, Windows Server 2016 or later.");
}

void doctor_check_machine(const struct doctor_facts *facts, struct doctor_report *report)
{
    if (!is_simulated(facts)) {
        check_processor(facts, report);
        check_hypervisor(facts, report);
    }
    if (facts->system == DOCTOR_SYSTEM_WINDOWS) {
        check_windows(facts, report);
    }
}
