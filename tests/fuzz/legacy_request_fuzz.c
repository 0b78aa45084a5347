/* SPDX-License-Identifier: Apache-2.0
 *
 * Any legacy request, on any known model, with registers that fault or hold anything: nothing but
 * listed registers is read, nothing but the answer is written, and the lock is given back.
 *
 * Input: model (2 bytes), flags, in size, out size, control code (4), request (8), then a byte of
 * register behaviour for each read.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <rapl/abi.h>

#include "core/allow.h"
#include "core/legacy.h"

#define HEAD       17u
#define PROCESSORS 4u
#define OUT_MAX    16u
#define POISON     0xA5u

#define FLAG_CAN_READ 1u
#define FLAG_COARSE   2u
#define FLAG_ALIVE    4u /* the counters were seen to move before */

struct fuzzed {
    struct rapl_machine machine;
    struct rapl_processor processors[PROCESSORS];
    struct rapl_coarse coarse;
    struct rapl_coarse_package package[2];
    const uint8_t *behaviour;
    size_t behaviour_size;
    size_t used;
    bool locked;
};

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static uint64_t register_value(uint8_t behaviour)
{
    static const uint64_t values[] = {0, 1, 0xFFFFFFFF, UINT64_C(0x100000000), UINT64_MAX, 0xA0E03};
    return values[behaviour % (sizeof(values) / sizeof(values[0]))];
}

static void fuzz_read(void *context, uint32_t processor, struct rapl_reading *readings,
                      uint32_t count)
{
    struct fuzzed *fuzzed = context;

    require(processor < PROCESSORS + 1);
    for (uint32_t i = 0; i < count; i++) {
        require(rapl_allow(fuzzed->machine.model, readings[i].msr) != NULL);
        const uint8_t behaviour =
            fuzzed->used < fuzzed->behaviour_size ? fuzzed->behaviour[fuzzed->used++] : 0;
        readings[i].ok = (behaviour & 0x80) == 0;
        readings[i].value = register_value(behaviour & 0x7F);
    }
}

static uint64_t fuzz_now(void *context)
{
    return ((struct fuzzed *)context)->used * 100000u;
}

static void fuzz_lock(void *context)
{
    struct fuzzed *fuzzed = context;
    require(!fuzzed->locked);
    fuzzed->locked = true;
}

static void fuzz_unlock(void *context)
{
    struct fuzzed *fuzzed = context;
    require(fuzzed->locked);
    fuzzed->locked = false;
}

/* Two packages of two processors. */
static void make_machine(struct fuzzed *fuzzed, const struct rapl_model *model, bool alive)
{
    memset(fuzzed, 0, sizeof(*fuzzed));
    fuzzed->machine.platform = (struct rapl_platform){
        .context = fuzzed,
        .read = fuzz_read,
        .now_100ns = fuzz_now,
        .lock = fuzz_lock,
        .unlock = fuzz_unlock,
    };
    fuzzed->machine.model = model;
    fuzzed->machine.processors = fuzzed->processors;
    fuzzed->machine.processor_count = PROCESSORS;
    for (uint32_t i = 0; i < PROCESSORS; i++) {
        fuzzed->processors[i].package_lead = i / 2 * 2;
        fuzzed->processors[i].core_lead = i;
        memset(fuzzed->processors[i].alive, alive, sizeof(fuzzed->processors[i].alive));
    }
    rapl_coarse_init(&fuzzed->coarse, &fuzzed->machine, fuzzed->package, 2, RAPL_COARSE_MS_MIN);
}

/* What an accepted request must look like, written without looking at how it is checked. */
static void check_accepted(const struct rapl_legacy_call *call, const struct rapl_model *model,
                           const struct rapl_legacy_request *request, size_t written)
{
    const bool alias =
        model->vendor != RAPL_VENDOR_INTEL && (request->msr == 0x606 || request->msr == 0x611);
    const struct rapl_register *reg = rapl_allow(model, request->msr);

    require((call->control_code & 3) == 0 && call->can_read && call->in_size == 8);
    require(written == (call->out_size < 8 ? call->out_size : 8) && written >= 4);
    require(alias || reg != NULL);
    require(!call->coarse || alias || rapl_allow_coarse(reg));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzzed fuzzed;
    uint32_t model_count;
    const struct rapl_model *models = rapl_models(&model_count);
    uint8_t out[OUT_MAX];
    uint8_t untouched[OUT_MAX];

    if (size < HEAD) {
        return 0;
    }
    const struct rapl_model *model = &models[(data[0] | (uint32_t)data[1] << 8) % model_count];
    make_machine(&fuzzed, model, (data[2] & FLAG_ALIVE) != 0);
    fuzzed.behaviour = data + HEAD;
    fuzzed.behaviour_size = size - HEAD;

    uint32_t control_code;
    struct rapl_legacy_request request;
    memcpy(&control_code, data + 5, sizeof(control_code));
    memcpy(&request, data + 9, sizeof(request));
    memset(out, POISON, sizeof(out));
    memset(untouched, POISON, sizeof(untouched));
    const struct rapl_legacy_call call = {
        .control_code = control_code,
        .in = data + 9,
        .in_size = data[3] % 10,
        .out = out,
        .out_size = data[4] % (OUT_MAX + 1),
        .can_read = (data[2] & FLAG_CAN_READ) != 0,
        .coarse = (data[2] & FLAG_COARSE) != 0,
        .processors_active = PROCESSORS + 1, /* one was added after load */
    };
    size_t written = SIZE_MAX;
    const enum rapl_legacy_status status =
        rapl_legacy_answer(&fuzzed.machine, &fuzzed.coarse, &call, &written);

    require(!fuzzed.locked);
    if (status == RAPL_LEGACY_OK) {
        check_accepted(&call, model, &request, written);
    } else {
        require(written == 0);
    }
    require(memcmp(out + written, untouched, sizeof(out) - written) == 0);
    return 0;
}
