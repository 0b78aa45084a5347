/* SPDX-License-Identifier: Apache-2.0
 *
 * What the recording parser takes, and what it makes of it.
 */
#include "recording_refusal.h"

static void test_smallest_recording(void **state)
{
    const struct parsed parsed = parse_text_or_fail(MACHINE UNIT END);
    const struct recording *const recording = &parsed.recording;

    assert_string_equal(recording->title, "t");
    assert_int_equal(recording->cpu.vendor, RAPL_VENDOR_INTEL);
    assert_int_equal(recording->cpu.family, 6);
    assert_int_equal(recording->cpu.model, 0x9E);
    assert_int_equal(recording->cpu.stepping, 10);
    assert_false(recording->cpu.hypervisor);
    assert_false(recording->cpu.hyperv_root);
    assert_false(recording->cpu.amd_rapl);
    assert_false(recording->coarse_caller);
    assert_int_equal(recording->hypervisor, RECORDING_BARE);
    assert_int_equal(recording->speed, 1);
    assert_int_equal(recording->package_count, 1);
    assert_int_equal(recording->group_count, 1);
    assert_int_equal(recording->group_size[0], 4);
    assert_int_equal(recording->processor_count, 4);
    assert_int_equal(recording->processors[3].core, 1);
    assert_int_equal(recording->processors[3].thread, 1);
    assert_int_equal(recording->processors[3].number, 3);
    assert_int_equal(recording->processors[3].apic_id, 3);
    assert_int_equal(recording->register_count, 1);
    assert_int_equal(recording->registers[0].msr, 0x606);
    assert_int_equal(recording->registers[0].kind, RECORDING_FIXED);
    assert_int_equal(recording->registers[0].value, 0xA0E03);
    assert_string_equal(recording->registers[0].source->key, "k");
    assert_string_equal(recording->registers[0].source->text, "made up");
    assert_false(recording->registers[0].source->published);
    free(parsed.arena);
}

/* Every kind of line, in two packages, three groups and two dies. */
static const char every_line[] =
    "rapl-recording 1\n"
    "source a published \"a manual, \xC3\xA9\xC3\xA0\" # \xE2\x82\xAC in a comment\n"
    "source b composed \"made up\"\n"
    "title \"Two packages\" @b\n"
    "cpu hygon family 0x18 model 0x1 stepping 0xf @a\n"
    "amd-rapl yes @a\n"
    "hypervisor hyperv-guest @b\n"
    "caller coarse @b\n"
    "speed 1000 @b\n"
    "topology packages 2 processors 6 groups 3 2 1 @b\n"
    "cores 4 package 1 die 1 threads 2 group 0 apic 0x10 @b\n"
    "cores 0 package 0 threads 1 group 0 apic 0 @b\n"
    "cores 1-2 package 0 threads 1 group 1 apic 2 step 2 @b\n"
    "cores 2 package 1 die 0 threads 1 group 2 apic 0x18 @b\n"
    "register 0xC0010299 package all value 18446744073709551615 @a\n"
    "register 0xC001029A package 0 core 1-2 ramp from 7 rate 8 step-us 9 jitter-us 8 width 64 "
    "@b\n"
    "register 0xC001029A package 0 core 0 faults @b\n"
    "register 0xC001029A package 1 core all ramp from 1 rate 2 step-us 3 width 32 @b\n"
    "register 0xC001029B package 0-1 series width 64 loop @b\n"
    "at 0 0xFFFFFFFFFFFFFFFF @a\n"
    "at 4398046511104 3 @b\n"
    "end\n"
    "# after the end\n";

