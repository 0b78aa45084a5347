/* SPDX-License-Identifier: Apache-2.0
 *
 * Broken machines put together from facts, and what the doctor says of each.
 */
#include "tests/unit/lib_doctor_fixture.h"

static void test_healthy_machines_have_nothing_to_fix(void **state)
{
    healthy_windows();
    doctor_diagnose(&facts, &report);
    assert_int_equal(report.health, DOCTOR_HEALTHY);
    assert_int_equal(report.count, 0);

    healthy_linux();
    doctor_diagnose(&facts, &report);
    assert_int_equal(report.health, DOCTOR_HEALTHY);
    assert_int_equal(report.count, 0);
}

static void test_processor_without_rapl(void **state)
{
    windows_without_energy();
    facts.is_x86 = RAPL_TRUTH_NO;
    facts.cpu.vendor = RAPL_VENDOR_UNKNOWN;
    expect(DOCTOR_NO_ENERGY, "cpu-not-x86", DOCTOR_PROBLEM, "");

    windows_without_energy();
    facts.cpu.vendor = RAPL_VENDOR_UNKNOWN;
    expect(DOCTOR_NO_ENERGY, "cpu-vendor", DOCTOR_PROBLEM, "");

    windows_without_energy();
    facts.has_row = false;
    expect(DOCTOR_NO_ENERGY, "cpu-no-rapl", DOCTOR_PROBLEM, "");

    windows_without_energy();
    facts.row_has_rapl = false;
    expect(DOCTOR_NO_ENERGY, "cpu-tpmi", DOCTOR_PROBLEM, "intel_rapl_tpmi");

    healthy_windows();
    facts.row_is_generic = true;
    expect(DOCTOR_HEALTHY, "cpu-generic", DOCTOR_NOTE, "rapl report");
}

static void test_virtual_machines(void **state)
{
    windows_without_energy();
    facts.cpu.hypervisor = true;
    expect(DOCTOR_NO_ENERGY, "guest", DOCTOR_PROBLEM, "on the host");

    /* It may hide the processor's RAPL bit, too: one finding says it all. */
    facts.has_row = false;
    expect(DOCTOR_NO_ENERGY, "guest", DOCTOR_PROBLEM, "on the host");
    assert_null(find("cpu-no-rapl"));

    healthy_windows();
    facts.cpu.hypervisor = true;
    facts.cpu.hyperv_root = true;
    expect(DOCTOR_HEALTHY, "hypervisor-root", DOCTOR_NOTE, "");

    healthy_windows();
    facts.cpu.hypervisor = true;
    expect(DOCTOR_DEGRADED, "guest", DOCTOR_WARNING, "on the host");

    /* A recording is of the machine it says, wherever it is played. */
    healthy_windows();
    facts.cpu.hypervisor = true;
    facts.sources[0].info.flags = RAPL_FLAG_SIMULATED;
    doctor_diagnose(&facts, &report);
    assert_null(find("guest"));
}

static void test_old_windows(void **state)
{
    windows_without_energy();
    facts.windows.build = 10586;
    expect(DOCTOR_NO_ENERGY, "windows-too-old", DOCTOR_PROBLEM, "1607");
}

static void test_driver_not_there(void **state)
{
    windows_without_energy();
    facts.driver.state.service = RAPL_SERVICE_ABSENT;
    expect(DOCTOR_NO_ENERGY, "driver-absent", DOCTOR_PROBLEM, "DriverLoader install");

    /* EMI serves: the driver would add, and is not needed. */
    healthy_windows();
    facts.driver.state.service = RAPL_SERVICE_ABSENT;
    facts.sources[0].info.status = RAPL_ERROR_NOT_HERE;
    facts.best = 1;
    expect(DOCTOR_HEALTHY, "driver-absent", DOCTOR_NOTE, "DriverLoader install");
}

