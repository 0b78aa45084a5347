/* SPDX-License-Identifier: Apache-2.0
 *
 * One reading of the whole machine, the copy for coarse callers, and what sleep does to both.
 */
#include "core/inventory_parts.h"

#include <string.h>

#include "core/fields.h"
#include <rapl/energy.h>

#define UNIT_100NS_PER_MS 10000u

uint64_t rapl_inventory_now(const struct rapl_inventory *inventory)
{
    const struct rapl_platform *const platform = &inventory->machine->platform;
    uint64_t ticks;

    return platform->ops->now(platform->context, &ticks);
}

struct rapl_counter_limit rapl_package_limit(const struct rapl_inventory_package *package,
                                             uint32_t domain)
{
    uint32_t power_mw = RAPL_POWER_MAX_PACKAGE_MW;

    if (domain == RAPL_DOMAIN_PSYS) {
        const struct rapl_fraction unit = package->units.energy_j[domain];
        const bool client = (uint64_t)unit.numerator * RAPL_PSYS_UNITS_PER_J_MAX < unit.denominator;

        power_mw = client ? RAPL_POWER_MAX_PSYS_CLIENT_MW : RAPL_POWER_MAX_PSYS_MW;
    }
    if (domain == RAPL_DOMAIN_CORE) {
        power_mw = RAPL_POWER_MAX_CORE_MW;
    }
    return (struct rapl_counter_limit){.energy_j = package->units.energy_j[domain],
                                       .power_max_mw = power_mw};
}

void rapl_inventory_take(struct rapl_inventory *inventory, struct rapl_tally *tally,
                         const struct rapl_inventory_package *package, uint32_t domain,
                         uint32_t processor, struct rapl_reading *reading,
                         enum rapl_tally_span span)
{
    const struct rapl_register *const reg = inventory->energy[domain];
    const struct rapl_counter_limit limit = rapl_package_limit(package, domain);
    bool alive = false;

    if (reading->ok) {
        reading->value = reg->amd ? reading->value : (uint32_t)reading->value;
        alive = rapl_machine_is_alive(inventory->machine, reg, processor, reading->value);
    }
    rapl_tally_take(tally, reading, alive, span, &limit);
}

/* ---- One reading ---------------------------------------------------------------------------- */

/* The jobs being listed: each takes its readings where the one before ended. */
struct plan {
    struct rapl_job *job; /* the next one */
    struct rapl_reading *reading;
    bool throttle;
};

static void add_reading(struct plan *plan, const struct rapl_register *reg)
{
    *plan->reading = (struct rapl_reading){.msr = reg->msr};
    plan->reading++;
    plan->job->count++;
}

static void begin_job(struct plan *plan, uint32_t processor)
{
    *plan->job = (struct rapl_job){.processor = processor, .readings = plan->reading};
}

/* A job with nothing to read is none. */
static void end_job(struct plan *plan)
{
    plan->job += plan->job->count != 0 ? 1 : 0;
}

/* The order of the readings is that of collect_package. */
static void plan_package(const struct rapl_inventory *inventory,
                         const struct rapl_inventory_package *package, struct plan *plan)
{
    begin_job(plan, package->lead);
    for (uint32_t i = 0; i < RAPL_PACKAGE_DOMAINS; i++) {
        if (rapl_tally_is_read(&package->tally[i])) {
            add_reading(plan, inventory->energy[i]);
        }
    }
    for (uint32_t i = 0; plan->throttle && i < RAPL_PACKAGE_DOMAINS; i++) {
        if ((package->throttle_domains & RAPL_DOMAIN_BIT(i)) != 0) {
            add_reading(plan, inventory->perf[i]);
        }
    }
    end_job(plan);
}

