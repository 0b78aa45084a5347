/* SPDX-License-Identifier: Apache-2.0
 *
 * Golden bytes of every request and reply of the new device, one machine's. They were written from
 * docs/abi.md, which shows them too: a change here breaks programs that are already installed and
 * needs a page in docs/decisions/.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core_energy_fixture.h"

/* clang-format off */
static const char *const capabilities_request[] = {
    "10 00 00 00 01 00 01 00 00 00 00 00 00 00 00 00",
    NULL};

static const char *const capabilities_reply[] = {
    "88 00 00 00 01 00 01 80 01 00 02 00 03 00 00 00",
    "01 00 01 00 0c 00 00 00 01 00 00 00 32 00 00 00",
    "01 0a 06 00 9e 00 00 00 01 00 00 00 01 00 00 00",
    "02 00 00 00 04 00 00 00 01 00 00 00 01 00 00 00",
    "00 02 03 00 02 01 01 01 80 c3 c9 01 00 00 00 00",
    "41 20 50 72 6f 63 65 73 73 6f 72 20 40 20 33 2e",
    "30 30 47 48 7a 00 00 00 00 00 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "0a 00 00 00 00 00 00 00",
    NULL};

static const char *const topology_request[] = {
    "10 00 00 00 01 00 02 00 00 00 00 00 00 00 00 00",
    NULL};

static const char *const topology_reply[] = {
    "b0 01 00 00 01 00 02 80 01 00 00 00 20 00 00 00",
    "50 01 00 00 02 00 00 00 70 01 00 00 20 00 00 00",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "00 00 00 01 09 00 00 00 00 02 03 00 02 01 01 01",
    "01 00 00 00 00 40 00 00 01 00 00 00 00 40 00 00",
    "01 00 00 00 00 40 00 00 01 00 00 00 00 40 00 00",
    "01 00 00 00 00 40 00 00 00 00 00 00 01 00 00 00",
    "00 00 00 00 01 00 00 00 00 00 00 00 01 00 00 00",
    "b8 88 00 00 c0 5d 00 00 00 00 00 00 09 3d 00 00",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "e0 ab 00 00 00 3f ab 01 07 00 00 00 00 00 00 00",
    "e0 ab 00 00 89 09 00 00 03 00 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "00 00 04 00 00 00 00 00 00 00 04 00 00 00 00 00",
    "00 00 04 00 00 00 00 00 00 00 04 00 00 00 00 00",
    "00 00 04 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "41 1d 00 00 41 1d 00 00 41 1d 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01",
    "00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00",
    "01 00 00 00 00 00 00 00 02 00 00 00 00 00 02 01",
    "00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00",
    NULL};

static const char *const snapshot_request_bytes[] = {
    "18 00 00 00 01 00 03 00 3f 00 00 00 03 00 00 00",
    "01 00 00 00 00 00 00 00",
    NULL};

static const char *const snapshot_reply[] = {
    "08 01 00 00 01 00 03 80 01 00 00 00 00 00 00 00",
    "00 ae a6 8f 02 00 00 00 28 ae a6 8f 02 00 00 00",
    "00 0a f4 ae 07 00 00 00 78 0a f4 ae 07 00 00 00",
    "80 c3 c9 01 00 00 00 00 03 00 00 00 48 00 00 00",
    "40 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 60 e3 16 00 00 00 00 00",
    "48 e7 16 00 00 00 00 00 0a ae a6 8f 02 00 00 00",
    "1e 0a f4 ae 07 00 00 00 80 84 1e 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 01 02 02 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 14 ae a6 8f 02 00 00 00",
    "3c 0a f4 ae 07 00 00 00 ff ff ff ff ff ff ff ff",
    "00 00 00 00 00 00 00 00 01 03 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 00 02 00 00 00 00 00 00",
    "00 01 00 00 00 00 00 00 1e ae a6 8f 02 00 00 00",
    "5a 0a f4 ae 07 00 00 00 ff ff ff ff ff ff ff ff",
    "00 00 00 00 00 00 00 00",
    NULL};

static const char *const coarse_request[] = {
    "18 00 00 00 01 00 03 00 3f 00 00 00 01 00 00 00",
    "00 00 00 00 00 00 00 00",
    NULL};

static const char *const coarse_reply[] = {
    "08 01 00 00 01 00 03 80 01 00 00 00 00 00 00 00",
    "00 ae a6 8f 02 00 00 00 1e ae a6 8f 02 00 00 00",
    "00 0a f4 ae 07 00 00 00 5a 0a f4 ae 07 00 00 00",
    "80 c3 c9 01 00 00 00 00 03 00 00 00 48 00 00 00",
    "40 00 00 00 04 00 00 00 01 00 00 00 00 00 00 00",
    "04 00 00 00 00 00 00 00 60 e3 16 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 0a ae a6 8f 02 00 00 00",
    "1e 0a f4 ae 07 00 00 00 ff ff ff ff ff ff ff ff",
    "00 00 00 00 00 00 00 00 01 02 02 00 00 00 00 00",
    "04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 14 ae a6 8f 02 00 00 00",
    "3c 0a f4 ae 07 00 00 00 ff ff ff ff ff ff ff ff",
    "00 00 00 00 00 00 00 00 01 03 00 00 00 00 00 00",
    "04 00 00 00 00 00 00 00 00 02 00 00 00 00 00 00",
    "00 00 00 00 00 00 00 00 1e ae a6 8f 02 00 00 00",
    "5a 0a f4 ae 07 00 00 00 ff ff ff ff ff ff ff ff",
    "00 00 00 00 00 00 00 00",
    NULL};

