/* SPDX-License-Identifier: Apache-2.0
 *
 * One decoded register, shown.
 */
#include "cli/fields.h"

#include <inttypes.h>

#include "cli/table.h"
#include "core/allow.h"

/* Energies and times to the microunit; units, which are powers of two, in full. */
#define VALUE_DIGITS 6u

static uint32_t field_digits(const struct rapl_decoded *decoded)
{
    return decoded->reg->kind == RAPL_REGISTER_UNIT ? DECIMAL_DIGITS_MAX : VALUE_DIGITS;
}

void fields_problem(struct text *out, const struct rapl_decoded *decoded,
                    const struct rapl_model *model)
{
    uint32_t unit_msr = rapl_register_of(model, RAPL_REGISTER_UNIT, RAPL_DOMAIN_PACKAGE)->msr;

    switch (decoded->result) {
    case RAPL_DECODE_UNKNOWN:
        text_add(out, "not a register this project reads: nothing decoded");
        break;
    case RAPL_DECODE_NOT_LISTED:
        if (model->domains == 0) {
            text_add(out,
                     "this CPU has no RAPL registers that a driver could read: nothing decoded");
            break;
        }
        text_add(out, "not on this CPU's list, the driver refuses it there: nothing decoded");
        if (decoded->reg != NULL && decoded->reg->amd != (model->vendor != RAPL_VENDOR_INTEL)) {
            text_printf(out, " (its own unit register is 0x%" PRIX32 ")", unit_msr);
        }
        break;
    case RAPL_DECODE_NO_UNIT:
        text_printf(out,
                    "raw fields only: the unit register 0x%" PRIX32
                    " is not given or holds no unit, and no default (2^-14 J, 2^-16 J) is assumed",
                    unit_msr);
        break;
    case RAPL_DECODE_BAD_UNIT:
        text_add(out, "raw fields only: real hardware never holds this; hypervisors answer it, and "
                      "there is no unit");
        break;
    default:
        break;
    }
}

static void show_bits(struct text *out, const struct rapl_field *field)
{
    if (field->width == 1) {
        text_printf(out, "%u", (unsigned)field->low_bit);
    } else if (field->width != 0) {
        text_printf(out, "%u:%u", (unsigned)(field->low_bit + field->width - 1u),
                    (unsigned)field->low_bit);
    }
}

static void show_value(struct text *out, const struct rapl_field *field, uint32_t digits)
{
    switch (field->state) {
    case RAPL_FIELD_VALUE:
        text_decimal(out, field->value, field->scale, digits, true);
        if (field->unit != NULL) {
            text_printf(out, " %s", field->unit);
        }
        break;
    case RAPL_FIELD_FLAG:
        text_add(out, field->raw != 0 ? "yes" : "no");
        break;
    case RAPL_FIELD_NOT_STATED:
        text_add(out, "not stated");
        break;
    default: /* bits that are a number as they are, or that have no unit to be told in */
        text_add(out, field->unit == NULL ? "" : "no unit");
        break;
    }
}

static void show_headline(struct text *out, const struct rapl_decoded *decoded)
{
    text_printf(out, "0x%" PRIX32, decoded->msr);
    if (decoded->reg != NULL) {
        text_printf(out, " %s (%s)", decoded->reg->name, rapl_domain_name(decoded->reg->domain));
    }
    text_printf(out, " = 0x%" PRIX64 "\n", decoded->raw);
}

void fields_show(struct text *out, const struct rapl_decoded *decoded,
                 const struct rapl_model *model, bool colour)
{
    static const struct table_column columns[] = {
        {"FIELD", false}, {"BITS", true}, {"RAW", true}, {"VALUE", false}};
    struct table table;

    show_headline(out, decoded);
    if (decoded->result != RAPL_DECODE_OK) {
        text_add(out, "  ");
        fields_problem(out, decoded, model);
        text_add(out, "\n");
    }
    if (decoded->count == 0) {
        return;
    }
    table_begin(&table, columns, sizeof(columns) / sizeof(columns[0]));
    for (uint32_t i = 0; i < decoded->count; i++) {
        const struct rapl_field *field = &decoded->field[i];

        table_cell(&table, field->label);
        show_bits(&table.text, field);
        table_end_cell(&table);
        if (field->width == 64) {
            text_printf(&table.text, "0x%" PRIX64, field->raw);
        } else if (field->width != 0) {
            text_printf(&table.text, "%" PRIu64, field->raw);
        }
        table_end_cell(&table);
        show_value(&table.text, field, field_digits(decoded));
        table_end_cell(&table);
    }
    table_end(&table, out, "  ", colour);
}

static void field_json(struct json *json, const struct rapl_field *field, uint32_t digits)
{
    json_begin_object(json, field->key);
    if (field->width != 0) {
        struct text bits = {.data = NULL};

        show_bits(&bits, field);
        json_string(json, "bits", text_string(&bits));
        text_free(&bits);
        json_hex(json, "raw", field->raw);
    }
    if (field->state == RAPL_FIELD_VALUE) {
        json_decimal(json, "value", field->value, field->scale, digits);
    } else if (field->state == RAPL_FIELD_FLAG) {
        json_bool(json, "value", field->raw != 0);
    } else if (field->state == RAPL_FIELD_BITS && field->unit == NULL) {
        json_unsigned(json, "value", field->raw);
    } else {
        json_null(json, "value");
    }
    json_end_object(json);
}

void fields_json(struct json *json, const struct rapl_decoded *decoded,
                 const struct rapl_model *model)
{
    static const char *const results[] = {
        [RAPL_DECODE_OK] = "ok",
        [RAPL_DECODE_UNKNOWN] = "unknown register",
        [RAPL_DECODE_NOT_LISTED] = "not on this CPU's list",
        [RAPL_DECODE_NO_UNIT] = "no unit register",
        [RAPL_DECODE_BAD_UNIT] = "no unit in the unit register",
    };
    struct text problem = {.data = NULL};

    json_begin_object(json, NULL);
    json_hex(json, "msr", decoded->msr);
    json_string(json, "name", decoded->reg != NULL ? decoded->reg->name : NULL);
    json_string(json, "domain",
                decoded->reg != NULL ? rapl_domain_name(decoded->reg->domain) : NULL);
    json_hex(json, "raw", decoded->raw);
    json_string(json, "result", results[decoded->result]);
    fields_problem(&problem, decoded, model);
    json_string(json, "problem", problem.size != 0 ? text_string(&problem) : NULL);
    text_free(&problem);
    json_begin_object(json, "fields");
    for (uint32_t i = 0; i < decoded->count; i++) {
        field_json(json, &decoded->field[i],
                   decoded->reg != NULL ? field_digits(decoded) : VALUE_DIGITS);
    }
    json_end_object(json);
    json_end_object(json);
}
