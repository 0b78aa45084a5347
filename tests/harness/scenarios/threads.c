/* SPDX-License-Identifier: Apache-2.0
 *
 * Many programs at once, on real threads.
 */
#include "tests/harness/host.h"
#include "tests/harness/scenario.h"

#include <string.h>

#define THREADS     8u
#define DURATION_MS 3000u

struct worker {
    uint32_t number;
    uint32_t until_ms;
    uint32_t requests;
};

/* One client's turn; its own handle, sometimes kept over several requests. */
static void take_turn(const struct worker *worker, struct lab_file *file, bool coarse,
                      uint32_t turn)
{
    const uint32_t cpu = (turn * 7 + worker->number * 5) % 32;
    const uint64_t package = cpu < 16 ? 0x1100611A : 0x2200611B;
    switch (turn % 5) {
    case 0:
        expect_value(file, 0x606, cpu, 0xA0E03);
        break;
    case 1:
        expect_status(file, 0x619, cpu, LAB_IO_DEVICE_ERROR);
        break;
    case 2:
        expect_status(file, 0x613, cpu, coarse ? LAB_ACCESS_DENIED : LAB_SUCCESS);
        break;
    case 3:
        expect_status(file, 0x1A0, cpu, LAB_INVALID_DEVICE_REQUEST);
        break;
    default:
        expect_value(file, 0x611, cpu, package);
        break;
    }
    if (worker->number == 0) {
        clock_advance_us(3000);
    }
}

static void work(void *argument)
{
    struct worker *worker = argument;
    const bool coarse = worker->number % 2 != 0;
    uint32_t turn = 0;
    while ((int32_t)(host_tick_ms() - worker->until_ms) < 0) {
        struct lab_file *file = open_as(coarse ? CALLER_USER : CALLER_ADMIN);
        if (file == NULL) {
            break;
        }
        for (uint32_t i = 0; i <= worker->number; i++) {
            take_turn(worker, file, coarse, turn++);
            worker->requests++;
        }
        lab_close(file);
    }
    thread_end();
}

static void many_clients(void)
{
    struct worker worker[THREADS];
    struct host_thread *thread[THREADS];
    if (!load_on("intel-2s", POLICY_USERS)) {
        return;
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        worker[i] = (struct worker){.number = i, .until_ms = host_tick_ms() + DURATION_MS};
        thread[i] = host_thread_start(work, &worker[i]);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        host_thread_join(thread[i]);
        check(worker[i].requests >= 20, "every thread got its turn");
    }
    check(lab_stop() == LAB_STOPPED, "stops when all have closed");
}

/*
 * A stop while programs are busy: nobody new gets in, those who are in are served, and the driver
 * is unloaded by whoever closes last.
 */
static void work_until_refused(void *argument)
{
    struct worker *worker = argument;
    struct lab_file *file = NULL;
    uint32_t turn = 0, status;
    while ((status = lab_open_as(CALLER_ADMIN, &file)) == LAB_SUCCESS) {
        for (uint32_t i = 0; i < 20; i++) {
            take_turn(worker, file, false, turn++);
            worker->requests++;
        }
        lab_close(file);
    }
    if (status != LAB_NO_SUCH_DEVICE && status != LAB_OBJECT_NAME_NOT_FOUND) {
        check_status("open of a driver that is being stopped", status, LAB_NO_SUCH_DEVICE);
    }
    thread_end();
}

static void stop_in_use(void)
{
    struct worker worker[THREADS];
    struct host_thread *thread[THREADS];
    for (uint32_t round = 0; round < 20; round++) {
        if (!load_on("intel-2s", POLICY_USERS)) {
            return;
        }
        for (uint32_t i = 0; i < THREADS; i++) {
            worker[i] = (struct worker){.number = i};
            thread[i] = host_thread_start(work_until_refused, &worker[i]);
        }
        const uint32_t until_ms = host_tick_ms() + 20 + round;
        while ((int32_t)(host_tick_ms() - until_ms) < 0) {
            host_yield();
        }
        lab_stop();
        for (uint32_t i = 0; i < THREADS; i++) {
            host_thread_join(thread[i]);
        }
        check(lab_state() == LAB_STOPPED, "the last close has unloaded the driver");
    }
}

const struct scenario scenarios_threads[] = {
    {"threads-many-clients", many_clients},
    {"threads-stop-in-use", stop_in_use},
    {NULL, NULL},
};
