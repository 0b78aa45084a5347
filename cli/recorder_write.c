/* SPDX-License-Identifier: Apache-2.0
 *
 * A recording as text.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/recorder_parts.h"
#include "rapl_version.h"

#define GROUP_SIZE_MAX 64u
#define GROUPS_MAX     4u

/* How many bits number `count` things. */
static uint32_t bits_for(uint32_t count)
{
    uint32_t bits = 0;

    while (1u << bits < count) {
        bits++;
    }
    return bits;
}

/* Widths of the parts of an APIC id that keep threads, cores and dies apart. */
struct layout {
    uint32_t thread_bits;
    uint32_t core_bits;
    uint32_t die_bits;
    uint32_t group_count;
    uint32_t group_size[GROUPS_MAX];
};

static const struct place *place_at(const struct recorder *recorder, uint32_t index)
{
    return index < recorder->place_count ? &recorder->places[index] : NULL;
}

/* How many threads the core has that begins at `index`. */
static uint32_t threads_at(const struct recorder *recorder, uint32_t index)
{
    const struct place *first = place_at(recorder, index);
    uint32_t count = 0;

    for (const struct place *place = first;
         place != NULL && place->package == first->package && place->core == first->core;
         place = place_at(recorder, index + count)) {
        count++;
    }
    return count;
}

/* The first core of the die that `place` is on. */
static uint32_t first_core(const struct recorder *recorder, const struct place *place)
{
    uint32_t first = place->core;

    for (uint32_t i = 0; i < recorder->place_count; i++) {
        const struct place *other = &recorder->places[i];

        if (other->package == place->package && other->die == place->die && other->core < first) {
            first = other->core;
        }
    }
    return first;
}

static void make_layout(const struct recorder *recorder, struct layout *layout)
{
    uint32_t cores = 1;
    uint32_t dies = 1;
    uint32_t threads = 1;

    *layout = (struct layout){.group_count = 1};
    for (uint32_t i = 0; i < recorder->place_count; i += threads_at(recorder, i)) {
        const struct place *place = &recorder->places[i];
        uint32_t here = threads_at(recorder, i);
        uint32_t in_die = place->core - first_core(recorder, place) + 1;

        threads = here > threads ? here : threads;
        cores = in_die > cores ? in_die : cores;
        dies = place->die + 1 > dies ? place->die + 1 : dies;
        if (layout->group_size[layout->group_count - 1] + here > GROUP_SIZE_MAX &&
            layout->group_count < GROUPS_MAX) {
            layout->group_count++;
        }
        layout->group_size[layout->group_count - 1] += here;
    }
    layout->thread_bits = bits_for(threads);
    layout->core_bits = bits_for(cores);
    layout->die_bits = bits_for(dies);
}

static const char *hypervisor_of(const struct rapl_cpu *cpu)
{
    if (!cpu->hypervisor) {
        return "none";
    }
    return cpu->hyperv_root ? "hyperv-root" : "other-guest";
}

static void write_quoted(struct text *out, const char *string)
{
    text_add(out, "\"");
    for (; *string != '\0'; string++) {
        const char character = (char)(*string == '"' ? '\'' : *string);

        text_add_bytes(out, (unsigned char)character < ' ' ? " " : &character, 1);
    }
    text_add(out, "\"");
}

static void write_identity(const struct recorder *recorder, const struct layout *layout,
                           const char *title, struct text *out)
{
    static const char *const vendors[] = {"other", "intel", "amd", "hygon"};
    const struct rapl_cpu *cpu = &recorder->host->cpu;
    const struct place *last = &recorder->places[recorder->place_count - 1];

    text_add(out, "title ");
    write_quoted(out, title);
    text_printf(out, " @here\ncpu %s family 0x%X model 0x%X stepping %u @here\n",
                vendors[cpu->vendor < 4 ? cpu->vendor : 0], (unsigned)cpu->family,
                (unsigned)cpu->model, (unsigned)cpu->stepping);
    if (cpu->vendor == RAPL_VENDOR_AMD || cpu->vendor == RAPL_VENDOR_HYGON) {
        text_printf(out, "amd-rapl %s @here\n", cpu->amd_rapl ? "yes" : "no");
    }
    text_printf(out, "hypervisor %s @here\n", hypervisor_of(cpu));
    text_printf(out, "topology packages %" PRIu32 " processors %" PRIu32 " groups",
                last->package + 1, recorder->place_count);
    for (uint32_t i = 0; i < layout->group_count; i++) {
        text_printf(out, " %" PRIu32, layout->group_size[i]);
    }
    text_add(out, " @here\n");
}

