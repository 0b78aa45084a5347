/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass over the lines. The sections of hardware ids are known by [Manufacturer], which has to
 * come before them, as it does in every INF.
 */
#include "tools/mkcat/inf.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LINE_CHARS 512

struct parsing {
    const char *name;
    unsigned line;
    char section[INF_TEXT_CHARS];
    struct inf_list models; /* full names of the models sections */
    struct inf inf;
};

static bool refuse(const struct parsing *parsing, const char *problem)
{
    fprintf(stderr, "mkcat: %s, line %u: %s\n", parsing->name, parsing->line, problem);
    return false;
}

static char *trim(char *text)
{
    char *end = text + strlen(text);

    while (end > text && isspace((unsigned char)end[-1])) {
        *--end = '\0';
    }
    while (isspace((unsigned char)*text)) {
        text++;
    }
    return text;
}

/* The next field of a list that commas separate, trimmed; NULL at the end. */
static char *next_field(char **rest)
{
    char *field = *rest;

    if (field == NULL) {
        return NULL;
    }
    *rest = strchr(field, ',');
    if (*rest != NULL) {
        *(*rest)++ = '\0';
    }
    return trim(field);
}

static bool keep(const struct parsing *parsing, const char *text, char out[INF_TEXT_CHARS])
{
    if (text == NULL || text[0] == '\0' || strlen(text) >= INF_TEXT_CHARS) {
        return refuse(parsing, "a name is missing or longer than 127 characters");
    }
    if (strpbrk(text, "%\"") != NULL) {
        return refuse(parsing, "a name in quotes or with a %token% is not understood here");
    }
    memcpy(out, text, strlen(text) + 1);
    return true;
}

static bool add(const struct parsing *parsing, struct inf_list *list, const char *text)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (strcasecmp(list->text[i], text) == 0) {
            return true;
        }
    }
    if (list->count == INF_LIST_MAX) {
        return refuse(parsing, "more than 32 files, hardware ids or models sections");
    }
    if (!keep(parsing, text, list->text[list->count])) {
        return false;
    }
    list->count++;
    return true;
}

static bool has(const struct inf_list *list, const char *text)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (strcasecmp(list->text[i], text) == 0) {
            return true;
        }
    }
    return false;
}

/* DriverVer: "01/31/2026,1.0.0.0" */
static bool take_date(struct parsing *parsing, char *value)
{
    static const char form[] = "00/00/2000";

    const char *date = next_field(&value);
    bool good = strlen(date) == strlen(form);
    for (size_t i = 0; good && form[i] != '\0'; i++) {
        good = form[i] == '0' ? isdigit((unsigned char)date[i]) != 0 : date[i] == form[i];
    }
    if (!good) {
        return refuse(parsing, "DriverVer does not begin with a date like 01/31/2026");
    }
    snprintf(parsing->inf.date, INF_TEXT_CHARS, "%.4s-%.2s-%.2s", date + 6, date, date + 3);
    return true;
}

static bool take_version(struct parsing *parsing, const char *key, char *value)
{
    if (strcasecmp(key, "CatalogFile") == 0) {
        return keep(parsing, value, parsing->inf.catalog);
    }
    return strcasecmp(key, "DriverVer") == 0 ? take_date(parsing, value) : true;
}

/* "%Provider% = Models, NTamd64, ..." */
static bool take_manufacturer(struct parsing *parsing, char *value)
{
    char name[2 * INF_TEXT_CHARS];
    const char *models = next_field(&value);
    const char *decoration;

    if (!add(parsing, &parsing->models, models)) {
        return false;
    }
    while ((decoration = next_field(&value)) != NULL) {
        snprintf(name, sizeof(name), "%.127s.%.127s", models, decoration);
        if (!add(parsing, &parsing->models, name)) {
            return false;
        }
    }
    return true;
}

/* "%Device% = Install, ROOT\X, ..." */
static bool take_model(struct parsing *parsing, char *value)
{
    const char *id;

    (void)next_field(&value);
    while ((id = next_field(&value)) != NULL) {
        if (!add(parsing, &parsing->inf.hardware_ids, id)) {
            return false;
        }
    }
    return true;
}

static bool take_entry(struct parsing *parsing, char *line)
{
    char *equals = strchr(line, '=');

    if (equals == NULL) {
        return true;
    }
    *equals = '\0';
    const char *key = trim(line);
    char *value = trim(equals + 1);

    if (strcasecmp(parsing->section, "Version") == 0) {
        return take_version(parsing, key, value);
    }
    if (strcasecmp(parsing->section, "Manufacturer") == 0) {
        return take_manufacturer(parsing, value);
    }
    if (strncasecmp(parsing->section, "SourceDisksFiles", 16) == 0) {
        return add(parsing, &parsing->inf.files, key);
    }
    return has(&parsing->models, parsing->section) ? take_model(parsing, value) : true;
}

static bool take_line(struct parsing *parsing, char *line)
{
    char *comment = strchr(line, ';'); /* one within quotes never begins what is needed here */
    if (comment != NULL) {
        *comment = '\0';
    }
    line = trim(line);
    if (line[0] != '[') {
        return take_entry(parsing, line);
    }
    char *end = strchr(line, ']');
    if (end == NULL) {
        return refuse(parsing, "a section's name has no end");
    }
    *end = '\0';
    return keep(parsing, trim(line + 1), parsing->section);
}

static bool check_whole(const struct parsing *parsing)
{
    const struct inf *inf = &parsing->inf;

    if (inf->catalog[0] == '\0' || inf->date[0] == '\0' || inf->files.count == 0 ||
        inf->hardware_ids.count == 0) {
        fprintf(stderr,
                "mkcat: %s: CatalogFile, DriverVer, [SourceDisksFiles] or a hardware id is "
                "missing\n",
                parsing->name);
        return false;
    }
    return true;
}

bool inf_parse(const char *name, const struct content *content, struct inf *out)
{
    struct parsing parsing = {.name = name};
    char line[LINE_CHARS] = "";
    size_t length = 0;

    parsing.line = 1;
    for (size_t i = 0; i <= content->size; i++) {
        const uint8_t byte = i < content->size ? content->bytes[i] : '\n';
        if (byte == '\n') {
            line[length] = '\0';
            if (!take_line(&parsing, line)) {
                return false;
            }
            length = 0;
            parsing.line++;
        } else if (byte == '\0' || byte >= 0x80 || length + 1 == LINE_CHARS) {
            return refuse(&parsing, "not ASCII, or longer than 511 characters");
        } else {
            line[length++] = (char)byte;
        }
    }
    if (!check_whole(&parsing)) {
        return false;
    }
    *out = parsing.inf;
    return true;
}
