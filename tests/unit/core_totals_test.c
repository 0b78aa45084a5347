/* SPDX-License-Identifier: Apache-2.0
 *
 * Totals over ten thousand wraps, read at random by many clients, to the tick: one after the other
 * against a 64-bit truth, and by sixteen threads at once (meant for ThreadSanitizer as well).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <pthread.h>
#include <cmocka.h>

#include "core_energy_fixture.h"

#define WRAPS   10000u
#define CLIENTS 16u

/* What the counters have really counted since they were made; the registers show 32 bits of it. */
struct truth {
    uint64_t now_100ns;
    uint64_t ticks[3]; /* package, dram of package 0, package of package 1 */
    uint64_t base[3];
    uint64_t wraps;
    uint64_t random;
    uint32_t last[3];
    pthread_mutex_t mutex;
};

static uint64_t random_below(uint64_t *state, uint64_t limit)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (*state >> 33) % limit;
}

/* Each reading finds the machine further on: by up to half of what a wrap takes at 1 kW. */
static void advance(struct truth *truth)
{
    const uint64_t elapsed_100ns = random_below(&truth->random, 120 * S_100NS) + 1;

    truth->now_100ns += elapsed_100ns;
    for (uint32_t i = 0; i < 3; i++) {
        /* 2^-14 J: at most 16384 ticks a millisecond at 1 kW. */
        truth->ticks[i] += random_below(&truth->random, elapsed_100ns / 10000 * 16384 + 1);
        truth->wraps += (uint32_t)truth->ticks[i] < truth->last[i] ? 1 : 0;
        truth->last[i] = (uint32_t)truth->ticks[i];
    }
}

static void truth_read(void *context, uint32_t processor, struct rapl_reading *readings,
                       uint32_t count)
{
    const struct truth *const truth = context;

    for (uint32_t i = 0; i < count; i++) {
        struct rapl_reading *const reading = &readings[i];

        reading->ok = true;
        reading->time_100ns = truth->now_100ns;
        reading->ticks = truth->now_100ns;
        if (reading->msr == 0x606) {
            reading->value = 0xA0E03;
        } else if (reading->msr == 0x611) {
            reading->value = truth->ticks[processor == 0 ? 0 : 2];
        } else if (reading->msr == 0x619 && processor == 0) {
            reading->value = truth->ticks[1];
        } else {
            reading->ok = false;
        }
    }
}

static void truth_read_all(void *context, struct rapl_job *jobs, uint32_t count)
{
    advance(context);
    for (uint32_t i = 0; i < count; i++) {
        truth_read(context, jobs[i].processor, jobs[i].readings, jobs[i].count);
    }
}

static uint64_t truth_now(void *context, uint64_t *ticks)
{
    *ticks = ((const struct truth *)context)->now_100ns;
    return *ticks;
}

static void truth_lock(void *context)
{
    (void)pthread_mutex_lock(&((struct truth *)context)->mutex);
}

static void truth_unlock(void *context)
{
    (void)pthread_mutex_unlock(&((struct truth *)context)->mutex);
}

static const struct rapl_platform_ops truth_ops = {
    .read = truth_read,
    .read_all = truth_read_all,
    .now = truth_now,
    .lock = truth_lock,
    .unlock = truth_unlock,
};

static struct desk desk;
static struct truth truth;

static void start(uint64_t seed)
{
    const struct rapl_inventory_settings settings = {.coarse_ms = 10};

    fake_init(&desk.tested.fake, &fake_coffee_lake, 2, 0);
    truth = (struct truth){.random = seed, .ticks = {0x12345678, 1, UINT32_MAX}};
    for (uint32_t i = 0; i < 3; i++) {
        truth.last[i] = (uint32_t)truth.ticks[i];
        truth.base[i] = truth.ticks[i];
    }
    assert_int_equal(pthread_mutex_init(&truth.mutex, NULL), 0);
    desk.tested.fake.machine.platform = (struct rapl_platform){&truth, &truth_ops, 10000000};
    rapl_inventory_init(&desk.tested.inventory, &desk.tested.fake.machine, desk.tested.memory,
                        &settings);
    rapl_inventory_probe(&desk.tested.inventory);
    desk.device = (struct rapl_energy_device){.inventory = &desk.tested.inventory};
}

