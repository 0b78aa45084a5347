/* SPDX-License-Identifier: Apache-2.0
 *
 * Energy from a powercap tree: wraps, resets, gaps, files that fail, and what is said about it.
 */
#include "tests/unit/lib_powercap_fixture.h"

#define RANGE_UJ UINT64_C(262143328911)

static struct opened *one_zone(uint64_t energy_uj)
{
    struct memory_tree *tree = new_tree(INTEL_CPUINFO);

    memory_zone(tree, "intel-rapl:0", "package-0", "0", RANGE_2POW14);
    memory_energy(tree, "intel-rapl:0", energy_uj);
    struct opened *opened = open_tree(tree);
    assert_int_equal(opened->status, RAPL_OK);
    return opened;
}

static void expect_sample(struct opened *opened, uint64_t energy_uj, uint64_t after_ms,
                          uint64_t ticks, uint32_t resets, uint32_t gaps)
{
    memory_energy(opened->tree, "intel-rapl:0", energy_uj);
    const struct backend_reading *reading = sample(opened, after_ms);
    assert_int_equal(reading->status, RAPL_OK);
    assert_int_equal(reading->raw, energy_uj);
    assert_int_equal(reading->energy_ticks, ticks);
    assert_int_equal(reading->reset_count, resets);
    assert_int_equal(reading->gap_count, gaps);
}

static void energy_counts_from_open(void **unused)
{
    struct opened *opened = one_zone(1000);

    expect_sample(opened, 1000, 100, 0, 0, 0);
    expect_sample(opened, 1500, 100, 500, 0, 0);
    expect_sample(opened, 50001500, 1000, 50000500, 0, 0);
    close_tree(opened);
}

static void wraps_to_the_last_count(void **unused)
{
    struct opened *opened = one_zone(RANGE_UJ - 1000);

    expect_sample(opened, 250, 100, 1250, 0, 0);
    expect_sample(opened, 1250, 100, 2250, 0, 0);
    close_tree(opened);
}

/* 1 kW for 0.12 s, with one update's lateness, is 120 J: one microjoule more cannot be a wrap. */
static void wrap_or_reset_is_what_is_possible(void **unused)
{
    const uint64_t most_uj = 120000000;
    struct opened *opened = one_zone(RANGE_UJ - most_uj + 50);
    expect_sample(opened, 50, 100, most_uj, 0, 0);
    close_tree(opened);

    opened = one_zone(RANGE_UJ - most_uj + 50);
    expect_sample(opened, 51, 100, 51, 1, 0);
    close_tree(opened);
}

static void reset_adds_what_is_known(void **unused)
{
    struct opened *opened = one_zone(5000000000);

    expect_sample(opened, 700, 100, 700, 1, 0);
    expect_sample(opened, 900, 100, 900, 1, 0);
    close_tree(opened);
}

/* A step back that leaves a large number is a reset too; that number is nobody's energy. */
static void impossible_steps_add_nothing(void **unused)
{
    struct opened *opened = one_zone(5000000000);

    expect_sample(opened, 4999999999, 100, 0, 1, 0);
    expect_sample(opened, 5000000099, 100, 100, 1, 0);
    expect_sample(opened, 90000000000, 100, 100, 2, 0);
    expect_sample(opened, 90000000001, 100, 101, 2, 0);
    close_tree(opened);
}

/* 262 kJ at 1 kW take 262.1 s: after that a wrap may be hidden, and what is added is the least. */
static void long_silence_is_a_gap(void **unused)
{
    struct opened *opened = one_zone(1000);
    assert_int_equal(backend_powercap.read_interval_ms(opened->state), 87333);
    expect_sample(opened, 2000, 262100, 1000, 0, 0);
    expect_sample(opened, 3000, 262200, 2000, 0, 1);
    expect_sample(opened, 2500, 262200, 4500, 0, 2);
    close_tree(opened);
}

static void zero_is_dead_until_it_moves(void **unused)
{
    struct opened *opened = open_tree(client_tree());

    const struct backend_reading *readings = sample(opened, 100);
    assert_int_equal(readings[2].status, RAPL_ERROR_DEAD);
    assert_int_equal(readings[0].status, RAPL_OK);
    memory_energy(opened->tree, "intel-rapl:0:1", 7);
    assert_int_equal(sample(opened, 100)[2].status, RAPL_OK);
    assert_int_equal(opened->readings[2].energy_ticks, 7);
    memory_energy(opened->tree, "intel-rapl:0:1", 0);
    assert_int_equal(sample(opened, 100)[2].status, RAPL_OK);
    close_tree(opened);
}

