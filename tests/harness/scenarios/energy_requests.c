/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests to the energy device that are not as they should be. What must come of each is written
 * down here; the rules are in include/rapl/energy.h.
 */
#include "tests/harness/energy_client.h"
#include "tests/harness/scenario.h"

#include <string.h>

#define CODE_CAPABILITIES 0x00226400u
#define CODE_TOPOLOGY     0x00226404u
#define CODE_SNAPSHOT     0x00226408u

#define BAD LAB_INVALID_PARAMETER

static struct energy_client client;

/* 32-bit words from byte 0: size, version and kind, then the rest; `in_size` bytes are sent. */
struct malformed {
    const char *what;
    uint32_t code;
    uint32_t in_size, out_size;
    uint32_t status;
    uint32_t word[8];
};

#define V1(kind) (1u | (kind) << 16)

static const struct malformed rows[] = {
    {"no input", CODE_CAPABILITIES, 0, 256, BAD, {0}},
    {"shorter than a header", CODE_CAPABILITIES, 7, 256, BAD, {7, V1(1u)}},
    {"a header alone", CODE_CAPABILITIES, 8, 256, BAD, {8, V1(1u)}},
    {"short", CODE_CAPABILITIES, 15, 256, BAD, {15, V1(1u)}},
    {"right", CODE_CAPABILITIES, 16, 256, LAB_SUCCESS, {16, V1(1u)}},
    {"size of another", CODE_CAPABILITIES, 16, 256, BAD, {20, V1(1u)}},
    {"size 0", CODE_CAPABILITIES, 16, 256, BAD, {0, V1(1u)}},
    {"longer, zero tail", CODE_CAPABILITIES, 32, 256, LAB_SUCCESS, {32, V1(1u)}},
    {"longer, non-zero tail", CODE_CAPABILITIES, 32, 256, BAD, {32, V1(1u), 0, 0, 0, 0, 0, 1}},
    {"version 0", CODE_CAPABILITIES, 16, 256, LAB_REVISION_MISMATCH, {16, 1u << 16}},
    {"version 2", CODE_CAPABILITIES, 16, 256, LAB_REVISION_MISMATCH, {16, 2u | 1u << 16}},
    {"version 65535", CODE_CAPABILITIES, 16, 256, LAB_REVISION_MISMATCH, {16, 0x1FFFFu}},
    {"kind 0", CODE_CAPABILITIES, 16, 256, BAD, {16, V1(0u)}},
    {"kind of a topology", CODE_CAPABILITIES, 16, 256, BAD, {16, V1(2u)}},
    {"kind of a reply", CODE_CAPABILITIES, 16, 256, BAD, {16, V1(0x8001u)}},
    {"reserved 1", CODE_CAPABILITIES, 16, 256, BAD, {16, V1(1u), 1, 0}},
    {"reserved 2", CODE_CAPABILITIES, 16, 256, BAD, {16, V1(1u), 0, 0x80000000u}},
    {"no output", CODE_CAPABILITIES, 16, 0, LAB_BUFFER_TOO_SMALL, {16, V1(1u)}},
    {"output of 7", CODE_CAPABILITIES, 16, 7, LAB_BUFFER_TOO_SMALL, {16, V1(1u)}},
    {"output of 8", CODE_CAPABILITIES, 16, 8, LAB_BUFFER_OVERFLOW, {16, V1(1u)}},
    {"output of 135", CODE_CAPABILITIES, 16, 135, LAB_BUFFER_OVERFLOW, {16, V1(1u)}},
    {"output of 136", CODE_CAPABILITIES, 16, 136, LAB_SUCCESS, {16, V1(1u)}},
    {"topology, right", CODE_TOPOLOGY, 16, 4096, LAB_SUCCESS, {16, V1(2u)}},
    {"topology, short", CODE_TOPOLOGY, 12, 4096, BAD, {12, V1(2u)}},
    {"topology, reserved", CODE_TOPOLOGY, 16, 4096, BAD, {16, V1(2u), 0, 1}},
    {"topology, output of 8", CODE_TOPOLOGY, 16, 8, LAB_BUFFER_OVERFLOW, {16, V1(2u)}},
    {"topology, output one short", CODE_TOPOLOGY, 16, 959, LAB_BUFFER_OVERFLOW, {16, V1(2u)}},
    {"topology, output just so", CODE_TOPOLOGY, 16, 960, LAB_SUCCESS, {16, V1(2u)}},
    {"topology, output of 0", CODE_TOPOLOGY, 16, 0, LAB_BUFFER_TOO_SMALL, {16, V1(2u)}},
    {"snapshot, right", CODE_SNAPSHOT, 24, 4096, LAB_SUCCESS, {24, V1(3u), 0x1F, 1}},
    {"snapshot, zero tail", CODE_SNAPSHOT, 32, 4096, LAB_SUCCESS, {32, V1(3u), 0x1F, 1}},
    {"snapshot, tail", CODE_SNAPSHOT, 28, 4096, BAD, {28, V1(3u), 0x1F, 1, 0, 0, 1}},
    {"snapshot, short", CODE_SNAPSHOT, 16, 4096, BAD, {16, V1(3u), 0x1F, 1}},
    {"snapshot, reserved", CODE_SNAPSHOT, 24, 4096, BAD, {24, V1(3u), 0x1F, 1, 0, 1}},
    {"snapshot, no domain", CODE_SNAPSHOT, 24, 4096, BAD, {24, V1(3u), 0, 3}},
    {"snapshot, unknown domain", CODE_SNAPSHOT, 24, 4096, BAD, {24, V1(3u), 0x5F, 1}},
    {"snapshot, no scope", CODE_SNAPSHOT, 24, 4096, BAD, {24, V1(3u), 0x1F, 0}},
    {"snapshot, unknown scope", CODE_SNAPSHOT, 24, 4096, BAD, {24, V1(3u), 0x1F, 5}},
    {"snapshot, unknown option", CODE_SNAPSHOT, 24, 4096, BAD, {24, V1(3u), 0x1F, 1, 2}},
    {"snapshot, cores without them", CODE_SNAPSHOT, 24, 4096, BAD, {24, V1(3u), 0x1F, 2}},
    {"snapshot, packages' cores", CODE_SNAPSHOT, 24, 4096, BAD, {24, V1(3u), 0x20, 1}},
    {"snapshot, version 2", CODE_SNAPSHOT, 24, 99, LAB_REVISION_MISMATCH, {24, 2u | 3u << 16}},
    {"snapshot, output of 7", CODE_SNAPSHOT, 24, 7, LAB_BUFFER_TOO_SMALL, {24, V1(3u), 1, 1}},
    {"snapshot, output of 8", CODE_SNAPSHOT, 24, 8, LAB_BUFFER_OVERFLOW, {24, V1(3u), 1, 1}},
    {"snapshot, one short", CODE_SNAPSHOT, 24, 711, LAB_BUFFER_OVERFLOW, {24, V1(3u), 0x1F, 1}},
    {"snapshot, just so", CODE_SNAPSHOT, 24, 712, LAB_SUCCESS, {24, V1(3u), 0x1F, 1}},
    {"a code nobody knows", 0x0022640C, 16, 256, LAB_INVALID_DEVICE_REQUEST, {16, V1(1u)}},
    {"the same, another method", 0x00226401, 16, 256, LAB_INVALID_DEVICE_REQUEST, {16, V1(1u)}},
    {"the same, any access", 0x00222400, 16, 256, LAB_INVALID_DEVICE_REQUEST, {16, V1(1u)}},
};

