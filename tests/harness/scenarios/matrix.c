/* SPDX-License-Identifier: Apache-2.0
 *
 * Every kind of request the programs in use can send, against the oracle's tables: control codes,
 * input and output sizes, processors, registers, rights and tiers, each with each.
 */
#include "tests/harness/oracle.h"
#include "tests/harness/scenario.h"

#include <string.h>

static const uint32_t in_sizes[] = {8, 0, 4, 9, 16};
static const uint32_t out_sizes[] = {8, 4, 0, 16};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const rights_names[] = {"read and write", "read", "write", "no data access"};

struct cell {
    const struct oracle_control *control;
    const struct oracle_register *reg;
    enum oracle_rights rights;
    uint32_t in_size, out_size;
    uint32_t cpu;
    uint32_t package; /* whose value is expected */
    bool coarse;
};

static uint32_t access_of(enum oracle_rights rights)
{
    static const uint32_t access[ORACLE_RIGHTS_COUNT] = {
        [ORACLE_READ_WRITE] = LAB_GENERIC_READ | LAB_GENERIC_WRITE,
        [ORACLE_READ] = LAB_GENERIC_READ,
        [ORACLE_WRITE] = LAB_GENERIC_WRITE,
        [ORACLE_NONE] = LAB_FILE_READ_ATTRIBUTES | LAB_SYNCHRONIZE,
    };
    return access[rights];
}

static void report(const struct cell *cell, enum finding kind, const char *what,
                   unsigned long long got, unsigned long long expected)
{
    verifier_report(kind,
                    "%s 0x%X (%s) code 0x%X, %s, in %u out %u, processor %u, %s caller: %s 0x%llX, "
                    "expected 0x%llX",
                    cell->reg->machine, cell->reg->msr, cell->reg->what, cell->control->code,
                    rights_names[cell->rights], cell->in_size, cell->out_size, cell->cpu,
                    cell->coarse ? "coarse" : "fresh", what, got, expected);
}

static uint64_t low_bytes(const uint8_t *bytes, uint32_t size)
{
    uint64_t value = 0;
    memcpy(&value, bytes, size);
    return value;
}

static void check_success(const struct cell *cell, const struct lab_answer *answer,
                          uint32_t returned)
{
    const uint64_t mask = returned == 8 ? UINT64_MAX : (1ull << returned * 8) - 1;
    if (answer->returned != returned) {
        report(cell, FINDING_INFORMATION, "bytes", answer->returned, returned);
        return;
    }
    const uint64_t got = low_bytes(answer->out, returned);
    const uint64_t expected = cell->reg->value[cell->package] & mask;
    const uint64_t other = cell->reg->value[1 - cell->package] & mask;
    if (got != expected) {
        report(cell, got == other ? FINDING_WRONG_CPU : FINDING_VALUE, "value", got, expected);
    }
    for (uint32_t i = returned; i < sizeof(answer->out); i++) {
        if (answer->out[i] != 0xEE) {
            report(cell, FINDING_BUFFER_OVERRUN, "written to byte", i, returned);
            break;
        }
    }
}

static void run_cell(struct lab_file *file, const struct cell *cell)
{
    uint8_t in[16];
    memset(in, 0x5A, sizeof(in));
    memcpy(in, &cell->reg->msr, sizeof(cell->reg->msr));
    memcpy(in + 4, &cell->cpu, sizeof(cell->cpu));
    const struct lab_control control = {.code = cell->control->code,
                                        .in = in,
                                        .in_size = cell->in_size,
                                        .out_size = cell->out_size};
    struct oracle_answer expected =
        oracle_answer(cell->control->kind, cell->rights, cell->in_size, cell->out_size);
    if (expected.status == ORACLE_AS_REGISTER) {
        expected.status = cell->coarse ? cell->reg->coarse : cell->reg->fresh;
    }

    struct lab_answer answer;
    lab_control(file, &control, &answer);
    if (answer.dispatched != expected.dispatched) {
        report(cell, FINDING_CHECK, "reached the driver", answer.dispatched, expected.dispatched);
    }
    if (answer.status != expected.status) {
        report(cell, FINDING_STATUS, "status", answer.status, expected.status);
    } else if (expected.status == LAB_SUCCESS) {
        check_success(cell, &answer, expected.returned);
    } else if (answer.returned != 0) {
        report(cell, FINDING_INFORMATION, "bytes", answer.returned, 0);
    }
}

static void all_processors(struct lab_file *file, struct cell *cell)
{
    const uint32_t last = machine_active() - 1;
    const uint32_t cpus[] = {0, last, last + 1, 0xFFFFFFFF};
    for (uint32_t i = 0; i < COUNT(cpus); i++) {
        cell->cpu = cpus[i];
        cell->package = i == 0 ? 0 : 1;
        run_cell(file, cell);
    }
}

static void all_sizes(struct lab_file *file, struct cell *cell)
{
    for (uint32_t in = 0; in < COUNT(in_sizes); in++) {
        for (uint32_t out = 0; out < COUNT(out_sizes); out++) {
            cell->in_size = in_sizes[in];
            cell->out_size = out_sizes[out];
            all_processors(file, cell);
        }
    }
}

/* Everything one handle can be used for. */
static void all_requests(struct lab_file *file, const char *machine, enum oracle_rights rights,
                         bool coarse)
{
    for (uint32_t c = 0; c < oracle_control_count; c++) {
        for (uint32_t r = 0; r < oracle_register_count; r++) {
            if (strcmp(oracle_registers[r].machine, machine) != 0) {
                continue;
            }
            struct cell cell = {.control = &oracle_controls[c],
                                .reg = &oracle_registers[r],
                                .rights = rights,
                                .coarse = coarse};
            all_sizes(file, &cell);
        }
    }
}

static void run_matrix(const char *machine, bool coarse)
{
    if (!load_on(machine, POLICY_USERS)) {
        return;
    }
    for (uint32_t rights = 0; rights < ORACLE_RIGHTS_COUNT; rights++) {
        const struct lab_open how = {.token = coarse ? CALLER_USER : CALLER_ADMIN,
                                     .access = access_of((enum oracle_rights)rights)};
        struct lab_file *file = NULL;
        const uint32_t status = lab_open(&how, &file);
        check_status("open", status, LAB_SUCCESS);
        if (status != LAB_SUCCESS) {
            continue;
        }
        all_requests(file, machine, (enum oracle_rights)rights, coarse);
        lab_close(file);
    }
}

static void intel_fresh(void)
{
    run_matrix("intel-2s", false);
}

static void intel_coarse(void)
{
    run_matrix("intel-2s", true);
}

static void amd_fresh(void)
{
    run_matrix("amd-2s", false);
}

static void amd_coarse(void)
{
    run_matrix("amd-2s", true);
}

const struct scenario scenarios_matrix[] = {
    {"matrix-intel-fresh", intel_fresh},
    {"matrix-intel-coarse", intel_coarse},
    {"matrix-amd-fresh", amd_fresh},
    {"matrix-amd-coarse", amd_coarse},
    {NULL, NULL},
};
