/* SPDX-License-Identifier: Apache-2.0
 *
 * The parser's state, and the handlers of each kind of line. Internal to recording/.
 *
 * The state lives in the arena: a kernel stack is too small for it.
 */
#ifndef RAPL_RECORDING_PARSE_H
#define RAPL_RECORDING_PARSE_H

#include "recording/recording.h"
#include "recording/scan.h"

/* Which lines have been read; the order is that of the keyword table in parse.c. */
enum recording_line {
    RECORDING_LINE_SOURCE,
    RECORDING_LINE_TITLE,
    RECORDING_LINE_CPU,
    RECORDING_LINE_AMD_RAPL,
    RECORDING_LINE_HYPERVISOR,
    RECORDING_LINE_CALLER,
    RECORDING_LINE_SPEED,
    RECORDING_LINE_TOPOLOGY,
    RECORDING_LINE_CORES,
    RECORDING_LINE_REGISTER,
    RECORDING_LINE_AT,
    RECORDING_LINE_END,
    RECORDING_LINE_COUNT,
};

/* Where a processor was described, for complaints that only the whole topology shows. */
struct recording_place {
    uint32_t line;
    uint32_t column;
};

struct recording_parse {
    struct recording_scan scan;
    struct recording draft;
    uint32_t seen; /* bit per enum recording_line */
    bool topology_closed;
    uint32_t processors_stated; /* by the topology line */
    uint32_t group_used[RECORDING_GROUPS_MAX];
    struct recording_place place[RECORDING_PROCESSORS_MAX];
    struct recording_processor processors[RECORDING_PROCESSORS_MAX];
    struct recording_source sources[RECORDING_SOURCES_MAX];
    struct recording_register *registers;
    uint32_t register_capacity;
    struct recording_point *points;
    uint32_t point_count;
    uint32_t point_capacity;
    char *text; /* copies of titles and sources */
    size_t text_used;
    size_t text_capacity;
};

/* One line after its keyword. Each takes everything up to the end of the line. */
bool recording_parse_cpu(struct recording_parse *parse);
bool recording_parse_amd_rapl(struct recording_parse *parse);
bool recording_parse_hypervisor(struct recording_parse *parse);
bool recording_parse_topology(struct recording_parse *parse);
bool recording_parse_cores(struct recording_parse *parse);
bool recording_parse_register(struct recording_parse *parse);
bool recording_parse_at(struct recording_parse *parse);

/* What a register holds: the part of a register line between address and source. */
bool recording_parse_content(struct recording_parse *parse, struct recording_register *reg);

/*
 * Takes `@key` and the end of the line, last on every line that holds data. `*source` may be NULL.
 */
bool recording_parse_source_key(struct recording_parse *parse,
                                const struct recording_source **source);

/* True if a line of that kind has been read. */
bool recording_parse_has(const struct recording_parse *parse, enum recording_line line);

/*
 * Checks what only the whole topology shows and derives the APIC layout. Called once, by the first
 * register line, or by the end of the recording.
 */
bool recording_close_topology(struct recording_parse *parse);

/* Finds apic in a draft whose processors are complete; complains about ids that contradict. */
bool recording_lay_out_apic(struct recording_parse *parse);

/* The last series needs a point; every package needs a unit register. */
bool recording_close_series(struct recording_parse *parse);
bool recording_close_registers(struct recording_parse *parse);

/* The register that holds the energy unit on this vendor's processors. */
uint32_t recording_unit_msr(const struct rapl_cpu *cpu);

#endif
