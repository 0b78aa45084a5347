/* SPDX-License-Identifier: Apache-2.0
 *
 * Registers decoded for people: core/layout.h says where the fields are and what kind they are,
 * this file what they are called and in which unit they are shown.
 */
#include "lib/decode.h"

#include <stddef.h>

#include "core/allow.h"
#include "core/layout.h"

struct label {
    const char *key;
    const char *label;
    const char *unit;
};

static const struct label labels[RAPL_LAYOUT_ID_COUNT] = {
    [RAPL_LAYOUT_POWER_UNIT] = {"power_unit_w", "power unit", "W"},
    [RAPL_LAYOUT_ENERGY_UNIT] = {"energy_unit_uj", "energy unit", "uJ"},
    [RAPL_LAYOUT_TIME_UNIT] = {"time_unit_us", "time unit", "us"},
    [RAPL_LAYOUT_COUNT] = {"count", "count", NULL},
    [RAPL_LAYOUT_THROTTLED] = {"throttled_s", "time throttled", "s"},
    [RAPL_LAYOUT_TDP] = {"tdp_w", "thermal design power", "W"},
    [RAPL_LAYOUT_POWER_MIN] = {"min_w", "minimum power", "W"},
    [RAPL_LAYOUT_POWER_MAX] = {"max_w", "maximum power", "W"},
    [RAPL_LAYOUT_WINDOW_MAX] = {"max_window_s", "longest time window", "s"},
    [RAPL_LAYOUT_LIMIT] = {"pl_w", "limit", "W"},
    [RAPL_LAYOUT_LIMIT_ENABLED] = {"pl_enabled", "limit enabled", NULL},
    [RAPL_LAYOUT_LIMIT_CLAMP] = {"pl_clamp", "limit clamping", NULL},
    [RAPL_LAYOUT_LIMIT_WINDOW] = {"pl_window_s", "time window", "s"},
    [RAPL_LAYOUT_LIMIT1] = {"pl1_w", "limit 1", "W"},
    [RAPL_LAYOUT_LIMIT1_ENABLED] = {"pl1_enabled", "limit 1 enabled", NULL},
    [RAPL_LAYOUT_LIMIT1_CLAMP] = {"pl1_clamp", "limit 1 clamping", NULL},
    [RAPL_LAYOUT_LIMIT1_WINDOW] = {"pl1_window_s", "limit 1 time window", "s"},
    [RAPL_LAYOUT_LIMIT2] = {"pl2_w", "limit 2", "W"},
    [RAPL_LAYOUT_LIMIT2_ENABLED] = {"pl2_enabled", "limit 2 enabled", NULL},
    [RAPL_LAYOUT_LIMIT2_CLAMP] = {"pl2_clamp", "limit 2 clamping", NULL},
    [RAPL_LAYOUT_LIMIT2_WINDOW] = {"pl2_window_s", "limit 2 time window", "s"},
    [RAPL_LAYOUT_LOCKED] = {"locked", "locked until reset", NULL},
    [RAPL_LAYOUT_PRIORITY] = {"priority", "priority (0 to 31)", NULL},
};

static const struct rapl_fraction one = {1, 1};

/* Adds a field; the array always has room: no register has more than nine of its own. */
static struct rapl_field *add_field(struct rapl_decoded *out, const char *key, const char *label,
                                    const char *unit)
{
    struct rapl_field *field = &out->field[out->count++];

    *field = (struct rapl_field){
        .key = key, .label = label, .unit = unit, .state = RAPL_FIELD_BITS, .scale = one};
    return field;
}

static void set_value(struct rapl_field *field, uint64_t value, struct rapl_fraction scale)
{
    field->state = RAPL_FIELD_VALUE;
    field->value = value;
    field->scale = scale;
}

/* A value that has no bits of its own. */
static void add_computed(struct rapl_decoded *out, const char *key, const char *label,
                         const char *unit, uint64_t value, struct rapl_fraction scale)
{
    set_value(add_field(out, key, label, unit), value, scale);
}

static struct rapl_field *add_bits(struct rapl_decoded *out, const struct rapl_layout_field *at)
{
    const struct label *label = &labels[at->id];
    struct rapl_field *field = add_field(out, label->key, label->label, label->unit);

    field->low_bit = at->low_bit;
    field->width = at->width;
    field->raw = rapl_layout_bits(at, out->raw);
    return field;
}

