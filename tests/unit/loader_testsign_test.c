/* SPDX-License-Identifier: Apache-2.0
 *
 * Test signing: what is refused, and that every failure leaves the stores, the notes and the boot
 * option as they were, or at least no certificate without a note.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "loader/testsign.h"

#define THUMBPRINT "0123456789ABCDEF0123456789ABCDEF01234567"
#define FAILURE    1234u

struct machine {
    bool in_store[TESTSIGN_STORE_COUNT];
    bool noted[TESTSIGN_STORE_COUNT];
    bool boot_option;
};

/* A machine whose call number `fails_at` fails; calls count from 1, 0 never fails. */
struct fake {
    struct machine machine;
    unsigned calls;
    unsigned fails_at;
};

static bool fails(struct fake *fake)
{
    return ++fake->calls == fake->fails_at;
}

static uint32_t set_boot_option(void *context, bool on)
{
    struct fake *fake = context;

    if (fails(fake)) {
        return FAILURE;
    }
    fake->machine.boot_option = on;
    return 0;
}

static uint32_t add(void *context, enum testsign_store store, bool *had)
{
    struct fake *fake = context;

    if (fails(fake)) {
        return FAILURE;
    }
    assert_true(fake->machine.noted[store]); /* never in a store without a note */
    *had = fake->machine.in_store[store];
    fake->machine.in_store[store] = true;
    return 0;
}

static uint32_t take_out(void *context, enum testsign_store store, const char *thumbprint)
{
    struct fake *fake = context;

    assert_string_equal(thumbprint, THUMBPRINT);
    if (fails(fake)) {
        return FAILURE;
    }
    fake->machine.in_store[store] = false;
    return 0;
}

static uint32_t remember(void *context, enum testsign_store store, const char *thumbprint)
{
    struct fake *fake = context;

    assert_string_equal(thumbprint, THUMBPRINT);
    if (fails(fake)) {
        return FAILURE;
    }
    fake->machine.noted[store] = true;
    return 0;
}

static uint32_t forget(void *context, enum testsign_store store, const char *thumbprint)
{
    struct fake *fake = context;

    assert_string_equal(thumbprint, THUMBPRINT);
    if (fails(fake)) {
        return FAILURE;
    }
    fake->machine.noted[store] = false;
    return 0;
}

static bool remembers(void *context, enum testsign_store store, const char *thumbprint)
{
    const struct fake *fake = context;

    assert_string_equal(thumbprint, THUMBPRINT);
    return fake->machine.noted[store];
}

static struct testsign_system system_of(struct fake *fake)
{
    return (struct testsign_system){fake,     set_boot_option, add,      take_out,
                                    remember, forget,          remembers};
}

static const struct testsign_certificate good = {THUMBPRINT, true, true, true};

static struct testsign_result turn_on(struct fake *fake, bool certificate, bool root)
{
    const struct testsign_system system = system_of(fake);
    const struct testsign_request request = {certificate ? &good : NULL, root};
    struct testsign_result result;

    memset(&result, 0xA5, sizeof(result));
    testsign_on(&system, &request, &result);
    return result;
}

/* What `off` would be given: the notes as they are. */
static struct testsign_result turn_off(struct fake *fake)
{
    const struct testsign_system system = system_of(fake);
    struct testsign_note notes[TESTSIGN_STORE_COUNT];
    struct testsign_result result;
    uint32_t count = 0;

    for (unsigned store = 0; store < TESTSIGN_STORE_COUNT; store++) {
        if (fake->machine.noted[store]) {
            notes[count++] = (struct testsign_note){(enum testsign_store)store, THUMBPRINT};
        }
    }
    memset(&result, 0xA5, sizeof(result));
    testsign_off(&system, notes, count, &result);
    return result;
}

static void expect_machine(const struct machine *machine, bool publisher, bool root, bool boot)
{
    assert_int_equal(machine->in_store[TESTSIGN_PUBLISHER], publisher);
    assert_int_equal(machine->in_store[TESTSIGN_ROOT], root);
    assert_int_equal(machine->noted[TESTSIGN_PUBLISHER], publisher);
    assert_int_equal(machine->noted[TESTSIGN_ROOT], root);
    assert_int_equal(machine->boot_option, boot);
}

static void root_only_when_told_to(void **state)
{
    struct fake without = {0};
    struct fake publisher = {0};
    struct fake root = {0};

    assert_int_equal(turn_on(&without, false, false).failed, TESTSIGN_NONE);
    expect_machine(&without.machine, false, false, true);
    assert_int_equal(turn_on(&publisher, true, false).failed, TESTSIGN_NONE);
    expect_machine(&publisher.machine, true, false, true);
    assert_int_equal(turn_on(&root, true, true).failed, TESTSIGN_NONE);
    expect_machine(&root.machine, true, true, true);
    assert_int_equal(turn_off(&root).failed, TESTSIGN_NONE);
    expect_machine(&root.machine, false, false, false);
}

