/* SPDX-License-Identifier: Apache-2.0
 *
 * The shipped recordings: what they hold, written down here a second time.
 */
#include "recording_support.h"

#include <dirent.h>

static const char *const names[] = {
    "client-intel.rec",  "coarse-client.rec",      "epyc-2s.rec",     "guest-no-rapl.rec",
    "haswell-ep-2s.rec", "intel-package-99ms.rec", "jitter-1ms.rec",  "sapphire-rapids-2s.rec",
    "step-15ms.rec",     "vbs-client.rec",         "zen-desktop.rec",
};

#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

static uint64_t read_at(const struct parsed *parsed, uint32_t processor, uint32_t msr,
                        uint64_t elapsed_us)
{
    uint64_t value = 0;

    if (!recording_read(&parsed->recording, processor, msr, elapsed_us, &value)) {
        fail_msg("%s: 0x%X of processor %u faults", parsed->recording.title, msr, processor);
    }
    return value;
}

/* Every file of the folder is in the list above, so the tests below leave none out. */
static void test_all_are_listed(void **state)
{
    DIR *const dir = opendir(SHIPPED_DIR);
    const struct dirent *entry;
    size_t found = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        const size_t length = strlen(entry->d_name);
        size_t i = 0;

        if (length < 4 || strcmp(entry->d_name + length - 4, ".rec") != 0) {
            continue;
        }
        while (i < NAME_COUNT && strcmp(entry->d_name, names[i]) != 0) {
            i++;
        }
        if (i == NAME_COUNT) {
            fail_msg("%s is not in this test's list", entry->d_name);
        }
        found++;
    }
    closedir(dir);
    assert_int_equal(found, NAME_COUNT);
}

/* As an editor on Windows would save it. */
static void test_windows_line_ends(void **state)
{
    for (size_t i = 0; i < NAME_COUNT; i++) {
        size_t size = 0, used = 0;
        char *const text = read_shipped(names[i], &size);
        char *const windows = malloc(size * 2);
        struct parsed plain = parse_or_fail(text, size), parsed;

        assert_non_null(windows);
        for (size_t j = 0; j < size; j++) {
            if (text[j] == '\n') {
                windows[used++] = '\r';
            }
            windows[used++] = text[j];
        }
        parsed = parse_or_fail(windows, used);
        assert_string_equal(parsed.recording.title, plain.recording.title);
        assert_int_equal(parsed.recording.register_count, plain.recording.register_count);
        assert_int_equal(parsed.recording.processor_count, plain.recording.processor_count);
        free(plain.arena);
        free(parsed.arena);
        free(windows);
        free(text);
    }
}

/* Cut off anywhere, a recording is refused, and at the end of what is left of it or before. */
static void test_truncated(void **state)
{
    for (size_t i = 0; i < NAME_COUNT; i++) {
        size_t size = 0, cut = 0;
        uint32_t lines = 1;
        char *const text = read_shipped(names[i], &size);

        assert_memory_equal(text + size - 4, "end\n", 4);
        for (cut = 0; cut < size - 1; cut++) {
            struct recording_error error = {0};
            struct parsed parsed;

            lines += cut > 0 && text[cut - 1] == '\n';
            if (cut % 5 != 0 && cut < size - 8) {
                continue;
            }
            assert_false(parse_sized(text, cut, &parsed, &error));
            assert_in_range(error.line, 1, lines + 1);
            assert_in_range(error.column, 1, RECORDING_LINE_MAX + 1);
            assert_non_null(error.message);
        }
        free(text);
    }
}