static void test_every_kind_of_line(void **state)
{
    const struct parsed parsed = parse_text_or_fail(every_line);
    const struct recording *const recording = &parsed.recording;
    const struct recording_processor *const at = recording->processors;

    assert_int_equal(recording->cpu.vendor, RAPL_VENDOR_HYGON);
    assert_true(recording->cpu.amd_rapl);
    assert_true(recording->cpu.hypervisor);
    assert_false(recording->cpu.hyperv_root);
    assert_int_equal(recording->hypervisor, RECORDING_HYPERV_GUEST);
    assert_true(recording->coarse_caller);
    assert_int_equal(recording->speed, 1000);
    assert_int_equal(recording->source_count, 2);
    assert_true(recording->sources[0].published);
    assert_string_equal(recording->sources[0].text, "a manual, \xC3\xA9\xC3\xA0");
    assert_int_equal(recording->group_count, 3);
    assert_int_equal(recording->processor_count, 6);

    /* Numbered in the order of the lines, whatever package they are of. */
    assert_int_equal(at[0].package, 1);
    assert_int_equal(at[0].core, 4);
    assert_int_equal(at[0].die, 1);
    assert_int_equal(at[1].thread, 1);
    assert_int_equal(at[1].apic_id, 0x11);
    assert_int_equal(at[2].package, 0);
    assert_int_equal(at[2].group, 0);
    assert_int_equal(at[2].number, 2);
    assert_int_equal(at[4].group, 1);
    assert_int_equal(at[4].number, 1);
    assert_int_equal(at[4].apic_id, 4);
    assert_int_equal(at[5].group, 2);
    assert_true(recording->apic.dies);
    assert_int_equal(recording->apic.thread_bits, 1);
    assert_int_equal(recording->apic.die_bits, 3);
    assert_int_equal(recording->apic.package_bits, 4);
    free(parsed.arena);
}

static void test_every_kind_of_register(void **state)
{
    const struct parsed parsed = parse_text_or_fail(every_line);
    const struct recording *const recording = &parsed.recording;
    const struct recording_register *const reg = recording->registers;

    assert_int_equal(recording->register_count, 5);
    assert_int_equal(reg[0].value, UINT64_MAX);
    assert_int_equal(reg[0].packages.first, 0);
    assert_int_equal(reg[0].packages.last, RECORDING_ALL);
    assert_true(reg[0].source->published);
    assert_int_equal(reg[1].kind, RECORDING_RAMP);
    assert_int_equal(reg[1].cores.first, 1);
    assert_int_equal(reg[1].cores.last, 2);
    assert_int_equal(reg[1].value, 7);
    assert_int_equal(reg[1].rate_per_s, 8);
    assert_int_equal(reg[1].step_us, 9);
    assert_int_equal(reg[1].jitter_us, 8);
    assert_int_equal(reg[1].width, 64);
    assert_int_equal(reg[2].kind, RECORDING_FAULTS);
    assert_int_equal(reg[3].cores.last, RECORDING_ALL);
    assert_int_equal(reg[3].jitter_us, 0);
    assert_int_equal(reg[3].width, 32);
    assert_int_equal(reg[4].kind, RECORDING_SERIES);
    assert_true(reg[4].loop);
    assert_int_equal(reg[4].packages.last, 1);
    assert_int_equal(reg[4].point_count, 2);
    assert_int_equal(reg[4].points[0].value, UINT64_MAX);
    assert_int_equal(reg[4].points[1].time_us, RECORDING_TIME_MAX_US);
    free(parsed.arena);
}

static void test_line_ends_and_spaces(void **state)
{
    static const char text[] = "\xEF\xBB\xBF"
                               "rapl-recording 1\r\n\r\n   # indented comment\r\n"
                               "source k composed \"made up\"# glued comment\r\n"
                               "\ttitle\t\"a # b\"\t@k\t\r\n" CPU BARE TOPOLOGY CORES UNIT "end";
    const struct parsed parsed = parse_text_or_fail(text);

    assert_string_equal(parsed.recording.title, "a # b");
    free(parsed.arena);
}

static void test_longest_line(void **state)
{
    /* 512 bytes: `title "` 7, `" @k` 4, so 501 of title. */
    static const char line[] = "title \"" HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED "x\" @k\n";
    const struct parsed parsed =
        parse_text_or_fail("rapl-recording 1\nsource k composed \"m\"\n"
                           "title \"" HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED
                           "x\" @k\n" CPU BARE TOPOLOGY CORES UNIT END);

    assert_int_equal(sizeof(line) - 2, 512);
    assert_int_equal(strlen(parsed.recording.title), 501);
    free(parsed.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smallest_recording),     cmocka_unit_test(test_every_kind_of_line),
        cmocka_unit_test(test_every_kind_of_register), cmocka_unit_test(test_line_ends_and_spaces),
        cmocka_unit_test(test_longest_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