static void what_was_there_before_stays(void **state)
{
    struct fake fake = {.machine = {.in_store = {true, true}}};

    const struct testsign_result result = turn_on(&fake, true, true);
    assert_false(result.added[TESTSIGN_PUBLISHER] || result.added[TESTSIGN_ROOT]);
    assert_false(fake.machine.noted[TESTSIGN_PUBLISHER] || fake.machine.noted[TESTSIGN_ROOT]);
    turn_off(&fake);
    assert_true(fake.machine.in_store[TESTSIGN_PUBLISHER] && fake.machine.in_store[TESTSIGN_ROOT]);
}

static void twice_on_is_once_off(void **state)
{
    struct fake fake = {0};

    turn_on(&fake, true, false);
    assert_int_equal(turn_on(&fake, true, true).failed, TESTSIGN_NONE);
    expect_machine(&fake.machine, true, true, true);
    turn_off(&fake);
    expect_machine(&fake.machine, false, false, false);
}

static void every_call_of_on_fails_in_turn(void **state)
{
    struct fake whole = {0};

    turn_on(&whole, true, true);
    assert_int_equal(whole.calls, 5); /* a note and a certificate, twice; the boot option */
    for (unsigned at = 1; at <= whole.calls; at++) {
        struct fake fake = {.fails_at = at};

        const struct testsign_result result = turn_on(&fake, true, true);
        assert_int_not_equal(result.failed, TESTSIGN_NONE);
        assert_int_equal(result.error, FAILURE);
        expect_machine(&fake.machine, false, false, false);
    }
}

/* An earlier run's certificate is not this run's to take back. */
static void a_failure_leaves_earlier_certificates(void **state)
{
    for (unsigned at = 1; at <= 4; at++) {
        struct fake fake = {0};

        turn_on(&fake, true, false);
        fake.fails_at = fake.calls + at;
        turn_on(&fake, true, true);
        expect_machine(&fake.machine, true, false, true);
    }
}

static void every_call_of_off_fails_in_turn(void **state)
{
    for (unsigned at = 1; at <= 5; at++) {
        struct fake fake = {0};

        turn_on(&fake, true, true);
        fake.fails_at = fake.calls + at;
        const struct testsign_result result = turn_off(&fake);
        assert_int_equal(result.error, FAILURE);
        for (unsigned store = 0; store < TESTSIGN_STORE_COUNT; store++) {
            assert_true(!fake.machine.in_store[store] || fake.machine.noted[store]);
        }
        fake.fails_at = 0;
        assert_int_equal(turn_off(&fake).failed, TESTSIGN_NONE);
        expect_machine(&fake.machine, false, false, false);
    }
}

static const struct {
    struct testsign_facts facts;
    struct testsign_certificate certificate; /* no thumbprint: none was given */
    bool root;
    const char *problem; /* NULL: not refused */
    const char *action;
} decisions[] = {
    {{0}, {"", false, false, false}, false, NULL, NULL},
    {{.test_signing = true}, {"", false, false, false}, false, NULL, NULL},
    {{.hvci = true}, {THUMBPRINT, true, true, true}, true, NULL, NULL},
    {{0}, {THUMBPRINT, true, true, false}, false, NULL, NULL},
    {{.secure_boot = true}, {"", false, false, false}, false, "Secure Boot is on", "BitLocker"},
    {{.secure_boot = true, .test_signing = true},
     {THUMBPRINT, true, true, true},
     true,
     "Secure Boot is on",
     "EMI"},
    {{0}, {"", false, false, false}, true, "no certificate", "--certificate=FILE"},
    {{0}, {THUMBPRINT, false, true, true}, false, "not one for code signing", "make sign"},
    {{0}, {THUMBPRINT, true, false, true}, false, "expired", "make sign"},
    {{0}, {THUMBPRINT, true, true, false}, true, "not a root", "--root"},
};

static void decides(void **state)
{
    for (size_t i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++) {
        const struct testsign_certificate *certificate = &decisions[i].certificate;
        const struct testsign_request request = {
            certificate->thumbprint[0] != '\0' ? certificate : NULL, decisions[i].root};
        const struct testsign_refusal *refusal = testsign_refuse(&decisions[i].facts, &request);

        assert_int_equal(refusal == NULL, decisions[i].problem == NULL);
        if (refusal != NULL) {
            assert_non_null(strstr(refusal->problem, decisions[i].problem));
            assert_non_null(strstr(refusal->action, decisions[i].action));
            assert_int_equal(refusal->action[strlen(refusal->action) - 1], '.');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(root_only_when_told_to),
        cmocka_unit_test(what_was_there_before_stays),
        cmocka_unit_test(twice_on_is_once_off),
        cmocka_unit_test(every_call_of_on_fails_in_turn),
        cmocka_unit_test(a_failure_leaves_earlier_certificates),
        cmocka_unit_test(every_call_of_off_fails_in_turn),
        cmocka_unit_test(decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
