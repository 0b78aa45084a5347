/* SPDX-License-Identifier: Apache-2.0
 *
 * What scenarios have in common.
 */
#include "tests/harness/clients.h"
#include "tests/harness/machine.h"
#include "tests/harness/machines.h"
#include "tests/harness/registry.h"
#include "tests/harness/verifier.h"

#include <string.h>

static uint32_t control_code = CODE_USUAL;

void use_code(uint32_t code)
{
    control_code = code;
}

bool load_on(const char *machine, uint32_t policy)
{
    use_code(CODE_USUAL);
    machine_select(machine);
    registry_reset();
    if (policy != POLICY_NONE) {
        registry_set_dword("AccessPolicy", policy);
    }
    const uint32_t status = lab_load();
    if (status == LAB_SUCCESS) {
        return true;
    }
    verifier_report(FINDING_STATUS, "DriverEntry on %s: 0x%08X", machine, status);
    return false;
}

struct lab_file *open_as(enum caller token)
{
    struct lab_file *file = NULL;
    const uint32_t status = lab_open_as(token, &file);
    if (status != LAB_SUCCESS) {
        verifier_report(FINDING_OPENED, "open by %s: 0x%08X", token_name(token), status);
    }
    return file;
}

uint32_t read_register(struct lab_file *file, uint32_t msr, uint32_t cpu, uint64_t *value)
{
    const uint32_t in[2] = {msr, cpu};
    const struct lab_control control = {
        .code = control_code, .in = in, .in_size = sizeof(in), .out_size = sizeof(*value)};
    struct lab_answer answer;
    lab_control(file, &control, &answer);
    if (answer.status == LAB_SUCCESS) {
        if (answer.returned != sizeof(*value)) {
            verifier_report(FINDING_VALUE, "0x%X on %u: %u bytes returned", msr, cpu,
                            answer.returned);
        }
        memcpy(value, answer.out, sizeof(*value));
    }
    return answer.status;
}

void expect_value(struct lab_file *file, uint32_t msr, uint32_t cpu, uint64_t value)
{
    uint64_t got = 0;
    const uint32_t status = read_register(file, msr, cpu, &got);
    if (status != LAB_SUCCESS) {
        verifier_report(FINDING_STATUS, "0x%X on processor %u: 0x%08X", msr, cpu, status);
    } else if (got != value) {
        verifier_report(FINDING_VALUE, "0x%X on processor %u: 0x%llX, expected 0x%llX", msr, cpu,
                        (unsigned long long)got, (unsigned long long)value);
    }
}

void expect_status(struct lab_file *file, uint32_t msr, uint32_t cpu, uint32_t status)
{
    uint64_t value = 0;
    const uint32_t got = read_register(file, msr, cpu, &value);
    if (got != status) {
        verifier_report(FINDING_STATUS, "0x%X on processor %u: 0x%08X, expected 0x%08X", msr, cpu,
                        got, status);
    }
}

void check_status(const char *what, uint32_t status, uint32_t expected)
{
    if (status != expected) {
        verifier_report(FINDING_STATUS, "%s: 0x%08X, expected 0x%08X", what, status, expected);
    }
}

void check(bool holds, const char *what)
{
    if (!holds) {
        verifier_report(FINDING_CHECK, "%s", what);
    }
}
