/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl doctor`: why there is no energy here, and what to do about it.
 */
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/doctor.h"

/* Larger than a stack should hold. */
struct examination {
    struct doctor_facts facts;
    struct doctor_report report;
};

static void show(struct cli *cli, const struct examination *examination)
{
    if (cli->common.json) {
        struct json json = {.out = &cli->out};

        json_begin_object(&json, NULL);
        doctor_json(&json, &examination->facts, &examination->report);
        json_end_object(&json);
        json_end_document(&json);
    } else {
        doctor_show(&cli->out, &examination->facts, &examination->report, cli->colour);
    }
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct examination *examination;
    bool helped;
    int code = cli_parse(cli, &verb_doctor, argc, argv, NULL, &helped);

    if (code != EXIT_CODE_OK || helped) {
        return code;
    }
    examination = malloc(sizeof(*examination));
    if (examination == NULL) {
        cli_complain(cli, "out of memory.");
        return EXIT_CODE_OS;
    }
    doctor_facts_gather(&examination->facts);
    doctor_diagnose(&examination->facts, &examination->report);
    show(cli, examination);
    code = examination->report.health;
    free(examination);
    return code;
}

static const struct verb_example examples[] = {
    {"rapl doctor", "why there is no energy, or 0 W, and the command that fixes it"},
    {"rapl doctor --json", ""},
};

static const struct verb_exit exits[] = {
    {DOCTOR_HEALTHY, "healthy"},
    {DOCTOR_DEGRADED, "degraded: energy is there, and something is to be fixed"},
    {DOCTOR_NO_ENERGY, "no energy can be read"},
};

const struct verb_syntax verb_doctor = {
    .name = "doctor",
    .summary = "why there is no energy, and what to do",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "",
    .description = "Looks at the system, the processor, the driver and every source of energy, and "
                   "says for each thing that is wrong what it is, why it matters and the command "
                   "that fixes it. It changes nothing.",
    .common = VERB_JSON,
    .exits = exits,
    .exit_count = COUNT_OF(exits),
    .run = run,
};
