/* SPDX-License-Identifier: Apache-2.0
 *
 * The legacy request: the matrix of everything a client may send, against a table written out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core_legacy_fixture.h"

#define OK         RAPL_LEGACY_OK
#define DENIED     RAPL_LEGACY_ACCESS_DENIED
#define NOT_LISTED RAPL_LEGACY_NOT_ALLOWED
#define IO_ERROR   RAPL_LEGACY_IO_ERROR

#define GUARD 0xC7u

/* What a well-formed request for the register gets on package 0 and 1, per tier. */
struct expected {
    uint32_t msr;
    enum rapl_legacy_status fresh, coarse;
    uint64_t value[2];
};

static const struct expected intel_table[] = {
    {0x606, OK, OK, {0x5A5A5A5A000A0E03, 0x5A5A5A5A000A0E03}},
    {0x610, OK, DENIED, {0x0042816000DD8160, 0x0042816000DD8161}},
    {0x611, OK, OK, {0x12345678, 0x12345679}},
    {0x613, OK, DENIED, {0xAAAAAAAA00000000, 0xAAAAAAAA00000000}},
    {0x614, OK, OK, {0x0010000000C00118, 0x0010000000C00118}},
    {0x63A, OK, DENIED, {0, 0}},
    {0x619, IO_ERROR, IO_ERROR, {0, 0}}, /* absent: faults */
    {0x65C, IO_ERROR, DENIED, {0, 0}},   /* absent, and not for coarse callers */
    {0x641, IO_ERROR, IO_ERROR, {0, 0}}, /* dead */
    {0x64D, IO_ERROR, IO_ERROR, {0, 0}}, /* dead */
    {0x66E, NOT_LISTED, NOT_LISTED, {0, 0}},
    {0x601, NOT_LISTED, NOT_LISTED, {0, 0}},
    {0x10A, NOT_LISTED, NOT_LISTED, {0, 0}},
    {0x000, NOT_LISTED, NOT_LISTED, {0, 0}},
    {0xC0010299, NOT_LISTED, NOT_LISTED, {0, 0}},
    {0xC001029B, NOT_LISTED, NOT_LISTED, {0, 0}},
    {0xFFFFFFFF, NOT_LISTED, NOT_LISTED, {0, 0}},
};

static const struct expected amd_table[] = {
    {0x606, OK, OK, {0xA1003, 0xA1003}},
    {0x611, OK, OK, {0x44444444, 0x44444445}},
    {0xC0010299, OK, OK, {0xA1003, 0xA1003}},
    {0xC001029A, OK, DENIED, {0x1111111122222222, 0x1111111122222223}},
    {0xC001029B, OK, OK, {0x3333333344444444, 0x3333333344444445}},
    {0x639, NOT_LISTED, NOT_LISTED, {0, 0}},
    {0x610, NOT_LISTED, NOT_LISTED, {0, 0}},
    {0x619, NOT_LISTED, NOT_LISTED, {0, 0}},
    {0xC0010298, NOT_LISTED, NOT_LISTED, {0, 0}},
};

/* The seven codes that programs in use send, then each method that is not buffered. */
static const uint32_t codes[] = {0,        0x222000, 0x22D818, 0x22D844, 0x22CA64,  0x22CA6C,
                                 0x22E004, 0x222001, 0x222002, 0x222003, 0xFFFFFFFF};
static const size_t in_sizes[] = {8, 0, 4, 7, 9, 16};
static const size_t out_sizes[] = {8, 0, 1, 3, 4, 5, 6, 7, 9, 16};
static const uint32_t cpus[] = {0, 7, 8, 0xFFFFFFFF}; /* first, last, last + 1, absurd */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum rapl_legacy_status expected_status(const struct rapl_call *call,
                                               const struct expected *row)
{
    if (call->control_code % 4 != 0) {
        return RAPL_LEGACY_NOT_BUFFERED;
    }
    if (!call->can_read) {
        return RAPL_LEGACY_ACCESS_DENIED;
    }
    if (call->in_size != 8) {
        return RAPL_LEGACY_BAD_INPUT;
    }
    if (call->out_size < 4) {
        return RAPL_LEGACY_SHORT_OUTPUT;
    }
    return call->coarse ? row->coarse : row->fresh;
}

/* One request, input and output in the same memory as the I/O manager has it. */
static void check_call(struct tested *tested, struct rapl_call call, const struct expected *row,
                       uint32_t cpu)
{
    uint8_t memory[32];
    uint8_t before[32];
    size_t written = 99;
    const enum rapl_legacy_status wanted = expected_status(&call, row);
    const uint32_t reads_before = tested->fake.read_calls;

    memset(memory, GUARD, sizeof(memory));
    put_u32(memory, row->msr);
    put_u32(memory + 4, cpu);
    memcpy(before, memory, sizeof(before));
    call.in = memory;
    call.out = memory;
    assert_int_equal(rapl_legacy_answer(&tested->inventory, &call, &written), wanted);
    assert_false(tested->fake.locked);
    if (wanted != RAPL_LEGACY_OK) {
        assert_int_equal(written, 0);
        assert_memory_equal(memory, before, sizeof(memory));
        assert_true(wanted == RAPL_LEGACY_IO_ERROR || tested->fake.read_calls == reads_before);
        return;
    }
    assert_int_equal(written, call.out_size < 8 ? call.out_size : 8);
    for (size_t i = 0; i < sizeof(memory); i++) {
        const uint8_t byte = (uint8_t)(row->value[cpu == 0 ? 0 : 1] >> (8 * (i % 8)));

        assert_int_equal(memory[i], i < written ? byte : before[i]);
    }
}

static void check_matrix(struct tested *tested, const struct expected *table, size_t rows)
{
    const size_t total = COUNT(codes) * COUNT(in_sizes) * COUNT(out_sizes) * COUNT(cpus) * 4 * rows;

    for (size_t i = 0; i < total; i++) {
        size_t n = i;
        struct rapl_call call = {.processors_active = 8};
        uint32_t cpu;

        call.control_code = codes[n % COUNT(codes)];
        n /= COUNT(codes);
        call.in_size = in_sizes[n % COUNT(in_sizes)];
        n /= COUNT(in_sizes);
        call.out_size = out_sizes[n % COUNT(out_sizes)];
        n /= COUNT(out_sizes);
        cpu = cpus[n % COUNT(cpus)];
        n /= COUNT(cpus);
        call.can_read = n % 2 != 0;
        n /= 2;
        call.coarse = n % 2 != 0;
        n /= 2;
        check_call(tested, call, &table[n], cpu);
    }
}

static void test_matrix_intel(void **state)
{
    struct tested tested;

    (void)state;
    make_intel(&tested);
    check_matrix(&tested, intel_table, COUNT(intel_table));
}

static void test_matrix_amd(void **state)
{
    struct tested tested;

    (void)state;
    make_amd(&tested, &fake_raphael);
    check_matrix(&tested, amd_table, COUNT(amd_table));
    make_amd(&tested, &fake_dhyana);
    check_matrix(&tested, amd_table, COUNT(amd_table));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix_intel),
        cmocka_unit_test(test_matrix_amd),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