static void each_file_fails_on_its_own(void **unused)
{
    static const struct {
        int error;
        int status;
    } cases[] = {{-EIO, RAPL_ERROR_FAULTS},    {-ENODATA, RAPL_ERROR_FAULTS},
                 {-ENODEV, RAPL_ERROR_GONE},   {-ENOENT, RAPL_ERROR_GONE},
                 {-EACCES, RAPL_ERROR_DENIED}, {-EISDIR, RAPL_ERROR_GARBAGE},
                 {-EBUSY, RAPL_ERROR_SYSTEM}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct opened *opened = open_tree(client_tree());
        memory_find(opened->tree, "intel-rapl:0/energy_uj")->read_error = cases[i].error;
        const struct backend_reading *readings = sample(opened, 100);
        assert_int_equal(readings[0].status, cases[i].status);
        assert_int_equal(readings[0].system_error, -cases[i].error);
        assert_int_equal(readings[1].status, RAPL_OK);
        close_tree(opened);
    }
}

static void all_gone_is_a_source_gone(void **unused)
{
    struct opened *opened = one_zone(1);

    memory_find(opened->tree, "intel-rapl:0/energy_uj")->read_error = -ENODEV;
    assert_int_equal(backend_powercap.read(opened->state, opened->readings), RAPL_ERROR_GONE);
    close_tree(opened);
}

static void garbage_is_said_and_counts_nothing(void **unused)
{
    static const char *const texts[] = {
        "",    "\n",           " 1",
        "1 ",  "-1",           "0x10",
        "1e5", "12\n34",       "18446744073709551616",
        "1\r", "262143328912", "99999999999999999999999999999999999999999999999999999999999999999"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct opened *opened = one_zone(1000);
        memory_put(opened->tree, "intel-rapl:0/energy_uj", texts[i], strlen(texts[i]));
        assert_int_equal(sample(opened, 100)->status, RAPL_ERROR_GARBAGE);
        expect_sample(opened, 1100, 100, 100, 0, 0);
        close_tree(opened);
    }
}

static void expect_refusal(struct opened *opened, int status, const char *reason,
                           const char *remedy)
{
    assert_int_equal(opened->status, status);
    if (strstr(opened->report.reason, reason) == NULL) {
        fail_msg("reason: %s", opened->report.reason);
    }
    if (strstr(opened->report.remedy, remedy) == NULL) {
        fail_msg("remedy: %s", opened->report.remedy);
    }
    assert_null(opened->state);
    close_tree(opened);
}

/* energy_uj is mode 0400; every other file of a zone can be read. */
static void denied_says_what_to_run(void **unused)
{
    struct memory_tree *tree = client_tree();

    for (uint32_t i = 0; i < tree->count; i++) {
        if (strstr(tree->files[i].path, "energy_uj") != NULL &&
            strstr(tree->files[i].path, "max_") == NULL) {
            tree->files[i].open_error = -EACCES;
        }
    }
    expect_refusal(open_tree(tree), RAPL_ERROR_DENIED, "/t/intel-rapl:0/energy_uj",
                   "sudo chmod a+r /t/intel-rapl*:*/energy_uj (to keep it");
}

static void one_readable_zone_is_enough(void **unused)
{
    struct memory_tree *tree = client_tree();

    memory_find(tree, "intel-rapl:0/energy_uj")->open_error = -EACCES;
    struct opened *opened = open_tree(tree);
    assert_int_equal(opened->status, RAPL_OK);
    assert_int_equal(sample(opened, 1)[0].status, RAPL_ERROR_DENIED);
    assert_int_equal(opened->readings[0].system_error, EACCES);
    close_tree(opened);
}

static void no_zones_says_why(void **unused)
{
    expect_refusal(open_tree(new_tree(INTEL_CPUINFO)), RAPL_ERROR_NOT_HERE,
                   "/t has no folder intel-rapl:0", "name the folder");

    struct memory_tree *tree = new_tree(NULL);
    memory_set(tree, "intel-rapl", "enabled", "1");
    expect_refusal(open_tree(tree), RAPL_ERROR_NOT_HERE, "no folder", "name the folder");

    tree = new_tree(NULL);
    tree->list_error = -EACCES;
    expect_refusal(open_tree(tree), RAPL_ERROR_DENIED, "/t may not be opened", "sudo");
}

