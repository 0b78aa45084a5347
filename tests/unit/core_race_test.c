/* SPDX-License-Identifier: Apache-2.0
 *
 * Many threads ask at once, as callers of a device do. Meant for ThreadSanitizer as well: the flags
 * of living counters are the only thing that core writes without the lock.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <pthread.h>
#include <cmocka.h>

#include "core_fake_machine.h"

#define THREADS  4u
#define REQUESTS 20000u

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t clock_100ns;

/* Unlike the shared fake these keep no books, so that only core's own writes can race. */
static void plain_read(void *context, uint32_t processor, struct rapl_reading *readings,
                       uint32_t count)
{
    (void)context;
    for (uint32_t i = 0; i < count; i++) {
        readings[i].ok = true;
        readings[i].value = readings[i].msr == 0x606 ? 0xA0E03 : processor + 1;
        readings[i].time_100ns = 0;
        readings[i].ticks = 0;
    }
}

static void plain_read_all(void *context, struct rapl_job *jobs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        plain_read(context, jobs[i].processor, jobs[i].readings, jobs[i].count);
    }
}

static uint64_t ticking_now(void *context, uint64_t *ticks)
{
    (void)context;
    *ticks = __atomic_add_fetch(&clock_100ns, 1000, __ATOMIC_RELAXED);
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

static const struct rapl_platform_ops plain_ops = {
    .read = plain_read,
    .read_all = plain_read_all,
    .now = ticking_now,
    .lock = mutex_lock,
    .unlock = mutex_unlock,
};

struct shared {
    struct fake fake;
    struct rapl_inventory inventory;
    uint64_t memory[1024];
};

struct client {
    struct shared *shared;
    bool coarse;
    uint32_t wrong; /* answers that are not the only right one */
};

static void *run_client(void *argument)
{
    struct client *const client = argument;

    for (uint32_t i = 0; i < REQUESTS; i++) {
        const uint32_t cpu = i % 8;
        const uint32_t request[2] = {0x611, cpu};
        uint64_t value = 0;
        size_t written;
        const struct rapl_call call = {
            .in = request,
            .in_size = sizeof(request),
            .out = &value,
            .out_size = sizeof(value),
            .can_read = true,
            .coarse = client->coarse,
            .processors_active = 8,
        };
        const enum rapl_legacy_status status =
            rapl_legacy_answer(&client->shared->inventory, &call, &written);
        const uint64_t right = (client->coarse ? cpu / 4 * 4 : cpu) + 1;

        client->wrong += status != RAPL_LEGACY_OK || value != right ? 1 : 0;
    }
    return NULL;
}

static void test_clients_at_once(void **state)
{
    const struct rapl_inventory_settings settings = {.coarse_ms = 10};
    struct shared shared;
    struct client clients[THREADS];
    pthread_t threads[THREADS];

    (void)state;
    memset(&shared, 0, sizeof(shared));
    fake_init(&shared.fake, &fake_coffee_lake, 2, 0);
    shared.fake.machine.platform = (struct rapl_platform){NULL, &plain_ops, 10000000};
    assert_in_range(rapl_inventory_size(&shared.fake.machine), 1, sizeof(shared.memory));
    rapl_inventory_init(&shared.inventory, &shared.fake.machine, shared.memory, &settings);
    rapl_inventory_probe(&shared.inventory);
    for (uint32_t i = 0; i < THREADS; i++) {
        clients[i] = (struct client){&shared, i % 2 != 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, run_client, &clients[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(clients[i].wrong, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clients_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
