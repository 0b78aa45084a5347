/* SPDX-License-Identifier: Apache-2.0
 *
 * Option parsing: the GNU forms, no abbreviations, no bundles.
 */
#include "cli/options.h"

#include <string.h>

#define DURATION_MAX_MS UINT64_C(86400000) /* 24 h */
#define SIZE_MIN_BYTES  UINT64_C(1000)
#define SIZE_MAX_BYTES  (UINT64_C(1) << 60)
#define SPEED_MAX       UINT64_C(1000000)

static bool named(const struct option *option, char short_name, const char *name, size_t size)
{
    if (name == NULL) {
        return short_name != '\0' && option->short_name == short_name;
    }
    return strlen(option->long_name) == size && memcmp(option->long_name, name, size) == 0;
}

/* By its long name, or with `name` NULL by its short one. */
static const struct option *find(const struct options *options, char short_name, const char *name,
                                 size_t size)
{
    for (size_t i = 0; i < options->table_count; i++) {
        if (named(&options->table[i], short_name, name, size)) {
            return &options->table[i];
        }
    }
    for (size_t i = 0; i < options->common_count; i++) {
        if (named(&options->common[i], short_name, name, size)) {
            return &options->common[i];
        }
    }
    return NULL;
}

/* `attached`: the value given with the option itself, NULL if none was. */
static int take(struct options *options, const struct option *option, const char *argument,
                const char *attached, const char **value)
{
    *value = argument;
    if (option == NULL) {
        return OPTIONS_UNKNOWN;
    }
    if (option->value_name == NULL) {
        return attached == NULL ? option->id : OPTIONS_EXTRA;
    }
    if (attached == NULL) {
        if (options->at >= options->argc) {
            return OPTIONS_NO_VALUE;
        }
        attached = options->argv[options->at++];
    }
    *value = attached;
    return option->id;
}

int options_next(struct options *options, const char **value)
{
    const char *argument;
    const char *attached;

    if (options->at >= options->argc) {
        return OPTIONS_END;
    }
    argument = options->argv[options->at++];
    if (!options->only_positional && strcmp(argument, "--") == 0) {
        options->only_positional = true;
        if (options->at >= options->argc) {
            return OPTIONS_END;
        }
        argument = options->argv[options->at++];
    }
    if (options->only_positional || argument[0] != '-' || argument[1] == '\0') {
        options->only_positional |= options->ends_at_operand;
        *value = argument;
        return OPTIONS_POSITIONAL;
    }
    if (argument[1] != '-') {
        attached = argument[2] != '\0' ? argument + 2 : NULL;
        return take(options, find(options, argument[1], NULL, 0), argument, attached, value);
    }
    attached = strchr(argument, '=');
    return take(options,
                find(options, '\0', argument + 2,
                     attached != NULL ? (size_t)(attached - argument - 2) : strlen(argument + 2)),
                argument, attached != NULL ? attached + 1 : NULL, value);
}

/* The decimal digits at `*text`, which is moved past them. False: none, or more than `max`. */
static bool take_decimal(const char **text, uint64_t max, uint64_t *value)
{
    const char *at = *text;
    uint64_t number = 0;

    while (*at >= '0' && *at <= '9') {
        number = number * 10 + (uint64_t)(*at++ - '0');
        if (number > max) {
            return false;
        }
    }
    if (at == *text) {
        return false;
    }
    *text = at;
    *value = number;
    return true;
}

/* A number and a unit, at most 24 hours. */
static bool take_duration(const char *text, uint64_t *duration_ms)
{
    static const struct {
        const char *name;
        uint64_t milliseconds;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    uint64_t number;

    if (!take_decimal(&text, DURATION_MAX_MS, &number)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text, units[i].name) != 0) {
            continue;
        }
        if (number > DURATION_MAX_MS / units[i].milliseconds) {
            return false;
        }
        *duration_ms = number * units[i].milliseconds;
        return true;
    }
    return false;
}

bool parse_duration_ms(const char *text, uint64_t *duration_ms)
{
    uint64_t taken_ms;

    if (!take_duration(text, &taken_ms) || taken_ms == 0) {
        return false;
    }
    *duration_ms = taken_ms;
    return true;
}

bool parse_is_zero_duration(const char *text)
{
    uint64_t taken_ms;

    return take_duration(text, &taken_ms) && taken_ms == 0;
}

bool parse_speed_milli(const char *text, uint32_t *speed_milli)
{
    uint64_t whole;
    uint64_t milli = 0;

    if (strcmp(text, "max") == 0) {
        *speed_milli = 0;
        return true;
    }
    if (!take_decimal(&text, SPEED_MAX, &whole)) {
        return false;
    }
    if (*text == '.') {
        text++;
        for (uint64_t place = 100; *text >= '0' && *text <= '9'; text++, place /= 10) {
            if (place == 0) {
                return false;
            }
            milli += (uint64_t)(*text - '0') * place;
        }
    }
    milli += whole * 1000;
    if (*text != '\0' || milli == 0 || milli > SPEED_MAX * 1000) {
        return false;
    }
    *speed_milli = (uint32_t)milli;
    return true;
}

bool parse_size(const char *text, uint64_t *size)
{
    static const struct {
        const char *name;
        uint64_t bytes;
    } units[] = {{"B", 1},          {"KB", 1000},     {"MB", 1000000},  {"GB", 1000000000},
                 {"KiB", 1u << 10}, {"MiB", 1 << 20}, {"GiB", 1u << 30}};
    uint64_t number;

    if (!take_decimal(&text, UINT64_C(1000000000000), &number)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text, units[i].name) == 0) {
            number = number > SIZE_MAX_BYTES / units[i].bytes ? 0 : number * units[i].bytes;
            if (number < SIZE_MIN_BYTES) {
                return false;
            }
            *size = number;
            return true;
        }
    }
    return false;
}

bool parse_count(const char *text, uint32_t min, uint32_t max, uint32_t *count)
{
    uint64_t number;

    if (!take_decimal(&text, max, &number) || *text != '\0' || number < min) {
        return false;
    }
    *count = (uint32_t)number;
    return true;
}

static int hex_digit(char character)
{
    if (character >= '0' && character <= '9') {
        return character - '0';
    }
    if (character >= 'a' && character <= 'f') {
        return character - 'a' + 10;
    }
    if (character >= 'A' && character <= 'F') {
        return character - 'A' + 10;
    }
    return -1;
}

bool parse_hex(const char *text, size_t size, uint64_t max, uint64_t *value)
{
    uint64_t number = 0;

    if (size < 3 || size > 18 || text[0] != '0' || (text[1] != 'x' && text[1] != 'X')) {
        return false;
    }
    for (size_t i = 2; i < size; i++) {
        int digit = hex_digit(text[i]);

        if (digit < 0) {
            return false;
        }
        number = number << 4 | (uint64_t)digit;
    }
    if (number > max) {
        return false;
    }
    *value = number;
    return true;
}
