/* SPDX-License-Identifier: Apache-2.0
 *
 * CPUID of a recording: read back by core/cpu.c and core/topology.c, which know nothing of
 * recordings, it must give the machine that the recording describes.
 */
#include "recording_machines.h"

#include "core/topology.h"

/* Every pair of processors shares what the recording says it shares, and nothing else. */
static void expect_topology(const struct recording *recording, bool dies_visible)
{
    static struct rapl_location found[RECORDING_PROCESSORS_MAX];

    for (uint32_t i = 0; i < recording->processor_count; i++) {
        struct executing at = {recording, i};
        const struct rapl_cpuid cpuid = {&at, execute};

        rapl_topology_locate(&recording->cpu, &cpuid, &found[i]);
        assert_int_equal(found[i].apic_id, recording->processors[i].apic_id);
    }
    for (uint32_t i = 0; i < recording->processor_count; i++) {
        for (uint32_t j = 0; j < recording->processor_count; j++) {
            const struct recording_processor *const a = &recording->processors[i];
            const struct recording_processor *const b = &recording->processors[j];
            const bool package = a->package == b->package;
            const bool die = package && (!dies_visible || a->die == b->die);
            const bool core = package && a->core == b->core;

            if ((found[i].package == found[j].package) != package ||
                (found[i].die == found[j].die) != die || (found[i].core == found[j].core) != core) {
                fail_msg("%s: processors %u and %u", recording->title, i, j);
            }
        }
    }
}

static void expect_machine(const char *text, bool dies_visible)
{
    const struct parsed parsed = parse_text_or_fail(text);

    expect_identity(&parsed.recording);
    expect_topology(&parsed.recording, dies_visible);
    free(parsed.arena);
}

static void test_shipped_recordings(void **state)
{
    static const char *const names[] = {
        "client-intel.rec",  "coarse-client.rec",      "epyc-2s.rec",    "guest-no-rapl.rec",
        "haswell-ep-2s.rec", "intel-package-99ms.rec", "jitter-1ms.rec", "sapphire-rapids-2s.rec",
        "step-15ms.rec",     "vbs-client.rec",         "zen-desktop.rec"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct parsed parsed = load_shipped(names[i]);

        expect_identity(&parsed.recording);
        expect_topology(&parsed.recording, true);
        free(parsed.arena);
    }
}

/* Cores of two threads and of one, cores missing in between, ids far apart. */
static void test_hybrid(void **state)
{
    expect_machine(INTEL BARE
                   "topology packages 1 processors 24 groups 24 @k\n"
                   "cores 0-7 package 0 threads 2 group 0 apic 0x00 step 8 @k\n"
                   "cores 8-15 package 0 threads 1 group 0 apic 0x40 step 2 @k\n" INTEL_END,
                   true);
    expect_machine(INTEL BARE
                   "topology packages 2 processors 9 groups 4 5 @k\n"
                   "cores 30 package 1 threads 2 group 0 apic 0x106 @k\n"
                   "cores 2 package 0 threads 1 group 0 apic 0x2E @k\n"
                   "cores 9 package 0 threads 1 group 0 apic 0x20 @k\n"
                   "cores 7 package 0 threads 2 group 1 apic 0x28 @k\n"
                   "cores 31-33 package 1 threads 1 group 1 apic 0x112 step 4 @k\n" INTEL_END,
                   true);
}

static void test_one_processor(void **state)
{
    expect_machine(INTEL BARE "topology packages 1 processors 1 groups 1 @k\n"
                              "cores 0 package 0 threads 1 group 0 apic 0 @k\n" INTEL_END,
                   true);
    expect_machine(ZEN4 BARE "topology packages 1 processors 1 groups 1 @k\n"
                             "cores 0 package 0 threads 1 group 0 apic 9 @k\n" AMD_END,
                   true);
    /* Packages of one processor each. */
    expect_machine(INTEL BARE "topology packages 4 processors 4 groups 4 @k\n"
                              "cores 0 package 2 threads 1 group 0 apic 0 @k\n"
                              "cores 0 package 1 threads 1 group 0 apic 1 @k\n"
                              "cores 0 package 0 threads 1 group 0 apic 2 @k\n"
                              "cores 0 package 3 threads 1 group 0 apic 3 @k\n" INTEL_END,
                   true);
}

