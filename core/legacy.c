/* SPDX-License-Identifier: Apache-2.0
 *
 * The legacy request. Every check is made before a register is read; both tiers then share one path
 * from raw readings to the answer.
 */
#include "core/legacy.h"

#include <string.h>

#include "core/allow.h"
#include "core/msr.h"
#include <rapl/abi.h>

#define METHOD_MASK     3u
#define METHOD_BUFFERED 0u

/* The registers one request takes to answer: AMD's unit and package counter go together. */
struct plan {
    struct rapl_reading reading[2];
    const struct rapl_register *reg[2];
    uint32_t count;
    uint32_t answer; /* which of them is the answer */
    bool mask_32;    /* the requested number is a 32-bit counter by its own manual */
    uint32_t processor;
};

/* Judges one reading: an energy counter that has never moved is no good. */
static bool is_good(struct rapl_machine *machine, const struct rapl_register *reg,
                    const struct rapl_reading *reading, bool mask_32, uint32_t processor)
{
    const uint64_t value = mask_32 ? (uint32_t)reading->value : reading->value;

    return reading->ok && (reg->kind != RAPL_REGISTER_ENERGY ||
                           rapl_machine_is_alive(machine, reg, processor, value));
}

/* ---- The coarse copy ------------------------------------------------------------------------ */

/* What the copy, or for constants the probe, has of one register. */
static struct rapl_reading copied(const struct rapl_inventory_package *package,
                                  const struct rapl_register *reg)
{
    struct rapl_reading reading = {.msr = reg->msr};

    if (reg->kind == RAPL_REGISTER_ENERGY) {
        const struct rapl_tally *const tally = &package->copy[reg->domain];

        reading.ok = rapl_tally_is_read(tally) && !tally->read_failed;
        reading.value = tally->raw;
    } else {
        const struct rapl_constant *const constant = rapl_package_constant(package, reg->msr);

        reading.ok = constant != NULL;
        reading.value = constant != NULL ? constant->value : 0;
    }
    return reading;
}

static void read_coarse(struct rapl_inventory *inventory, struct plan *plan)
{
    const struct rapl_machine *const machine = inventory->machine;
    const struct rapl_platform *const platform = &machine->platform;
    const struct rapl_inventory_package *package;

    /* Unknown since load: in no package's copy. */
    if (plan->processor >= machine->processor_count) {
        return;
    }
    package =
        rapl_inventory_find_package(inventory, machine->processors[plan->processor].package_lead);
    platform->ops->lock(platform->context);
    rapl_inventory_refresh_copy(inventory);
    for (uint32_t i = 0; i < plan->count; i++) {
        plan->reading[i] = copied(package, plan->reg[i]);
    }
    platform->ops->unlock(platform->context);
}

/* ---- The request ---------------------------------------------------------------------------- */

static enum rapl_legacy_status check(const struct rapl_call *call)
{
    if ((call->control_code & METHOD_MASK) != METHOD_BUFFERED) {
        return RAPL_LEGACY_NOT_BUFFERED;
    }
    if (!call->can_read) {
        return RAPL_LEGACY_ACCESS_DENIED;
    }
    if (call->in_size != RAPL_LEGACY_REQUEST_SIZE) {
        return RAPL_LEGACY_BAD_INPUT;
    }
    if (call->out_size < RAPL_LEGACY_OUTPUT_SIZE_MIN) {
        return RAPL_LEGACY_SHORT_OUTPUT;
    }
    return RAPL_LEGACY_OK;
}

static void plan_one(const struct rapl_register *reg, struct plan *plan)
{
    plan->reg[plan->count] = reg;
    plan->reading[plan->count] = (struct rapl_reading){.msr = reg->msr};
    plan->count++;
}

/* False: the register is not on this CPU's list. */
static bool make_plan(const struct rapl_model *model, uint32_t msr, struct plan *plan)
{
    const bool intel_number = msr == RAPL_MSR_POWER_UNIT || msr == RAPL_MSR_PKG_ENERGY;

    plan->count = 0;
    plan->answer = 0;
    if (model != NULL && model->vendor != RAPL_VENDOR_INTEL && intel_number) {
        plan_one(rapl_register_find(RAPL_MSR_AMD_POWER_UNIT), plan);
        plan_one(rapl_register_find(RAPL_MSR_AMD_PKG_ENERGY), plan);
        plan->answer = msr == RAPL_MSR_POWER_UNIT ? 0 : 1;
        plan->mask_32 = true;
        return true;
    }

    const struct rapl_register *const reg = rapl_allow(model, msr);

    if (reg == NULL) {
        return false;
    }
    plan_one(reg, plan);
    plan->mask_32 = !reg->amd;
    return true;
}

/* Reads what was planned and judges it. False: nothing to answer with. */
static bool carry_out(struct rapl_inventory *inventory, bool coarse, struct plan *plan)
{
    struct rapl_machine *const machine = inventory->machine;
    const struct rapl_platform *const platform = &machine->platform;
    bool good = true;

    if (coarse) {
        read_coarse(inventory, plan);
    } else {
        platform->ops->read(platform->context, plan->processor, plan->reading, plan->count);
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        good &= is_good(machine, plan->reg[i], &plan->reading[i], plan->mask_32, plan->processor);
    }
    return good;
}

static uint64_t answer_of(const struct plan *plan)
{
    const uint64_t value = plan->reading[plan->answer].value;
    const bool energy = plan->reg[plan->answer]->kind == RAPL_REGISTER_ENERGY;

    return energy && plan->mask_32 ? (uint32_t)value : value;
}

static size_t put_little_endian(uint64_t value, void *out, size_t out_size)
{
    const size_t size = out_size < RAPL_LEGACY_OUTPUT_SIZE ? out_size : RAPL_LEGACY_OUTPUT_SIZE;
    uint8_t *const bytes = out;

    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    return size;
}

/*
 * A number that is too large means the last processor; to a coarse caller the last that was there
 * at load, as the copy knows no other.
 */
static uint32_t processor_of(const struct rapl_machine *machine, const struct rapl_call *call,
                             uint32_t asked)
{
    const uint32_t active = call->processors_active;

    if (asked < active) {
        return asked;
    }
    return call->coarse && machine->processor_count < active ? machine->processor_count - 1
                                                             : active - 1;
}

enum rapl_legacy_status rapl_legacy_answer(struct rapl_inventory *inventory,
                                           const struct rapl_call *call, size_t *written)
{
    const enum rapl_legacy_status status = check(call);
    struct rapl_legacy_request request;
    struct plan plan;

    *written = 0;
    if (status != RAPL_LEGACY_OK) {
        return status;
    }
    memcpy(&request, call->in, sizeof(request)); /* `out` may be the same memory */
    plan.processor = processor_of(inventory->machine, call, request.cpu);
    if (!make_plan(inventory->machine->model, request.msr, &plan)) {
        return RAPL_LEGACY_NOT_ALLOWED;
    }
    if (call->coarse && !rapl_allow_coarse(plan.reg[plan.answer])) {
        return RAPL_LEGACY_ACCESS_DENIED;
    }
    if (!carry_out(inventory, call->coarse, &plan)) {
        return RAPL_LEGACY_IO_ERROR;
    }
    *written = put_little_endian(answer_of(&plan), call->out, call->out_size);
    return RAPL_LEGACY_OK;
}
