/* SPDX-License-Identifier: Apache-2.0
 *
 * The energy device in many hands: stops while clients come and go, and exact totals after a mix of
 * every request from 16 threads.
 */
#include "tests/harness/activity.h"
#include "tests/harness/energy_client.h"
#include "tests/harness/host.h"
#include "tests/harness/scenario.h"

#include <stdio.h>
#include <stdlib.h>

#define THREADS     16u
#define DURATION_MS 10000u /* if not soaking */
#define STEP_US     2000000ull

struct worker {
    uint32_t number;
    uint32_t requests;
};

/* ---- A stop while clients come and go ------------------------------------------------------- */

static void come_and_go(void *argument)
{
    struct worker *worker = argument;
    struct energy_client *client = malloc(sizeof(*client));
    const struct lab_open how = {.token = worker->number % 2 != 0 ? CALLER_USER : CALLER_ADMIN,
                                 .access = LAB_GENERIC_READ,
                                 .energy = true};
    uint32_t status = LAB_SUCCESS;
    while (client != NULL && (status = lab_open(&how, &client->file)) == LAB_SUCCESS) {
        for (uint32_t i = 0; i <= worker->number % 4; i++) {
            energy_read_packages(client);
            worker->requests++;
        }
        energy_close(client);
    }
    if (status != LAB_NO_SUCH_DEVICE && status != LAB_OBJECT_NAME_NOT_FOUND) {
        check_status("open of a driver that is being stopped", status, LAB_NO_SUCH_DEVICE);
    }
    free(client);
    thread_end();
}

static void stop_in_use(void)
{
    struct worker worker[8];
    struct host_thread *thread[8];
    uint32_t pending = 0;
    for (uint32_t round = 0; round < 20; round++) {
        if (!load_on("intel-2x5", POLICY_USERS)) {
            return;
        }
        for (uint32_t i = 0; i < 8; i++) {
            worker[i] = (struct worker){.number = i};
            thread[i] = host_thread_start(come_and_go, &worker[i]);
        }
        const uint32_t until_ms = host_tick_ms() + 20 + round;
        while ((int32_t)(host_tick_ms() - until_ms) < 0) {
            clock_advance_us(21000000);
            host_yield();
        }
        pending += lab_stop() == LAB_STOP_PENDING ? 1 : 0;
        for (uint32_t i = 0; i < 8; i++) {
            host_thread_join(thread[i]);
        }
        check(lab_state() == LAB_STOPPED, "the last close has unloaded the driver");
    }
    check(pending != 0, "clients were inside when a stop was asked for");
}

/* The DPCs of the last snapshot have let the request go, and are still in the driver's code. */
static void stop_while_dpcs_return(void)
{
    static struct energy_client client;
    for (uint32_t round = 0; round < 20; round++) {
        if (!load_on("intel-8x5", POLICY_USERS) || !energy_open(CALLER_ADMIN, &client)) {
            return;
        }
        kernel_hold(KERNEL_HOLD_RETURN);
        energy_read_packages(&client);
        energy_close(&client);
        check(lab_stop() == LAB_STOPPED, "stops");
        kernel_hold(KERNEL_HOLD_NOTHING);
    }
}

/* ---- Exact totals --------------------------------------------------------------------------- */

/*
 * Time stands still while a request runs, as far as the counters go: the clock is moved by 2 s at
 * once, and a request that is half before and half after would see more than is possible.
 */
static struct {
    uint32_t inside; /* requests */
    bool moving;
    bool done;
} world;

static void enter(void)
{
    host_lock();
    while (world.moving) {
        host_wait(10);
    }
    world.inside++;
    host_unlock();
}

static void leave(void)
{
    host_lock();
    world.inside--;
    host_wake();
    host_unlock();
}

static void move_time(uint64_t us)
{
    host_lock();
    world.moving = true;
    while (world.inside != 0) {
        host_wait(10);
    }
    host_unlock();
    clock_advance_us(us);
    host_lock();
    world.moving = false;
    host_wake();
    host_unlock();
}

struct seen {
    uint64_t energy[10];
    uint64_t sequence;
};

