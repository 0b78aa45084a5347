/* SPDX-License-Identifier: Apache-2.0
 *
 * What a register line of a recording says after the register's address, and the points of a
 * series.
 */
#include "recording/parse.h"

#define WIDTH_32_MAX 0xFFFFFFFFull

enum value_word { WORD_VALUE, WORD_FAULTS, WORD_RAMP, WORD_SERIES };

static uint64_t width_max(uint32_t width)
{
    return width == 32 ? WIDTH_32_MAX : UINT64_MAX;
}

static bool parse_width(struct recording_parse *parse, struct recording_register *reg)
{
    static const char *const widths[] = {"32", "64"};
    static const char message[] = "write the counter's width here: `width 32` or `width 64`";
    uint32_t index = 0;

    if (!recording_scan_word(&parse->scan, "width")) {
        return recording_fail(&parse->scan, recording_scan_column(&parse->scan), message);
    }
    if (!recording_scan_choice(&parse->scan, widths, 2, message, &index)) {
        return false;
    }
    reg->width = index == 0 ? 32 : 64;
    return true;
}

static bool parse_value(struct recording_parse *parse, struct recording_register *reg)
{
    static const struct recording_number value = {NULL, 0, UINT64_MAX,
                                                  "write the register's value here, as in 0xA0E03",
                                                  "a register holds 64 bits"};

    return recording_scan_number(&parse->scan, &value, &reg->value);
}

static bool parse_ramp(struct recording_parse *parse, struct recording_register *reg)
{
    static const struct recording_number from = {
        "from", 0, UINT64_MAX, "write what the counter starts from, as in `from 0`",
        "a counter holds at most 64 bits"};
    static const struct recording_number rate = {
        "rate", 0, RECORDING_RATE_MAX, "write the counts a second here, as in `rate 245760`",
        "the rate is at most 2^40 counts a second"};
    static const struct recording_number step = {
        "step-us", 1, 60000000, "write how often the counter is updated, as in `step-us 977`",
        "a step is 1 us to 60 s"};
    static const struct recording_number jitter = {
        "jitter-us", 0, 59999999, "write by how much an update may be late, after `jitter-us`",
        "jitter is at most 59999999 us"};
    uint32_t from_column = recording_scan_column(&parse->scan);
    uint32_t jitter_column;
    uint64_t step_us = 0, jitter_us = 0;

    if (!recording_scan_number(&parse->scan, &from, &reg->value) ||
        !recording_scan_number(&parse->scan, &rate, &reg->rate_per_s) ||
        !recording_scan_number(&parse->scan, &step, &step_us)) {
        return false;
    }
    jitter_column = recording_scan_column(&parse->scan);
    if (!recording_scan_optional(&parse->scan, &jitter, &jitter_us) || !parse_width(parse, reg)) {
        return false;
    }
    if (jitter_us >= step_us) {
        return recording_fail(&parse->scan, jitter_column,
                              "the jitter must be smaller than the step: updates keep their order");
    }
    if (reg->value > width_max(reg->width)) {
        return recording_fail(&parse->scan, from_column, "the start does not fit in the width");
    }
    reg->step_us = (uint32_t)step_us;
    reg->jitter_us = (uint32_t)jitter_us;
    return true;
}

static bool parse_series(struct recording_parse *parse, struct recording_register *reg)
{
    static const char *const ends[] = {"hold", "loop"};
    uint32_t end = 0;

    if (!parse_width(parse, reg) ||
        !recording_scan_choice(&parse->scan, ends, 2,
                               "write `hold` (keeps its last value) or `loop` (goes on counting)",
                               &end)) {
        return false;
    }
    reg->loop = end == 1;
    reg->points = parse->points + parse->point_count;
    return true;
}

bool recording_parse_content(struct recording_parse *parse, struct recording_register *reg)
{
    static const char *const words[] = {"value", "faults", "ramp", "series"};
    uint32_t word = 0;

    if (!recording_scan_choice(&parse->scan, words, 4,
                               "write what the register holds: value, faults, ramp or series",
                               &word)) {
        return false;
    }
    switch ((enum value_word)word) {
    case WORD_VALUE:
        reg->kind = RECORDING_FIXED;
        return parse_value(parse, reg);
    case WORD_RAMP:
        reg->kind = RECORDING_RAMP;
        return parse_ramp(parse, reg);
    case WORD_SERIES:
        reg->kind = RECORDING_SERIES;
        return parse_series(parse, reg);
    case WORD_FAULTS:
        break;
    }
    reg->kind = RECORDING_FAULTS;
    return true;
}

/* The series that the last register line began. */
static struct recording_register *open_series(struct recording_parse *parse)
{
    struct recording_register *last;

    if (parse->draft.register_count == 0) {
        return NULL;
    }
    last = &parse->registers[parse->draft.register_count - 1];
    return last->kind == RECORDING_SERIES ? last : NULL;
}

static bool check_time(struct recording_parse *parse, const struct recording_register *series,
                       uint64_t time_us, uint32_t column)
{
    if (series->point_count == 0 && time_us != 0) {
        return recording_fail(&parse->scan, column, "a series begins at time 0");
    }
    if (series->point_count > 0 && time_us <= series->points[series->point_count - 1].time_us) {
        return recording_fail(&parse->scan, column,
                              "not in order: this time must be later than the one above");
    }
    return true;
}

bool recording_parse_at(struct recording_parse *parse)
{
    static const struct recording_number time = {
        NULL, 0, RECORDING_TIME_MAX_US, "write a time in microseconds here, as in `at 99256 4096`",
        "a time is at most 2^42 us (50 days)"};
    static const struct recording_number raw = {NULL, 0, UINT64_MAX,
                                                "write the counter's value at that time here",
                                                "a counter holds at most 64 bits"};
    struct recording_register *series = open_series(parse);
    struct recording_point point = {0};
    uint32_t time_column = recording_scan_column(&parse->scan);
    uint32_t raw_column;

    if (!series) {
        return recording_fail(&parse->scan, 1,
                              "`at` lines belong directly below `register ... series ...`");
    }
    if (!recording_scan_number(&parse->scan, &time, &point.time_us)) {
        return false;
    }
    raw_column = recording_scan_column(&parse->scan);
    if (!recording_scan_number(&parse->scan, &raw, &point.value) ||
        !check_time(parse, series, point.time_us, time_column)) {
        return false;
    }
    if (point.value > width_max(series->width)) {
        return recording_fail(&parse->scan, raw_column, "the value does not fit in the width");
    }
    if (parse->point_count == parse->point_capacity) {
        return recording_fail(&parse->scan, 1, "the arena is too small for this text");
    }
    parse->points[parse->point_count++] = point;
    series->point_count++;
    return recording_parse_source_key(parse, NULL);
}

bool recording_close_series(struct recording_parse *parse)
{
    const struct recording_register *series = open_series(parse);

    if (!series) {
        return true;
    }
    if (series->point_count == 0) {
        return recording_fail(&parse->scan, 1,
                              "the series above has no points: add `at TIME_US VALUE @key` lines");
    }
    if (series->loop && series->point_count < 2) {
        return recording_fail(&parse->scan, 1,
                              "the series above cannot loop: it needs at least two points");
    }
    return true;
}
