/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests no program should send: methods that are not buffered, other major functions, names
 * behind the device's.
 */
#include "tests/harness/scenario.h"

#include <string.h>

static void send(struct lab_file *file, uint32_t code, uint32_t in_size, uint32_t out_size,
                 uint32_t status)
{
    const uint32_t in[4] = {0x611, 0, 0, 0};
    const struct lab_control control = {
        .code = code, .in = in, .in_size = in_size, .out_size = out_size};
    struct lab_answer answer;
    lab_control(file, &control, &answer);
    if (answer.status != status) {
        verifier_report(FINDING_STATUS, "code 0x%X in %u out %u: 0x%08X, expected 0x%08X", code,
                        in_size, out_size, answer.status, status);
    }
    if (answer.status != LAB_SUCCESS && answer.returned != 0) {
        verifier_report(FINDING_INFORMATION, "code 0x%X: %u bytes with an error", code,
                        answer.returned);
    }
}

/*
 * The method is checked before everything else, so not even the handle's rights or a wrong size
 * change the answer. The other buffers are poisoned: touching one ends the request.
 */
static void not_buffered(void)
{
    static const uint32_t codes[] = {0, 0x222000, 0x22D844};
    static const uint32_t sizes[] = {0, 4, 8, 16};
    if (!load_on("intel-2s", POLICY_USERS)) {
        return;
    }
    const struct lab_open blind = {.token = CALLER_USER, .access = LAB_FILE_READ_ATTRIBUTES};
    struct lab_file *file = open_as(CALLER_ADMIN);
    struct lab_file *attributes = NULL;
    check_status("open for attributes", lab_open(&blind, &attributes), LAB_SUCCESS);
    for (uint32_t i = 0; i < 3; i++) {
        for (uint32_t method = 1; method < 4; method++) {
            for (uint32_t size = 0; file != NULL && attributes != NULL && size < 16; size++) {
                send(file, codes[i] | method, sizes[size % 4], sizes[size / 4],
                     LAB_INVALID_DEVICE_REQUEST);
                if (i < 2) {
                    send(attributes, codes[i] | method, sizes[size % 4], sizes[size / 4],
                         LAB_INVALID_DEVICE_REQUEST);
                }
            }
        }
    }
    if (attributes != NULL) {
        lab_close(attributes);
    }
    if (file != NULL) {
        lab_close(file);
    }
}

/* The code is ignored as long as it is buffered: new programs may bring an eighth one. */
static void any_buffered_code(void)
{
    if (!load_on("intel-2s", POLICY_ADMINS)) {
        return;
    }
    struct lab_file *file = open_as(CALLER_ADMIN);
    if (file == NULL) {
        return;
    }
    for (uint32_t i = 0; i < 4096; i++) {
        const uint32_t code = (i * 2654435761u) & ~3u;
        send(file, code, 8, 8, LAB_SUCCESS);
        send(file, code, 9, 8, LAB_INVALID_PARAMETER);
    }
    send(file, 0xFFFFFFFC, 8, 8, LAB_SUCCESS);
    lab_close(file);
}

/* Only registers on the list are read at all: every other number is refused unread. */
static void numbers_nobody_listed(void)
{
    static const uint32_t numbers[] = {0x0,
                                       0x10,
                                       0x17,
                                       0x1B,
                                       0x3A,
                                       0x8B,
                                       0xCE,
                                       0x19C,
                                       0x1A2,
                                       0x1FC,
                                       0x601,
                                       0x605,
                                       0x607,
                                       0x60F,
                                       0x612,
                                       0x615,
                                       0x63C,
                                       0x64C,
                                       0x6FF,
                                       0xC0000080,
                                       0xC0000082,
                                       0xC001029C,
                                       0x611 + 0x10000,
                                       0x80000611,
                                       0xFFFFFFFF};
    if (!load_on("intel-2s", POLICY_ADMINS)) {
        return;
    }
    struct lab_file *file = open_as(CALLER_ADMIN);
    if (file == NULL) {
        return;
    }
    const uint64_t read = verifier_counters.rdmsr;
    for (uint32_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        expect_status(file, numbers[i], 0, LAB_INVALID_DEVICE_REQUEST);
    }
    check(verifier_counters.rdmsr == read, "no refused register was read");
    lab_close(file);
}

/* Every other major function is completed with an error; nobody's request is lost. */
static void other_majors(void)
{
    if (!load_on("intel-2s", POLICY_ADMINS)) {
        return;
    }
    struct lab_file *file = open_as(CALLER_ADMIN);
    if (file == NULL) {
        return;
    }
    for (uint32_t major = 0; major <= 0x1B; major++) {
        const bool has_its_own_test = major == 0x00 || major == 0x02 || major == 0x0E ||
                                      major == 0x12; /* create, close, control, cleanup */
        if (has_its_own_test) {
            continue;
        }
        for (uint32_t minor = 0; minor < 0x20; minor++) {
            const uint32_t status = lab_major(file, (uint8_t)major, (uint8_t)minor);
            if (status != LAB_INVALID_DEVICE_REQUEST) {
                verifier_report(FINDING_STATUS, "major 0x%X minor 0x%X: 0x%08X", major, minor,
                                status);
            }
        }
    }
    expect_value(file, 0x611, 0, 0x1100611A);
    lab_close(file);
}

/* \\.\ScaphandreDriver\anything is not a device of ours. */
static void names_behind_the_device(void)
{
    static const char *const suffixes[] = {"\\", "\\x", "\\..\\x", "\\PackageEnergy"};
    if (!load_on("intel-2s", POLICY_ADMINS)) {
        return;
    }
    for (uint32_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        struct lab_open how = {.token = CALLER_ADMIN,
                               .access = LAB_GENERIC_READ | LAB_GENERIC_WRITE,
                               .suffix = suffixes[i]};
        struct lab_file *file = NULL;
        const uint32_t status = lab_open(&how, &file);
        if (status < 0xC0000000u) {
            verifier_report(FINDING_OPENED, "%s behind the device was opened: 0x%08X", suffixes[i],
                            status);
            lab_close(file);
        }
        /* FILE_DEVICE_SECURE_OPEN: the descriptor is asked before the driver is. */
        how.token = CALLER_USER;
        check_status("a user opening a name behind the device", lab_open(&how, &file),
                     LAB_ACCESS_DENIED);
    }
}

const struct scenario scenarios_requests[] = {
    {"requests-not-buffered", not_buffered},
    {"requests-any-buffered-code", any_buffered_code},
    {"requests-numbers-nobody-listed", numbers_nobody_listed},
    {"requests-other-majors", other_majors},
    {"requests-names-behind-the-device", names_behind_the_device},
    {NULL, NULL},
};
