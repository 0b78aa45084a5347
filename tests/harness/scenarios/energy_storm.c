/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine whose counters wrap 10,000 times, together or (soaking) each of them, while 16 clients
 * read them at random intervals: every answer is compared with what the machine has really counted,
 * in 64 bits.
 *
 * The main thread moves the clock to random points and waits for the clients that are due there;
 * those ask at the same time. While they do, time goes on by less than the driver allows for
 * between reading a register and the clock. When nobody asks, only the driver's timer reads.
 */
#include "tests/harness/energy_client.h"
#include "tests/harness/host.h"
#include "tests/harness/scenario.h"

#include <stdio.h>
#include <stdlib.h>

#define CLIENTS         16u
#define DOMAINS         4u
#define COUNTERS        (2 * DOMAINS)
#define WRAPS           1250u /* of each counter */
#define WRAPS_SOAKING   10000u
#define START           0xFFFFFC18u
#define UNITS_A_MS      10000ull
#define STEP_MAX_MS     48000u
#define INTERVAL_MAX_MS 140000u
#define NIGHT_MS        600000u /* now and then nobody asks for that long */
#define COARSE_MS       50u

/* machines/storm.rec: counts a millisecond; the last is the slowest. */
static const uint64_t rate[COUNTERS] = {131000, 130001, 129002, 128003,
                                        127004, 126005, 125006, 124007};

static struct {
    uint64_t started_100ns;
    uint32_t busy; /* clients due now that have not been answered */
    bool done;
} storm;

struct storm_client {
    struct energy_client energy;
    uint32_t number;
    uint32_t random;
    uint64_t due_100ns;
    bool due; /* host_lock held */
    uint64_t last[COUNTERS];
    uint32_t requests;
};

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1664525u + 1013904223u;
    return *random >> 8;
}

/* What the machine has counted since load. */
static uint64_t truth(uint32_t counter, uint64_t time_100ns)
{
    return (time_100ns - storm.started_100ns) / UNITS_A_MS * rate[counter];
}

/* ---- A client ------------------------------------------------------------------------------- */

static bool is_coarse(const struct storm_client *client)
{
    return client->number % 2 != 0;
}

static void check_item(struct storm_client *client, const struct rapl_snapshot_item *item,
                       uint32_t counter)
{
    const struct rapl_snapshot *all = &client->energy.reply.snapshot;
    const uint32_t flags = is_coarse(client) ? RAPL_ITEM_COARSE : 0;
    const uint64_t raw = is_coarse(client) ? 0 : (uint32_t)(START + item->energy_ticks);

    if (item->energy_ticks < truth(counter, all->start_100ns) ||
        item->energy_ticks > truth(counter, all->end_100ns) || item->flags != flags ||
        item->raw != raw || item->energy_ticks < client->last[counter]) {
        verifier_report(FINDING_VALUE,
                        "client %u, counter %u: %llu ticks, raw 0x%llX, flags 0x%X, %u resets, %u "
                        "gaps; the machine counted %llu to %llu",
                        client->number, counter, (unsigned long long)item->energy_ticks,
                        (unsigned long long)item->raw, item->flags, item->reset_count,
                        item->gap_count, (unsigned long long)truth(counter, all->start_100ns),
                        (unsigned long long)truth(counter, all->end_100ns));
    }
    client->last[counter] = item->energy_ticks;
}

static void ask(struct storm_client *client)
{
    const struct rapl_snapshot *all = &client->energy.reply.snapshot;
    const uint64_t age_max = is_coarse(client) ? COARSE_MS * UNITS_A_MS : 0;
    const uint64_t asked_100ns = clock_now_100ns();

    client->requests++;
    if (!energy_read_packages(&client->energy)) {
        return;
    }
    check(all->item_count == COUNTERS && all->end_100ns + age_max >= asked_100ns,
          "every counter, as it is now");
    for (uint32_t i = 0; i < COUNTERS; i++) {
        const struct rapl_snapshot_item *item =
            energy_item(&client->energy, i % DOMAINS, i / DOMAINS);
        if (item != NULL) {
            check_item(client, item, i);
        }
    }
}