static void look(struct energy_client *client, struct seen *seen)
{
    const struct rapl_snapshot *found = &client->reply.snapshot;
    if (!energy_read_packages(client)) {
        return;
    }
    check(found->sequence >= seen->sequence, "the sequence goes on");
    seen->sequence = found->sequence;
    for (uint32_t i = 0; i < 10; i++) {
        const struct rapl_snapshot_item *item = energy_item(client, i % 5, i / 5);
        if (item == NULL || item->energy_ticks < seen->energy[i] || item->gap_count != 0 ||
            item->reset_count != 0) {
            verifier_report(FINDING_VALUE, "domain %u of %u went back, or lost energy", i % 5,
                            i / 5);
            return;
        }
        seen->energy[i] = item->energy_ticks;
    }
}

static void one_request(const struct worker *worker, struct energy_client *client,
                        struct lab_file *legacy, struct seen *seen, uint32_t turn)
{
    const bool coarse = worker->number % 2 != 0;
    uint64_t value;
    switch (turn % 8) {
    case 0:
        check_status("capabilities", energy_capabilities(client), LAB_SUCCESS);
        break;
    case 1:
        check_status("topology", energy_topology(client), LAB_SUCCESS);
        break;
    case 2:
        check_status("legacy", read_register(legacy, energy_msr[turn % 5], turn % 16, &value),
                     LAB_SUCCESS);
        break;
    case 3:
        check_status("throttle", energy_snapshot(client, 0x1F, 1, 1),
                     coarse ? LAB_ACCESS_DENIED : LAB_SUCCESS);
        break;
    case 4: /* this machine's cores have no counter: nothing to list */
        check_status("cores", energy_snapshot(client, 0x20, 2, 0),
                     coarse ? LAB_ACCESS_DENIED : LAB_SUCCESS);
        break;
    case 5:
        check_status("no domain", energy_snapshot(client, 0, 1, 0), LAB_INVALID_PARAMETER);
        break;
    default:
        look(client, seen);
        break;
    }
}

static void mix(void *argument)
{
    struct worker *worker = argument;
    const enum caller token = worker->number % 2 != 0 ? CALLER_USER : CALLER_ADMIN;
    struct energy_client *client = malloc(sizeof(*client));
    struct seen seen = {.sequence = 0};
    uint32_t turn = worker->number;
    while (client != NULL && !world.done) {
        struct lab_file *legacy = open_as(token);
        if (legacy == NULL || !energy_open(token, client)) {
            break;
        }
        for (uint32_t i = 0; i < 20 && !world.done; i++) {
            enter();
            one_request(worker, client, legacy, &seen, turn++);
            leave();
            worker->requests++;
        }
        energy_close(client);
        lab_close(legacy);
    }
    free(client);
    thread_end();
}

/* machines/ramp-2x5.rec: counts a second. */
static const uint64_t rate[10] = {6553600, 1638400, 327680, 1310720, 32768000,
                                  4915200, 819200,  163840, 983040,  24576000};

static void mixed_requests(void)
{
    static struct energy_client last;
    struct worker worker[THREADS];
    struct host_thread *thread[THREADS];
    uint64_t seconds = 0, requests = 0;
    world.done = false;
    if (!load_on("ramp-2x5", POLICY_USERS) || !energy_open(CALLER_ADMIN, &last)) {
        return;
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        worker[i] = (struct worker){.number = i};
        thread[i] = host_thread_start(mix, &worker[i]);
    }
    const uint32_t duration_ms = scenario_soak_s() != 0 ? scenario_soak_s() * 1000 : DURATION_MS;
    const uint32_t until_ms = host_tick_ms() + duration_ms;
    while ((int32_t)(host_tick_ms() - until_ms) < 0) {
        move_time(STEP_US);
        seconds += STEP_US / 1000000;
        host_yield();
    }
    world.done = true;
    for (uint32_t i = 0; i < THREADS; i++) {
        host_thread_join(thread[i]);
        check(worker[i].requests >= 20, "every thread got its turn");
        requests += worker[i].requests;
    }
    energy_read_packages(&last);
    for (uint32_t i = 0; i < 10; i++) {
        expect_energy(&last, i % 5, i / 5, rate[i] * seconds, 0);
    }
    printf("  %u s: %llu requests from %u threads over %llu s of the machine's time, %llu wraps of "
           "a platform counter\n",
           duration_ms / 1000, (unsigned long long)requests, THREADS, (unsigned long long)seconds,
           (unsigned long long)(rate[4] * seconds >> 32));
    energy_close(&last);
}

const struct scenario scenarios_energy_threads[] = {
    {"energy-threads-stop-in-use", stop_in_use},
    {"energy-threads-stop-while-dpcs-return", stop_while_dpcs_return},
    {"energy-threads-mixed-requests", mixed_requests},
    {NULL, NULL},
};
