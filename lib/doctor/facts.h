/* SPDX-License-Identifier: Apache-2.0
 *
 * What `rapl doctor` looked at, as plain data: gathered by facts_win32.c or facts_posix.c, judged
 * by diagnose.c, which asks nobody else. So every broken machine can be put together in a test.
 *
 * Zeroed facts know nothing: 0 is "not known" in every field, never "no".
 */
#ifndef RAPL_LIB_DOCTOR_FACTS_H
#define RAPL_LIB_DOCTOR_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include <rapl/rapl.h>

#include "core/cpu.h"
#include "lib/driver_place.h"
#include "lib/driver_state.h"

enum doctor_system {
    DOCTOR_SYSTEM_UNKNOWN,
    DOCTOR_SYSTEM_WINDOWS,
    DOCTOR_SYSTEM_LINUX,
};

/* enum rapl_truth in every field of this struct. */
struct doctor_windows {
    uint32_t major;
    uint32_t minor;
    uint32_t build;
    uint8_t is_server;
    uint8_t secure_boot;
    uint8_t test_signing; /* as the running kernel has it, not as bcdedit was told */
    uint8_t hvci;         /* memory integrity: the kernel runs only signed code */
    uint8_t blocklist;    /* Microsoft's vulnerable driver blocklist */
};

enum doctor_signature {
    DOCTOR_SIGNATURE_UNKNOWN,
    DOCTOR_SIGNATURE_VALID,
    DOCTOR_SIGNATURE_NONE,
    DOCTOR_SIGNATURE_UNTRUSTED, /* signed, by a certificate this machine does not trust */
    DOCTOR_SIGNATURE_EXPIRED,
    DOCTOR_SIGNATURE_CHANGED, /* the file is not the one that was signed */
};

#define DOCTOR_HASH_CHARS 65u /* SHA-256 in hexadecimal, and its end */

struct doctor_driver {
    struct rapl_driver_state state;
    bool file_missing;              /* the service means a file that is not there */
    uint8_t place;                  /* enum rapl_driver_place */
    uint8_t signature;              /* enum doctor_signature */
    uint8_t is_predecessor;         /* enum rapl_truth: hubblo-org's driver, version 0 */
    uint8_t has_policy;             /* enum rapl_truth: AccessPolicy is set and known */
    uint32_t policy;                /* RAPL_ACCESS_*, with has_policy YES */
    uint8_t is_pnp;                 /* enum rapl_truth: installed as a device */
    char sha256[DOCTOR_HASH_CHARS]; /* of its file; "" where it cannot be told */
    uint32_t exit_code;             /* Windows code of the last start that failed; 0: none known */
};

/* enum rapl_truth in every field. */
struct doctor_caller {
    uint8_t elevated;      /* root on Linux */
    uint8_t administrator; /* belongs to the group, elevated or not */
    uint8_t log_user;      /* Performance Log Users, enabled */
};

/* Other programs' drivers that reach the same registers. */
#define DOCTOR_CONFLICTS_MAX 8u

struct doctor_conflict {
    char service[64];
    char path[256];
    bool is_blocked; /* on Microsoft's blocklist: WinRing0 */
};

/* Linux. enum rapl_truth in every byte. */
struct doctor_linux {
    uint32_t major;
    uint32_t minor;
    uint8_t container;
    uint8_t powercap;       /* /sys/class/powercap is there */
    uint8_t zones;          /* and has an intel-rapl zone */
    uint8_t rapl_module;    /* intel_rapl_msr is loaded or built in */
    uint8_t world_readable; /* anyone may read energy_uj */
};

#define DOCTOR_SOURCES_MAX 8u

struct doctor_source {
    struct rapl_source_info info; /* status SKIPPED does not occur: each one was tried */
    uint32_t domain_count;
    uint32_t package_count; /* package domains, and those of them that have energy */
    uint32_t package_live_count;
};

#define DOCTOR_DOMAINS_MAX 64u

struct doctor_facts {
    uint8_t system; /* enum doctor_system */
    uint8_t is_x86; /* enum rapl_truth */
    struct doctor_windows windows;
    struct doctor_linux linux_;
    struct rapl_cpu cpu;
    char brand[RAPL_CPU_BRAND_SIZE];
    char model_name[64]; /* of the row that is used; "" without one */
    bool has_row;
    bool row_has_rapl;
    bool row_is_generic;
    struct doctor_driver driver;
    struct doctor_caller caller;
    char program_sha256[DOCTOR_HASH_CHARS]; /* of this program's file; Windows only */
    uint32_t conflict_count;
    struct doctor_conflict conflicts[DOCTOR_CONFLICTS_MAX];
    uint32_t source_count;
    struct doctor_source sources[DOCTOR_SOURCES_MAX];
    int32_t best; /* the source that `rapl` uses by itself; -1: none */
    uint32_t domain_count;
    struct rapl_domain_info domains[DOCTOR_DOMAINS_MAX]; /* of the best one, cores left out */
    uint32_t domains_left_out;                           /* more than there is room for */
};

/* Fills the whole of `*out`; what cannot be told stays unknown. Opens each source once. */
void doctor_facts_gather(struct doctor_facts *out);

/* The parts of it: the system's own (one file a system), and what the library says. */
void doctor_facts_system(struct doctor_facts *out);
void doctor_facts_sources(struct doctor_facts *out);

/* The row of `out->cpu`. */
void doctor_facts_model(struct doctor_facts *out);

#endif
