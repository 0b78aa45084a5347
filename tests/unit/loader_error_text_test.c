/* SPDX-License-Identifier: Apache-2.0
 *
 * The error table: no promised code without a meaning and something to do, and different words
 * where the same code means different things.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "loader/error_text.h"

/* The codes that the documentation promises, with the step at which people meet them. */
static const struct {
    uint32_t code;
    enum loader_step step;
    const char *meaning; /* a part of it */
    const char *action;  /* a part of it */
} promised[] = {
    {2, STEP_FIND, "not in the folder of DriverLoader.exe", "one folder"},
    {2, STEP_START, "not where the service says", "DriverLoader install"},
    {2, STEP_START_SIMULATED, "recording", "--recording=FILE"},
    {3, STEP_START, "folder", "DriverLoader install"},
    {5, STEP_MANAGER, "refused access", "administrator"},
    {5, STEP_COPY, "may not be replaced", "DriverLoader stop"},
    {50, STEP_START, "no RAPL energy counters", "host"},
    {50, STEP_START_SIMULATED, "recording", "--recording=FILE"},
    {80, STEP_START, "\\Device\\ScaphandreDriver", "driverquery"},
    {183, STEP_START, "\\Device\\ScaphandreDriver", "driverquery"},
    {127, STEP_START, "too old", "14393"},
    {1003, STEP_START, "too old", "14393"},
    {193, STEP_START, "damaged", "Unpack"},
    {577, STEP_START, "signature", "testsigning"},
    {31, STEP_START, "failed to set itself up", "report"},
    {1051, STEP_STOP, "depends", "sc enumdepend"},
    {1052, STEP_STOP, "does not let this driver be stopped", "Device Manager"},
    {1056, STEP_START, "unloading", "Close the programs"},
    {1058, STEP_START, "disabled", "DriverLoader install"},
    {1060, STEP_OPEN, "not installed", "DriverLoader install"},
    {1061, STEP_STOP, "already stopping", "Close the programs"},
    {1062, STEP_STOP, "not running", "DriverLoader start"},
    {1072, STEP_REGISTER, "deleted already", "restart Windows"},
    {1072, STEP_REMOVE, "deleted already", "restart Windows"},
    {1073, STEP_REGISTER, "exists already", "DriverLoader remove"},
    {1275, STEP_START, "blocks", "CodeIntegrity"},
    {4551, STEP_START, "code integrity policy", "CodeIntegrity"},
    {740, STEP_ANY, "not elevated", "Run as administrator"},
    {0x800B0109u, STEP_START, "does not trust", "TrustedPublisher"},
    {0x800B0109u, STEP_DEVICE, "does not trust", "testsign on"},
    {2, STEP_FIND_INF, "INF", "--inf=FILE"},
    {0xE0000219u, STEP_DEVICE, "names no service", "setupapi.dev.log"},
    {0xE0000228u, STEP_DEVICE, "fits the device", "setupapi.dev.log"},
    {0xE0000242u, STEP_DEVICE, "does not trust", "--root"},
    {0xE0000247u, STEP_DEVICE, "driver store", "TrustedPublisher"},
    {0xE0000247u, STEP_DEVICE, "driver store", "without --pnp"},
    {0xE000024Bu, STEP_DEVICE, "catalog", "belong together"},
    {0x800F024Bu, STEP_DEVICE, "catalog", "belong together"},
    {0x800F0244u, STEP_DEVICE, "not for this version", "setupapi.dev.log"},
    {0xE0000244u, STEP_DEVICE, "not for this version", "setupapi.dev.log"},
    {0xE000023Du, STEP_DEVICE, "still uses", "Restart Windows"},
    {2, STEP_CERTIFICATE, "bcdedit.exe", ".cer"},
    {0x80092009u, STEP_CERTIFICATE, "not a certificate", "private key"},
    {120, STEP_DEVICE, "cannot change devices", "Device Manager"},
};