/* False: no more rounds. */
static bool wait_until_due(struct storm_client *client)
{
    host_lock();
    while (!client->due && !storm.done) {
        host_wait(1000);
    }
    const bool due = client->due;
    host_unlock();
    return due;
}

static void answered(struct storm_client *client)
{
    const uint64_t interval_ms = next_random(&client->random) % INTERVAL_MAX_MS;

    host_lock();
    client->due = false;
    client->due_100ns = clock_now_100ns() + interval_ms * UNITS_A_MS;
    if (--storm.busy == 0) {
        host_wake();
    }
    host_unlock();
}

static void live(void *argument)
{
    struct storm_client *client = argument;
    const enum caller token = is_coarse(client) ? CALLER_USER : CALLER_ADMIN;
    bool open = energy_open(token, &client->energy);

    while (wait_until_due(client)) {
        if (open) {
            ask(client);
        }
        if (open && next_random(&client->random) % 32 == 0) {
            energy_close(&client->energy);
            open = energy_open(token, &client->energy);
        }
        answered(client);
    }
    energy_close(&client->energy);
    thread_end();
}

/* ---- The clock ------------------------------------------------------------------------------ */

/* Those who are due ask at once, while a few milliseconds pass. */
static void let_ask(struct storm_client *clients)
{
    const uint64_t now_100ns = clock_now_100ns();

    host_lock();
    for (uint32_t i = 0; i < CLIENTS; i++) {
        if (clients[i].due_100ns <= now_100ns) {
            clients[i].due = true;
            storm.busy++;
        }
    }
    host_wake();
    for (uint32_t ms = 0; storm.busy != 0; ms++) {
        host_unlock();
        if (ms < 10) {
            clock_advance_us(1000);
        }
        host_lock();
        if (storm.busy != 0) {
            host_wait(1);
        }
    }
    host_unlock();
}

static uint32_t blow(struct storm_client *clients, uint32_t seed)
{
    const uint32_t wraps = scenario_soak_s() != 0 ? WRAPS_SOAKING : WRAPS;
    uint32_t random = seed, rounds = 0;

    while (truth(COUNTERS - 1, clock_now_100ns()) >> 32 < wraps && verifier_total() == 0) {
        const bool night = next_random(&random) % 500 == 0;
        clock_advance_us(night ? NIGHT_MS * 1000ull
                               : (next_random(&random) % STEP_MAX_MS) * 1000ull);
        let_ask(clients);
        rounds++;
    }
    return rounds;
}

static void storm_of_clients(void)
{
    static struct storm_client clients[CLIENTS], last;
    struct host_thread *thread[CLIENTS];
    const uint32_t seed = thread_current()->random;
    uint64_t requests = 0, wraps = 0;

    if (!load_on("storm", POLICY_USERS)) {
        return;
    }
    storm.started_100ns = clock_now_100ns();
    storm.done = false;
    for (uint32_t i = 0; i < CLIENTS; i++) {
        clients[i] = (struct storm_client){.number = i, .random = seed * 31 + i};
        thread[i] = host_thread_start(live, &clients[i]);
    }
    const uint32_t rounds = blow(clients, seed);
    host_lock();
    storm.done = true;
    host_wake();
    host_unlock();
    for (uint32_t i = 0; i < CLIENTS; i++) {
        host_thread_join(thread[i]);
        requests += clients[i].requests;
        check(clients[i].requests != 0, "every client got its turn");
    }
    if (energy_open(CALLER_ADMIN, &last.energy) && energy_read_packages(&last.energy)) {
        for (uint32_t i = 0; i < COUNTERS; i++) {
            const uint64_t counted = truth(i, clock_now_100ns());
            expect_energy(&last.energy, i % DOMAINS, i / DOMAINS, counted, 0);
            wraps += (START + counted) >> 32;
        }
    }
    printf("  seed %u: %llu requests from %u clients in %u rounds over %llu s of the machine's "
           "time, %llu wraps of %u counters\n",
           seed, (unsigned long long)requests, CLIENTS, rounds,
           (unsigned long long)((clock_now_100ns() - storm.started_100ns) / 10000000),
           (unsigned long long)wraps, COUNTERS);
    energy_close(&last.energy);
}

const struct scenario scenarios_energy_storm[] = {
    {"energy-storm", storm_of_clients},
    {NULL, NULL},
};