static void test_driver_not_running(void **state)
{
    windows_without_energy();
    facts.driver.state.service = RAPL_SERVICE_STOPPED;
    expect(DOCTOR_NO_ENERGY, "driver-stopped", DOCTOR_PROBLEM, "DriverLoader start");

    facts.driver.exit_code = 50;
    expect(DOCTOR_NO_ENERGY, "driver-start-failed", DOCTOR_PROBLEM, "DriverLoader start");
    assert_non_null(strstr(find("driver-start-failed")->what, "50"));

    windows_without_energy();
    facts.driver.state.service = RAPL_SERVICE_STOPPING;
    expect(DOCTOR_NO_ENERGY, "driver-stopping", DOCTOR_WARNING, "DriverLoader stop");

    windows_without_energy();
    facts.driver.state.service = RAPL_SERVICE_STARTING;
    expect(DOCTOR_NO_ENERGY, "driver-starting", DOCTOR_WARNING, "again");

    windows_without_energy();
    facts.driver.state.service = RAPL_SERVICE_UNKNOWN;
    facts.driver.state.error = 5;
    expect(DOCTOR_NO_ENERGY, "service-manager", DOCTOR_WARNING, "sc query");
}

static void test_driver_file(void **state)
{
    windows_without_energy();
    facts.driver.state.service = RAPL_SERVICE_STOPPED;
    facts.driver.file_missing = true;
    expect(DOCTOR_NO_ENERGY, "driver-file-missing", DOCTOR_PROBLEM, "DriverLoader remove");

    healthy_windows();
    facts.driver.state.simulated = RAPL_TRUTH_YES;
    expect(DOCTOR_DEGRADED, "driver-simulated", DOCTOR_WARNING, "DriverLoader remove");

    healthy_windows();
    facts.driver.is_predecessor = RAPL_TRUTH_YES;
    expect(DOCTOR_DEGRADED, "driver-predecessor", DOCTOR_WARNING, "DriverLoader remove");
}

static void test_driver_that_others_could_swap(void **state)
{
    healthy_windows();
    facts.driver.place = RAPL_DRIVER_PLACE_TEMPORARY;
    expect(DOCTOR_DEGRADED, "driver-hijacked", DOCTOR_WARNING, "DriverLoader remove");

    healthy_windows();
    facts.driver.place = RAPL_DRIVER_PLACE_WRITABLE;
    expect(DOCTOR_DEGRADED, "driver-writable", DOCTOR_WARNING, "DriverLoader remove");

    healthy_windows();
    facts.driver.place = RAPL_DRIVER_PLACE_ELSEWHERE;
    expect(DOCTOR_HEALTHY, "driver-elsewhere", DOCTOR_NOTE, "");
}

static void test_signatures(void **state)
{
    windows_without_energy();
    facts.driver.state.service = RAPL_SERVICE_STOPPED;
    facts.driver.signature = DOCTOR_SIGNATURE_NONE;
    expect(DOCTOR_NO_ENERGY, "signature-none", DOCTOR_PROBLEM, "signed build");
    assert_non_null(strstr(find("signature-none")->why, "Secure Boot is on"));

    facts.windows.secure_boot = RAPL_TRUTH_NO;
    expect(DOCTOR_NO_ENERGY, "signature-none", DOCTOR_PROBLEM, "DriverLoader testsign on");

    facts.driver.signature = DOCTOR_SIGNATURE_UNTRUSTED;
    expect(DOCTOR_NO_ENERGY, "signature-untrusted", DOCTOR_PROBLEM, "DriverLoader testsign on");

    facts.windows.test_signing = RAPL_TRUTH_YES;
    doctor_diagnose(&facts, &report);
    assert_null(find("signature-untrusted"));
    expect(DOCTOR_NO_ENERGY, "test-signing-on", DOCTOR_NOTE, "DriverLoader testsign off");

    facts.driver.signature = DOCTOR_SIGNATURE_CHANGED;
    expect(DOCTOR_NO_ENERGY, "signature-changed", DOCTOR_PROBLEM, "SHA256SUMS");

    facts.driver.signature = DOCTOR_SIGNATURE_EXPIRED;
    expect(DOCTOR_NO_ENERGY, "signature-expired", DOCTOR_WARNING, "timestamp");
}

static void test_code_integrity_policy(void **state)
{
    windows_without_energy();
    facts.driver.state.service = RAPL_SERVICE_STOPPED;
    facts.driver.exit_code = 4551;
    expect(DOCTOR_NO_ENERGY, "code-integrity-policy", DOCTOR_PROBLEM, "CodeIntegrity");
}

