/* SPDX-License-Identifier: Apache-2.0
 *
 * The accumulators in many hands: snapshots of both tiers, legacy requests and the timer at once,
 * on counters that wrap every few readings. Meant for ThreadSanitizer as well.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <pthread.h>
#include <cmocka.h>

#include "core_energy_fixture.h"

#define CLIENTS   4u
#define REQUESTS  3000u
#define COUNTERS  8u
#define STEP_S    8u
#define COARSE_MS 90000u
#define START     (1000 * S_100NS)

/*
 * One count of 2^-14 J is made each 100 ns (610 W), so every counter holds the low half of the
 * clock, and wraps every 429 s. A counter that nobody reads for 262 s may hide a wrap.
 */
static uint64_t clock_100ns;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static uint64_t clock_add(uint64_t step_100ns)
{
    return __atomic_add_fetch(&clock_100ns, step_100ns, __ATOMIC_RELAXED);
}

/* Unlike the shared fake these keep no books, so that only core's own writes can race. */
static void read_at(uint64_t now_100ns, struct rapl_reading *reading)
{
    reading->ok = reading->msr != 0x64D; /* a platform counter may draw ten times as much */
    reading->value = reading->msr == 0x606 ? 0xA0E03 : (uint32_t)now_100ns;
    reading->time_100ns = now_100ns;
    reading->ticks = now_100ns;
}

/* The legacy device's, without the lock: must not move the clock while others measure. */
static void read_still(void *context, uint32_t processor, struct rapl_reading *readings,
                       uint32_t count)
{
    (void)context;
    (void)processor;
    for (uint32_t i = 0; i < count; i++) {
        read_at(clock_add(0), &readings[i]);
    }
}

static void read_moving(void *context, struct rapl_job *jobs, uint32_t count)
{
    (void)context;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < jobs[i].count; j++) {
            read_at(clock_add(STEP_S * S_100NS), &jobs[i].readings[j]);
        }
    }
}

static uint64_t now(void *context, uint64_t *ticks)
{
    (void)context;
    *ticks = clock_add(1);
    return *ticks;
}

static void mutex_lock(void *context)
{
    (void)context;
    (void)pthread_mutex_lock(&mutex);
}

static void mutex_unlock(void *context)
{
    (void)context;
    (void)pthread_mutex_unlock(&mutex);
}

static const struct rapl_platform_ops moving_ops = {
    .read = read_still,
    .read_all = read_moving,
    .now = now,
    .lock = mutex_lock,
    .unlock = mutex_unlock,
};

struct client {
    struct desk *desk; /* shared: its device only */
    bool coarse;
    uint32_t wrong; /* answers that lost something, or were refused */
    uint64_t energy[COUNTERS];
    uint8_t out[4096];
};

/* Every item must be what the clock was at its read. */
static uint32_t count_wrong(struct client *client)
{
    struct rapl_snapshot head;
    uint32_t wrong = 0;

    memcpy(&head, client->out, sizeof(head));
    for (uint32_t i = 0; i < head.item_count && i < COUNTERS; i++) {
        struct rapl_snapshot_item item;

        memcpy(&item, client->out + head.item_offset + (size_t)i * head.item_size, sizeof(item));
        wrong += item.energy_ticks != item.time_100ns - START || item.gap_count != 0 ||
                         item.reset_count != 0 || item.energy_ticks < client->energy[i]
                     ? 1
                     : 0;
        client->energy[i] = item.energy_ticks;
    }
    return wrong + (head.item_count != COUNTERS ? 1 : 0);
}

static void take_snapshot(struct client *client)
{
    const struct rapl_get_snapshot request = snapshot_request(ALL_DOMAINS, RAPL_SCOPE_PACKAGES, 0);
    size_t written;
    const struct rapl_call call = {.control_code = RAPL_IOCTL_GET_SNAPSHOT,
                                   .in = &request,
                                   .in_size = sizeof(request),
                                   .out = client->out,
                                   .out_size = sizeof(client->out),
                                   .can_read = true,
                                   .coarse = client->coarse};

    if (rapl_energy_answer(&client->desk->device, &call, &written) == RAPL_ENERGY_OK) {
        client->wrong += count_wrong(client);
    } else {
        client->wrong++;
    }
}

static void ask_legacy(struct client *client)
{
    const uint32_t request[2] = {0x611, 4};
    uint64_t value = 0;
    size_t written;
    const struct rapl_call call = {.in = request,
                                   .in_size = sizeof(request),
                                   .out = &value,
                                   .out_size = sizeof(value),
                                   .can_read = true,
                                   .coarse = client->coarse,
                                   .processors_active = 8};

    client->wrong +=
        rapl_legacy_answer(&client->desk->tested.inventory, &call, &written) != RAPL_LEGACY_OK ? 1
                                                                                               : 0;
}

static void *run_client(void *argument)
{
    struct client *const client = argument;

    for (uint32_t i = 0; i < REQUESTS; i++) {
        if (i % 3 == 2) {
            ask_legacy(client);
        } else {
            take_snapshot(client);
        }
    }
    return NULL;
}

/* What the driver's timer does. */
static void *run_timer(void *argument)
{
    struct rapl_inventory *const inventory = argument;

    for (uint32_t i = 0; i < REQUESTS; i++) {
        uint64_t ticks;

        mutex_lock(NULL);
        rapl_inventory_read(inventory, rapl_inventory_tick(inventory, now(NULL, &ticks)), false);
        mutex_unlock(NULL);
    }
    return NULL;
}

static void test_totals_are_exact(void **state)
{
    static struct desk desk;
    static struct client clients[CLIENTS], last;
    pthread_t threads[CLIENTS + 1];

    clock_100ns = START;
    fake_init(&desk.tested.fake, &fake_coffee_lake, 2, 0);
    desk.tested.fake.machine.platform = (struct rapl_platform){NULL, &moving_ops, 10000000};
    open_desk(&desk);
    desk.tested.inventory.settings.coarse_ms = COARSE_MS;
    assert_int_equal(pthread_create(&threads[CLIENTS], NULL, run_timer, &desk.tested.inventory), 0);
    for (uint32_t i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.desk = &desk, .coarse = i % 2 != 0};
        assert_int_equal(pthread_create(&threads[i], NULL, run_client, &clients[i]), 0);
    }
    for (uint32_t i = 0; i <= CLIENTS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    for (uint32_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(clients[i].wrong, 0);
    }
    last.desk = &desk;
    take_snapshot(&last);
    assert_int_equal(last.wrong, 0);
    assert_true(last.energy[0] >> 32 > 1000); /* it did wrap */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_totals_are_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
