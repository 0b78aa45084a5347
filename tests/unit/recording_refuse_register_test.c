/* SPDX-License-Identifier: Apache-2.0
 *
 * The registers and points that the recording parser refuses.
 */
#include "recording_refusal.h"

static void test_refuses_registers(void **state)
{
    static const struct refusal refusals[] = {
        {MACHINE "register ^package 0 value 1 @k\n", "write the register's number"},
        {MACHINE "register ^0x100000000 package 0 value 1 @k\n", "a register's number has 32 bits"},
        {MACHINE "register 1 ^value 1 @k\n", "write the package here"},
        {MACHINE "register 1 ^package 1 value 1 @k\n", "there is no such package"},
        {MACHINE "register 1 ^package 0-1 value 1 @k\n", "there is no such package"},
        {MACHINE "register 1 package ^16 value 1 @k\n", "a package's number is at most 15"},
        {MACHINE "register 1 package 0 ^core 2 value 1 @k\n", "that package has no such core"},
        {MACHINE "register 1 package 0 ^core 0-2 value 1 @k\n", "that package has no such core"},
        {MACHINE "register 1 package 0 core ^x value 1 @k\n", "write the core here"},
        {MACHINE "register 1 package 0 core ^256 value 1 @k\n", "a core's number is at most 255"},
        {MACHINE UNIT "register ^0x606 package 0 value 1 @k\n", "a line above already says"},
        {MACHINE UNIT "register ^0x606 package all value 1 @k\n", "a line above already says"},
        {MACHINE UNIT "register ^0x606 package 0 core 1 value 1 @k\n", "a line above already says"},
        {MACHINE "register 1 package 0 core 0 value 1 @k\n"
                 "register ^1 package 0 core 0-1 value 1 @k\n",
         "a line above already says"},
        {MACHINE "register 1 package 0 ^0xA0E03 @k\n", "write what the register holds"},
        {MACHINE "register 1 package 0 value ^@k\n", "write the register's value"},
        {MACHINE "register 1 package 0 value ^0x10000000000000000 @k\n",
         "a register holds 64 bits"},
        {MACHINE "register 1 package 0 faults ^1 @k\n", "unknown word, or no source"},
        {MACHINE "register 1 package 0 ramp ^rate 1 step-us 1 width 32 @k\n", "write what the"},
        {MACHINE "register 1 package 0 ramp from 0 ^step-us 1 width 32 @k\n", "write the counts"},
        {MACHINE "register 1 package 0 ramp from 0 rate ^0x10000000001 step-us 1 width 32 @k\n",
         "the rate is at most"},
        {MACHINE "register 1 package 0 ramp from 0 rate 1 ^width 32 @k\n", "write how often"},
        {MACHINE "register 1 package 0 ramp from 0 rate 1 step-us ^0 width 32 @k\n",
         "a step is 1 us"},
        {MACHINE "register 1 package 0 ramp from 0 rate 1 step-us ^60000001 width 32 @k\n",
         "a step is 1 us"},
        {MACHINE "register 1 package 0 ramp from 0 rate 1 step-us 5 ^jitter-us 5 width 32 @k\n",
         "the jitter must be smaller"},
        {MACHINE "register 1 package 0 ramp from 0 rate 1 step-us 5 jitter-us ^60000000 @k\n",
         "jitter is at most"},
        {MACHINE "register 1 package 0 ramp from 0 rate 1 step-us 5 jitter-us ^width 32 @k\n",
         "write by how much"},
        {MACHINE "register 1 package 0 ramp from 0 rate 1 step-us 5 ^@k\n", "write the counter's"},
        {MACHINE "register 1 package 0 ramp from 0 rate 1 step-us 5 width ^33 @k\n",
         "write the counter's width"},
        {MACHINE "register 1 package 0 ramp ^from 0x100000000 rate 1 step-us 5 width 32 @k\n",
         "the start does not fit"},
        {MACHINE "register 1 package 0 series ^hold @k\n", "write the counter's width"},
        {MACHINE "register 1 package 0 series width 32 ^stop @k\n", "write `hold`"},
    };

    EXPECT_REFUSALS(refusals);
}

static void test_refuses_points(void **state)
{
    static const struct refusal refusals[] = {
        {MACHINE "^at 0 1 @k\n", "`at` lines belong directly below"},
        {MACHINE UNIT "^at 0 1 @k\n", "`at` lines belong directly below"},
        {SERIES "at ^@k\n", "write a time in microseconds"},
        {SERIES "at ^4398046511105 1 @k\n", "a time is at most"},
        {SERIES "at 0 ^@k\n", "write the counter's value"},
        {SERIES "at 0 ^4294967296 @k\n", "the value does not fit"},
        {SERIES "at ^1 1 @k\n", "a series begins at time 0"},
        {SERIES "at 0 1 @k\nat 5 2 @k\nat ^5 3 @k\n", "not in order"},
        {SERIES "at 0 1 @k\nat 5 2 @k\nat ^4 3 @k\n", "not in order"},
        {SERIES "at 0 1 ^2 @k\n", "unknown word, or no source"},
        {SERIES "^" UNIT, "the series above has no points"},
        {SERIES "^end\n", "the series above has no points"},
        {MACHINE UNIT "register 1 package 0 series width 32 loop @k\nat 0 1 @k\n^end\n",
         "the series above cannot loop"},
    };

    EXPECT_REFUSALS(refusals);
}

/* One register line more than a recording may have. */
static void test_refuses_too_many_registers(void **state)
{
    char *const text = malloc(400000);
    struct recording_error error = {0};
    struct parsed parsed;
    size_t used;

    assert_non_null(text);
    used = (size_t)sprintf(text, "%s", MACHINE);
    for (uint32_t i = 0; i < RECORDING_REGISTERS_MAX; i++) {
        used += (size_t)sprintf(text + used, "register %u package 0 value 0 @k\n", 1536 + i);
    }
    assert_true(used < 399000);
    sprintf(text + used, "end\n");
    parsed = parse_text_or_fail(text); /* 0x606 is among them */
    free(parsed.arena);
    sprintf(text + used, "register 9 package 0 value 0 @k\nend\n");
    assert_false(parse_sized(text, strlen(text), &parsed, &error));
    assert_int_equal(error.line, 7 + RECORDING_REGISTERS_MAX + 1);
    assert_string_equal(error.message, "a recording has at most 4096 register lines");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refuses_registers),
        cmocka_unit_test(test_refuses_points),
        cmocka_unit_test(test_refuses_too_many_registers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
