/* SPDX-License-Identifier: Apache-2.0
 *
 * Register layouts as tables: where each field is and what it is called. Bit positions: Intel SDM
 * volume 3B "RAPL Interfaces"; the psys limit of Sapphire Rapids is Linux powercap's. core/fields.h
 * decodes the same registers, rounded to whole milliwatts and microseconds; a test compares the two.
 */
#include "lib/decode.h"

#include <stddef.h>

#include "core/allow.h"

/* What the bits of a field are, besides a number. */
enum shows {
    SHOWS_BITS,
    SHOWS_FLAG,
    SHOWS_POWER,  /* counts of the power unit */
    SHOWS_TIME,   /* counts of the time unit */
    SHOWS_WINDOW, /* 2^Y * (1 + Z/4) time units: Y the low 5 bits, Z the 2 above */
};

struct layout_field {
    const char *key;
    const char *label;
    const char *unit;
    uint8_t low_bit;
    uint8_t width;
    uint8_t shows; /* enum shows */
    bool zero_is_unstated;
};

struct layout {
    const struct layout_field *field;
    uint32_t count;
};

#define LAYOUT(fields) {fields, sizeof(fields) / sizeof((fields)[0])}

static const struct layout_field power_info_fields[] = {
    {"tdp_w", "thermal design power", "W", 0, 15, SHOWS_POWER, true},
    {"min_w", "minimum power", "W", 16, 15, SHOWS_POWER, true},
    {"max_w", "maximum power", "W", 32, 15, SHOWS_POWER, true},
    {"max_window_s", "longest time window", "s", 48, 6, SHOWS_TIME, true},
};

static const struct layout_field two_limits_fields[] = {
    {"pl1_w", "limit 1", "W", 0, 15, SHOWS_POWER, false},
    {"pl1_enabled", "limit 1 enabled", NULL, 15, 1, SHOWS_FLAG, false},
    {"pl1_clamp", "limit 1 clamping", NULL, 16, 1, SHOWS_FLAG, false},
    {"pl1_window_s", "limit 1 time window", "s", 17, 7, SHOWS_WINDOW, false},
    {"pl2_w", "limit 2", "W", 32, 15, SHOWS_POWER, false},
    {"pl2_enabled", "limit 2 enabled", NULL, 47, 1, SHOWS_FLAG, false},
    {"pl2_clamp", "limit 2 clamping", NULL, 48, 1, SHOWS_FLAG, false},
    {"pl2_window_s", "limit 2 time window", "s", 49, 7, SHOWS_WINDOW, false},
    {"locked", "locked until reset", NULL, 63, 1, SHOWS_FLAG, false},
};

static const struct layout_field psys_17_fields[] = {
    {"pl1_w", "limit 1", "W", 0, 17, SHOWS_POWER, false},
    {"pl1_enabled", "limit 1 enabled", NULL, 17, 1, SHOWS_FLAG, false},
    {"pl1_window_s", "limit 1 time window", "s", 19, 7, SHOWS_WINDOW, false},
    {"pl2_w", "limit 2", "W", 32, 17, SHOWS_POWER, false},
    {"pl2_enabled", "limit 2 enabled", NULL, 49, 1, SHOWS_FLAG, false},
    {"pl2_window_s", "limit 2 time window", "s", 51, 7, SHOWS_WINDOW, false},
    {"locked", "locked until reset", NULL, 63, 1, SHOWS_FLAG, false},
};

static const struct layout_field one_limit_fields[] = {
    {"pl_w", "limit", "W", 0, 15, SHOWS_POWER, false},
    {"pl_enabled", "limit enabled", NULL, 15, 1, SHOWS_FLAG, false},
    {"pl_clamp", "limit clamping", NULL, 16, 1, SHOWS_FLAG, false},
    {"pl_window_s", "time window", "s", 17, 7, SHOWS_WINDOW, false},
    {"locked", "locked until reset", NULL, 31, 1, SHOWS_FLAG, false},
};

static const struct layout_field throttled_fields[] = {
    {"throttled_s", "time throttled", "s", 0, 32, SHOWS_TIME, false},
};

static const struct layout_field policy_fields[] = {
    {"priority", "priority (0 to 31)", NULL, 0, 5, SHOWS_BITS, false},
};

static const struct layout power_info_layout = LAYOUT(power_info_fields);
static const struct layout two_limits_layout = LAYOUT(two_limits_fields);
static const struct layout psys_17_layout = LAYOUT(psys_17_fields);
static const struct layout one_limit_layout = LAYOUT(one_limit_fields);
static const struct layout throttled_layout = LAYOUT(throttled_fields);
static const struct layout policy_layout = LAYOUT(policy_fields);

