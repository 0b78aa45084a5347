/* SPDX-License-Identifier: Apache-2.0
 *
 * Fuzzes the legacy device's request: any code, lengths, bytes and tier, on any model, while the
 * registers move and fault.
 */
#include "fuzz_machine.h"

#include <rapl/abi.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a coarse caller may have, in this test's own words. */
static bool is_for_coarse(uint32_t msr)
{
    switch (msr) {
    case 0x606:
    case 0x611:
    case 0x614:
    case 0x619:
    case 0x61C:
    case 0x639:
    case 0x641:
    case 0x64D:
    case 0x66E:
    case 0xC0010299:
    case 0xC001029B:
        return true;
    default:
        return false;
    }
}

static void check(const struct rapl_call *call, const uint8_t *before, const uint8_t *after,
                  enum rapl_legacy_status status, size_t written)
{
    uint32_t msr;

    require(written <= call->out_size && written <= 8);
    require((status == RAPL_LEGACY_OK) == (written != 0));
    require(memcmp(before + written, after + written, call->out_size - written) == 0);
    if (status == RAPL_LEGACY_OK) {
        require(call->can_read && call->in_size == 8 && written >= 4);
        require((call->control_code & 3) == 0);
        memcpy(&msr, call->in, sizeof(msr));
        require(!call->coarse || is_for_coarse(msr));
    }
}

static void one_request(struct fuzz_machine *fuzz, struct input *input)
{
    const uint64_t how = take(input, 1);
    uint32_t register_count;
    const struct rapl_register *const registers = rapl_registers(&register_count);
    uint8_t in[16];
    const size_t out_size = take(input, 1) % 17;
    uint8_t *const out = malloc(out_size + 1);
    uint8_t before[17];
    struct rapl_call call = {
        .control_code = (how & 1) != 0 ? (uint32_t)take(input, 4) : 0x22D818,
        .in = in,
        .in_size = (how & 2) != 0 ? take(input, 1) % 17 : 8,
        .out = out,
        .out_size = out_size,
        .can_read = (how & 4) == 0,
        .coarse = (how & 8) != 0,
        .processors_active = FUZZ_PROCESSORS,
    };
    enum rapl_legacy_status status;
    size_t written = 99;

    require(out != NULL);
    for (size_t i = 0; i < sizeof(in); i++) {
        in[i] = (uint8_t)take(input, 1);
    }
    if ((how & 16) != 0) {
        memcpy(in, &registers[in[0] % register_count].msr, 4);
    }
    memset(before, 0xA5, sizeof(before));
    memcpy(out, before, out_size);
    status = rapl_legacy_answer(&fuzz->inventory, &call, &written);
    check(&call, before, out, status, written);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct fuzz_machine fuzz;

    fuzz_start(&fuzz, &input);
    while (input.size != 0) {
        fuzz_change(&fuzz, &input);
        one_request(&fuzz, &input);
    }
    fuzz_end(&fuzz);
    return 0;
}