static uint32_t plan_all(struct rapl_inventory *inventory, uint32_t scopes, bool throttle)
{
    struct plan plan = {inventory->jobs, inventory->readings, throttle};

    for (uint32_t i = 0; (scopes & RAPL_SCOPE_PACKAGES) != 0 && i < inventory->package_count; i++) {
        plan_package(inventory, &inventory->packages[i], &plan);
    }
    for (uint32_t i = 0; (scopes & RAPL_SCOPE_CORES) != 0 && i < inventory->core_count; i++) {
        begin_job(&plan, inventory->cores[i].lead);
        if (rapl_tally_is_read(&inventory->cores[i].tally)) {
            add_reading(&plan, inventory->energy[RAPL_DOMAIN_CORE]);
        }
        end_job(&plan);
    }
    return (uint32_t)(plan.job - inventory->jobs);
}

static struct rapl_reading *collect_package(struct rapl_inventory *inventory,
                                            struct rapl_inventory_package *package, bool throttle,
                                            enum rapl_tally_span span, struct rapl_reading *next)
{
    for (uint32_t i = 0; i < RAPL_PACKAGE_DOMAINS; i++) {
        if (rapl_tally_is_read(&package->tally[i])) {
            rapl_inventory_take(inventory, &package->tally[i], package, i, package->lead, next,
                                span);
            next++;
        }
    }
    for (uint32_t i = 0; i < RAPL_PACKAGE_DOMAINS; i++) {
        package->throttled_us[i] = RAPL_NO_THROTTLE;
        if (throttle && (package->throttle_domains & RAPL_DOMAIN_BIT(i)) != 0) {
            if (next->ok) {
                package->throttled_us[i] = rapl_throttled_us(&package->units, next->value);
            }
            next++;
        }
    }
    return next;
}

static void collect_all(struct rapl_inventory *inventory, uint32_t scopes, bool throttle)
{
    const enum rapl_tally_span span =
        inventory->suspending ? RAPL_TALLY_SUSPENDED : RAPL_TALLY_RUNNING;
    struct rapl_reading *next = inventory->readings;

    for (uint32_t i = 0; (scopes & RAPL_SCOPE_PACKAGES) != 0 && i < inventory->package_count; i++) {
        next = collect_package(inventory, &inventory->packages[i], throttle, span, next);
    }
    for (uint32_t i = 0; (scopes & RAPL_SCOPE_CORES) != 0 && i < inventory->core_count; i++) {
        struct rapl_inventory_core *const core = &inventory->cores[i];

        if (rapl_tally_is_read(&core->tally)) {
            rapl_inventory_take(inventory, &core->tally, &inventory->packages[core->package],
                                RAPL_DOMAIN_CORE, core->lead, next, span);
            next++;
        }
    }
}

void rapl_inventory_read(struct rapl_inventory *inventory, uint32_t scopes, bool throttle)
{
    const struct rapl_platform *const platform = &inventory->machine->platform;
    const uint32_t job_count = plan_all(inventory, scopes, throttle);
    struct rapl_span *const span = &inventory->span;

    span->start_100ns = platform->ops->now(platform->context, &span->start_ticks);
    if (job_count != 0) {
        platform->ops->read_all(platform->context, inventory->jobs, job_count);
    }
    span->end_100ns = platform->ops->now(platform->context, &span->end_ticks);
    span->sequence++;
    collect_all(inventory, scopes, throttle);
    if ((scopes & RAPL_SCOPE_CORES) != 0) {
        inventory->cores_asked = true;
        inventory->core_100ns = span->end_100ns;
    }
}

/* ---- The copy ------------------------------------------------------------------------------- */

/*
 * The age counts from the end: a caller that can delay the reads, by keeping a processor busy, must
 * not get two copies closer together.
 */
void rapl_inventory_refresh_copy(struct rapl_inventory *inventory)
{
    const uint64_t age_max_100ns = (uint64_t)inventory->settings.coarse_ms * UNIT_100NS_PER_MS;
    const uint64_t now_100ns = rapl_inventory_now(inventory);

    if (inventory->has_copy && now_100ns >= inventory->copied_100ns &&
        now_100ns - inventory->copied_100ns < age_max_100ns) {
        return;
    }
    rapl_inventory_read(inventory, RAPL_SCOPE_PACKAGES, false);
    for (uint32_t i = 0; i < inventory->package_count; i++) {
        struct rapl_inventory_package *const package = &inventory->packages[i];

        memcpy(package->copy, package->tally, sizeof(package->copy));
    }
    /* Coarse callers do not learn how often fresh ones and the timer read. */
    const uint64_t sequence = inventory->copy_span.sequence + 1;

    inventory->copy_span = inventory->span;
    inventory->copy_span.sequence = sequence;
    inventory->copied_100ns = inventory->span.end_100ns;
    inventory->has_copy = true;
}

