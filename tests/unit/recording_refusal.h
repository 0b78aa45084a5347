/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings that must be refused, as tables: in each text ^ stands before the byte the complaint
 * must point at; it is taken out before parsing. And the lines such texts are made of.
 */
#ifndef RAPL_TESTS_RECORDING_REFUSAL_H
#define RAPL_TESTS_RECORDING_REFUSAL_H

#include "recording_support.h"

#define HEAD     "rapl-recording 1\n"
#define SOURCE   "source k composed \"made up\"\n"
#define TITLE    "title \"t\" @k\n"
#define CPU      "cpu intel family 6 model 0x9E stepping 10 @k\n"
#define AMD      "cpu amd family 0x19 model 0x61 stepping 2 @k\n"
#define BARE     "hypervisor none @k\n"
#define TOPOLOGY "topology packages 1 processors 4 groups 4 @k\n"
#define CORES    "cores 0-1 package 0 threads 2 group 0 apic 0 @k\n"
#define UNIT     "register 0x606 package 0 value 0xA0E03 @k\n"
#define END      "end\n"
#define MACHINE  HEAD SOURCE TITLE CPU BARE TOPOLOGY CORES
#define SERIES   MACHINE "register 1 package 0 series width 32 hold @k\n"
#define TEN      "0123456789"
#define HUNDRED  TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

struct refusal {
    const char *text;
    const char *message; /* how it begins */
};

static inline void expect_refusal(const struct refusal *refusal)
{
    const char *const mark = strchr(refusal->text, '^');
    char *const text = malloc(strlen(refusal->text) + 1);
    struct recording_error error = {0};
    struct parsed parsed = {.recording = {.title = "untouched"}};
    uint32_t line = 1, column = 1;
    size_t before;

    assert_non_null(mark);
    assert_non_null(text);
    before = (size_t)(mark - refusal->text);
    memcpy(text, refusal->text, before);
    strcpy(text + before, mark + 1);
    for (size_t i = 0; i < before; i++) {
        column = text[i] == '\n' ? 1 : column + 1;
        line += text[i] == '\n';
    }
    if (parse_sized(text, strlen(text), &parsed, &error)) {
        fail_msg("taken: %s", refusal->text);
    }
    if (error.line != line || error.column != column ||
        strncmp(error.message, refusal->message, strlen(refusal->message)) != 0) {
        fail_msg("%s\nsaid %u:%u: %s\nwanted %u:%u: %s", refusal->text, error.line, error.column,
                 error.message, line, column, refusal->message);
    }
    assert_string_equal(parsed.recording.title, "untouched");
    free(text);
}

static inline void expect_refusals(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect_refusal(&refusals[i]);
    }
}

#define EXPECT_REFUSALS(refusals)                                                                  \
    expect_refusals(refusals, sizeof(refusals) / sizeof((refusals)[0]))

#endif
