/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings: a machine's identity, topology and registers over time, as text. The format is
 * documented in docs/recording-format.md.
 *
 * Pure C: no OS header, no allocation, no floating point. The simulated driver, the harness, the
 * unit tests and the converter use the same files.
 */
#ifndef RAPL_RECORDING_H
#define RAPL_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/cpu.h"

#define RECORDING_PROCESSORS_MAX 256u
#define RECORDING_GROUPS_MAX     4u
#define RECORDING_GROUP_SIZE_MAX 64u /* processors in a group: Windows' own limit */
#define RECORDING_PACKAGES_MAX   16u
#define RECORDING_REGISTERS_MAX  4096u /* register lines */
#define RECORDING_SOURCES_MAX    64u
#define RECORDING_LINE_MAX       512u       /* bytes in a line, its end not counted */
#define RECORDING_TEXT_MAX       (4u << 20) /* bytes in a recording */
#define RECORDING_SPEED_MAX      1000u
#define RECORDING_RATE_MAX       (1ull << 40) /* counts a second */
#define RECORDING_TIME_MAX_US    (1ull << 42) /* last point of a series: 50 days */

enum recording_hypervisor {
    RECORDING_BARE,        /* no hypervisor bit */
    RECORDING_HYPERV_ROOT, /* VBS: hypervisor bit set, Hyper-V root leaves */
    RECORDING_HYPERV_GUEST,
    RECORDING_OTHER_GUEST, /* a hypervisor that is not Hyper-V */
};

/* Where a line of the recording comes from. */
struct recording_source {
    const char *key;  /* as it stands after the @ */
    const char *text; /* NUL-terminated, in the arena */
    bool published;   /* false: composed for this project */
};

/* One logical processor. The array index is its system-wide processor number. */
struct recording_processor {
    uint16_t group;
    uint16_t number;  /* within the group */
    uint16_t package; /* as numbered in the recording, 0 and up */
    uint16_t core;    /* within the package */
    uint16_t die;     /* within the package */
    uint16_t thread;  /* within the core */
    uint32_t apic_id;
};

enum recording_value_kind {
    RECORDING_FIXED,  /* always `value` */
    RECORDING_FAULTS, /* reading it faults, as does every register that is not in the recording */
    RECORDING_SERIES, /* steps through points */
    RECORDING_RAMP,   /* grows by a constant rate in steps */
};

struct recording_point {
    uint64_t time_us; /* since the clock of the recording started */
    uint64_t value;
};

/* Packages or cores, both ends included. */
struct recording_range {
    uint16_t first;
    uint16_t last;
};

#define RECORDING_ALL 0xFFFFu /* `last` of a range that means every one, with `first` 0 */

/* What one register of some packages (or of some cores of them) holds. */
struct recording_register {
    uint32_t msr;
    struct recording_range packages;
    struct recording_range cores; /* within each of those packages */
    uint8_t kind;                 /* enum recording_value_kind */
    uint8_t width;                /* 32 or 64: where a series with `loop` or a ramp wraps */
    bool loop;          /* a series starts again, adding what it gained, instead of holding */
    uint32_t step_us;   /* RAMP: the counter is updated this often */
    uint32_t jitter_us; /* RAMP: each update comes up to this much later, below step_us */
    uint32_t point_count;
    uint64_t value;                        /* FIXED; the start of a RAMP */
    uint64_t rate_per_s;                   /* RAMP: counts a second */
    const struct recording_point *points;  /* in the arena, ordered by time, the first at 0 */
    const struct recording_source *source; /* in the arena */
};

/* How APIC ids divide: id >> thread_bits is a core, id >> die_bits a die, and so on. */
struct recording_apic_layout {
    uint8_t thread_bits;
    uint8_t die_bits; /* equals package_bits where no package has more than one die */
    uint8_t package_bits;
    bool dies; /* some package has more than one die */
};

struct recording {
    const char *title; /* NUL-terminated, in the arena */
    struct rapl_cpu cpu;
    uint8_t hypervisor; /* enum recording_hypervisor */
    bool coarse_caller; /* tier of every caller of the simulated driver */
    struct recording_apic_layout apic;
    uint32_t speed; /* recording time runs this many times faster than the clock; >= 1 */
    uint32_t package_count;
    uint32_t processor_count;
    uint32_t group_count;
    uint32_t group_size[RECORDING_GROUPS_MAX]; /* processors; 0 beyond group_count */
    const struct recording_processor *processors;
    uint32_t register_count;
    const struct recording_register *registers;
    uint32_t source_count;
    const struct recording_source *sources;
};

/* Where and why a text was refused. `line` and `column` count from 1, columns in bytes. */
struct recording_error {
    uint32_t line;
    uint32_t column;
    const char *message; /* constant text that says what to do */
};

/* Bytes of arena that are enough for any text of that size. */
size_t recording_arena_size(size_t text_size);

/*
 * Parses a text. `arena` is aligned for uint64_t and at least recording_arena_size(text_size) long;
 * `*out` points into it, not into the text, so it must stay where it is. On failure: false,
 * `*error` filled, `*out` untouched.
 */
bool recording_parse(const char *text, size_t text_size, void *arena, size_t arena_size,
                     struct recording *out, struct recording_error *error);

/* ---- Playing -------------------------------------------------------------------------------- */

/*
 * The register as that processor reads it `elapsed_us` of real time after the recording's clock
 * started (speed is applied here). False, `*value` untouched: it faults.
 */
bool recording_read(const struct recording *recording, uint32_t processor, uint32_t msr,
                    uint64_t elapsed_us, uint64_t *value);

/* True for registers that change with time: the first read of one starts the clock. */
bool recording_is_timed(const struct recording *recording, uint32_t processor, uint32_t msr);

/* Microseconds of real time until every series that does not loop holds its last value. */
uint64_t recording_duration_us(const struct recording *recording);

/*
 * CPUID as that processor answers it: consistent with cpu, topology and hypervisor. All zeros for a
 * processor that is not in the recording.
 */
void recording_cpuid(const struct recording *recording, uint32_t processor, uint32_t leaf,
                     uint32_t subleaf, struct rapl_cpuid_regs *out);

#endif
