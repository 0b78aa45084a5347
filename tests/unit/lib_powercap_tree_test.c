/* SPDX-License-Identifier: Apache-2.0
 *
 * Which counters are found in the trees of different machines, and that each is there once.
 */
#include "tests/unit/lib_powercap_fixture.h"

static uint32_t count_of(struct opened *opened)
{
    return backend_powercap.domain_count(opened->state);
}

static void client_has_each_domain_once(void **unused)
{
    struct opened *opened = open_tree(client_tree());

    assert_int_equal(opened->status, RAPL_OK);
    assert_int_equal(count_of(opened), 5);
    expect_domain(opened, 0, "intel-rapl:0", RAPL_DOMAIN_PACKAGE, 0, RAPL_NONE);
    expect_domain(opened, 1, "intel-rapl:0:0", RAPL_DOMAIN_PP0, 0, RAPL_NONE);
    expect_domain(opened, 2, "intel-rapl:0:1", RAPL_DOMAIN_PP1, 0, RAPL_NONE);
    expect_domain(opened, 3, "intel-rapl:0:2", RAPL_DOMAIN_DRAM, 0, RAPL_NONE);
    expect_domain(opened, 4, "intel-rapl:1", RAPL_DOMAIN_PSYS, 0, RAPL_NONE);
    close_tree(opened);
}

/* A copied tree says that its numbers are not this machine's; one in sysfs does not. */
static void copies_are_simulated(void **unused)
{
    struct opened *opened = open_tree(client_tree());

    assert_int_equal(opened->report.flags, RAPL_FLAG_SIMULATED);
    assert_string_equal(opened->report.title, "powercap tree in files: /t");
    assert_int_equal(sample(opened, 1)[0].flags, RAPL_FLAG_SIMULATED);
    close_tree(opened);

    struct memory_tree *tree = client_tree();
    struct powercap_files files = memory_files(tree);
    struct backend_report report = {0};
    void *state = NULL;
    files.live = true;
    assert_int_equal(powercap_open_files(&files, "/t", 0, &report, &state), RAPL_OK);
    assert_int_equal(report.flags, 0);
    assert_string_equal(report.title, "Linux powercap");
    backend_powercap.close(state);
    free(tree);
}

static void sockets_are_packages(void **unused)
{
    struct memory_tree *tree = new_tree(NULL);

    memory_zone(tree, "intel-rapl:1", "package-1", "1", RANGE_2POW14);
    memory_zone(tree, "intel-rapl:1:0", "dram", "1", RANGE_2POW16);
    memory_zone(tree, "intel-rapl:0", "package-0", "1", RANGE_2POW14);
    memory_zone(tree, "intel-rapl:0:0", "dram", "1", RANGE_2POW16);
    memory_zone(tree, "intel-rapl:2", "psys-1", "1", RANGE_2POW14);
    struct opened *opened = open_tree(tree);
    assert_int_equal(count_of(opened), 5);
    expect_domain(opened, 0, "intel-rapl:0", RAPL_DOMAIN_PACKAGE, 0, RAPL_NONE);
    expect_domain(opened, 1, "intel-rapl:0:0", RAPL_DOMAIN_DRAM, 0, RAPL_NONE);
    expect_domain(opened, 2, "intel-rapl:1", RAPL_DOMAIN_PACKAGE, 1, RAPL_NONE);
    expect_domain(opened, 3, "intel-rapl:1:0", RAPL_DOMAIN_DRAM, 1, RAPL_NONE);
    expect_domain(opened, 4, "intel-rapl:2", RAPL_DOMAIN_PSYS, 1, RAPL_NONE);
    close_tree(opened);
}

static void dies(struct memory_tree *tree)
{
    memory_zone(tree, "intel-rapl:0", "package-0-die-0", "1", RANGE_2POW16);
    memory_zone(tree, "intel-rapl:0:0", "core", "1", RANGE_2POW16);
    memory_zone(tree, "intel-rapl:1", "package-0-die-1", "1", RANGE_2POW16);
    memory_zone(tree, "intel-rapl:1:0", "core", "1", RANGE_2POW16);
    memory_zone(tree, "intel-rapl:2", "psys", "1", RANGE_2POW16);
}

