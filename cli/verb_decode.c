/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl decode`: register values from the command line, decoded. Needs no hardware and no driver.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cpu_id.h"
#include "cli/fields.h"
#include "lib/json.h"
#include "core/allow.h"
#include "core/fields.h"

#define PAIR_FORM "a pair is REGISTER=VALUE, both hexadecimal with 0x, such as 0x606=0xA0E03"

struct pair {
    uint32_t msr;
    uint64_t raw;
};

struct request {
    struct rapl_cpu cpu;
    bool has_cpu;
    uint8_t vendor; /* RAPL_VENDOR_UNKNOWN: by family */
    uint32_t count;
    struct pair *pairs;
};

/* The next pair of the request. 0 or a usage error. */
static int add_pair(struct cli *cli, struct request *request, const char *text)
{
    unsigned position = (unsigned)request->count + 1;
    const char *equals = strchr(text, '=');
    uint64_t msr;
    uint64_t raw;

    if (equals == NULL) {
        return cli_usage(cli, "decode", "pair %u, \"%s\", has no \"=\": " PAIR_FORM, position,
                         text);
    }
    if (!parse_hex(text, (size_t)(equals - text), UINT32_MAX, &msr)) {
        return cli_usage(cli, "decode",
                         "pair %u, \"%s\": the register is not 0x and 1 to 8 hexadecimal "
                         "digits: " PAIR_FORM,
                         position, text);
    }
    if (!parse_hex(equals + 1, strlen(equals + 1), UINT64_MAX, &raw)) {
        return cli_usage(cli, "decode",
                         "pair %u, \"%s\": the value is not 0x and 1 to 16 hexadecimal "
                         "digits: " PAIR_FORM,
                         position, text);
    }
    for (uint32_t i = 0; i < request->count; i++) {
        if (request->pairs[i].msr == msr) {
            return cli_usage(cli, "decode", "pair %u, \"%s\": pair %u has the same register",
                             position, text, (unsigned)i + 1);
        }
    }
    request->pairs[request->count++] = (struct pair){.msr = (uint32_t)msr, .raw = raw};
    return EXIT_CODE_OK;
}

enum { OPTION_CPU = 1, OPTION_VENDOR };

static int take_option(struct cli *cli, void *context, int option, const char *value)
{
    struct request *request = context;

    switch (option) {
    case OPTIONS_POSITIONAL:
        return add_pair(cli, request, value);
    case OPTION_CPU:
        request->has_cpu = cpu_id_parse(value, &request->cpu);
        if (!request->has_cpu) {
            return cli_usage(cli, "decode",
                             "--cpu \"%s\" is not a family and model such as 06_9E or 19_61",
                             value);
        }
        return EXIT_CODE_OK;
    default: /* OPTION_VENDOR */
        if (!cpu_vendor_parse(value, &request->vendor)) {
            return cli_usage(cli, "decode", "--vendor \"%s\" is not intel, amd or hygon", value);
        }
        return EXIT_CODE_OK;
    }
}

static int check_request(struct cli *cli, struct request *request)
{
    if (!request->has_cpu) {
        return cli_usage(cli, "decode", "--cpu is missing: units and lists differ between CPUs");
    }
    if (request->vendor != RAPL_VENDOR_UNKNOWN) {
        request->cpu.vendor = request->vendor;
    }
    if (request->cpu.vendor == RAPL_VENDOR_UNKNOWN) {
        return cli_usage(cli, "decode",
                         "family %02X belongs to no vendor this project knows: add --vendor",
                         (unsigned)request->cpu.family);
    }
    if (request->count == 0) {
        return cli_usage(cli, "decode", "no pair: " PAIR_FORM);
    }
    return EXIT_CODE_OK;
}

/* The value given for a register; false if none was. */
static bool find_pair(const struct request *request, uint32_t msr, uint64_t *raw)
{
    for (uint32_t i = 0; i < request->count; i++) {
        if (request->pairs[i].msr == msr) {
            *raw = request->pairs[i].raw;
            return true;
        }
    }
    return false;
}

/* TDP of a domain from its power info register, 0 if that is not given. */
static uint64_t find_tdp_mw(const struct request *request,
                            const struct rapl_decode_context *context, uint32_t domain)
{
    const struct rapl_register *reg =
        rapl_register_of(context->model, RAPL_REGISTER_POWER_INFO, domain);
    struct rapl_power_info info;
    uint64_t raw;

    if (context->units == NULL || reg == NULL || !find_pair(request, reg->msr, &raw)) {
        return 0;
    }
    rapl_power_info_decode(context->units, raw, &info);
    return info.tdp_mw;
}

static void make_context(const struct request *request, const struct rapl_model *model,
                         struct rapl_units *units, struct rapl_decode_context *context)
{
    const struct rapl_register *unit =
        rapl_register_of(model, RAPL_REGISTER_UNIT, RAPL_DOMAIN_PACKAGE);
    uint64_t raw;

    *context = (struct rapl_decode_context){.model = model};
    if (find_pair(request, unit->msr, &raw) && rapl_units_decode(model, raw, units)) {
        context->units = units;
    }
    context->package_tdp_mw = find_tdp_mw(request, context, RAPL_DOMAIN_PACKAGE);
    context->dram_tdp_mw = find_tdp_mw(request, context, RAPL_DOMAIN_DRAM);
}

/* Prints everything; returns how many registers were not decoded in full. */
static uint32_t show_text(struct cli *cli, const struct request *request,
                          const struct rapl_decode_context *context)
{
    uint32_t incomplete = 0;

    cpu_show(&cli->out, &request->cpu, context->model);
    for (uint32_t i = 0; i < request->count; i++) {
        struct rapl_decoded decoded;

        rapl_decode(context, request->pairs[i].msr, request->pairs[i].raw, &decoded);
        text_add(&cli->out, "\n");
        fields_show(&cli->out, &decoded, context->model, cli->colour);
        incomplete += decoded.result != RAPL_DECODE_OK;
    }
    return incomplete;
}

static uint32_t show_json(struct cli *cli, const struct request *request,
                          const struct rapl_decode_context *context)
{
    struct json json = {.out = &cli->out};
    uint32_t incomplete = 0;

    json_begin_object(&json, NULL);
    cpu_json(&json, &request->cpu, context->model);
    json_begin_array(&json, "registers");
    for (uint32_t i = 0; i < request->count; i++) {
        struct rapl_decoded decoded;

        rapl_decode(context, request->pairs[i].msr, request->pairs[i].raw, &decoded);
        fields_json(&json, &decoded, context->model);
        incomplete += decoded.result != RAPL_DECODE_OK;
    }
    json_end_array(&json);
    json_bool(&json, "complete", incomplete == 0);
    json_end_object(&json);
    json_end_document(&json);
    return incomplete;
}

static int decode(struct cli *cli, const struct request *request)
{
    const struct rapl_model *model = rapl_model_find(&request->cpu);
    struct rapl_decode_context context;
    struct rapl_units units;
    uint32_t incomplete;

    if (model == NULL) {
        char id[CPU_ID_SIZE];

        cpu_id_format(&request->cpu, id);
        cli_complain(cli, "no RAPL is known for %s %s: nothing decoded.",
                     rapl_vendor_name(request->cpu.vendor), id);
        return EXIT_CODE_DATA;
    }
    make_context(request, model, &units, &context);
    incomplete =
        cli->common.json ? show_json(cli, request, &context) : show_text(cli, request, &context);
    if (incomplete == 0) {
        return EXIT_CODE_OK;
    }
    cli_complain(cli, "%u of %u registers could not be decoded in full.", (unsigned)incomplete,
                 (unsigned)request->count);
    return EXIT_CODE_DATA;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct request request = {.pairs = calloc((size_t)argc + 1, sizeof(struct pair))};
    bool helped;
    int code;

    if (request.pairs == NULL) {
        cli_complain(cli, "out of memory.");
        return EXIT_CODE_OS;
    }
    code = cli_parse(cli, &verb_decode, argc, argv, &request, &helped);
    if (code == EXIT_CODE_OK && !helped) {
        code = check_request(cli, &request);
        code = code == EXIT_CODE_OK ? decode(cli, &request) : code;
    }
    free(request.pairs);
    return code;
}

static const struct option option_table[] = {
    {'\0', "cpu", "FF_MM", NULL, OPTION_CPU,
     "display family and model in hexadecimal, as Intel's manual writes them: 06_9E, 19_61, 18_00; "
     "a stepping (06_9E_0A) is ignored; 06 alone: the family's defaults"},
    {'\0', "vendor", "NAME", "intel amd hygon", OPTION_VENDOR,
     "where the family does not tell or tells wrong"},
};

static const struct verb_example examples[] = {
    {"rapl decode --cpu 06_9E 0x606=0xA0E03 0x611=0x2FE2B74E",
     "what register values mean; needs no hardware"},
    {"rapl decode --cpu 06_3F 0x606=0xA0E03 0x614=0x2F0550014002A8 --json", ""},
    {"rapl decode --cpu 19_61 0xC0010299=0xA1000 0xC001029B=0x123456789", ""},
};

static const struct verb_exit exits[] = {
    {EXIT_CODE_DATA, "a register could not be decoded in full (unknown, not on this CPU's list, no "
                     "unit): the rest is printed"},
};

const struct verb_syntax verb_decode = {
    .name = "decode",
    .summary = "say what register values mean",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "REGISTER=VALUE...",
    .description =
        "Prints every field of every register. A pair is a register number and its value, both "
        "hexadecimal with 0x. Joules, watts and seconds take the unit register (0x606, on AMD and "
        "Hygon 0xC0010299) among the pairs; without it no default is assumed and only raw fields "
        "are printed. How long a counter lasts takes the power info (0x614) as well.",
    .options = option_table,
    .option_count = COUNT_OF(option_table),
    .common = VERB_JSON,
    .exits = exits,
    .exit_count = COUNT_OF(exits),
    .take = take_option,
    .run = run,
};