/* machines/intel-2x5.rec: 2 packages with 5 domains, 8 cores. */
static uint32_t needed(const struct malformed *row)
{
    switch (row->code) {
    case CODE_CAPABILITIES:
        return 136;
    case CODE_TOPOLOGY:
        return 32 + 2 * 336 + 8 * 32;
    default:
        return 72 + (row->word[2] == 1 ? 2 : 10) * 64;
    }
}

static void every_row(void)
{
    if (!load_on("intel-2x5", POLICY_USERS) || !energy_open(CALLER_ADMIN, &client)) {
        return;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct malformed *row = &rows[i];
        const uint64_t rdmsr = verifier_counters.rdmsr;
        memset(client.reply.bytes, 0xEE, 16);
        energy_send(&client, row->code, row->word, row->in_size, row->out_size);
        check_status(row->what, client.status, row->status);
        if (row->status == LAB_SUCCESS) {
            check(client.returned == needed(row) && client.reply.header.size == needed(row),
                  row->what);
        } else if (row->status == LAB_BUFFER_OVERFLOW) {
            check(client.returned == 8 && client.reply.header.size == needed(row) &&
                      client.reply.header.version == 1 &&
                      client.reply.header.kind == (0x8000u | row->word[1] >> 16),
                  row->what);
        } else {
            check(client.returned == 0 && client.reply.bytes[0] == 0xEE, row->what);
        }
        if (row->status != LAB_SUCCESS) {
            check(verifier_counters.rdmsr == rdmsr, "a refused request reads nothing");
        }
    }
    energy_close(&client);
}