/* Cascade Lake-AP: each die has counters of its own. */
static void dies_of_intel_count_each(void **unused)
{
    struct memory_tree *tree = new_tree(INTEL_CPUINFO);
    struct rapl_package_info package = {.size = sizeof(package)};

    dies(tree);
    struct opened *opened = open_tree(tree);
    assert_int_equal(count_of(opened), 5);
    expect_domain(opened, 0, "intel-rapl:0", RAPL_DOMAIN_PACKAGE, 0, RAPL_NONE);
    expect_domain(opened, 2, "intel-rapl:2", RAPL_DOMAIN_PSYS, 0, RAPL_NONE);
    expect_domain(opened, 3, "intel-rapl:1", RAPL_DOMAIN_PACKAGE, 1, RAPL_NONE);
    assert_int_equal(backend_powercap.package(opened->state, 1, &package), RAPL_OK);
    assert_int_equal(package.socket, 0);
    assert_int_equal(package.die, 1);
    assert_int_equal(backend_powercap.package(opened->state, 2, &package), RAPL_ERROR_ARGUMENT);
    close_tree(opened);
}

/* Some kernels have a zone for each CCD of an AMD socket, all of them the socket's counter. */
static void dies_of_amd_count_once(void **unused)
{
    struct memory_tree *tree = new_tree(AMD_CPUINFO);

    dies(tree);
    struct opened *opened = open_tree(tree);
    assert_int_equal(count_of(opened), 2);
    expect_domain(opened, 0, "intel-rapl:0", RAPL_DOMAIN_PACKAGE, 0, RAPL_NONE);
    expect_domain(opened, 1, "intel-rapl:2", RAPL_DOMAIN_PSYS, 0, RAPL_NONE);
    close_tree(opened);
}

/* What AMD's "core" counts is one core: never shown as all of them. */
static void core_of_amd_is_one_core(void **unused)
{
    for (uint32_t cores = 0; cores < 2; cores++) {
        struct memory_tree *tree = new_tree(AMD_CPUINFO);

        memory_zone(tree, "intel-rapl:0", "package-0", "1", RANGE_2POW16);
        memory_zone(tree, "intel-rapl:0:0", "core", "1", RANGE_2POW16);
        struct opened *opened = open_flags(tree, cores != 0 ? RAPL_OPEN_CORES : 0);
        assert_int_equal(count_of(opened), 1 + cores);
        if (cores != 0) {
            expect_domain(opened, 1, "intel-rapl:0:0", RAPL_DOMAIN_CORE, 0, 0);
        }
        close_tree(opened);
    }
}

static void mmio_alone_is_used(void **unused)
{
    struct memory_tree *tree = new_tree(INTEL_CPUINFO);

    memory_zone(tree, "intel-rapl-mmio:0", "package-0", "1", RANGE_2POW14);
    struct opened *opened = open_tree(tree);
    assert_int_equal(count_of(opened), 1);
    expect_domain(opened, 0, "intel-rapl-mmio:0", RAPL_DOMAIN_PACKAGE, 0, RAPL_NONE);
    close_tree(opened);
}

/* Folders one below the other, as they are under /sys/devices/virtual/powercap. */
static void nested_folders_are_found(void **unused)
{
    struct memory_tree *tree = new_tree(INTEL_CPUINFO);

    memory_zone(tree, "intel-rapl/intel-rapl:0", "package-0", "1", RANGE_2POW14);
    memory_zone(tree, "intel-rapl/intel-rapl:0/intel-rapl:0:0", "core", "1", RANGE_2POW14);
    struct opened *opened = open_tree(tree);
    assert_int_equal(count_of(opened), 2);
    expect_domain(opened, 1, "intel-rapl:0:0", RAPL_DOMAIN_PP0, 0, RAPL_NONE);
    close_tree(opened);
}

static void other_names(void **unused)
{
    struct memory_tree *tree = new_tree(INTEL_CPUINFO);

    memory_set(tree, "dtpm", "enabled", "1");
    memory_zone(tree, "dtpm:0", "system", "1", RANGE_2POW14);
    memory_zone(tree, "intel-rapl:x", "package-9", "1", RANGE_2POW14);
    memory_zone(tree, "intel-rapl:0:0:0", "package-8", "1", RANGE_2POW14);
    memory_zone(tree, "intel-rapl:0", "package-0", "1", RANGE_2POW14);
    memory_zone(tree, "intel-rapl:0:0", "accelerator", "1", RANGE_2POW14);
    struct opened *opened = open_tree(tree);
    struct backend_domain found;
    assert_int_equal(count_of(opened), 2);
    expect_domain(opened, 1, "intel-rapl:0:0", RAPL_DOMAIN_METER, 0, RAPL_NONE);
    backend_powercap.domain(opened->state, 1, &found);
    assert_string_equal(found.name, "accelerator");
    close_tree(opened);
}

