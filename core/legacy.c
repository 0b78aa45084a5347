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

#define UNIT_100NS_PER_MS 10000u

/* The registers one request takes to answer: AMD's unit and package counter go together. */
struct plan {
    struct rapl_reading reading[2];
    const struct rapl_register *reg[2];
    uint32_t count;
    uint32_t answer; /* which of them is the answer */
    bool mask_32;    /* the requested number is a 32-bit counter by its own manual */
    uint32_t processor;
};

/* ---- Liveness ------------------------------------------------------------------------------- */

/*
 * Where it is kept whether an energy counter was ever seen to move. Requests race here, and may:
 * the byte only ever goes from 0 to 1, and a request that misses the change fails as it would have
 * a moment before.
 */
static uint8_t *alive_flag(struct rapl_machine *machine, const struct rapl_register *reg,
                           uint32_t processor)
{
    const struct rapl_processor *known;
    uint32_t lead;

    if (processor >= machine->processor_count) {
        return NULL; /* added since load: nothing is remembered of it */
    }
    known = &machine->processors[processor];
    lead = reg->domain == RAPL_DOMAIN_CORE ? known->core_lead : known->package_lead;
    return &machine->processors[lead].alive[reg->domain];
}

/* Judges one reading; a moving energy counter is remembered. */
static bool is_good(struct rapl_machine *machine, const struct rapl_register *reg,
                    const struct rapl_reading *reading, bool mask_32, uint32_t processor)
{
    uint8_t *flag;

    if (!reading->ok || reg->kind != RAPL_REGISTER_ENERGY) {
        return reading->ok;
    }
    flag = alive_flag(machine, reg, processor);
    if ((mask_32 ? (uint32_t)reading->value : reading->value) != 0) {
        if (flag != NULL) {
            __atomic_store_n(flag, 1, __ATOMIC_RELAXED);
        }
        return true;
    }
    return flag != NULL && __atomic_load_n(flag, __ATOMIC_RELAXED) != 0;
}

/* ---- The coarse copy ------------------------------------------------------------------------ */

uint32_t rapl_coarse_package_count(const struct rapl_machine *machine)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < machine->processor_count; i++) {
        count += machine->processors[i].package_lead == i ? 1 : 0;
    }
    return count;
}

static void list_registers(const struct rapl_model *model, struct rapl_coarse_package *package)
{
    uint32_t count;
    const struct rapl_register *const registers = rapl_registers(&count);

    package->count = 0;
    for (uint32_t i = 0; i < count && package->count < RAPL_COARSE_REGISTERS_MAX; i++) {
        if (rapl_allow(model, registers[i].msr) != NULL && rapl_allow_coarse(&registers[i])) {
            package->reading[package->count] = (struct rapl_reading){.msr = registers[i].msr};
            package->count++;
        }
    }
}

void rapl_coarse_init(struct rapl_coarse *coarse, const struct rapl_machine *machine,
                      struct rapl_coarse_package *package, uint32_t package_count,
                      uint32_t age_max_ms)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < machine->processor_count && count < package_count; i++) {
        if (machine->processors[i].package_lead == i) {
            package[count].lead = i;
            list_registers(machine->model, &package[count]);
            count++;
        }
    }
    *coarse = (struct rapl_coarse){
        .age_max_100ns = (uint64_t)age_max_ms * UNIT_100NS_PER_MS,
        .package_count = count,
        .package = package,
    };
}

/*
 * Reads the whole machine. Called with the lock held. The copy's age counts from the end: a caller
 * that can delay the reads, by keeping a processor busy, must not get two copies closer together.
 */
static void renew(struct rapl_machine *machine, struct rapl_coarse *coarse)
{
    const struct rapl_platform *const platform = &machine->platform;

    for (uint32_t i = 0; i < coarse->package_count; i++) {
        struct rapl_coarse_package *const package = &coarse->package[i];

        platform->read(platform->context, package->lead, package->reading, package->count);
        for (uint32_t j = 0; j < package->count; j++) {
            const struct rapl_register *const reg = rapl_register_find(package->reading[j].msr);

            (void)is_good(machine, reg, &package->reading[j], !reg->amd, package->lead);
        }
    }
    coarse->renewed_100ns = platform->now_100ns(platform->context);
    coarse->filled = true;
}

static void copy_reading(const struct rapl_coarse *coarse, uint32_t lead,
                         struct rapl_reading *reading)
{
    for (uint32_t i = 0; i < coarse->package_count; i++) {
        const struct rapl_coarse_package *const package = &coarse->package[i];

        for (uint32_t j = 0; package->lead == lead && j < package->count; j++) {
            if (package->reading[j].msr == reading->msr) {
                *reading = package->reading[j];
            }
        }
    }
}

static void read_coarse(struct rapl_machine *machine, struct rapl_coarse *coarse, struct plan *plan)
{
    const struct rapl_platform *const platform = &machine->platform;
    uint64_t now_100ns;
    uint32_t lead;

    /* Unknown since load: in no package's copy. */
    if (plan->processor >= machine->processor_count) {
        return;
    }
    lead = machine->processors[plan->processor].package_lead;
    platform->lock(platform->context);
    now_100ns = platform->now_100ns(platform->context);
    if (!coarse->filled || now_100ns < coarse->renewed_100ns ||
        now_100ns - coarse->renewed_100ns >= coarse->age_max_100ns) {
        renew(machine, coarse);
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        copy_reading(coarse, lead, &plan->reading[i]);
    }
    platform->unlock(platform->context);
}

/* ---- The request ---------------------------------------------------------------------------- */

static enum rapl_legacy_status check(const struct rapl_legacy_call *call)
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
static bool carry_out(struct rapl_machine *machine, struct rapl_coarse *coarse, bool is_coarse,
                      struct plan *plan)
{
    const struct rapl_platform *const platform = &machine->platform;
    bool good = true;

    if (is_coarse) {
        read_coarse(machine, coarse, plan);
    } else {
        platform->read(platform->context, plan->processor, plan->reading, plan->count);
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

enum rapl_legacy_status rapl_legacy_answer(struct rapl_machine *machine, struct rapl_coarse *coarse,
                                           const struct rapl_legacy_call *call, size_t *written)
{
    const enum rapl_legacy_status status = check(call);
    struct rapl_legacy_request request;
    struct plan plan;

    *written = 0;
    if (status != RAPL_LEGACY_OK) {
        return status;
    }
    memcpy(&request, call->in, sizeof(request)); /* `out` may be the same memory */
    plan.processor =
        request.cpu < call->processors_active ? request.cpu : call->processors_active - 1;
    if (!make_plan(machine->model, request.msr, &plan)) {
        return RAPL_LEGACY_NOT_ALLOWED;
    }
    if (call->coarse && !rapl_allow_coarse(plan.reg[plan.answer])) {
        return RAPL_LEGACY_ACCESS_DENIED;
    }
    if (!carry_out(machine, coarse, call->coarse, &plan)) {
        return RAPL_LEGACY_IO_ERROR;
    }
    *written = put_little_endian(answer_of(&plan), call->out, call->out_size);
    return RAPL_LEGACY_OK;
}
