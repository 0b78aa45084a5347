/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl report`: what a bug report needs, in one file: the diagnosis, the machine, the domains, and
 * the energy registers as a recording of one moment.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/doctor.h"
#include "cli/msr.h"
#include "cli/output.h"
#include "cli/recorder.h"
#include "rapl_version.h"

enum { OPTION_OUTPUT = 1, OPTION_OVERWRITE };

/* Larger than a stack should hold. */
struct examination {
    struct doctor_facts facts;
    struct doctor_report report;
};

static int take_option(struct cli *cli, void *context, int option, const char *value)
{
    struct output_options *const output = context;

    (void)cli;
    if (option == OPTION_OUTPUT) {
        output->path = value;
    } else { /* OPTION_OVERWRITE */
        output->replace = true;
    }
    return EXIT_CODE_OK;
}

static void add_domains(struct json *json, const struct doctor_facts *facts)
{
    json_begin_array(json, "domains");
    for (uint32_t i = 0; i < facts->domain_count; i++) {
        const struct rapl_domain_info *const domain = &facts->domains[i];

        json_begin_object(json, NULL);
        json_string(json, "name", domain->name);
        json_string(json, "label", domain->label);
        if (domain->package != RAPL_NONE) {
            json_unsigned(json, "package", domain->package);
        }
        json_string(json, "status", rapl_error_name(domain->status));
        json_unsigned(json, "unit_numerator", domain->unit_numerator);
        json_unsigned(json, "unit_denominator", domain->unit_denominator);
        json_end_object(json);
    }
    json_end_array(json);
}

/* One reading of every allow-listed register; or why there is none. */
static void add_registers(struct cli *cli, struct json *json)
{
    struct text recording = {0};
    struct recorder *recorder;
    struct msr msr;

    const int code = msr_open(cli, &msr);
    if (code == EXIT_CODE_OK) {
        if (recorder_new(&msr.host, &msr.device, &recorder) == RECORDER_OK) {
            recorder_write(recorder, "Report", msr.simulated, &recording);
            recorder_free(recorder);
        }
        msr_close(&msr);
    }
    json_string(json, "registers", recording.size != 0 ? text_string(&recording) : NULL);
    const char *missing = NULL;
    if (recording.size == 0) {
        missing = code == EXIT_CODE_OK ? "no energy register of this CPU can be read"
                                       : text_string(&cli->err);
    }
    json_string(json, "registers_missing", missing);
    text_clear(&cli->err); /* it is in the report */
    text_free(&recording);
}

static void write_report(struct cli *cli, const struct examination *examination)
{
    struct json json = {.out = &cli->out};

    json_begin_object(&json, NULL);
    json_unsigned(&json, "report", 1);
    json_string(&json, "rapl_version", RAPL_VERSION_STRING);
    doctor_json(&json, &examination->facts, &examination->report);
    add_domains(&json, &examination->facts);
    add_registers(cli, &json);
    json_end_object(&json);
    json_end_document(&json);
}

static int report(struct cli *cli, const struct output_options *options)
{
    struct examination *const examination = malloc(sizeof(*examination));
    struct output output;

    if (examination == NULL) {
        cli_complain(cli, "out of memory.");
        return EXIT_CODE_OS;
    }
    int code = output_open(cli, options, 0, &output);
    if (code == EXIT_CODE_OK) {
        doctor_facts_gather(&examination->facts);
        doctor_diagnose(&examination->facts, &examination->report);
        write_report(cli, examination);
        code = output_write(&output);
        const int closed = output_close(&output);
        code = code == EXIT_CODE_OK ? closed : code;
    }
    if (code == EXIT_CODE_OK && options->path != NULL) {
        text_printf(&cli->err,
                    "Wrote %s. Look at it before you share it: it is text, and holds "
                    "this system's version, the CPU, paths of drivers, and energy "
                    "registers.\n",
                    options->path);
    }
    free(examination);
    return code;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct output_options options = {0};
    bool helped;
    const int code = cli_parse(cli, &verb_report, argc, argv, &options, &helped);

    return code != EXIT_CODE_OK || helped ? code : report(cli, &options);
}

static const struct option option_table[] = {
    {'o', "output", "FILE", NULL, OPTION_OUTPUT, "write to this file; default: standard output"},
    {'\0', "overwrite", NULL, NULL, OPTION_OVERWRITE, "replace the file if it is there"},
};

static const struct verb_example examples[] = {
    {"rapl report -o report.json", "what a bug report needs, in one file"},
};

static const struct verb_exit exits[] = {
    {EXIT_CODE_CREATE, "the file is there already, or cannot be made"},
};

const struct verb_syntax verb_report = {
    .name = "report",
    .summary = "what a bug report needs, in one file",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "",
    .description = "Writes one JSON file (docs/schemas/report.json): what `rapl doctor` found, the "
                   "CPU, every source and domain, one reading of the registers that this project "
                   "allows on this CPU, as a recording, and on Windows the SHA-256 of the driver's "
                   "file and of this program. Names of users and of the computer are not in it; "
                   "paths are, as the service manager has them.",
    .options = option_table,
    .option_count = COUNT_OF(option_table),
    .exits = exits,
    .exit_count = COUNT_OF(exits),
    .take = take_option,
    .run = run,
};
