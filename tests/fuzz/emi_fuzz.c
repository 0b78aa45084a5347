/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever the drivers behind Windows' energy meters answer: it is refused with a reason, or every
 * domain can be read any number of times without going back.
 *
 * Input: a byte with the number of meters, then one answer after the other, in the order they are
 * asked for: a byte of error code (0: none), a 16-bit length, so many bytes. After them
 * every meter is gone.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/emi.h"
#include "lib/backend/emi.h"

#define METERS_MAX 4u
#define SAMPLES    3u

static const struct backend backend = BACKEND_EMI(NULL);

struct answers {
    const uint8_t *data;
    size_t size;
    uint32_t meters;
    uint32_t open_handles;
    uint64_t time_ns;
};

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static uint32_t take_u8(struct answers *answers)
{
    if (answers->size == 0) {
        return 0;
    }
    answers->size--;
    return *answers->data++;
}

static uint32_t enumerate(void *context, uint32_t *count)
{
    const struct answers *answers = context;

    *count = answers->meters;
    return 0;
}

static uint32_t open_meter(void *context, uint32_t device, void **handle)
{
    struct answers *answers = context;

    (void)device;
    answers->open_handles++;
    *handle = answers;
    return 0;
}

static uint32_t control(void *context, void *handle, uint32_t code, void *out, uint32_t size,
                        uint32_t *got)
{
    struct answers *answers = context;

    (void)handle;
    (void)code;
    if (answers->size == 0) {
        return 1167;
    }
    const uint32_t error = take_u8(answers);
    uint32_t length = take_u8(answers);
    length |= take_u8(answers) << 8;
    if (error != 0) {
        return error;
    }
    length = length <= answers->size ? length : (uint32_t)answers->size;
    length = length <= size ? length : size;
    memcpy(out, answers->data, length);
    answers->data += length;
    answers->size -= length;
    *got = length;
    return 0;
}

static void close_meter(void *context, void *handle)
{
    struct answers *answers = context;

    (void)handle;
    answers->open_handles--;
}

static void release(void *context)
{
    (void)context;
}

static uint64_t time_ns(void *context)
{
    struct answers *answers = context;

    answers->time_ns += 100000000;
    return answers->time_ns;
}

static void look(void *state, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct backend_domain domain;
        struct rapl_package_info package = {.size = sizeof(package)};
        backend.domain(state, i, &domain);
        require(domain.unit_denominator != 0);
        require(memchr(domain.name, 0, sizeof(domain.name)) != NULL);
        require(memchr(domain.label, 0, sizeof(domain.label)) != NULL);
        require(domain.package == RAPL_NONE ||
                backend.package(state, domain.package, &package) == RAPL_OK);
    }
}

static void read_all(void *state, uint32_t count)
{
    struct backend_reading *readings = calloc(count, sizeof(*readings));
    uint64_t *last = calloc(count, sizeof(*last));

    require(readings != NULL && last != NULL);
    for (uint32_t i = 0; i < SAMPLES; i++) {
        (void)backend.read(state, readings);
        for (uint32_t j = 0; j < count; j++) {
            if (readings[j].status == RAPL_OK) {
                require(readings[j].energy_ticks >= last[j]);
                last[j] = readings[j].energy_ticks;
            }
        }
    }
    free(readings);
    free(last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* a copy of exactly that size: a read past its end is seen */
    uint8_t *copy = malloc(size != 0 ? size : 1);
    struct answers answers = {.data = copy, .size = size};
    const struct emi_system system = {.context = &answers,
                                      .enumerate = enumerate,
                                      .open = open_meter,
                                      .control = control,
                                      .close = close_meter,
                                      .release = release,
                                      .time_ns = time_ns};
    struct backend_report report = {0};
    void *state = NULL;

    require(copy != NULL);
    memcpy(copy, data, size);
    answers.meters = take_u8(&answers) % (METERS_MAX + 1);
    if (emi_open_system(&system, RAPL_OPEN_CORES, &report, &state) == RAPL_OK) {
        const uint32_t count = backend.domain_count(state);
        require(count > 0);
        look(state, count);
        read_all(state, count);
        backend.close(state);
    } else {
        require(report.reason[0] != '\0');
    }
    require(answers.open_handles == 0);
    free(copy);
    return 0;
}
