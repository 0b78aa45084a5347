/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's service and file, and other drivers in its way.
 */
#include "lib/doctor/finding.h"

#include <string.h>

#include "lib/error_text.h"

#define ERROR_CODE_NOT_SUPPORTED 50u

/* Something else gives energy: no driver is needed to have numbers. */
static bool others_serve(const struct doctor_facts *facts)
{
    return doctor_has_energy(facts);
}

static void check_absent(const struct doctor_facts *facts, struct doctor_report *report)
{
    struct doctor_finding *const finding =
        doctor_add(report, "driver-absent", others_serve(facts) ? DOCTOR_NOTE : DOCTOR_PROBLEM);

    doctor_say(finding->what, "The driver is not installed.");
    doctor_say(finding->why,
               others_serve(facts) ? "Energy comes from %s. The driver adds psys, power limits, "
                                     "throttling and one-millisecond resolution."
                                   : "No other source serves on this machine%s.",
               others_serve(facts) ? facts->sources[facts->best].info.name : "");
    doctor_say(finding->fix, "DriverLoader install, then DriverLoader start (as administrator)");
}

static void check_stopped(const struct doctor_facts *facts, struct doctor_report *report)
{
    const uint32_t code = facts->driver.exit_code;
    struct doctor_finding *const finding =
        doctor_add(report, "driver-stopped", others_serve(facts) ? DOCTOR_WARNING : DOCTOR_PROBLEM);

    doctor_say(finding->what, "The driver is installed and not running.");
    doctor_say(finding->fix, "DriverLoader start (as administrator)");
    if (code == 0) {
        doctor_say(finding->why, "Its devices exist only while it runs.");
        return;
    }
    finding->id = "driver-start-failed";
    const struct rapl_error_text *const text = rapl_error_text(RAPL_OPERATION_OPEN, code);
    doctor_say(finding->what, "The driver did not start: Windows error %u, %s.", code,
               text->meaning);
    doctor_say(finding->why, code == ERROR_CODE_NOT_SUPPORTED
                                 ? "It loads only where it finds RAPL: not in virtual machines, "
                                   "nor on processors without energy counters."
                                 : "Its devices exist only while it runs.");
    doctor_say(finding->fix, "DriverLoader start --json says the same with what to do; see also "
                             "the findings on signatures below");
}

static void check_pending(const struct doctor_facts *facts, struct doctor_report *report)
{
    struct doctor_finding *finding;

    if (facts->driver.state.service == RAPL_SERVICE_STOPPING) {
        finding = doctor_add(report, "driver-stopping", DOCTOR_WARNING);
        doctor_say(finding->what, "The driver is stopping, and waits for programs that have it "
                                  "open.");
        doctor_say(finding->why, "Until they let go, it cannot be opened or started again.");
        doctor_say(finding->fix, "DriverLoader stop names the programs: end them");
    } else if (facts->driver.state.service == RAPL_SERVICE_STARTING) {
        finding = doctor_add(report, "driver-starting", DOCTOR_WARNING);
        doctor_say(finding->what, "The driver is just starting.");
        doctor_say(finding->why, "It probes every register of every processor first.");
        doctor_say(finding->fix, "rapl doctor, again in a few seconds");
    }
}

static void check_file(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct rapl_driver_state *const state = &facts->driver.state;
    struct doctor_finding *finding;

    if (facts->driver.file_missing) {
        finding = doctor_add(report, "driver-file-missing",
                             others_serve(facts) ? DOCTOR_WARNING : DOCTOR_PROBLEM);
        doctor_say(finding->what, "The driver's file is not there: %s", state->image_path);
        doctor_say(finding->why, "The service cannot start (error 2). A removal was not finished, "
                                 "or a program deleted it.");
        doctor_say(finding->fix, "DriverLoader remove, then DriverLoader install");
        return;
    }
    if (state->simulated == RAPL_TRUTH_YES) {
        finding = doctor_add(report, "driver-simulated", DOCTOR_WARNING);
        doctor_say(finding->what, "The SIMULATED driver is installed: it plays %s",
                   state->recording_path[0] != '\0' ? state->recording_path : "no recording");
        doctor_say(finding->why, "No number is of this machine.");
        doctor_say(finding->fix, "DriverLoader remove, then DriverLoader install");
    }
    if (facts->driver.is_predecessor == RAPL_TRUTH_YES) {
        finding = doctor_add(report, "driver-predecessor", DOCTOR_WARNING);
        doctor_say(finding->what, "The driver is the predecessor's (version %s).",
                   state->file_version);
        doctor_say(finding->why, "Its signed version cannot read AMD, it reads the wrong processor "
                                 "above 64 or on two sockets, and every process may sample it.");
        doctor_say(finding->fix, "DriverLoader remove, then DriverLoader install: programs that "
                                 "use it need no change");
    }
}

static void check_service(const struct doctor_facts *facts, struct doctor_report *report)
{
    struct doctor_finding *finding;

    switch (facts->driver.state.service) {
    case RAPL_SERVICE_ABSENT:
        check_absent(facts, report);
        break;
    case RAPL_SERVICE_STOPPED:
        check_stopped(facts, report);
        break;
    case RAPL_SERVICE_RUNNING:
        break;
    case RAPL_SERVICE_UNKNOWN:
        finding = doctor_add(report, "service-manager", DOCTOR_WARNING);
        doctor_say(finding->what, "The service manager did not answer: Windows error %u.",
                   facts->driver.state.error);
        doctor_say(finding->why, "Whether the driver is installed cannot be told.");
        doctor_say(finding->fix, "sc query ScaphandreDrv");
        break;
    default:
        check_pending(facts, report);
        break;
    }
}

static void check_conflicts(const struct doctor_facts *facts, struct doctor_report *report)
{
    for (uint32_t i = 0; i < facts->conflict_count; i++) {
        const struct doctor_conflict *const conflict = &facts->conflicts[i];
        struct doctor_finding *const finding =
            doctor_add(report, conflict->is_blocked ? "conflict-blocked" : "conflict",
                       conflict->is_blocked ? DOCTOR_WARNING : DOCTOR_NOTE);

        doctor_say(finding->what, "Another driver that reaches these registers runs: %s (%s)",
                   conflict->service, conflict->path);
        doctor_say(finding->why,
                   conflict->is_blocked
                       ? "It lets any program write any register; it is on Microsoft's list of "
                         "vulnerable drivers, and anti-cheat and antivirus programs object to it."
                       : "It does not disturb this one, and may be what another program measures "
                         "with.");
        if (conflict->is_blocked) {
            doctor_say(finding->fix,
                       "sc stop %s (as administrator), and update the program that "
                       "brought it",
                       conflict->service);
        }
    }
}

void doctor_check_driver(const struct doctor_facts *facts, struct doctor_report *report)
{
    check_service(facts, report);
    if (facts->driver.state.service != RAPL_SERVICE_ABSENT) {
        check_file(facts, report);
    }
    check_conflicts(facts, report);
}