static void nothing_but_zero_is_no_source(void **unused)
{
    struct memory_tree *tree = new_tree(INTEL_CPUINFO);

    memory_zone(tree, "intel-rapl:0", "package-0", "0", RANGE_2POW14);
    memory_zone(tree, "intel-rapl:0:0", "core", "0", RANGE_2POW14);
    expect_refusal(open_tree(tree), RAPL_ERROR_DEAD, "every energy_uj in /t reads 0", "host");
}

/* Container runtimes put an empty folder over the zones; the links to them stay. */
static void masked_zones_are_a_container(void **unused)
{
    struct memory_tree *tree = new_tree(INTEL_CPUINFO);

    memory_set(tree, "intel-rapl:0", "nothing", "");
    expect_refusal(open_tree(tree), RAPL_ERROR_NOT_HERE, "a container", "systempaths=unconfined");
}

static void malformed_zones_name_the_file(void **unused)
{
    static const struct {
        const char *file, *text;
    } cases[] = {
        {"name", ""},
        {"name", "package-"},
        {"name", "package-0-die-"},
        {"name", "package-x"},
        {"name", "package-99999999"},
        {"name", "two words"},
        {"name", "\x1b[2J"},
        {"max_energy_range_uj", ""},
        {"max_energy_range_uj", "x"},
        {"max_energy_range_uj", "0"},
        {"max_energy_range_uj", "18446744073709551615"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct memory_tree *tree = new_tree(INTEL_CPUINFO);
        memory_zone(tree, "intel-rapl:0", "package-0", "1", RANGE_2POW14);
        memory_set(tree, "intel-rapl:0", cases[i].file, cases[i].text);
        expect_refusal(open_tree(tree), RAPL_ERROR_GARBAGE, cases[i].file, "look at that file");

        tree = client_tree();
        memory_set(tree, "intel-rapl:0:2", cases[i].file, cases[i].text);
        struct opened *opened = open_tree(tree);
        assert_int_equal(opened->status, RAPL_OK);
        assert_int_equal(backend_powercap.domain_count(opened->state), 4);
        close_tree(opened);
    }
}

static void more_zones_than_there_is_room(void **unused)
{
    struct memory_tree *tree = new_tree(INTEL_CPUINFO);

    for (uint32_t i = 0; tree->count + 4 <= MEMORY_FILES_MAX; i++) {
        char zone[32];
        char name[32];
        (void)snprintf(zone, sizeof(zone), "intel-rapl:%u", i);
        (void)snprintf(name, sizeof(name), "package-%u", i);
        memory_zone(tree, zone, name, "1", RANGE_2POW14);
    }
    struct opened *opened = open_tree(tree);
    assert_int_equal(opened->status, RAPL_OK);
    assert_true(backend_powercap.domain_count(opened->state) <= POWERCAP_ZONES_MAX);
    close_tree(opened);
}

static void folders_that_are_not_there(void **unused)
{
    const struct backend_options missing = {.path = "/nonexistent/powercap"};
    const struct backend_options file = {.path = "/proc/self/status"};
    struct backend_report report = {0};
    void *state = NULL;

    assert_int_equal(backend_powercap.open(&missing, &report, &state), RAPL_ERROR_NOT_HERE);
    assert_string_equal(report.reason, "/nonexistent/powercap is not a folder");
    assert_int_equal(report.system_error, ENOENT);
    assert_int_equal(backend_powercap.open(&file, &report, &state), RAPL_ERROR_NOT_HERE);
    assert_null(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(energy_counts_from_open),
        cmocka_unit_test(wraps_to_the_last_count),
        cmocka_unit_test(wrap_or_reset_is_what_is_possible),
        cmocka_unit_test(reset_adds_what_is_known),
        cmocka_unit_test(impossible_steps_add_nothing),
        cmocka_unit_test(long_silence_is_a_gap),
        cmocka_unit_test(zero_is_dead_until_it_moves),
        cmocka_unit_test(each_file_fails_on_its_own),
        cmocka_unit_test(all_gone_is_a_source_gone),
        cmocka_unit_test(garbage_is_said_and_counts_nothing),
        cmocka_unit_test(denied_says_what_to_run),
        cmocka_unit_test(one_readable_zone_is_enough),
        cmocka_unit_test(no_zones_says_why),
        cmocka_unit_test(nothing_but_zero_is_no_source),
        cmocka_unit_test(masked_zones_are_a_container),
        cmocka_unit_test(malformed_zones_name_the_file),
        cmocka_unit_test(more_zones_than_there_is_room),
        cmocka_unit_test(folders_that_are_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