/* Registers that real machines were published with. */
static void test_published_values(void **state)
{
    static const struct {
        const char *name;
        uint32_t msr;
        uint64_t value;
    } rows[] = {
        {"client-intel.rec", 0x606, 0xA0E03},
        {"client-intel.rec", 0x610, 0x420198009C8198},
        {"client-intel.rec", 0x614, 0x78},
        {"client-intel.rec", 0x618, 0x5400DE00000000},
        {"client-intel.rec", 0x638, 0},
        {"client-intel.rec", 0x63A, 0},
        {"client-intel.rec", 0x640, 0},
        {"client-intel.rec", 0x642, 0},
        {"coarse-client.rec", 0x606, 0xA0E03},
        {"coarse-client.rec", 0x610, 0x43816000DD8001},
        {"coarse-client.rec", 0x614, 0x78},
        {"haswell-ep-2s.rec", 0x606, 0xA0E03},
        {"haswell-ep-2s.rec", 0x614, 0x2F0550014002A8},
        {"jitter-1ms.rec", 0x606, 0xA1003},
        {"jitter-1ms.rec", 0x610, 0x800087F8001487F8},
        {"jitter-1ms.rec", 0x614, 0x1E002F8},
        {"zen-desktop.rec", 0xC0010299, 0xA1000},
        {"epyc-2s.rec", 0xC0010299, 0xA1003},
        {"step-15ms.rec", 0xC0010299, 0xA1003},
        {"guest-no-rapl.rec", 0x606, 0},
        {"guest-no-rapl.rec", 0x611, 0},
        {"guest-no-rapl.rec", 0x614, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct parsed parsed = load_shipped(rows[i].name);
        bool published = false;

        for (uint32_t j = 0; j < parsed.recording.register_count; j++) {
            published |= parsed.recording.registers[j].msr == rows[i].msr &&
                         parsed.recording.registers[j].source->published;
        }
        assert_true(published);
        for (uint32_t j = 0; j < parsed.recording.processor_count; j++) {
            assert_int_equal(read_at(&parsed, j, rows[i].msr, 5000000), rows[i].value);
        }
        free(parsed.arena);
    }
}

/* What a counter gains in 40 s, in watts: each socket its own number, each domain its own unit. */
static void test_watts(void **state)
{
    static const struct {
        const char *name;
        uint32_t processor;
        uint32_t msr;
        uint32_t counts_per_j;
        double watts;
    } rows[] = {
        {"client-intel.rec", 0, 0x611, 16384, 12.5},
        {"client-intel.rec", 7, 0x639, 16384, 7.25},
        {"client-intel.rec", 3, 0x641, 16384, 1.5},
        {"client-intel.rec", 0, 0x619, 16384, 1.75},
        {"client-intel.rec", 0, 0x64D, 16384, 0},
        {"coarse-client.rec", 0, 0x611, 16384, 9.25},
        {"haswell-ep-2s.rec", 0, 0x611, 16384, 61.5},
        {"haswell-ep-2s.rec", 15, 0x619, 65536, 9.5},
        {"haswell-ep-2s.rec", 16, 0x611, 16384, 47.25},
        {"haswell-ep-2s.rec", 31, 0x619, 65536, 6.25},
        {"haswell-ep-2s.rec", 0, 0x639, 16384, 0},
        {"sapphire-rapids-2s.rec", 0, 0x611, 16384, 212.5},
        {"sapphire-rapids-2s.rec", 47, 0x619, 16384, 31.25},
        {"sapphire-rapids-2s.rec", 0, 0x64D, 1, 642},
        {"sapphire-rapids-2s.rec", 48, 0x611, 16384, 187.25},
        {"sapphire-rapids-2s.rec", 95, 0x619, 16384, 27.5},
        {"sapphire-rapids-2s.rec", 95, 0x64D, 1, 0},
        {"vbs-client.rec", 0, 0x611, 16384, 17.5},
        {"vbs-client.rec", 19, 0x639, 16384, 9.75},
        {"vbs-client.rec", 0, 0x641, 16384, 2.5},
        {"vbs-client.rec", 0, 0x64D, 16384, 28.25},
        {"jitter-1ms.rec", 0, 0x611, 65536, 45},
        {"jitter-1ms.rec", 0, 0x639, 65536, 31},
        {"jitter-1ms.rec", 0, 0x641, 65536, 3},
        {"step-15ms.rec", 0, 0xC001029B, 65536, 34},
        {"step-15ms.rec", 0, 0xC001029A, 65536, 2.5},
        {"step-15ms.rec", 11, 0xC001029A, 65536, 5},
        {"zen-desktop.rec", 0, 0xC001029B, 65536, 78.5},
        {"zen-desktop.rec", 1, 0xC001029A, 65536, 1.5},
        {"zen-desktop.rec", 31, 0xC001029A, 65536, 5.25},
        {"epyc-2s.rec", 0, 0xC001029B, 65536, 182.5},
        {"epyc-2s.rec", 127, 0xC001029B, 65536, 182.5},
        {"epyc-2s.rec", 128, 0xC001029B, 65536, 164.25},
        {"epyc-2s.rec", 127, 0xC001029A, 65536, 1.375},
        {"epyc-2s.rec", 128, 0xC001029A, 65536, 0.53125},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct parsed parsed = load_shipped(rows[i].name);
        const uint64_t start = read_at(&parsed, rows[i].processor, rows[i].msr, 2000000);
        const uint64_t end = read_at(&parsed, rows[i].processor, rows[i].msr, 42000000);
        const bool wide = rows[i].msr > 0xC0000000 && (start >> 32) != 0;
        const uint64_t gained = wide ? end - start : (uint32_t)(end - start);
        const double watts = (double)gained / rows[i].counts_per_j / 40;
        /* Either reading may come up to 15 ms after its counter's last update. */
        const double slack = rows[i].watts * 0.016 / 40 + 0.0001;

        if (watts < rows[i].watts - slack || watts > rows[i].watts + slack) {
            fail_msg("%s 0x%X: %f W, not %f W", rows[i].name, rows[i].msr, watts, rows[i].watts);
        }
        free(parsed.arena);
    }
}

static void test_faults(void **state)
{
    static const struct {
        const char *name;
        uint32_t msr;
    } rows[] = {
        {"client-intel.rec", 0xC001029B},  {"client-intel.rec", 0x65C},
        {"haswell-ep-2s.rec", 0x641},      {"haswell-ep-2s.rec", 0x64D},
        {"sapphire-rapids-2s.rec", 0x639}, {"sapphire-rapids-2s.rec", 0x641},
        {"vbs-client.rec", 0x619},         {"zen-desktop.rec", 0x606},
        {"zen-desktop.rec", 0x611},        {"epyc-2s.rec", 0x606},
        {"guest-no-rapl.rec", 0xC0010299}, {"guest-no-rapl.rec", 0x64D},
        {"intel-package-99ms.rec", 0x639}, {"step-15ms.rec", 0x611},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct parsed parsed = load_shipped(rows[i].name);

        for (uint32_t j = 0; j < parsed.recording.processor_count; j++) {
            uint64_t value = 0;

            assert_false(recording_read(&parsed.recording, j, rows[i].msr, 0, &value));
        }
        free(parsed.arena);
    }
}

static void test_machines(void **state)
{
    static const struct {
        const char *name;
        uint32_t packages, processors, groups;
        uint8_t hypervisor;
        bool coarse;
        uint32_t speed;
    } rows[] = {
        {"client-intel.rec", 1, 8, 1, RECORDING_BARE, false, 1},
        {"coarse-client.rec", 1, 8, 1, RECORDING_BARE, true, 1},
        {"epyc-2s.rec", 2, 256, 4, RECORDING_BARE, false, 1},
        {"guest-no-rapl.rec", 1, 4, 1, RECORDING_OTHER_GUEST, false, 1},
        {"haswell-ep-2s.rec", 2, 32, 2, RECORDING_BARE, false, 1},
        {"intel-package-99ms.rec", 1, 8, 1, RECORDING_BARE, false, 20},
        {"jitter-1ms.rec", 1, 8, 1, RECORDING_BARE, false, 1},
        {"sapphire-rapids-2s.rec", 2, 96, 2, RECORDING_BARE, false, 1},
        {"step-15ms.rec", 1, 12, 1, RECORDING_BARE, false, 1},
        {"vbs-client.rec", 1, 20, 1, RECORDING_HYPERV_ROOT, false, 1},
        {"zen-desktop.rec", 1, 32, 1, RECORDING_BARE, false, 1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct parsed parsed = load_shipped(rows[i].name);

        assert_string_equal(rows[i].name, names[i]);
        assert_int_equal(parsed.recording.package_count, rows[i].packages);
        assert_int_equal(parsed.recording.processor_count, rows[i].processors);
        assert_int_equal(parsed.recording.group_count, rows[i].groups);
        assert_int_equal(parsed.recording.hypervisor, rows[i].hypervisor);
        assert_int_equal(parsed.recording.coarse_caller, rows[i].coarse);
        assert_int_equal(parsed.recording.speed, rows[i].speed);
        free(parsed.arena);
    }
}

/* Between two updates the counter stands still for 15 ms, on the package and on the cores. */
static void test_steps(void **state)
{
    const struct parsed parsed = load_shipped("step-15ms.rec");
    static const uint32_t msrs[] = {0xC001029A, 0xC001029B};

    for (size_t i = 0; i < 2; i++) {
        for (uint64_t step = 1; step < 100; step++) {
            const uint64_t value = read_at(&parsed, 5, msrs[i], step * 15000);

            assert_int_equal(read_at(&parsed, 5, msrs[i], step * 15000 + 14999), value);
            assert_true(read_at(&parsed, 5, msrs[i], step * 15000 + 15000) > value);
        }
    }
    free(parsed.arena);
}

/* The real trace, read every millisecond of the clock at 20 times its speed, adds up. */
static void test_trace(void **state)
{
    const struct parsed parsed = load_shipped("intel-package-99ms.rec");
    const uint64_t duration_us = recording_duration_us(&parsed.recording);
    uint64_t sum = 0, last = read_at(&parsed, 0, 0x611, 0);
    uint32_t wraps = 0;
    double joules;

    /* The log spans 19,868,994 us with the interval before its first line. */
    assert_int_equal(duration_us, 993450);
    for (uint64_t time_us = 0; time_us <= duration_us + 5000; time_us += 1000) {
        const uint64_t now = read_at(&parsed, (uint32_t)(time_us / 1000 % 8), 0x611, time_us);

        wraps += now < last;
        sum += (uint32_t)(now - last);
        last = now;
    }
    assert_int_equal(wraps, 1);
    joules = (double)sum / 16384;
    /* 89,356,042 uJ within one count of 61.04 uJ. */
    assert_true(joules > 89.356042 - 0.000062 && joules < 89.356042 + 0.000062);
    assert_int_equal(sum, 1464009);
    free(parsed.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_are_listed), cmocka_unit_test(test_windows_line_ends),
        cmocka_unit_test(test_truncated),      cmocka_unit_test(test_published_values),
        cmocka_unit_test(test_watts),          cmocka_unit_test(test_faults),
        cmocka_unit_test(test_machines),       cmocka_unit_test(test_steps),
        cmocka_unit_test(test_trace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