static const char *const too_short_reply[] = {
    "08 01 00 00 01 00 03 80",
    NULL};

/* clang-format on */

struct exchange {
    const char *title; /* of its heading in docs/abi.md */
    uint32_t code;
    bool coarse;
    size_t out_size;
    enum rapl_energy_status status;
    const char *const *request;
    const char *const *reply;
};

static const struct exchange exchanges[] = {
    {"### Capabilities", RAPL_IOCTL_GET_CAPABILITIES, false, 4096, RAPL_ENERGY_OK,
     capabilities_request, capabilities_reply},
    {"### Topology", RAPL_IOCTL_GET_TOPOLOGY, false, 4096, RAPL_ENERGY_OK, topology_request,
     topology_reply},
    {"### Snapshot", RAPL_IOCTL_GET_SNAPSHOT, false, 4096, RAPL_ENERGY_OK, snapshot_request_bytes,
     snapshot_reply},
    {"### Snapshot of a coarse caller", RAPL_IOCTL_GET_SNAPSHOT, true, 4096, RAPL_ENERGY_OK,
     coarse_request, coarse_reply},
    {"### Reply that does not fit", RAPL_IOCTL_GET_SNAPSHOT, false, 263, RAPL_ENERGY_MORE,
     snapshot_request_bytes, too_short_reply},
};

static size_t to_bytes(const char *const *lines, uint8_t *bytes)
{
    size_t size = 0;

    for (; *lines != NULL; lines++) {
        const char *at = *lines;

        while (*at != 0) {
            char *end;

            bytes[size++] = (uint8_t)strtoul(at, &end, 16);
            assert_int_equal(end - at, at == *lines ? 2 : 3); /* the blank before it, too */
            at = end;
        }
    }
    return size;
}

static void test_exchanges(void **state)
{
    static struct desk desk;

    (void)state;
    for (size_t i = 0; i < sizeof(exchanges) / sizeof(exchanges[0]); i++) {
        const struct exchange *const exchange = &exchanges[i];
        uint8_t request[64];
        uint8_t wanted[1024];
        const size_t request_size = to_bytes(exchange->request, request);
        const size_t size = to_bytes(exchange->reply, wanted);

        make_golden(&desk);
        memset(desk.out, 0xA5, sizeof(desk.out));
        assert_int_equal(
            ask(&desk, exchange->code, request, request_size, exchange->coarse, exchange->out_size),
            exchange->status);
        assert_int_equal(desk.written, size);
        assert_memory_equal(desk.out, wanted, size);
        assert_int_equal(desk.out[size], 0xA5);
    }
}

/* The request's memory is the reply's memory, as the I/O manager has it. */
static void test_in_place(void **state)
{
    static struct desk desk;

    (void)state;
    for (size_t i = 0; i < sizeof(exchanges) / sizeof(exchanges[0]); i++) {
        const struct exchange *const exchange = &exchanges[i];
        uint8_t wanted[1024];
        const size_t size = to_bytes(exchange->reply, wanted);
        size_t request_size;

        make_golden(&desk);
        request_size = to_bytes(exchange->request, desk.out);
        assert_int_equal(ask(&desk, exchange->code, desk.out, request_size, exchange->coarse,
                             exchange->out_size),
                         exchange->status);
        assert_int_equal(desk.written, size);
        assert_memory_equal(desk.out, wanted, size);
    }
}

/* docs/abi.md shows these very bytes, line by line, under each title. */
static void test_documented(void **state)
{
    static char text[65536];
    FILE *const file = fopen(RAPL_SOURCE_DIR "/docs/abi.md", "r");

    (void)state;
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = 0;
    assert_int_equal(fclose(file), 0);
    for (size_t i = 0; i < sizeof(exchanges) / sizeof(exchanges[0]); i++) {
        const char *const *const parts[] = {exchanges[i].request, exchanges[i].reply};
        char title[64];
        const char *at;

        (void)snprintf(title, sizeof(title), "\n%s\n", exchanges[i].title);
        at = strstr(text, title);
        assert_non_null(at);
        for (size_t j = 0; j < 2; j++) {
            at = strstr(at, "```\n");
            assert_non_null(at);
            at += 4;
            for (const char *const *line = parts[j]; *line != NULL; line++) {
                assert_memory_equal(at, *line, strlen(*line));
                at += strlen(*line);
                assert_int_equal(*at, '\n');
                at++;
            }
            assert_memory_equal(at, "```\n", 4);
            at += 4;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchanges),
        cmocka_unit_test(test_in_place),
        cmocka_unit_test(test_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