/* The range is one count more than the largest value: 2^32 * 61.035 uJ. */
static void range_is_the_modulus(void **unused)
{
    struct opened *opened = open_tree(client_tree());
    struct backend_domain found;

    backend_powercap.domain(opened->state, 0, &found);
    assert_int_equal(found.range_ticks, UINT64_C(262143328911));
    close_tree(opened);
}

static void limits_of_a_package(void **unused)
{
    struct opened *opened = open_tree(client_tree());
    struct rapl_package_info package = {.size = sizeof(package)};

    assert_int_equal(backend_powercap.package(opened->state, 0, &package), RAPL_OK);
    assert_int_equal(package.socket, 0);
    assert_int_equal(package.die, RAPL_NONE);
    assert_int_equal(package.processor, RAPL_NONE);
    assert_int_equal(package.tdp_mw, 15000);
    assert_int_equal(package.max_mw, 0);
    assert_int_equal(package.limit_count, 3);
    const struct rapl_power_limit expected[] = {
        {RAPL_DOMAIN_PACKAGE, 1, RAPL_POWER_LIMIT_PRESENT | RAPL_POWER_LIMIT_ENABLED, 25000,
         27983872, 0},
        {RAPL_DOMAIN_PACKAGE, 2, RAPL_POWER_LIMIT_PRESENT | RAPL_POWER_LIMIT_UNSAID, 51000, 2440,
         0},
        {RAPL_DOMAIN_PACKAGE, 3, RAPL_POWER_LIMIT_PRESENT | RAPL_POWER_LIMIT_UNSAID, 105000, 0, 0},
    };
    assert_memory_equal(package.limits, expected, sizeof(expected));
    close_tree(opened);
}

static void machine_is_the_trees(void **unused)
{
    struct opened *opened = open_tree(client_tree());
    struct rapl_machine_info machine = {.size = sizeof(machine)};

    assert_int_equal(backend_powercap.machine(opened->state, &machine), RAPL_OK);
    assert_int_equal(machine.vendor, RAPL_VENDOR_INTEL);
    assert_int_equal(machine.family, 6);
    assert_int_equal(machine.model, 0x8E);
    assert_int_equal(machine.stepping, 11);
    assert_int_equal(machine.package_count, 1);
    assert_int_equal(machine.socket_count, 1);
    assert_int_equal(machine.core_count, 4);
    assert_int_equal(machine.processor_count, 1);
    assert_int_equal(machine.is_guest, 0);
    assert_string_equal(machine.brand, "Intel(R) Core(TM) i7-8565U CPU @ 1.80GHz");
    assert_string_not_equal(machine.model_name, "");
    close_tree(opened);

    struct memory_tree *tree = new_tree(NULL);
    memory_zone(tree, "intel-rapl:0", "package-0", "1", RANGE_2POW14);
    opened = open_tree(tree);
    memset(&machine, 0, sizeof(machine));
    assert_int_equal(backend_powercap.machine(opened->state, &machine), RAPL_OK);
    assert_int_equal(machine.vendor, 0);
    assert_string_equal(machine.brand, "");
    close_tree(opened);
}

static void cpus_beyond_the_first_are_counted(void **unused)
{
    static const char two[] = INTEL_CPUINFO "processor\t: 1\nvendor_id\t: GenuineIntel\n"
                                            "model\t\t: 1\nphysical id\t: 1\ncpu cores\t: 4\n\n"
                                            "processor: 2\nphysical id: 1\ncpu cores: 4\n";
    struct memory_tree *tree = new_tree(two);
    struct rapl_machine_info machine = {.size = sizeof(machine)};

    memory_zone(tree, "intel-rapl:0", "package-0", "1", RANGE_2POW14);
    struct opened *opened = open_tree(tree);
    assert_int_equal(backend_powercap.machine(opened->state, &machine), RAPL_OK);
    assert_int_equal(machine.model, 0x8E);
    assert_int_equal(machine.processor_count, 3);
    assert_int_equal(machine.socket_count, 2);
    assert_int_equal(machine.core_count, 8);
    close_tree(opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_has_each_domain_once),
        cmocka_unit_test(copies_are_simulated),
        cmocka_unit_test(sockets_are_packages),
        cmocka_unit_test(dies_of_intel_count_each),
        cmocka_unit_test(dies_of_amd_count_once),
        cmocka_unit_test(core_of_amd_is_one_core),
        cmocka_unit_test(mmio_alone_is_used),
        cmocka_unit_test(nested_folders_are_found),
        cmocka_unit_test(other_names),
        cmocka_unit_test(range_is_the_modulus),
        cmocka_unit_test(limits_of_a_package),
        cmocka_unit_test(machine_is_the_trees),
        cmocka_unit_test(cpus_beyond_the_first_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
