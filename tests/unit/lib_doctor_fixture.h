/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts of a healthy machine and of one without energy, for tests to break, and what the doctor
 * found in them.
 */
#ifndef RAPL_TESTS_LIB_DOCTOR_FIXTURE_H
#define RAPL_TESTS_LIB_DOCTOR_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <rapl/abi.h>

#include "lib/doctor/diagnose.h"

static struct doctor_facts facts;
static struct doctor_report report;

static inline struct doctor_source *add_source(const char *name, int32_t status, uint32_t flags)
{
    struct doctor_source *const source = &facts.sources[facts.source_count];

    source->info.size = sizeof(source->info);
    source->info.status = status;
    source->info.flags = flags;
    snprintf(source->info.name, sizeof(source->info.name), "%s", name);
    if (status == RAPL_OK) {
        source->domain_count = 5;
        source->package_count = 1;
        source->package_live_count = 1;
        if (facts.best < 0) {
            facts.best = (int32_t)facts.source_count;
        }
    } else {
        snprintf(source->info.remedy, sizeof(source->info.remedy), "the remedy of %s", name);
        snprintf(source->info.reason, sizeof(source->info.reason), "the reason of %s", name);
    }
    facts.source_count++;
    return source;
}

static inline void add_domain(uint32_t domain, const char *name, int32_t status)
{
    struct rapl_domain_info *const info = &facts.domains[facts.domain_count++];

    *info = (struct rapl_domain_info){.size = sizeof(*info), .domain = domain, .status = status};
    snprintf(info->name, sizeof(info->name), "%s", name);
}

static inline void common_facts(void)
{
    memset(&facts, 0, sizeof(facts));
    facts.best = -1;
    facts.is_x86 = RAPL_TRUTH_YES;
    facts.cpu = (struct rapl_cpu){.vendor = RAPL_VENDOR_INTEL, .family = 6, .model = 0x9E};
    facts.has_row = true;
    facts.row_has_rapl = true;
    snprintf(facts.model_name, sizeof(facts.model_name), "Kaby Lake");
}

/* Windows 11 with the driver running for users, called by a Performance Log User. */
static inline void healthy_windows(void)
{
    common_facts();
    facts.system = DOCTOR_SYSTEM_WINDOWS;
    facts.windows = (struct doctor_windows){.major = 10,
                                            .build = 22631,
                                            .is_server = RAPL_TRUTH_NO,
                                            .secure_boot = RAPL_TRUTH_YES,
                                            .test_signing = RAPL_TRUTH_NO,
                                            .hvci = RAPL_TRUTH_YES,
                                            .blocklist = RAPL_TRUTH_YES};
    facts.driver.state.service = RAPL_SERVICE_RUNNING;
    facts.driver.state.simulated = RAPL_TRUTH_NO;
    snprintf(facts.driver.state.file_version, sizeof(facts.driver.state.file_version), "1.0.0.0");
    facts.driver.place = RAPL_DRIVER_PLACE_SYSTEM;
    facts.driver.signature = DOCTOR_SIGNATURE_VALID;
    facts.driver.is_predecessor = RAPL_TRUTH_NO;
    facts.driver.has_policy = RAPL_TRUTH_YES;
    facts.driver.policy = RAPL_ACCESS_USERS;
    facts.caller.elevated = RAPL_TRUTH_NO;
    facts.caller.administrator = RAPL_TRUTH_NO;
    facts.caller.log_user = RAPL_TRUTH_YES;
    add_source("driver", RAPL_OK, 0);
    add_source("emi", RAPL_OK, 0);
    add_source("legacy", RAPL_OK, 0);
    add_domain(RAPL_DOMAIN_PACKAGE, "package", RAPL_OK);
}

/* The same without a source. */
static inline void windows_without_energy(void)
{
    healthy_windows();
    memset(facts.sources, 0, sizeof(facts.sources));
    facts.source_count = 0;
    facts.best = -1;
    facts.domain_count = 0;
    add_source("driver", RAPL_ERROR_NOT_HERE, 0);
    add_source("emi", RAPL_ERROR_NOT_HERE, 0);
    add_source("legacy", RAPL_ERROR_NOT_HERE, 0);
}

static inline void healthy_linux(void)
{
    common_facts();
    facts.system = DOCTOR_SYSTEM_LINUX;
    facts.linux_ = (struct doctor_linux){.major = 6,
                                         .minor = 1,
                                         .container = RAPL_TRUTH_NO,
                                         .powercap = RAPL_TRUTH_YES,
                                         .zones = RAPL_TRUTH_YES,
                                         .rapl_module = RAPL_TRUTH_YES,
                                         .world_readable = RAPL_TRUTH_NO};
    facts.caller.elevated = RAPL_TRUTH_YES;
    add_source("powercap", RAPL_OK, 0);
    add_domain(RAPL_DOMAIN_PACKAGE, "package", RAPL_OK);
}

static inline void linux_without_energy(int32_t status)
{
    healthy_linux();
    memset(facts.sources, 0, sizeof(facts.sources));
    facts.source_count = 0;
    facts.best = -1;
    facts.domain_count = 0;
    add_source("powercap", status, 0);
}

static inline const struct doctor_finding *find(const char *id)
{
    for (uint32_t i = 0; i < report.count; i++) {
        if (strcmp(report.findings[i].id, id) == 0) {
            return &report.findings[i];
        }
    }
    return NULL;
}

/* The facts give `health` and a finding `id` of that severity whose fix has `fix` in it. */
static inline void expect(enum doctor_health health, const char *id, enum doctor_severity severity,
                          const char *fix)
{
    doctor_diagnose(&facts, &report);
    const struct doctor_finding *const finding = find(id);
    if (finding == NULL) {
        for (uint32_t i = 0; i < report.count; i++) {
            print_error("found %s: %s\n", report.findings[i].id, report.findings[i].what);
        }
        fail_msg("no finding %s", id);
    }
    assert_int_equal(finding->severity, severity);
    assert_int_equal(report.health, health);
    assert_string_not_equal(finding->what, "");
    assert_string_not_equal(finding->why, "");
    if (strstr(finding->fix, fix) == NULL) {
        fail_msg("%s: the fix is '%s', and should have '%s'", id, finding->fix, fix);
    }
}

#endif