/* ---- Sleep ---------------------------------------------------------------------------------- */

/* Whether cores are kept from wrapping unseen. */
static bool follows_cores(const struct rapl_inventory *inventory)
{
    return inventory->settings.cores_always || inventory->cores_asked;
}

void rapl_inventory_suspending(struct rapl_inventory *inventory, bool late)
{
    const uint32_t cores = follows_cores(inventory) ? RAPL_SCOPE_CORES : 0;

    inventory->suspending |= late;
    rapl_inventory_read(inventory, RAPL_SCOPE_PACKAGES | cores, false);
    inventory->suspending = true;
    inventory->suspended_100ns = inventory->span.end_100ns;
}

void rapl_inventory_resumed(struct rapl_inventory *inventory)
{
    rapl_inventory_probe_all(inventory, RAPL_TALLY_RESUMED);
    inventory->suspending = false;
}

bool rapl_inventory_missed_return(const struct rapl_inventory *inventory)
{
    const uint64_t max_100ns = (uint64_t)RAPL_SUSPENDING_MAX_MS * UNIT_100NS_PER_MS;

    return inventory->suspending &&
           rapl_inventory_now(inventory) - inventory->suspended_100ns > max_100ns;
}

/* ---- The timer ------------------------------------------------------------------------------ */

/* A third of the wrap time at the safe maximum power; UINT64_MAX for what is not read. */
static uint64_t period_of(const struct rapl_tally *tally,
                          const struct rapl_inventory_package *package, uint32_t domain)
{
    const struct rapl_counter_limit limit = rapl_package_limit(package, domain);

    /* microjoules / milliwatts = milliseconds */
    return rapl_tally_is_read(tally)
               ? rapl_micro(1ull << 32, limit.energy_j) / limit.power_max_mw / 3
               : UINT64_MAX;
}

static uint64_t shorter(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t core_period_ms(const struct rapl_inventory *inventory)
{
    uint64_t period_ms = UINT64_MAX;

    for (uint32_t i = 0; i < inventory->core_count; i++) {
        const struct rapl_inventory_core *const core = &inventory->cores[i];
        const struct rapl_inventory_package *const package = &inventory->packages[core->package];

        period_ms = shorter(period_ms, period_of(&core->tally, package, RAPL_DOMAIN_CORE));
    }
    return period_ms;
}

uint32_t rapl_inventory_period_ms(const struct rapl_inventory *inventory)
{
    uint64_t period_ms = shorter(RAPL_PERIOD_MAX_MS, core_period_ms(inventory));

    for (uint32_t i = 0; i < inventory->package_count; i++) {
        const struct rapl_inventory_package *const package = &inventory->packages[i];

        for (uint32_t j = 0; j < RAPL_PACKAGE_DOMAINS; j++) {
            period_ms = shorter(period_ms, period_of(&package->tally[j], package, j));
        }
    }
    return period_ms < RAPL_PERIOD_MIN_MS ? RAPL_PERIOD_MIN_MS : (uint32_t)period_ms;
}

uint32_t rapl_inventory_tick(const struct rapl_inventory *inventory, uint64_t now_100ns)
{
    const uint64_t elapsed_ms = (now_100ns - inventory->core_100ns) / UNIT_100NS_PER_MS;
    const uint64_t next_ms = elapsed_ms + rapl_inventory_period_ms(inventory);

    return follows_cores(inventory) && next_ms > core_period_ms(inventory)
               ? RAPL_SCOPE_PACKAGES | RAPL_SCOPE_CORES
               : RAPL_SCOPE_PACKAGES;
}