/* 256 processors in four groups: packages cut by groups, and groups cut by packages. */
static void test_largest(void **state)
{
    static const char cut[] =
        INTEL BARE "topology packages 3 processors 256 groups 64 64 64 64 @k\n"
                   "cores 0-31 package 0 threads 2 group 0 apic 0x000 step 2 @k\n"
                   "cores 32-39 package 0 threads 2 group 1 apic 0x040 step 2 @k\n"
                   "cores 0-23 package 1 threads 2 group 1 apic 0x400 step 2 @k\n"
                   "cores 24-39 package 1 threads 2 group 2 apic 0x430 step 2 @k\n"
                   "cores 0-15 package 2 threads 2 group 2 apic 0x200 step 2 @k\n"
                   "cores 16-47 package 2 threads 2 group 3 apic 0x220 step 2 @k\n" INTEL_END;
    const struct parsed parsed = parse_text_or_fail(cut);

    assert_int_equal(parsed.recording.processor_count, 256);
    assert_int_equal(parsed.recording.processors[255].group, 3);
    assert_int_equal(parsed.recording.processors[255].number, 63);
    free(parsed.arena);
    expect_machine(cut, true);
    expect_machine(ZEN4 BARE
                   "topology packages 16 processors 256 groups 64 64 64 64 @k\n"
                   "cores 0-15 package 0 threads 2 group 0 apic 0x00 step 2 @k\n"
                   "cores 0-15 package 1 threads 2 group 0 apic 0x20 step 2 @k\n"
                   "cores 0-15 package 2 threads 1 group 1 apic 0x40 step 2 @k\n"
                   "cores 0-15 package 3 threads 1 group 1 apic 0x60 step 2 @k\n"
                   "cores 0-15 package 4 threads 1 group 1 apic 0x80 step 2 @k\n"
                   "cores 0-15 package 5 threads 1 group 1 apic 0xA0 step 2 @k\n"
                   "cores 0-15 package 6 threads 1 group 2 apic 0xC0 step 2 @k\n"
                   "cores 0-15 package 7 threads 1 group 2 apic 0xE0 step 2 @k\n"
                   "cores 0-15 package 8 threads 1 group 2 apic 0x100 step 2 @k\n"
                   "cores 0-15 package 9 threads 1 group 2 apic 0x120 step 2 @k\n"
                   "cores 0-7 package 10 threads 1 group 3 apic 0x140 step 2 @k\n"
                   "cores 0-7 package 11 threads 1 group 3 apic 0x160 step 2 @k\n"
                   "cores 0-7 package 12 threads 1 group 3 apic 0x180 step 2 @k\n"
                   "cores 0-7 package 13 threads 1 group 3 apic 0x1A0 step 2 @k\n"
                   "cores 0-15 package 14 threads 1 group 3 apic 0x1C0 step 2 @k\n"
                   "cores 0-15 package 15 threads 1 group 3 apic 0x1E0 step 2 @k\n" AMD_END,
                   true);
}

/* Intel's leaf 0x1F, Zen's node ids and Zen 4's levels all say which die it is. */
static void test_dies(void **state)
{
    expect_machine(INTEL BARE TWO_DIES INTEL_END, true);
    expect_machine(ZEN1 BARE TWO_DIES AMD_END, true);
    expect_machine(ZEN2 BARE TWO_DIES AMD_END, true);
    expect_machine(ZEN4 BARE TWO_DIES AMD_END, true);
    expect_machine(HYGON BARE TWO_DIES AMD_END, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_recordings),
        cmocka_unit_test(test_hybrid),
        cmocka_unit_test(test_one_processor),
        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_dies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
