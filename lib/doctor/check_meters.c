/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows' Energy Meter Interface: is it there, and does it say anything?
 */
#include "lib/doctor/finding.h"

/* The first Windows 11: the processor drivers publish RAPL from there on. */
#define WINDOWS_11_BUILD 22000u

static void check_absent(const struct doctor_facts *facts, struct doctor_report *report)
{
    const bool windows_11 =
        facts->windows.build >= WINDOWS_11_BUILD && facts->windows.is_server != RAPL_TRUTH_YES;
    struct doctor_finding *const finding = doctor_add(report, "emi-absent", DOCTOR_NOTE);

    doctor_say(finding->what, "Windows publishes no energy meter here.");
    doctor_say(finding->why, windows_11
                                 ? "On Windows 11 its processor drivers do on most bare-metal "
                                   "machines; this one's does not."
                                 : "Windows 10 and Server have none but on a few devices with "
                                   "metering chips; Windows 11 has.");
}

static void check_refused(const struct doctor_source *emi, struct doctor_report *report)
{
    struct doctor_finding *const finding = doctor_add(report, "emi-refused", DOCTOR_NOTE);

    doctor_say(finding->what, "Windows' energy meter does not serve: %s", emi->info.reason);
    doctor_say(finding->why, "Some processors' meters fail every request (error 50 was seen on an "
                             "i7-13700KF).");
    doctor_say(finding->fix, "%s", emi->info.remedy);
}

void doctor_check_meters(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct doctor_source *const emi = doctor_source_named(facts, "emi");
    struct doctor_finding *finding;

    if (emi == NULL) {
        return;
    }
    if (emi->info.status == RAPL_ERROR_NOT_HERE) {
        check_absent(facts, report);
    } else if (emi->info.status != RAPL_OK) {
        check_refused(emi, report);
    } else if (emi->package_count != 0 && emi->package_live_count == 0) {
        finding = doctor_add(report, "emi-zero", DOCTOR_NOTE);
        doctor_say(finding->what, "Windows' energy meter has a package channel that is always 0.");
        doctor_say(finding->why, "Seen on some AMD processors: programs that trust it show 0 W.");
        doctor_say(finding->fix, "rapl read --source driver");
    } else if (emi->package_count == 0 && emi->domain_count != 0) {
        finding = doctor_add(report, "emi-vendor-only", DOCTOR_NOTE);
        doctor_say(finding->what, "The energy meters here are a vendor's own, not RAPL's.");
        doctor_say(finding->why, "They measure other parts, and are never added to RAPL.");
    }
    if (emi->info.status == RAPL_OK && emi->info.doubled_count != 0) {
        finding = doctor_add(report, "emi-doubled", DOCTOR_NOTE);
        doctor_say(finding->what, "%u energy meter channels show a package that another one shows.",
                   (unsigned)emi->info.doubled_count);
        doctor_say(finding->why, "Programs that add all channels show too much; `rapl` counts "
                                 "each package once.");
    }
}
