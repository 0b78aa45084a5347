/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a log of Green Metrics Tool's RAPL provider and adds its deltas up.
 */
#include "tools/gmt2rec/gmt2rec.h"

#include <stdlib.h>
#include <string.h>

#include "recording/recording.h"

#define LINE_SIZE 256

/* What the providers call the domains; a package's number may follow after an underscore. */
static const struct {
    const char *name;
    enum rapl_domain domain;
} names[] = {
    {"package", RAPL_DOMAIN_PACKAGE}, {"cpu_package", RAPL_DOMAIN_PACKAGE},
    {"cores", RAPL_DOMAIN_PP0},       {"cpu_cores", RAPL_DOMAIN_PP0},
    {"gpu", RAPL_DOMAIN_PP1},         {"cpu_gpu", RAPL_DOMAIN_PP1},
    {"dram", RAPL_DOMAIN_DRAM},       {"psys", RAPL_DOMAIN_PSYS},
};

/* One line being read. */
struct line {
    const char *text;
    const char *cursor;
    struct gmt_complaint *complaint;
};

static bool complain(struct line *line, const char *at, const char *message)
{
    line->complaint->column = (uint32_t)(at - line->text) + 1;
    line->complaint->message = message;
    return false;
}

static void skip_space(struct line *line)
{
    line->cursor += strspn(line->cursor, " \t");
}

static bool take_number(struct line *line, const char *missing, uint64_t *value)
{
    const char *start;
    uint64_t sum = 0;

    skip_space(line);
    start = line->cursor;
    for (; *line->cursor >= '0' && *line->cursor <= '9'; line->cursor++) {
        uint64_t digit = (uint64_t)(*line->cursor - '0');

        if (sum > (INT64_MAX - digit) / 10) {
            return complain(line, start, "this number is too large");
        }
        sum = sum * 10 + digit;
    }
    if (line->cursor == start || !strchr(" \t", *line->cursor)) {
        return complain(line, start, missing);
    }
    *value = sum;
    return true;
}

static char lower(char letter)
{
    if (letter >= 'A' && letter <= 'Z') {
        return (char)(letter - 'A' + 'a');
    }
    return letter;
}

static bool name_matches(const char *text, size_t size, const char *name)
{
    size_t i = 0;

    while (i < size && name[i] != '\0' && lower(text[i]) == name[i]) {
        i++;
    }
    return i == size && name[i] == '\0';
}

/* Splits `Package_1` into its name and its number; no number is package 0. */
static size_t split_name(const char *text, size_t size, uint32_t *package)
{
    size_t end = size;
    uint32_t number = 0;

    while (end > 0 && text[end - 1] >= '0' && text[end - 1] <= '9') {
        end--;
    }
    *package = 0;
    if (end == size || end < 2 || text[end - 1] != '_') {
        return size;
    }
    for (size_t i = end; i < size && number < 1000; i++) {
        number = number * 10 + (uint32_t)(text[i] - '0');
    }
    *package = number;
    return end - 1;
}

static bool take_name(struct line *line, uint32_t *domain, uint32_t *package)
{
    const char *start;
    size_t size, base;

    skip_space(line);
    start = line->cursor;
    size = strcspn(start, " \t");
    line->cursor += size;
    if (size == 0) {
        return complain(line, start, "a name is missing here, such as Package_0");
    }
    base = split_name(start, size, package);
    if (*package >= RECORDING_PACKAGES_MAX) {
        return complain(line, start, "a recording has at most 16 packages, 0 to 15");
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (name_matches(start, base, names[i].name)) {
            *domain = names[i].domain;
            return true;
        }
    }
    return complain(line, start,
                    "this name is not known: it is package, cpu_package, cores, cpu_cores, gpu, "
                    "cpu_gpu, dram or psys, with _N for package N");
}

static void *grow(void *array, size_t count, size_t *capacity, size_t size)
{
    void *grown;

    if (count < *capacity) {
        return array;
    }
    *capacity = *capacity ? *capacity * 2 : 64;
    grown = realloc(array, *capacity * size);
    if (!grown) {
        fputs("gmt2rec: out of memory\n", stderr);
        exit(3);
    }
    return grown;
}

static struct gmt_series *find_series(struct gmt_log *log, uint32_t domain, uint32_t package)
{
    for (size_t i = 0; i < log->count; i++) {
        if (log->series[i].domain == domain && log->series[i].package == package) {
            return &log->series[i];
        }
    }
    log->series = grow(log->series, log->count, &log->capacity, sizeof(*log->series));
    log->series[log->count] = (struct gmt_series){.domain = domain, .package = package};
    return &log->series[log->count++];
}

static bool read_line(struct gmt_log *log, struct line *line)
{
    uint64_t time_us = 0, energy_uj = 0, total_uj = 0;
    uint32_t domain = 0, package = 0;
    struct gmt_series *series;

    if (!take_number(line, "a line begins with a time in microseconds", &time_us) ||
        !take_number(line, "an energy in microjoules must stand here, a whole number of 0 or more",
                     &energy_uj) ||
        !take_name(line, &domain, &package)) {
        return false;
    }
    skip_space(line);
    if (*line->cursor != '\0') {
        return complain(line, line->cursor, "nothing may follow the name");
    }
    series = find_series(log, domain, package);
    if (series->count > 0) {
        const struct gmt_sample *last = &series->samples[series->count - 1];

        if (time_us <= last->time_us) {
            return complain(line, line->text,
                            "this time is not later than that of the line before "
                            "with the same name: sort the log");
        }
        total_uj = last->total_uj;
    }
    if (energy_uj > INT64_MAX - total_uj) {
        return complain(line, line->text, "the energy up to this line is too large to add up");
    }
    series->samples =
        grow(series->samples, series->count, &series->capacity, sizeof(*series->samples));
    series->samples[series->count++] = (struct gmt_sample){time_us, total_uj + energy_uj};
    return true;
}

/* Cuts the line end off; false for a line that does not fit or holds a NUL. */
static bool cut_line(char *text, size_t size)
{
    if (strlen(text) != size) {
        return false;
    }
    if (size > 0 && text[size - 1] == '\n') {
        text[--size] = '\0';
    }
    if (size > 0 && text[size - 1] == '\r') {
        text[--size] = '\0';
    }
    return size < LINE_SIZE;
}

bool gmt_log_read(FILE *file, struct gmt_log *log, struct gmt_complaint *complaint)
{
    char *text = NULL;
    size_t capacity = 0;
    ssize_t size;
    bool ok = true;

    *complaint = (struct gmt_complaint){0};
    while (ok && (size = getline(&text, &capacity, file)) >= 0) {
        struct line line = {text, text, complaint};

        complaint->line++;
        ok = cut_line(text, (size_t)size) ||
             complain(&line, text, "not a line of text of at most 255 characters");
        if (ok && text[strspn(text, " \t")] != '\0') {
            ok = read_line(log, &line);
        }
    }
    free(text);
    if (ok && log->count == 0) {
        *complaint = (struct gmt_complaint){0, 0, "the log is empty: it holds no samples"};
        ok = false;
    }
    return ok;
}

void gmt_log_free(struct gmt_log *log)
{
    for (size_t i = 0; i < log->count; i++) {
        free(log->series[i].samples);
    }
    free(log->series);
    *log = (struct gmt_log){0};
}
