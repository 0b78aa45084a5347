/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl list`: every source tried on its own, and the domains of each that serves.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/meters.h"
#include "cli/table.h"

#define SOURCES_MAX 8u

/*
 * One source tried. The session is NULL if not even that could be made; the sources of driver+emi
 * share theirs.
 */
struct tried {
    char name[64];
    int error; /* of the session */
    struct rapl_session *session;
    uint32_t source; /* in the session */
};

struct list {
    uint32_t count;
    struct tried tried[SOURCES_MAX];
};

static void try_source(struct cli *cli, struct list *list, const char *name)
{
    struct tried tried = {.source = 0};
    uint32_t count;

    tried.error = cli_session_try(cli, name, &tried.session);
    if (tried.error == RAPL_OK) {
        /* Which domains there are is known; whether they count shows in a reading. */
        struct rapl_samples *samples;

        if (rapl_samples_new(tried.session, &samples) == RAPL_OK) {
            rapl_read(tried.session, samples);
            rapl_samples_free(samples);
        }
    }
    count = tried.session != NULL ? rapl_source_count(tried.session) : 0;
    do {
        list->tried[list->count] = tried;
        snprintf(list->tried[list->count].name, sizeof(tried.name), "%s",
                 count != 0 ? cli_session_source(tried.session, tried.source).name : name);
        list->count++;
    } while (++tried.source < count && list->count < SOURCES_MAX);
}

static void try_all(struct cli *cli, struct list *list)
{
    const char *name;

    if (cli->common.source != NULL) {
        try_source(cli, list, cli->common.source);
        return;
    }
    for (uint32_t i = 0; (name = rapl_source_name(i)) != NULL; i++) {
        if (strcmp(name, "replay") != 0) { /* it takes a file, which --replay names */
            try_source(cli, list, name);
        }
    }
}

static void free_all(struct list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->tried[i].source == 0) {
            rapl_session_free(list->tried[i].session);
        }
    }
}

static struct rapl_source_info info_of(const struct tried *tried)
{
    struct rapl_source_info info = {.status = tried->error};

    if (tried->session != NULL && rapl_source_count(tried->session) != 0) {
        info = cli_session_source(tried->session, tried->source);
    }
    return info;
}

/* The session's next domain from `*index` on that is of this source. False: there is none. */
static bool next_domain(const struct tried *tried, uint32_t *index, struct rapl_domain_info *out)
{
    if (tried->error != RAPL_OK) {
        return false;
    }
    for (; *index < rapl_domain_count(tried->session); (*index)++) {
        out->size = sizeof(*out);
        if (rapl_domain_get(tried->session, *index, out) == RAPL_OK &&
            out->source == tried->source) {
            (*index)++;
            return true;
        }
    }
    return false;
}

/* ---- Text ------------------------------------------------------------------------------------ */

static void show_sources(struct cli *cli, const struct list *list)
{
    static const struct table_column columns[] = {
        {"SOURCE", false}, {"STATE", false}, {"WHAT IT IS, OR WHY NOT", false}};
    struct table table;

    table_begin(&table, columns, COUNT_OF(columns));
    for (uint32_t i = 0; i < list->count; i++) {
        struct rapl_source_info info = info_of(&list->tried[i]);
        char status[CLI_STATUS_SIZE];

        table_cell(&table, list->tried[i].name);
        cli_session_status(info.status, status);
        table_cell(&table, status);
        if (info.status == RAPL_OK) {
            text_add(&table.text, info.title);
            text_add(&table.text, (info.flags & RAPL_FLAG_SIMULATED) != 0 ? ", simulated" : "");
            cli_session_pace(&table.text, &info);
        } else {
            text_add(&table.text,
                     info.reason[0] != '\0' ? info.reason : rapl_error_message(info.status));
        }
        table_end_cell(&table);
    }
    table_end(&table, &cli->out, "", cli->colour);
}

static void show_domain(struct table *table, const struct tried *tried,
                        const struct rapl_domain_info *info)
{
    struct meter meter = {.info = *info};

    table_cell(table, tried->name);
    meter_package(&table->text, &meter);
    table_end_cell(table);
    meter_name(&table->text, &meter);
    table_end_cell(table);
    table_cell(table, meter.info.label);
    meter.system_error = meter.info.system_error;
    if (meter.info.status == RAPL_OK) {
        text_add(&table->text, "counts");
    } else {
        meter_note(&table->text, &meter, meter.info.status, 0);
    }
    table_end_cell(table);
}

static void show_domains(struct cli *cli, const struct list *list)
{
    static const struct table_column columns[] = {{"SOURCE", false},
                                                  {"PACKAGE", true},
                                                  {"DOMAIN", false},
                                                  {"ITS OWN NAME", false},
                                                  {"STATE", false}};
    struct table table;
    uint32_t count = 0;

    table_begin(&table, columns, COUNT_OF(columns));
    for (uint32_t i = 0; i < list->count; i++) {
        const struct tried *tried = &list->tried[i];
        struct rapl_domain_info info;

        for (uint32_t j = 0; next_domain(tried, &j, &info); count++) {
            show_domain(&table, tried, &info);
        }
    }
    if (count != 0) {
        text_add(&cli->out, "\n");
        table_end(&table, &cli->out, "", cli->colour);
    }
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void domain_json(struct json *json, const struct rapl_domain_info *info)
{
    char status[CLI_STATUS_SIZE];

    json_begin_object(json, NULL);
    cli_index_json(json, "package", info->package);
    json_string(json, "domain", info->domain == RAPL_DOMAIN_METER ? "meter" : info->name);
    cli_index_json(json, "core", info->core);
    json_string(json, "label", info->label[0] != '\0' ? info->label : info->name);
    cli_session_status(info->status, status);
    json_string(json, "status", status);
    json_string(json, "reason", info->status != RAPL_OK ? rapl_error_message(info->status) : NULL);
    json_end_object(json);
}

static void source_json(struct json *json, const struct tried *tried)
{
    struct rapl_source_info info = info_of(tried);
    struct rapl_domain_info domain;
    char status[CLI_STATUS_SIZE];

    json_begin_object(json, NULL);
    json_string(json, "source", tried->name);
    cli_session_status(info.status, status);
    json_string(json, "status", status);
    json_string(json, "title", info.title[0] != '\0' ? info.title : NULL);
    json_string(json, "reason", info.reason[0] != '\0' ? info.reason : NULL);
    json_string(json, "remedy", info.remedy[0] != '\0' ? info.remedy : NULL);
    json_unsigned(json, "system_error", info.system_error);
    json_bool(json, "simulated", (info.flags & RAPL_FLAG_SIMULATED) != 0);
    json_bool(json, "coarse", (info.flags & RAPL_FLAG_COARSE) != 0);
    json_unsigned(json, "resolution_us", info.resolution_us);
    json_begin_array(json, "domains");
    for (uint32_t i = 0; next_domain(tried, &i, &domain);) {
        domain_json(json, &domain);
    }
    json_end_array(json);
    json_end_object(json);
}

static void show_json(struct cli *cli, const struct list *list)
{
    struct json json = {.out = &cli->out};

    json_begin_object(&json, NULL);
    json_begin_array(&json, "sources");
    for (uint32_t i = 0; i < list->count; i++) {
        source_json(&json, &list->tried[i]);
    }
    json_end_array(&json);
    json_end_object(&json);
    json_end_document(&json);
}

/* The exit code: whether at least one serves. */
static int result(struct cli *cli, const struct list *list)
{
    int code = EXIT_CODE_UNAVAILABLE;

    for (uint32_t i = 0; i < list->count; i++) {
        const struct tried *tried = &list->tried[i];

        if (tried->error == RAPL_OK) {
            return EXIT_CODE_OK;
        }
        if (list->count == 1) {
            return cli_session_complain_open(cli, tried->session, tried->error);
        }
        if (info_of(tried).status == RAPL_ERROR_DENIED) {
            code = EXIT_CODE_DENIED;
        }
    }
    for (uint32_t i = 0; i < list->count; i++) {
        struct rapl_source_info info = info_of(&list->tried[i]);

        if (info.remedy[0] != '\0') {
            text_printf(&cli->err, "%s: %s%s\n", list->tried[i].name, info.remedy,
                        info.remedy[strlen(info.remedy) - 1] == '.' ? "" : ".");
        }
    }
    return code;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct list list = {.count = 0};
    bool helped;
    int code = cli_parse(cli, &verb_list, argc, argv, NULL, &helped);

    if (code != EXIT_CODE_OK || helped) {
        return code;
    }
    try_all(cli, &list);
    code = result(cli, &list);
    if (code != EXIT_CODE_USAGE) {
        if (cli->common.json) {
            show_json(cli, &list);
        } else {
            show_sources(cli, &list);
            show_domains(cli, &list);
        }
    }
    free_all(&list);
    return code;
}

static const struct verb_example examples[] = {
    {"rapl list", "every source of energy tried, and the domains of each"},
    {"rapl list --json", ""},
    {"rapl list --source powercap --cores", "one source, with a line for each core it has"},
};

const struct verb_syntax verb_list = {
    .name = "list",
    .summary = "every source tried, and the domains each one has",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "",
    .description =
        "Tries every source of this system, not only the first that serves, and says of each that "
        "does not why. `rapl read` uses the first that serves, in this order; --source NAME picks "
        "another.",
    .common = VERB_JSON | VERB_SOURCE | VERB_CORES,
    .run = run,
};
