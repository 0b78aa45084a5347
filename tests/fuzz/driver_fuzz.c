/* SPDX-License-Identifier: Apache-2.0
 *
 * A session over the driver backend, with a hostile device behind it: whatever it answers, the
 * session refuses it or shows energy and time that only go forward.
 *
 * Input: one answer after the other, each a byte that says which Windows code comes with it, two
 * for its size, and that many bytes. Past the end everything is refused.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/all.h"
#include "lib/backend/driver.h"
#include "lib/error_text.h"

#define READS  4
#define NOW_NS UINT64_C(1000000000000)
#define CORES  RAPL_OPEN_CORES

const struct backend *const backend_table[] = {&backend_driver, NULL};

static const uint8_t *next;
static size_t left;

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static uint32_t code_of(uint8_t selector)
{
    static const uint32_t codes[] = {0, RAPL_ERROR_MORE_DATA, 1, 5, 6, 87, 1167, 1306};

    return codes[selector % (sizeof(codes) / sizeof(codes[0]))];
}

static uint32_t answer(void *context, uint32_t control_code, const void *in, size_t in_size,
                       void *out, size_t out_size, size_t *written)
{
    size_t size;
    uint32_t code;

    (void)context;
    (void)control_code;
    require(in_size <= RAPL_WIRE_REQUEST_MAX && ((const uint8_t *)in)[0] == in_size);
    require(out_size <= 128u << 20);
    if (left < 3) {
        return RAPL_ERROR_INVALID_HANDLE;
    }
    code = code_of(next[0]);
    size = next[1] | (size_t)next[2] << 8;
    next += 3;
    left -= 3;
    size = size < left ? size : left;
    memcpy(out, next, size < out_size ? size : out_size);
    next += size;
    left -= size;
    *written = size; /* more than fits, too: DeviceIoControl is not to be trusted either */
    return code;
}

static uint64_t now_ns(void *context)
{
    (void)context;
    return NOW_NS;
}

uint32_t driver_link_open(struct driver_link *out)
{
    *out = (struct driver_link){.channel = {.call = answer, .now_ns = now_ns}};
    return 0;
}

/* What was last seen of each domain. */
struct seen {
    uint64_t ticks, time_ns;
};

static void look(struct rapl_session *session, const struct rapl_samples *samples,
                 struct seen *seen)
{
    for (uint32_t i = 0; i < rapl_domain_count(session); i++) {
        struct rapl_domain_info domain = {.size = sizeof(domain)};
        struct rapl_sample sample = {.size = sizeof(sample)};

        require(rapl_domain_get(session, i, &domain) == RAPL_OK);
        require(memchr(domain.label, 0, sizeof(domain.label)) != NULL);
        require(domain.unit_denominator != 0);
        require(rapl_sample_get(samples, i, &sample) == RAPL_OK);
        if (sample.status == RAPL_OK) {
            require(domain.unit_numerator != 0);
            require(sample.energy_ticks >= seen[i].ticks && sample.time_ns >= seen[i].time_ns);
            require(sample.time_ns <= NOW_NS);
            seen[i] = (struct seen){sample.energy_ticks, sample.time_ns};
        }
    }
}

static void use(struct rapl_session *session)
{
    struct rapl_machine_info machine = {.size = sizeof(machine)};
    struct rapl_samples *first;
    struct rapl_samples *last;
    struct seen *const seen = calloc(rapl_domain_count(session) + 1u, sizeof(*seen));

    require(seen != NULL && rapl_samples_new(session, &first) == RAPL_OK &&
            rapl_samples_new(session, &last) == RAPL_OK);
    require(rapl_machine_get(session, &machine) == RAPL_OK);
    require(memchr(machine.brand, 0, sizeof(machine.brand)) != NULL);
    for (uint32_t i = 0; i < machine.package_count; i++) {
        struct rapl_package_info package = {.size = sizeof(package)};

        require(rapl_package_get(session, i, &package) == RAPL_OK);
        require(package.limit_count <= RAPL_POWER_LIMITS);
    }
    (void)rapl_read(session, first);
    look(session, first, seen);
    for (int i = 0; i < READS; i++) {
        struct rapl_difference gained = {.size = sizeof(gained)};

        (void)rapl_read(session, last);
        look(session, last, seen);
        (void)rapl_difference(first, last, 0, &gained);
        if (rapl_domain_count(session) != 0) {
            (void)rapl_read_update(session, (uint32_t)i % rapl_domain_count(session), 0, last);
        }
    }
    rapl_samples_free(first);
    rapl_samples_free(last);
    free(seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rapl_options options = {.size = sizeof(options), .flags = CORES};
    struct rapl_session *session;

    next = data;
    left = size;
    require(rapl_session_new(&options, &session) == RAPL_OK);
    if (rapl_session_open(session) == RAPL_OK) {
        use(session);
    }
    rapl_session_free(session);
    return 0;
}
