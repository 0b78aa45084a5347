/* SPDX-License-Identifier: Apache-2.0
 *
 * What the recording parser refuses before it knows a machine: bytes, words, sources, parts that
 * are missing.
 */
#include "recording_refusal.h"

static void test_refuses_what_is_no_recording(void **state)
{
    static const struct refusal refusals[] = {
        {"^", "not a recording"},
        {"# only a comment\n\n^", "not a recording"},
        {"^hello\n", "not a recording"},
        {"^source k composed \"x\"\n", "not a recording"},
        {"rapl-recording ^2\n", "this version of the format"},
        {"rapl-recording^\n", "this version of the format"},
        {"rapl-recording 1 ^x\n", "nothing may follow here"},
        {HEAD "^", "the recording is truncated"},
        {MACHINE UNIT "^", "the recording is truncated"},
        {MACHINE UNIT END "^end\n", "only comments may follow"},
        {MACHINE UNIT END "^" TITLE, "only comments may follow"},
    };

    EXPECT_REFUSALS(refusals);
}

static void test_refuses_bytes(void **state)
{
    static const struct refusal refusals[] = {
        {HEAD "title ^\x01\n", "a control byte"},
        {HEAD "# ^\x1b comment\n", "a control byte"},
        {HEAD "title ^\x7f\n", "a control byte"},
        {HEAD "title^\r \n", "a control byte"},
        {HEAD "title ^\xC3\xA9\n", "a byte outside ASCII"},
        {HEAD "title ^\"open\n", "this string has no end"},
        {HEAD "title \"a\" \"b\" ^\"c # d\n", "this string has no end"},
        {HEAD HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED TEN "12^3\n", "this line is too long"},
    };
    static const char with_nul[] = HEAD "ti\0tle";
    struct recording_error error = {0};
    struct parsed parsed;

    EXPECT_REFUSALS(refusals);
    assert_false(parse_sized(with_nul, sizeof(with_nul) - 1, &parsed, &error));
    assert_int_equal(error.line, 2);
    assert_int_equal(error.column, 3);
    assert_memory_equal(error.message, "a control byte", 14);
}

static void test_refuses_words(void **state)
{
    static const struct refusal refusals[] = {
        {HEAD "^turbo on @k\n", "unknown word"},
        {HEAD "^\"title\" @k\n", "unknown word"},
        {HEAD "^@k\n", "unknown word"},
        {HEAD SOURCE TITLE "^title \"u\" @k\n", "this line stands above already"},
        {HEAD SOURCE CPU "^" CPU, "this line stands above already"},
        {HEAD SOURCE "title ^t @k\n", "write the title"},
        {HEAD SOURCE "title ^\"\" @k\n", "the title is empty"},
        {HEAD SOURCE "title \"t\"^@k\n", "put a space"},
        {HEAD SOURCE "title \"t\"^\n", "unknown word, or no source"},
        {HEAD SOURCE "title \"t\" ^k\n", "unknown word, or no source"},
        {HEAD SOURCE "title \"t\" ^\"k\"\n", "unknown word, or no source"},
        {HEAD SOURCE "title \"t\" ^@j\n", "no source line with this key"},
        {HEAD SOURCE "title \"t\" ^@\n", "no source line with this key"},
        {HEAD SOURCE "title \"t\" @k ^@k\n", "nothing may follow"},
        {HEAD SOURCE "caller ^warm @k\n", "write `fresh` or `coarse`"},
        {HEAD SOURCE "caller^\n", "write `fresh` or `coarse`"},
        {HEAD SOURCE "speed ^@k\n", "write how many times"},
        {HEAD SOURCE "speed ^\"2\" @k\n", "write how many times"},
        {HEAD SOURCE "speed ^0 @k\n", "the speed is 1 to 1000"},
        {HEAD SOURCE "speed ^1001 @k\n", "the speed is 1 to 1000"},
        {HEAD SOURCE "speed ^99999999999999999999 @k\n", "the speed is 1 to 1000"},
        {HEAD SOURCE "speed ^-1 @k\n", "write how many times"},
        {HEAD SOURCE "speed ^2x @k\n", "write how many times"},
        {HEAD SOURCE "speed ^0x @k\n", "write how many times"},
        {HEAD SOURCE "speed ^a @k\n", "write how many times"},
    };

    EXPECT_REFUSALS(refusals);
}

