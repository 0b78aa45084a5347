/* SPDX-License-Identifier: Apache-2.0
 *
 * The installed access policy against this caller's own token.
 */
#include "lib/doctor/finding.h"

#include <rapl/abi.h>

static const char *policy_name(uint32_t policy)
{
    switch (policy) {
    case RAPL_ACCESS_USERS:
        return "users";
    case RAPL_ACCESS_UNRESTRICTED:
        return "unrestricted";
    default:
        return "admins";
    }
}

static void check_policy(const struct doctor_facts *facts, struct doctor_report *report)
{
    struct doctor_finding *finding;

    if (facts->driver.has_policy == RAPL_TRUTH_NO) {
        finding = doctor_add(report, "policy-missing", DOCTOR_WARNING);
        doctor_say(finding->what, "The driver has no access policy: it acts as `admins`.");
        doctor_say(finding->why, "It was installed by hand. Programs of normal users get error 5.");
        doctor_say(finding->fix, "DriverLoader install --access=users (or admins), then "
                                 "DriverLoader stop and start");
    } else if (facts->driver.has_policy == RAPL_TRUTH_YES &&
               facts->driver.policy == RAPL_ACCESS_UNRESTRICTED) {
        finding = doctor_add(report, "policy-unrestricted", DOCTOR_WARNING);
        doctor_say(finding->what, "The access policy is `unrestricted`: every process may sample "
                                  "fresh energy.");
        doctor_say(finding->why, "Energy at this rate shows what other programs compute, keys "
                                 "included (PLATYPUS, CVE-2020-8694; docs/security-model.md).");
        doctor_say(finding->fix, "DriverLoader install --access=users, then DriverLoader stop and "
                                 "start");
    }
}

static void check_denied(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct doctor_source *const driver = doctor_source_named(facts, "driver");
    const struct doctor_source *const legacy = doctor_source_named(facts, "legacy");
    struct doctor_finding *finding;

    if ((driver == NULL || driver->info.status != RAPL_ERROR_DENIED) &&
        (legacy == NULL || legacy->info.status != RAPL_ERROR_DENIED)) {
        return;
    }
    finding = doctor_add(report, "access-denied",
                         doctor_has_energy(facts) ? DOCTOR_WARNING : DOCTOR_PROBLEM);
    doctor_say(finding->what, "The driver's access policy (%s) does not let this user in.",
               policy_name(facts->driver.has_policy == RAPL_TRUTH_YES ? facts->driver.policy
                                                                      : RAPL_ACCESS_ADMINS));
    if (facts->caller.administrator == RAPL_TRUTH_YES && facts->caller.elevated == RAPL_TRUTH_NO) {
        doctor_say(finding->why, "You are an administrator, but this program does not run "
                                 "elevated.");
        doctor_say(finding->fix, "Start the terminal with \"Run as administrator\"");
    } else {
        doctor_say(finding->why, "Only SYSTEM and Administrators may open it.");
        doctor_say(finding->fix, "An administrator may let users in: DriverLoader install "
                                 "--access=users, then DriverLoader stop and start");
    }
}

static void check_coarse(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct doctor_source *const driver = doctor_source_named(facts, "driver");
    struct doctor_finding *finding;

    if (driver == NULL || driver->info.status != RAPL_OK ||
        (driver->info.flags & RAPL_FLAG_COARSE) == 0) {
        return;
    }
    finding = doctor_add(report, "access-coarse", DOCTOR_WARNING);
    doctor_say(finding->what, "This user gets coarse values: renewed every %u ms, packages only.",
               (unsigned)(driver->info.resolution_us / 1000));
    doctor_say(finding->why, "Enough for watts over a second; commands shorter than some of these "
                             "steps cannot be measured.");
    if (facts->caller.administrator == RAPL_TRUTH_YES && facts->caller.elevated == RAPL_TRUTH_NO) {
        doctor_say(finding->fix, "Start the terminal with \"Run as administrator\"");
    } else {
        doctor_say(finding->fix, "net localgroup \"Performance Log Users\" %%USERNAME%% /add (as "
                                 "administrator), then sign in again");
    }
}

void doctor_check_access(const struct doctor_facts *facts, struct doctor_report *report)
{
    if (facts->driver.state.service == RAPL_SERVICE_ABSENT) {
        return;
    }
    if (facts->driver.is_predecessor != RAPL_TRUTH_YES) {
        check_policy(facts, report);
    }
    check_denied(facts, report);
    check_coarse(facts, report);
}
