/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading what a recording needs.
 */
#include "cli/recorder.h"

#include <stdlib.h>
#include <string.h>

#include "cli/recorder_parts.h"
#include "core/allow.h"

static int by_place(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    const uint32_t keys[4][2] = {{a->location.package, b->location.package},
                                 {a->location.die, b->location.die},
                                 {a->location.core, b->location.core},
                                 {a->location.apic_id, b->location.apic_id}};

    for (size_t i = 0; i < 4; i++) {
        if (keys[i][0] != keys[i][1]) {
            return keys[i][0] < keys[i][1] ? -1 : 1;
        }
    }
    return 0;
}

/* Dense numbers for what the machine numbers with gaps: places are in order. */
static void number_places(struct recorder *recorder)
{
    for (uint32_t i = 1; i < recorder->place_count; i++) {
        const struct place *before = &recorder->places[i - 1];
        struct place *place = &recorder->places[i];

        if (place->location.package != before->location.package) {
            place->package = before->package + 1;
            continue;
        }
        place->package = before->package;
        place->die = before->die + (place->location.die != before->location.die);
        place->core = before->core + (place->location.core != before->location.core);
        place->thread = place->core == before->core ? before->thread + 1 : 0;
    }
}

static bool add_places(struct recorder *recorder)
{
    const struct rapl_host *host = recorder->host;

    recorder->places = calloc(host->processor_count, sizeof(*recorder->places));
    if (recorder->places == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < host->processor_count; i++) {
        recorder->places[i] =
            (struct place){.processor = i, .location = host->processors[i].location};
    }
    recorder->place_count = host->processor_count;
    qsort(recorder->places, recorder->place_count, sizeof(*recorder->places), by_place);
    number_places(recorder);
    return true;
}

/* ---- Registers ------------------------------------------------------------------------------- */

static bool item_add_point(struct recorder *recorder, struct item *item, uint64_t time_us,
                           uint64_t value)
{
    struct point *points;

    if (item->count == item->capacity) {
        uint32_t capacity = item->capacity != 0 ? item->capacity * 2 : 4;

        points = realloc(item->points, capacity * sizeof(*points));
        if (points == NULL) {
            return false;
        }
        item->points = points;
        item->capacity = capacity;
    }
    item->points[item->count++] = (struct point){.time_us = time_us, .value = value};
    recorder->point_count++;
    return true;
}

static bool add_item(struct recorder *recorder, const struct rapl_register *reg,
                     const struct place *place, bool per_core)
{
    struct item *items =
        realloc(recorder->items, (recorder->item_count + 1) * sizeof(*recorder->items));
    struct rapl_register_value value;
    struct item *item;

    if (items == NULL) {
        return false;
    }
    recorder->items = items;
    item = &items[recorder->item_count++];
    *item = (struct item){.reg = reg,
                          .processor = place->processor,
                          .package = place->package,
                          .core = place->core,
                          .per_core = per_core};
    item->faults =
        recorder->device->read(recorder->device->context, reg->msr, place->processor, &value) != 0;
    if (item->faults) {
        return true;
    }
    recorder->readable++;
    if (recorder->start_100ns == 0) {
        recorder->start_100ns = value.time_100ns;
    }
    return item_add_point(recorder, item, 0, value.value);
}

static bool is_package_lead(const struct recorder *recorder, const struct place *place)
{
    return recorder->host->processors[place->processor].package_lead == place->processor;
}

static bool is_core_lead(const struct recorder *recorder, const struct place *place)
{
    return recorder->host->processors[place->processor].core_lead == place->processor;
}

static bool add_register(struct recorder *recorder, const struct rapl_register *reg)
{
    bool per_core = reg->domain == RAPL_DOMAIN_CORE;

    for (uint32_t i = 0; i < recorder->place_count; i++) {
        const struct place *place = &recorder->places[i];
        bool wanted = per_core ? is_core_lead(recorder, place) : is_package_lead(recorder, place);

        if (wanted && !add_item(recorder, reg, place, per_core)) {
            return false;
        }
    }
    return true;
}

static bool add_registers(struct recorder *recorder)
{
    uint32_t count;
    const struct rapl_register *registers = rapl_registers(&count);

    for (uint32_t i = 0; i < count; i++) {
        if (rapl_allow(recorder->host->model, registers[i].msr) != NULL &&
            !add_register(recorder, &registers[i])) {
            return false;
        }
    }
    return true;
}

enum recorder_result recorder_new(const struct rapl_host *host, const struct rapl_device *device,
                                  struct recorder **out)
{
    struct recorder *recorder;

    if (host->model == NULL || host->model->domains == 0) {
        return RECORDER_NO_RAPL;
    }
    if (host->processor_count > RECORDER_PROCESSORS_MAX) {
        return RECORDER_TOO_MANY;
    }
    recorder = calloc(1, sizeof(*recorder));
    if (recorder == NULL) {
        return RECORDER_NO_MEMORY;
    }
    recorder->host = host;
    recorder->device = device;
    if (!add_places(recorder) || !add_registers(recorder)) {
        recorder_free(recorder);
        return RECORDER_NO_MEMORY;
    }
    if (recorder->readable == 0) {
        recorder_free(recorder);
        return RECORDER_NO_RAPL;
    }
    *out = recorder;
    return RECORDER_OK;
}

void recorder_free(struct recorder *recorder)
{
    if (recorder == NULL) {
        return;
    }
    for (uint32_t i = 0; i < recorder->item_count; i++) {
        free(recorder->items[i].points);
    }
    free(recorder->items);
    free(recorder->places);
    free(recorder);
}

/* Adds a point where the counter has moved. False: no room. */
static bool take_point(struct recorder *recorder, struct item *item,
                       const struct rapl_register_value *value)
{
    const struct point *last = &item->points[item->count - 1];
    uint64_t time_us = value->time_100ns > recorder->start_100ns
                           ? (value->time_100ns - recorder->start_100ns) / 10
                           : 0;

    if (value->value == last->value || time_us <= last->time_us) {
        return true;
    }
    return recorder->point_count < RECORDER_POINTS_MAX &&
           item_add_point(recorder, item, time_us, value->value);
}

enum recorder_sampled recorder_sample(struct recorder *recorder)
{
    uint32_t asked = 0;
    uint32_t answered = 0;

    for (uint32_t i = 0; i < recorder->item_count; i++) {
        struct item *item = &recorder->items[i];
        struct rapl_register_value value;

        if (item->faults || item->reg->kind != RAPL_REGISTER_ENERGY) {
            continue;
        }
        asked++;
        if (recorder->device->read(recorder->device->context, item->reg->msr, item->processor,
                                   &value) != 0) {
            continue;
        }
        answered++;
        if (!take_point(recorder, item, &value)) {
            return RECORDER_FULL;
        }
    }
    return asked != 0 && answered == 0 ? RECORDER_LOST : RECORDER_SAMPLED;
}