/* `units` is NULL when they are not known. */
static void add_layout(struct rapl_decoded *out, const struct rapl_layout *layout,
                       const struct rapl_units *units)
{
    for (uint32_t i = 0; i < layout->count; i++) {
        const uint32_t kind = layout->field[i].kind;
        struct rapl_field *field = add_bits(out, &layout->field[i]);

        if (kind == RAPL_KIND_FLAG) {
            field->state = RAPL_FIELD_FLAG;
        } else if (kind == RAPL_KIND_BITS || units == NULL) {
            field->state = RAPL_FIELD_BITS;
        } else if (out->reg->kind == RAPL_REGISTER_POWER_INFO && field->raw == 0) {
            field->state = RAPL_FIELD_NOT_STATED;
        } else {
            const struct rapl_scaled scaled = rapl_layout_scale(units, kind, field->raw);

            set_value(field, scaled.count, scaled.unit);
        }
    }
}

/* Bits that no field covers are shown when one is set: they may mean something to the reader. */
static void add_reserved(struct rapl_decoded *out)
{
    uint64_t other = out->raw;

    for (uint32_t i = 0; i < out->count; i++) {
        other &= ~(out->field[i].raw << out->field[i].low_bit);
    }
    if (other != 0) {
        struct rapl_field *field = add_field(out, "other_bits", "other bits", NULL);

        field->width = 64;
        field->raw = other;
    }
}

static void decode_unit(const struct rapl_model *model, struct rapl_decoded *out)
{
    struct rapl_units units;

    add_layout(out, &rapl_layout_unit, NULL);
    if (!rapl_units_decode(model, out->raw, &units)) {
        out->result = RAPL_DECODE_BAD_UNIT;
        return;
    }
    /* Power, energy, time: the layout's order. */
    set_value(&out->field[0], 1, units.power_w);
    set_value(&out->field[1], 1000000, units.energy_j[RAPL_DOMAIN_PACKAGE]);
    set_value(&out->field[2], 1000000, units.time_s);

    /* These two do not follow the register on every model. */
    if ((model->domains & RAPL_DOMAIN_BIT(RAPL_DOMAIN_DRAM)) != 0) {
        add_computed(out, "dram_energy_unit_uj", "energy unit of dram", "uJ", 1000000,
                     units.energy_j[RAPL_DOMAIN_DRAM]);
    }
    if ((model->domains & RAPL_DOMAIN_BIT(RAPL_DOMAIN_PSYS)) != 0) {
        add_computed(out, "psys_energy_unit_uj", "energy unit of psys", "uJ", 1000000,
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

uint64_t rapl_decode_lasts_s(const struct rapl_decode_context *context, uint32_t domain)
{
    if (context->units == NULL) {
        return 0;
    }
    return rapl_wrap_time_s(context->units->energy_j[domain], tdp_for_mw(context, domain));
}

/* 2^width counts. 2^64 does not fit: half of it, each count worth twice as much. */
static void add_range(struct rapl_decoded *out, uint32_t width, struct rapl_fraction unit)
{
    if (width == 64 && unit.denominator % 2 == 0) {
        unit.denominator /= 2;
    } else if (width == 64) {
        unit.numerator *= 2;
    }
    add_computed(out, "range_j", "counter range", "J", UINT64_C(1) << (width == 64 ? 63 : width),
                 unit);
}

static void decode_energy(const struct rapl_decode_context *context, struct rapl_decoded *out)
{
    const struct rapl_field *count = &out->field[0];
    struct rapl_fraction unit;

    add_layout(out, rapl_layout_of(context->model, out->reg), NULL);
    if (context->units == NULL) {
        return;
    }
    unit = context->units->energy_j[out->reg->domain];
    add_computed(out, "energy_j", "energy", "J", count->raw, unit);
    add_range(out, count->width, unit);
    if (count->width == 32 && tdp_for_mw(context, out->reg->domain) != 0) {
        add_computed(out, "wrap_at_tdp_s", "lasts at TDP", "s",
                     rapl_decode_lasts_s(context, out->reg->domain), one);
    }
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
    case RAPL_REGISTER_POLICY: /* a plain number */
        out->result = RAPL_DECODE_OK;
        add_layout(out, &rapl_layout_policy, NULL);
        break;
    default:
        add_layout(out, rapl_layout_of(context->model, out->reg), context->units);
        break;
    }
    add_reserved(out);
}