static void test_refuses_sources(void **state)
{
    static const struct refusal refusals[] = {
        {HEAD "source^\n", "write the source's key"},
        {HEAD "source ^@k published \"x\"\n", "write the source's key"},
        {HEAD "source ^\"k\" published \"x\"\n", "write the source's key"},
        {HEAD SOURCE "source ^k published \"x\"\n", "this key is taken"},
        {HEAD "source k ^guessed \"x\"\n", "write `published` or `composed`"},
        {HEAD "source k composed ^x\n", "say in \"quotes\""},
        {HEAD "source k composed^\n", "say in \"quotes\""},
        {HEAD "source k composed ^\"\"\n", "say in \"quotes\""},
        {HEAD "source k composed \"x\" ^@k\n", "nothing may follow"},
    };
    char text[4096] = HEAD;

    EXPECT_REFUSALS(refusals);
    for (int i = 0; i <= 64; i++) {
        char line[64];

        snprintf(line, sizeof(line), "%ssource k%d composed \"x\"\n", i == 64 ? "^" : "", i);
        strcat(text, line);
    }
    expect_refusal(&(struct refusal){text, "a recording has at most 64 source lines"});
}

static void test_refuses_missing_parts(void **state)
{
    static const struct refusal refusals[] = {
        {HEAD "^end\n", "no title"},
        {HEAD SOURCE TITLE "^end\n", "no CPU"},
        {HEAD SOURCE TITLE CPU "^end\n", "no hypervisor line"},
        {HEAD SOURCE TITLE CPU BARE "^end\n", "no topology"},
        {HEAD SOURCE TITLE CPU BARE TOPOLOGY "^end\n", "no package has a core"},
        {HEAD SOURCE TITLE BARE TOPOLOGY CORES "^" UNIT, "the cpu, topology and cores lines"},
        {HEAD SOURCE TITLE CPU BARE "^" UNIT, "the cpu, topology and cores lines"},
        {HEAD SOURCE TITLE CPU BARE TOPOLOGY "^" UNIT, "the cpu, topology and cores lines"},
        {HEAD SOURCE TITLE CPU BARE "^" CORES, "the topology line must stand above"},
        {MACHINE "^end\n", "a package has no unit register"},
        {MACHINE "register 0xC0010299 package 0 value 1 @k\n^end\n",
         "a package has no unit register"},
        {HEAD SOURCE TITLE CPU BARE "topology packages 2 processors 2 groups 2 @k\n"
                                    "cores 0 package 0 threads 1 group 0 apic 0 @k\n"
                                    "cores 0 package 1 threads 1 group 0 apic 1 @k\n" UNIT "^end\n",
         "a package has no unit register"},
        {HEAD SOURCE TITLE AMD "amd-rapl no @k\n" BARE TOPOLOGY CORES UNIT "^end\n",
         "a package has no unit register"},
        {MACHINE UNIT "end ^now\n", "nothing may follow"},
    };

    EXPECT_REFUSALS(refusals);
}

/* Texts too large, and arenas too small, are refused before anything is read. */
static void test_refuses_sizes(void **state)
{
    struct recording_error error = {0};
    struct recording recording = {0};
    uint64_t arena[8] = {0};
    char text[] = MACHINE UNIT END;

    assert_false(
        recording_parse(text, RECORDING_TEXT_MAX + 1, arena, SIZE_MAX, &recording, &error));
    assert_string_equal(error.message, "the recording is larger than 4 MiB: shorten it");
    assert_false(recording_parse(text, sizeof(text) - 1, arena,
                                 recording_arena_size(sizeof(text) - 1) - 1, &recording, &error));
    assert_string_equal(error.message, "the arena is too small for this text");
    assert_int_equal(error.line, 1);
    assert_int_equal(error.column, 1);
    assert_int_equal(recording_arena_size(SIZE_MAX), recording_arena_size(RECORDING_TEXT_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refuses_what_is_no_recording),
        cmocka_unit_test(test_refuses_bytes),
        cmocka_unit_test(test_refuses_words),
        cmocka_unit_test(test_refuses_sources),
        cmocka_unit_test(test_refuses_missing_parts),
        cmocka_unit_test(test_refuses_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