/* One request of a random kind. A coarse or legacy one may renew the copy on the way. */
static enum rapl_energy_status one_request(uint64_t *random, uint8_t *out, size_t *written)
{
    const struct rapl_get_snapshot request =
        snapshot_request((uint32_t)random_below(random, 31) + 1, 1, 0);
    const struct rapl_call call = {
        .control_code = RAPL_IOCTL_GET_SNAPSHOT,
        .in = &request,
        .in_size = sizeof(request),
        .out = out,
        .out_size = 4096,
        .can_read = true,
        .coarse = random_below(random, 3) == 0,
    };
    const uint32_t legacy[2] = {0x611, 4};
    uint64_t value = 0;
    size_t size = 0;
    const struct rapl_call older = {.in = legacy,
                                    .in_size = 8,
                                    .out = &value,
                                    .out_size = 8,
                                    .can_read = true,
                                    .coarse = true,
                                    .processors_active = 8};

    if (random_below(random, 4) == 0) {
        (void)rapl_legacy_answer(&desk.tested.inventory, &older, &size);
    }
    return rapl_energy_answer(&desk.device, &call, written);
}

/* The items of a reply never go back; `last` is the client's. */
static bool is_monotonic(const uint8_t *out, bool coarse, uint64_t last[2][2][5])
{
    struct rapl_snapshot head;
    bool good = true;

    memcpy(&head, out, sizeof(head));
    for (uint32_t i = 0; i < head.item_count; i++) {
        struct rapl_snapshot_item item;
        uint64_t *before;

        memcpy(&item, out + head.item_offset + (size_t)i * head.item_size, sizeof(item));
        before = &last[coarse ? 1 : 0][item.index][item.domain];
        good &= item.energy_ticks >= *before && item.status == RAPL_ITEM_OK;
        good &= (item.flags & (RAPL_ITEM_RESET | RAPL_ITEM_GAP)) == 0;
        *before = item.energy_ticks;
    }
    return good;
}

static void check_totals(void)
{
    struct rapl_snapshot_item item;

    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, false), RAPL_ENERGY_OK);
    assert_int_equal(snapshot_of(&desk)->item_count, 3);
    item = item_of(&desk, 1, 0, 0);
    assert_true(item.energy_ticks == truth.ticks[0] - truth.base[0]);
    item = item_of(&desk, 1, 0, 3);
    assert_true(item.energy_ticks == truth.ticks[1] - truth.base[1]);
    item = item_of(&desk, 1, 1, 0);
    assert_true(item.energy_ticks == truth.ticks[2] - truth.base[2]);
    assert_int_equal(item.gap_count + item.reset_count, 0);
}

static void test_one_after_the_other(void **state)
{
    uint64_t randoms[CLIENTS];
    static uint64_t last[CLIENTS][2][2][5];
    size_t written;

    (void)state;
    start(1);
    for (uint32_t i = 0; i < CLIENTS; i++) {
        randoms[i] = 77 + i;
    }
    while (truth.wraps < WRAPS) {
        const uint32_t i = (uint32_t)random_below(&truth.random, CLIENTS);

        assert_int_equal(one_request(&randoms[i], desk.out, &written), RAPL_ENERGY_OK);
        assert_true(
            is_monotonic(desk.out, (snapshot_of(&desk)->flags & RAPL_ITEM_COARSE) != 0, last[i]));
    }
    check_totals();
}

struct client {
    uint64_t random;
    uint32_t wrong;
};

static void *run_client(void *argument)
{
    struct client *const client = argument;
    uint64_t last[2][2][5] = {0};
    uint8_t out[4096];
    size_t written;
    bool go_on = true;

    while (go_on) {
        struct rapl_snapshot head;

        client->wrong += one_request(&client->random, out, &written) != RAPL_ENERGY_OK ? 1 : 0;
        memcpy(&head, out, sizeof(head));
        client->wrong += is_monotonic(out, (head.flags & RAPL_ITEM_COARSE) != 0, last) ? 0 : 1;
        truth_lock(&truth);
        go_on = truth.wraps < WRAPS && client->wrong == 0;
        truth_unlock(&truth);
    }
    return NULL;
}

static void test_threads(void **state)
{
    struct client clients[CLIENTS];
    pthread_t threads[CLIENTS];

    (void)state;
    start(2);
    for (uint32_t i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){1000 + i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, run_client, &clients[i]), 0);
    }
    for (uint32_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(clients[i].wrong, 0);
    }
    assert_true(truth.wraps >= WRAPS);
    check_totals();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