static void test_access(void **state)
{
    windows_without_energy();
    facts.sources[0].info.status = RAPL_ERROR_DENIED;
    facts.driver.policy = RAPL_ACCESS_ADMINS;
    expect(DOCTOR_NO_ENERGY, "access-denied", DOCTOR_PROBLEM, "--access=users");

    facts.caller.administrator = RAPL_TRUTH_YES;
    expect(DOCTOR_NO_ENERGY, "access-denied", DOCTOR_PROBLEM, "Run as administrator");

    healthy_windows();
    facts.sources[0].info.flags = RAPL_FLAG_COARSE;
    facts.sources[0].info.resolution_us = 50000;
    expect(DOCTOR_DEGRADED, "access-coarse", DOCTOR_WARNING, "Performance Log Users");
    assert_non_null(strstr(find("access-coarse")->what, "50 ms"));

    facts.caller.administrator = RAPL_TRUTH_YES;
    expect(DOCTOR_DEGRADED, "access-coarse", DOCTOR_WARNING, "Run as administrator");

    healthy_windows();
    facts.driver.has_policy = RAPL_TRUTH_NO;
    expect(DOCTOR_DEGRADED, "policy-missing", DOCTOR_WARNING, "--access=");

    healthy_windows();
    facts.driver.policy = RAPL_ACCESS_UNRESTRICTED;
    expect(DOCTOR_DEGRADED, "policy-unrestricted", DOCTOR_WARNING, "--access=users");
}

static void test_conflicts(void **state)
{
    healthy_windows();
    facts.conflict_count = 1;
    snprintf(facts.conflicts[0].service, sizeof(facts.conflicts[0].service), "WinRing0_1_2_0");
    facts.conflicts[0].is_blocked = true;
    expect(DOCTOR_DEGRADED, "conflict-blocked", DOCTOR_WARNING, "sc stop WinRing0_1_2_0");

    facts.conflicts[0].is_blocked = false;
    expect(DOCTOR_HEALTHY, "conflict", DOCTOR_NOTE, "");
}

static void test_energy_meters(void **state)
{
    healthy_windows();
    facts.sources[1].info.status = RAPL_ERROR_NOT_HERE;
    facts.windows.build = 19045;
    expect(DOCTOR_HEALTHY, "emi-absent", DOCTOR_NOTE, "");
    assert_non_null(strstr(find("emi-absent")->why, "Windows 10"));

    healthy_windows();
    facts.sources[1].info.status = RAPL_ERROR_FAULTS;
    facts.sources[1].info.system_error = 50;
    expect(DOCTOR_HEALTHY, "emi-refused", DOCTOR_NOTE, "");

    healthy_windows();
    facts.sources[1].package_live_count = 0;
    expect(DOCTOR_HEALTHY, "emi-zero", DOCTOR_NOTE, "--source driver");

    healthy_windows();
    facts.sources[1].package_count = 0;
    facts.sources[1].package_live_count = 0;
    expect(DOCTOR_HEALTHY, "emi-vendor-only", DOCTOR_NOTE, "");

    healthy_windows();
    facts.sources[1].info.doubled_count = 7;
    expect(DOCTOR_HEALTHY, "emi-doubled", DOCTOR_NOTE, "");
}

static void test_domains(void **state)
{
    healthy_windows();
    facts.sources[0].package_live_count = 0;
    facts.domains[0].status = RAPL_ERROR_DEAD;
    expect(DOCTOR_NO_ENERGY, "package-dead", DOCTOR_WARNING, "");

    healthy_windows();
    add_domain(RAPL_DOMAIN_PSYS, "psys", RAPL_ERROR_DEAD);
    expect(DOCTOR_HEALTHY, "domain-dead", DOCTOR_NOTE, "");

    healthy_windows();
    add_domain(RAPL_DOMAIN_PACKAGE, "package", RAPL_ERROR_FAULTS);
    expect(DOCTOR_DEGRADED, "package-fails", DOCTOR_WARNING, "");

    healthy_windows();
    add_domain(RAPL_DOMAIN_DRAM, "dram", RAPL_ERROR_FAULTS);
    expect(DOCTOR_HEALTHY, "domain-fails", DOCTOR_NOTE, "");

    healthy_windows();
    add_domain(RAPL_DOMAIN_DRAM, "dram", RAPL_ERROR_DENIED);
    expect(DOCTOR_DEGRADED, "domain-denied", DOCTOR_WARNING, "");

    /* What a model has not got is not missing. */
    healthy_windows();
    add_domain(RAPL_DOMAIN_PP1, "pp1", RAPL_ERROR_UNSUPPORTED);
    doctor_diagnose(&facts, &report);
    assert_int_equal(report.count, 0);
}