static const struct rapl_fraction one = {1, 1};

static uint64_t low_bits(uint32_t width)
{
    return width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

/* Adds a field; the array always has room: no register has more than nine of its own. */
static struct rapl_field *add_field(struct rapl_decoded *out, const char *key, const char *label,
                                    const char *unit, uint32_t low_bit, uint32_t width)
{
    struct rapl_field *field = &out->field[out->count++];

    *field = (struct rapl_field){
        .key = key,
        .label = label,
        .unit = unit,
        .state = RAPL_FIELD_BITS,
        .low_bit = (uint8_t)low_bit,
        .width = (uint8_t)width,
        .raw = width == 0 ? 0 : (out->raw >> low_bit) & low_bits(width),
        .scale = one,
    };
    return field;
}

static void set_value(struct rapl_field *field, uint64_t value, struct rapl_fraction scale)
{
    field->state = RAPL_FIELD_VALUE;
    field->value = value;
    field->scale = scale;
}

static void set_scaled(struct rapl_field *field, uint32_t shows, const struct rapl_units *units)
{
    struct rapl_fraction quarter = {units->time_s.numerator, units->time_s.denominator * 4};

    switch (shows) {
    case SHOWS_POWER:
        set_value(field, field->raw, units->power_w);
        break;
    case SHOWS_TIME:
        set_value(field, field->raw, units->time_s);
        break;
    default:
        set_value(field, (4 + (field->raw >> 5)) << (field->raw & 31), quarter);
        break;
    }
}

/* `units` is NULL when they are not known. */
static void add_layout(struct rapl_decoded *out, const struct layout *layout,
                       const struct rapl_units *units)
{
    for (uint32_t i = 0; i < layout->count; i++) {
        const struct layout_field *row = &layout->field[i];
        struct rapl_field *field =
            add_field(out, row->key, row->label, row->unit, row->low_bit, row->width);

        if (row->shows == SHOWS_FLAG) {
            field->state = RAPL_FIELD_FLAG;
        } else if (row->shows != SHOWS_BITS && units != NULL) {
            if (row->zero_is_unstated && field->raw == 0) {
                field->state = RAPL_FIELD_NOT_STATED;
            } else {
                set_scaled(field, row->shows, units);
            }
        }
    }
}

/* Bits that no field covers are shown when one is set: they may mean something to the reader. */
static void add_reserved(struct rapl_decoded *out)
{
    uint64_t covered = 0;

    for (uint32_t i = 0; i < out->count; i++) {
        if (out->field[i].width != 0) {
            covered |= low_bits(out->field[i].width) << out->field[i].low_bit;
        }
    }
    if ((out->raw & ~covered) != 0) {
        add_field(out, "other_bits", "other bits", NULL, 0, 64)->raw = out->raw & ~covered;
    }
}

static void decode_unit(const struct rapl_model *model, struct rapl_decoded *out)
{
    struct rapl_units units;
    bool good = rapl_units_decode(model, out->raw, &units);
    struct rapl_field *power = add_field(out, "power_unit_w", "power unit", "W", 0, 4);
    struct rapl_field *energy = add_field(out, "energy_unit_uj", "energy unit", "uJ", 8, 5);
    struct rapl_field *time = add_field(out, "time_unit_us", "time unit", "us", 16, 4);

    if (!good) {
        out->result = RAPL_DECODE_BAD_UNIT;
        return;
    }
    set_value(power, 1, units.power_w);
    set_value(energy, 1000000, units.energy_j[RAPL_DOMAIN_PACKAGE]);
    set_value(time, 1000000, units.time_s);

    /* These two do not follow the register on every model. */
    if ((model->domains & RAPL_DOMAIN_BIT(RAPL_DOMAIN_DRAM)) != 0) {
        set_value(add_field(out, "dram_energy_unit_uj", "energy unit of dram", "uJ", 0, 0), 1000000,
                  units.energy_j[RAPL_DOMAIN_DRAM]);
    }
    if ((model->domains & RAPL_DOMAIN_BIT(RAPL_DOMAIN_PSYS)) != 0) {
        set_value(add_field(out, "psys_energy_unit_uj", "energy unit of psys", "uJ", 0, 0), 1000000,
                  units.energy_j[RAPL_DOMAIN_PSYS]);
    }
}

static uint64_t tdp_for_mw(const struct rapl_decode_context *context, uint32_t domain)
{
    switch (domain) {
    case RAPL_DOMAIN_DRAM:
        return context->dram_tdp_mw;
    case RAPL_DOMAIN_PSYS: /* feeds more than the package: no register states its power */
        return 0;
    default:
        return context->package_tdp_mw;
    }
}

static void decode_energy(const struct rapl_decode_context *context, struct rapl_decoded *out)
{
    bool wide = out->reg->amd && (context->model->flags & RAPL_MODEL_COUNTER_64) != 0;
    struct rapl_field *count = add_field(out, "count", "count", NULL, 0, wide ? 64 : 32);
    struct rapl_fraction unit;
    uint64_t tdp_mw;

    if (context->units == NULL) {
        return;
    }
    unit = context->units->energy_j[out->reg->domain];
    set_value(add_field(out, "energy_j", "energy", "J", 0, 0), count->raw, unit);
    if (wide) {
        /* 2^64 does not fit: half of it, each count worth twice as much. */
        struct rapl_fraction twice =
            unit.denominator % 2 == 0
                ? (struct rapl_fraction){unit.numerator, unit.denominator / 2}
                : (struct rapl_fraction){unit.numerator * 2, unit.denominator};

        set_value(add_field(out, "range_j", "counter range", "J", 0, 0), UINT64_C(1) << 63, twice);
        return;
    }
    set_value(add_field(out, "range_j", "counter range", "J", 0, 0), UINT64_C(1) << 32, unit);
    tdp_mw = tdp_for_mw(context, out->reg->domain);
    if (tdp_mw != 0) {
        set_value(add_field(out, "wrap_at_tdp_s", "lasts at TDP", "s", 0, 0),
                  rapl_wrap_time_s(unit, tdp_mw), one);
    }
}

static const struct layout *limit_layout(const struct rapl_model *model, uint32_t msr)
{
    if (msr == RAPL_MSR_PSYS_POWER_LIMIT) {
        return (model->flags & RAPL_MODEL_PSYS_LIMIT_17) != 0 ? &psys_17_layout
                                                              : &two_limits_layout;
    }
    return msr == RAPL_MSR_PKG_POWER_LIMIT ? &two_limits_layout : &one_limit_layout;
}

void rapl_decode(const struct rapl_decode_context *context, uint32_t msr, uint64_t raw,
                 struct rapl_decoded *out)
{
    *out = (struct rapl_decoded){.msr = msr, .raw = raw, .reg = rapl_register_find(msr)};
    if (out->reg == NULL) {
        out->result = RAPL_DECODE_UNKNOWN;
        return;
    }
    if (rapl_allow(context->model, msr) == NULL) {
        out->result = RAPL_DECODE_NOT_LISTED;
        return;
    }
    out->result = context->units != NULL ? RAPL_DECODE_OK : RAPL_DECODE_NO_UNIT;
    switch (out->reg->kind) {
    case RAPL_REGISTER_UNIT:
        out->result = RAPL_DECODE_OK;
        decode_unit(context->model, out);
        break;
    case RAPL_REGISTER_ENERGY:
        decode_energy(context, out);
        break;
    case RAPL_REGISTER_PERF:
        add_layout(out, &throttled_layout, context->units);
        break;
    case RAPL_REGISTER_POWER_INFO:
        add_layout(out, &power_info_layout, context->units);
        break;
    case RAPL_REGISTER_POWER_LIMIT:
        add_layout(out, limit_layout(context->model, msr), context->units);
        break;
    default: /* RAPL_REGISTER_POLICY: a plain number */
        out->result = RAPL_DECODE_OK;
        add_layout(out, &policy_layout, NULL);
        break;
    }
    add_reserved(out);
}

static bool model_is_intel(const struct rapl_model *model)
{
    return model->vendor == RAPL_VENDOR_INTEL;
}

uint32_t rapl_decode_unit_msr(const struct rapl_model *model)
{
    return model_is_intel(model) ? RAPL_MSR_POWER_UNIT : RAPL_MSR_AMD_POWER_UNIT;
}

const struct rapl_register *rapl_decode_energy_register(const struct rapl_model *model,
                                                        uint32_t domain)
{
    uint32_t count;
    const struct rapl_register *rows = rapl_registers(&count);

    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].kind == RAPL_REGISTER_ENERGY && rows[i].domain == domain &&
            rows[i].amd != model_is_intel(model)) {
            return &rows[i];
        }
    }
    return NULL;
}