/* Cores of one die, one group and one number of threads share a line. */
static void write_cores(const struct recorder *recorder, const struct layout *layout,
                        struct text *out)
{
    uint32_t group = 0;
    uint32_t in_group = 0;
    uint32_t next;

    for (uint32_t i = 0; i < recorder->place_count; i = next) {
        const struct place *place = &recorder->places[i];
        const struct place *end = place;
        uint32_t threads = threads_at(recorder, i);
        uint32_t apic = ((place->package << layout->die_bits | place->die) << layout->core_bits |
                         (place->core - first_core(recorder, place)))
                        << layout->thread_bits;

        if (in_group == layout->group_size[group] && group + 1 < layout->group_count) {
            group++;
            in_group = 0;
        }
        next = i;
        while (end != NULL && end->package == place->package && end->die == place->die &&
               threads_at(recorder, next) == threads &&
               in_group + threads <= layout->group_size[group]) {
            in_group += threads;
            next += threads;
            end = place_at(recorder, next);
        }
        text_printf(out, "cores %" PRIu32 "-%" PRIu32 " package %" PRIu32 " die %" PRIu32,
                    place->core, recorder->places[next - 1].core, place->package, place->die);
        text_printf(out, " threads %" PRIu32 " group %" PRIu32 " apic 0x%" PRIX32, threads, group,
                    apic);
        text_printf(out, " step %" PRIu32 " @made\n", (uint32_t)1 << layout->thread_bits);
    }
}

/* The last core that shares the item's register: of its die, where dies have their own. */
static uint32_t last_core(const struct recorder *recorder, const struct item *item)
{
    uint32_t lead = recorder->host->processors[item->processor].package_lead;
    uint32_t last = item->core;

    for (uint32_t i = 0; i < recorder->place_count; i++) {
        const struct place *place = &recorder->places[i];

        if (recorder->host->processors[place->processor].package_lead == lead &&
            place->core > last) {
            last = place->core;
        }
    }
    return last;
}

static void write_item(const struct recorder *recorder, const struct item *item, struct text *out)
{
    const struct rapl_model *model = recorder->host->model;
    bool wide = item->reg->amd && (model->flags & RAPL_MODEL_COUNTER_64) != 0;

    text_printf(out, "register 0x%" PRIX32 " package %" PRIu32, item->reg->msr, item->package);
    if (item->per_core) {
        text_printf(out, " core %" PRIu32, item->core);
    } else if ((model->flags & RAPL_MODEL_PER_DIE) != 0) {
        text_printf(out, " core %" PRIu32 "-%" PRIu32, item->core, last_core(recorder, item));
    }
    if (item->faults) {
        text_add(out, " faults @here\n");
        return;
    }
    if (item->count == 1) {
        text_printf(out, " value 0x%" PRIX64 " @here\n", item->points[0].value);
        return;
    }
    text_printf(out, " series width %d hold @here\n", wide ? 64 : 32);
    for (uint32_t i = 0; i < item->count; i++) {
        text_printf(out, "at %" PRIu64 " 0x%" PRIX64 " @here\n", item->points[i].time_us,
                    item->points[i].value);
    }
}

void recorder_write(const struct recorder *recorder, const char *title, bool simulated,
                    struct text *out)
{
    struct layout layout;

    make_layout(recorder, &layout);
    text_add(out, "rapl-recording 1\n# Made by rapl " RAPL_VERSION_STRING ".\n");
    text_printf(out, "source here %s \"%s\"\n", simulated ? "composed" : "published",
                simulated ? "read from a simulated driver by rapl record"
                          : "read from this machine's registers by rapl record");
    text_add(out, "source made composed \"numbered anew by rapl record\"\n\n");
    write_identity(recorder, &layout, title, out);
    write_cores(recorder, &layout, out);
    text_add(out, "\n");
    for (uint32_t i = 0; i < recorder->item_count; i++) {
        write_item(recorder, &recorder->items[i], out);
    }
    text_add(out, "end\n");
}