static void test_linux(void **state)
{
    linux_without_energy(RAPL_ERROR_DENIED);
    expect(DOCTOR_NO_ENERGY, "powercap-denied", DOCTOR_PROBLEM, "the remedy of powercap");

    linux_without_energy(RAPL_ERROR_NOT_HERE);
    facts.linux_.zones = RAPL_TRUTH_NO;
    facts.linux_.rapl_module = RAPL_TRUTH_NO;
    expect(DOCTOR_NO_ENERGY, "module-missing", DOCTOR_PROBLEM, "modprobe intel_rapl_msr");

    facts.linux_.rapl_module = RAPL_TRUTH_YES;
    expect(DOCTOR_NO_ENERGY, "zones-missing", DOCTOR_PROBLEM, "dmesg");

    facts.linux_.container = RAPL_TRUTH_YES;
    expect(DOCTOR_NO_ENERGY, "container", DOCTOR_PROBLEM, "on the host");

    facts.linux_.container = RAPL_TRUTH_NO;
    facts.cpu.vendor = RAPL_VENDOR_AMD;
    facts.linux_.major = 5;
    facts.linux_.minor = 10;
    expect(DOCTOR_NO_ENERGY, "kernel-too-old", DOCTOR_PROBLEM, "Update");

    facts.cpu.hypervisor = true;
    expect(DOCTOR_NO_ENERGY, "guest", DOCTOR_PROBLEM, "on the host");
    assert_null(find("kernel-too-old"));
    facts.linux_.container = RAPL_TRUTH_YES;
    doctor_diagnose(&facts, &report);
    assert_null(find("container"));

    linux_without_energy(RAPL_ERROR_GARBAGE);
    expect(DOCTOR_NO_ENERGY, "powercap-failed", DOCTOR_PROBLEM, "the remedy of powercap");

    healthy_linux();
    facts.linux_.world_readable = RAPL_TRUTH_YES;
    expect(DOCTOR_HEALTHY, "powercap-open", DOCTOR_NOTE, "chmod");
}

static void test_worst_findings_come_first(void **state)
{
    windows_without_energy();
    facts.driver.state.service = RAPL_SERVICE_ABSENT;
    facts.cpu.hypervisor = true;
    facts.windows.test_signing = RAPL_TRUTH_YES;
    doctor_diagnose(&facts, &report);
    assert_true(report.count >= 3);
    for (uint32_t i = 1; i < report.count; i++) {
        assert_true(report.findings[i - 1].severity >= report.findings[i].severity);
    }
}

/* More findings than there is room for: the report stays whole. */
static void test_too_many_findings(void **state)
{
    healthy_windows();
    for (uint32_t i = 1; i < DOCTOR_DOMAINS_MAX; i++) {
        add_domain(RAPL_DOMAIN_DRAM, "dram", RAPL_ERROR_DEAD);
    }
    doctor_diagnose(&facts, &report);
    assert_int_equal(report.count, DOCTOR_FINDINGS_MAX);
}

/* A machine nobody knows anything of: no energy, and nothing made up. */
static void test_unknown_is_not_no(void **state)
{
    memset(&facts, 0, sizeof(facts));
    facts.best = -1;
    doctor_diagnose(&facts, &report);
    assert_int_equal(report.health, DOCTOR_NO_ENERGY);
    assert_int_equal(report.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_healthy_machines_have_nothing_to_fix),
        cmocka_unit_test(test_processor_without_rapl),
        cmocka_unit_test(test_virtual_machines),
        cmocka_unit_test(test_old_windows),
        cmocka_unit_test(test_driver_not_there),
        cmocka_unit_test(test_driver_not_running),
        cmocka_unit_test(test_driver_file),
        cmocka_unit_test(test_driver_that_others_could_swap),
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_code_integrity_policy),
        cmocka_unit_test(test_access),
        cmocka_unit_test(test_conflicts),
        cmocka_unit_test(test_energy_meters),
        cmocka_unit_test(test_domains),
        cmocka_unit_test(test_linux),
        cmocka_unit_test(test_worst_findings_come_first),
        cmocka_unit_test(test_too_many_findings),
        cmocka_unit_test(test_unknown_is_not_no),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
