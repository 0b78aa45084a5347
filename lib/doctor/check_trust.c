/* SPDX-License-Identifier: Apache-2.0
 *
 * Will Windows load this file, and could somebody else swap it?
 */
#include "lib/doctor/finding.h"

static bool is_running(const struct doctor_facts *facts)
{
    return facts->driver.state.service == RAPL_SERVICE_RUNNING;
}

static void check_place(const struct doctor_facts *facts, struct doctor_report *report)
{
    const char *const path = facts->driver.state.image_path;
    struct doctor_finding *finding;

    switch (facts->driver.place) {
    case RAPL_DRIVER_PLACE_TEMPORARY:
        finding = doctor_add(report, "driver-hijacked", DOCTOR_WARNING);
        doctor_say(finding->what, "The driver is loaded from a temporary folder: %s", path);
        doctor_say(finding->why, "Any program of this user can put another driver there, which "
                                 "Windows then runs as its own. The Rust crate "
                                 "scaphandre-driver-rs repoints the service so.");
        doctor_say(finding->fix, "DriverLoader remove, then DriverLoader install");
        break;
    case RAPL_DRIVER_PLACE_WRITABLE:
        finding = doctor_add(report, "driver-writable", DOCTOR_WARNING);
        doctor_say(finding->what,
                   "Others than administrators may write the driver's file or "
                   "folder: %s",
                   path);
        doctor_say(finding->why, "Whoever swaps the file owns the machine at the next start.");
        doctor_say(finding->fix, "DriverLoader remove, then DriverLoader install");
        break;
    case RAPL_DRIVER_PLACE_ELSEWHERE:
        finding = doctor_add(report, "driver-elsewhere", DOCTOR_NOTE);
        doctor_say(finding->what, "The driver is loaded from outside the system's folders: %s",
                   path);
        doctor_say(finding->why, "It works, and disappears with that folder.");
        break;
    default:
        break;
    }
}

/* Windows loads a file of this signature: catalogs and policies aside. */
static void refuse(const struct doctor_facts *facts, struct doctor_report *report, const char *id,
                   const char *what)
{
    struct doctor_finding *const finding =
        doctor_add(report, id, is_running(facts) ? DOCTOR_NOTE : DOCTOR_PROBLEM);

    doctor_say(finding->what, "%s", what);
    if (facts->windows.secure_boot == RAPL_TRUTH_YES) {
        doctor_say(finding->why, "Secure Boot is on: Windows loads drivers with Microsoft's "
                                 "signature only, and test signing cannot be switched on.");
        doctor_say(finding->fix, "Use a signed build of your organisation (docs/signing.md), or "
                                 "`rapl read --source emi` on Windows 11");
    } else {
        doctor_say(finding->why, "Without test signing Windows loads drivers with Microsoft's "
                                 "signature only (error 577).");
        doctor_say(finding->fix, "DriverLoader testsign on, or a signed build (docs/signing.md)");
    }
}

static void check_signature(const struct doctor_facts *facts, struct doctor_report *report)
{
    const bool test_signing = facts->windows.test_signing == RAPL_TRUTH_YES;

    switch (facts->driver.signature) {
    case DOCTOR_SIGNATURE_CHANGED: {
        struct doctor_finding *const finding =
            doctor_add(report, "signature-changed", DOCTOR_PROBLEM);
        doctor_say(finding->what, "The driver's file is not the one that was signed.");
        doctor_say(finding->why, "It was damaged or altered after signing; Windows refuses it.");
        doctor_say(finding->fix, "Compare it with SHA256SUMS, then DriverLoader remove and "
                                 "install a fresh copy");
        break;
    }
    case DOCTOR_SIGNATURE_NONE:
        if (!test_signing) {
            refuse(facts, report, "signature-none", "The driver's file is not signed.");
        }
        break;
    case DOCTOR_SIGNATURE_UNTRUSTED:
        if (!test_signing) {
            refuse(facts, report, "signature-untrusted",
                   "The driver's file is signed by a certificate that this machine does not "
                   "trust.");
        }
        break;
    case DOCTOR_SIGNATURE_EXPIRED: {
        struct doctor_finding *const finding = doctor_add(
            report, "signature-expired", is_running(facts) ? DOCTOR_NOTE : DOCTOR_WARNING);
        doctor_say(finding->what, "The certificate that signed the driver's file has expired, and "
                                  "there is no timestamp.");
        doctor_say(finding->why, "Windows may refuse to load it.");
        doctor_say(finding->fix, "Install a build that is signed with a timestamp "
                                 "(docs/signing.md)");
        break;
    }
    default:
        break;
    }
}

static void check_policy_of_system(const struct doctor_facts *facts, struct doctor_report *report)
{
    const uint32_t code = facts->driver.exit_code;
    struct doctor_finding *finding;

    if (facts->windows.test_signing == RAPL_TRUTH_YES) {
        finding = doctor_add(report, "test-signing-on", DOCTOR_NOTE);
        doctor_say(finding->what, "Test signing is on: Windows loads drivers that anyone signed.");
        doctor_say(finding->why, "It is meant for test machines; some games do not start.");
        doctor_say(finding->fix, "DriverLoader testsign off, when no test-signed driver is needed");
    }
    if (!is_running(facts) && code == 4551) {
        finding = doctor_add(report, "code-integrity-policy", DOCTOR_PROBLEM);
        doctor_say(finding->what, "A code integrity policy of this machine refused the driver "
                                  "(error 4551).");
        doctor_say(finding->why,
                   "App Control (WDAC), Smart App Control, or the vulnerable driver "
                   "blocklist forbids this file%s.",
                   facts->windows.hvci == RAPL_TRUTH_YES ? "; memory integrity (HVCI) enforces it"
                                                         : "");
        doctor_say(finding->fix, "Event Viewer, CodeIntegrity/Operational, names the policy: ask "
                                 "who maintains it");
    }
}

void doctor_check_trust(const struct doctor_facts *facts, struct doctor_report *report)
{
    check_policy_of_system(facts, report);
    if (facts->driver.state.service == RAPL_SERVICE_ABSENT || facts->driver.file_missing) {
        return;
    }
    check_place(facts, report);
    if (facts->driver.state.simulated != RAPL_TRUTH_YES) {
        check_signature(facts, report);
    }
}