/* Every length from nothing to past the longest, zeros after the known fields. */
static void every_length(void)
{
    uint32_t word[80] = {0, V1(3u), 0x1F, 1};
    if (!load_on("intel-2x5", POLICY_USERS) || !energy_open(CALLER_ADMIN, &client)) {
        return;
    }
    for (uint32_t size = 0; size < 300; size++) {
        word[0] = size;
        energy_send(&client, CODE_SNAPSHOT, word, size, 4096);
        check_status("snapshot of a certain length", client.status,
                     size >= 24 && size <= 256 ? LAB_SUCCESS : BAD);
    }
    energy_close(&client);
}

static void rights(void)
{
    static const struct {
        const char *what;
        uint32_t access;
        bool kernel; /* whose requests pass the I/O manager */
    } handles[] = {
        {"a handle for writing alone", LAB_GENERIC_WRITE, false},
        {"a handle for attributes", LAB_FILE_READ_ATTRIBUTES, false},
        {"a handle for attributes, past the I/O manager", LAB_FILE_READ_ATTRIBUTES, true},
    };
    const uint32_t word[6] = {16, V1(1u)};
    if (!load_on("intel-2x5", POLICY_USERS)) {
        return;
    }
    for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++) {
        const struct lab_open how = {.token = CALLER_ADMIN,
                                     .access = handles[i].access,
                                     .kernel = handles[i].kernel,
                                     .energy = true};
        const uint32_t status = lab_open(&how, &client.file);
        check_status("open", status, LAB_SUCCESS);
        if (status == LAB_SUCCESS) {
            energy_send(&client, CODE_CAPABILITIES, word, 16, 256);
            check_status(handles[i].what, client.status, LAB_ACCESS_DENIED);
            energy_close(&client);
        }
    }
}

/* Each device's requests on the other's handle. */
static void wrong_device(void)
{
    const uint32_t word[6] = {16, V1(1u)}, legacy[2] = {0x611, 0};
    static const uint32_t codes[] = {0x22D844, 0x222000, 0, 0x226400};
    if (!load_on("intel-2x5", POLICY_USERS)) {
        return;
    }
    client.file = open_as(CALLER_ADMIN);
    if (client.file != NULL) {
        /* The legacy device takes any buffered code for a read; this one is no 8 bytes long. */
        energy_send(&client, CODE_CAPABILITIES, word, 16, 256);
        check_status("capabilities on the legacy handle", client.status, BAD);
        energy_close(&client);
    }
    const struct lab_open how = {
        .token = CALLER_ADMIN, .energy = true, .access = LAB_GENERIC_READ | LAB_GENERIC_WRITE};
    if (lab_open(&how, &client.file) != LAB_SUCCESS) {
        check(false, "opens for reading and writing");
        return;
    }
    for (uint32_t i = 0; i < 4; i++) {
        energy_send(&client, codes[i], legacy, 8, 8);
        check_status("a legacy request on the energy handle", client.status,
                     codes[i] == 0x226400 ? BAD : LAB_INVALID_DEVICE_REQUEST);
    }
    energy_close(&client);
}

static void raised_irql(void)
{
    const uint32_t word[6] = {24, V1(3u), 0x1F, 1};
    struct lab_answer answer;
    const struct lab_control control = {.code = CODE_SNAPSHOT,
                                        .in = word,
                                        .in_size = 24,
                                        .out = client.reply.bytes,
                                        .out_size = 4096,
                                        .irql = THREAD_DISPATCH_LEVEL};
    if (load_on("intel-2x5", POLICY_USERS) && energy_open(CALLER_ADMIN, &client)) {
        lab_control(client.file, &control, &answer);
        check_status("snapshot at DISPATCH_LEVEL", answer.status, LAB_INVALID_DEVICE_STATE);
        energy_close(&client);
    }
}

const struct scenario scenarios_energy_requests[] = {
    {"energy-requests-malformed", every_row},     {"energy-requests-lengths", every_length},
    {"energy-requests-rights", rights},           {"energy-requests-wrong-device", wrong_device},
    {"energy-requests-raised-irql", raised_irql}, {NULL, NULL},
};