static void promised_codes_say_what_and_what_to_do(void **state)
{
    for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++) {
        const struct error_text *text = error_text_find(promised[i].code, promised[i].step);

        assert_non_null(text);
        assert_int_equal(text->code, promised[i].code);
        assert_non_null(strstr(text->meaning, promised[i].meaning));
        assert_non_null(strstr(text->action, promised[i].action));
    }
}

/* Whatever goes wrong at whatever step, these must never be without a text. */
static void common_codes_have_a_text_at_every_step(void **state)
{
    static const uint32_t codes[] = {2,    3,    5,    31,   32,   50,   80,   87,   112,
                                     127,  183,  193,  206,  577,  740,  1003, 1051, 1052,
                                     1056, 1058, 1060, 1061, 1062, 1072, 1073, 1275, 4551};

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        for (unsigned step = STEP_ANY; step < STEP_COUNT; step++) {
            assert_non_null(error_text_find(codes[i], (enum loader_step)step));
        }
    }
}

static void rows_are_whole_sentences(void **state)
{
    uint32_t count = 0;
    const struct error_text *row;

    while ((row = error_text_row(count)) != NULL) {
        const size_t meaning = strlen(row->meaning);
        const size_t action = strlen(row->action);

        assert_true(meaning >= 15);
        assert_true(row->meaning[meaning - 1] != '.');
        assert_true(action >= 10);
        assert_int_equal(row->action[action - 1], '.');
        assert_true(row->step < STEP_COUNT);
        count++;
    }
    assert_true(count >= 40);
}

static void no_row_hides_another(void **state)
{
    const struct error_text *row;

    for (uint32_t i = 0; (row = error_text_row(i)) != NULL; i++) {
        assert_ptr_equal(error_text_find(row->code, row->step), row);
    }
}

static void the_step_changes_the_words(void **state)
{
    static const struct {
        uint32_t code;
        enum loader_step one;
        enum loader_step other;
    } pairs[] = {
        {2, STEP_FIND, STEP_START},
        {2, STEP_START, STEP_START_SIMULATED},
        {2, STEP_RECORDING, STEP_FIND},
        {5, STEP_COPY, STEP_START},
        {5, STEP_REMOVE, STEP_COPY},
        {50, STEP_START, STEP_START_SIMULATED},
        {50, STEP_COPY, STEP_START},
        {80, STEP_COPY, STEP_START},
        {183, STEP_REGISTER, STEP_START},
        {1052, STEP_STOP, STEP_START},
        {1056, STEP_ANY, STEP_START},
        {1061, STEP_STOP, STEP_START},
        {87, STEP_START_SIMULATED, STEP_START},
    };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        const struct error_text *one = error_text_find(pairs[i].code, pairs[i].one);
        const struct error_text *other = error_text_find(pairs[i].code, pairs[i].other);

        assert_string_not_equal(one->meaning, other->meaning);
        assert_string_not_equal(one->action, other->action);
    }
}

static void the_simulated_start_falls_back_to_the_start(void **state)
{
    assert_ptr_equal(error_text_find(183, STEP_START_SIMULATED), error_text_find(183, STEP_START));
    assert_ptr_equal(error_text_find(577, STEP_START_SIMULATED), error_text_find(577, STEP_ANY));
}

static void unknown_codes_are_to_be_reported(void **state)
{
    assert_null(error_text_find(0, STEP_ANY));
    assert_null(error_text_find(4242, STEP_START));
    assert_null(error_text_find(0xFFFFFFFFu, STEP_STOP));
    assert_non_null(strstr(error_text_unknown_action(), "report"));
    assert_non_null(strstr(error_text_unknown_action(), "DriverLoader status"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(promised_codes_say_what_and_what_to_do),
        cmocka_unit_test(common_codes_have_a_text_at_every_step),
        cmocka_unit_test(rows_are_whole_sentences),
        cmocka_unit_test(no_row_hides_another),
        cmocka_unit_test(the_step_changes_the_words),
        cmocka_unit_test(the_simulated_start_falls_back_to_the_start),
        cmocka_unit_test(unknown_codes_are_to_be_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
