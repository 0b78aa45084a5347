/* SPDX-License-Identifier: Apache-2.0
 *
 * librapl: the energy counters of this machine, whoever publishes them.
 *
 *     session  ->  sources (driver, emi, legacy, powercap, replay)  ->  domains  ->  samples
 *
 * Open a session, read its domains into a sample set twice, and ask for the difference:
 *
 *     struct rapl_session *session;
 *     struct rapl_samples *before, *after;
 *     if (rapl_session_new(NULL, &session) != RAPL_OK || rapl_session_open(session) != RAPL_OK) ...
 *     rapl_samples_new(session, &before); rapl_samples_new(session, &after);
 *     rapl_read(session, before);
 *     rapl_wait_until(session, rapl_now_ns(session) + 1000000000);
 *     rapl_read(session, after);
 *     for (i = 0; i < rapl_domain_count(session); i++)
 *         rapl_difference(session, before, after, i, &difference);
 *
 * Rules
 * - Every function may be called from any thread; calls on one session take turns. A sample set
 *   belongs to one thread at a time. Nothing is printed, nothing exits, there is no global state.
 * - Functions that return int give RAPL_OK or a RAPL_ERROR_*; on failure outputs are untouched.
 * - A struct that is filled begins with `size`, which the caller sets to sizeof before the call. A
 *   newer library fills only what fits in it; an older one sets what it does not know to 0. `size`
 *   is left as the caller set it. Fields are only ever added at the end.
 * - Strings are UTF-8 and always NUL-terminated.
 * - A domain that cannot be read has a status, never an energy of 0.
 */
#ifndef RAPL_RAPL_H
#define RAPL_RAPL_H

#include <stddef.h>
#include <stdint.h>

#include <rapl/domain.h>

/* Define RAPL_DLL where the DLL is used: one jump less a call. Without it, both ways work. */
#if defined(_WIN32) && defined(RAPL_DLL)
#define RAPL_API __declspec(dllimport)
#elif defined(__GNUC__) && !defined(_WIN32)
#define RAPL_API __attribute__((visibility("default")))
#else
#define RAPL_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors --------------------------------------------------------------------------------- */

enum rapl_error {
    RAPL_OK,
    RAPL_ERROR_ARGUMENT,    /* a malformed argument: `size`, an index, an unknown source name */
    RAPL_ERROR_MEMORY,      /* out of memory */
    RAPL_ERROR_NO_SOURCE,   /* no source could be opened: each one's status says why */
    RAPL_ERROR_NOT_HERE,    /* this source is not on this machine (no driver, no meter, no zone) */
    RAPL_ERROR_SKIPPED,     /* not tried: a source before it serves */
    RAPL_ERROR_DENIED,      /* present, and this caller may not read it */
    RAPL_ERROR_UNSUPPORTED, /* this CPU, system or source has no such thing */
    RAPL_ERROR_FAULTS,      /* the register or file fails when it is read */
    RAPL_ERROR_DEAD,        /* readable, and has been 0 at every reading so far */
    RAPL_ERROR_GONE,        /* the source went away: driver stopped, device removed */
    RAPL_ERROR_GARBAGE,     /* the source answered something that cannot be */
    RAPL_ERROR_VERSION,     /* the source speaks a version this library does not */
    RAPL_ERROR_FILE,        /* a recording that cannot be read or is malformed */
    RAPL_ERROR_TIMEOUT,     /* nothing happened within the time given */
    RAPL_ERROR_NO_SAMPLE,   /* the sample set holds no reading of this domain yet */
    RAPL_ERROR_SYSTEM,      /* the system failed: `system_error` has its code */
    RAPL_ERROR_COUNT,
};

/* "RAPL_ERROR_DENIED", and one sentence without a full stop. Never NULL. */
RAPL_API const char *rapl_error_name(int error);
RAPL_API const char *rapl_error_message(int error);

/* Major << 16 | minor << 8 | patch of the library that runs. */
RAPL_API uint32_t rapl_library_version(void);

/* ---- Sessions and sources ------------------------------------------------------------------- */

struct rapl_session;

#define RAPL_NONE UINT32_MAX /* no package, die, core, source */

/* rapl_options.flags */
#define RAPL_OPEN_CORES 0x1u /* domains per physical core too, where the source has them */

struct rapl_options {
    uint32_t size;
    uint32_t flags;
    /* "driver", "emi", "legacy", "powercap", "replay"; several with '+', where a later one gives
     * only domains that none before it has; NULL: the first that opens, in this system's order
     * (Windows: driver, emi, legacy; Linux: powercap). */
    const char *source;
    /* replay: the recording's path. powercap: the tree's root, NULL for /sys/class/powercap. */
    const char *path;
    /* replay: thousandths of real time the recording runs at; 0: no waiting, time stands still but
     * in rapl_wait_until. */
    uint32_t replay_speed_milli;
    uint32_t reserved;
};

/*
 * Makes a session; nothing is opened yet. `options` NULL: all defaults; strings are copied.
 * ARGUMENT, MEMORY. rapl_session_free gives it back (NULL is fine).
 */
RAPL_API int rapl_session_new(const struct rapl_options *options, struct rapl_session **out);
RAPL_API void rapl_session_free(struct rapl_session *session);

/*
 * Opens the sources the options name, and reads every domain once: energy counts from here.
 * NO_SOURCE, or the one named source's own error; the sources can be asked why either way.
 * A second call is ARGUMENT.
 */
RAPL_API int rapl_session_open(struct rapl_session *session);

enum rapl_source_kind {
    RAPL_SOURCE_DRIVER = 1, /* \\.\RaplEnergy */
    RAPL_SOURCE_EMI,        /* Windows' Energy Meter Interface */
    RAPL_SOURCE_LEGACY,     /* \\.\ScaphandreDriver: this project's, or its predecessor */
    RAPL_SOURCE_POWERCAP,   /* Linux */
    RAPL_SOURCE_REPLAY,     /* a recording */
};

/* rapl_source_info.flags, rapl_sample.flags, rapl_difference.flags: what the numbers are */
#define RAPL_FLAG_SIMULATED 0x1u /* a recording's, not this machine's */
#define RAPL_FLAG_COARSE    0x2u /* renewed only every resolution_us, for all callers together */
#define RAPL_FLAG_RESET     0x4u /* the counter began anew in between: energy is a lower bound */
#define RAPL_FLAG_GAP       0x8u /* energy is missing in between: a lower bound */

struct rapl_source_info {
    uint32_t size;
    uint32_t kind;          /* enum rapl_source_kind */
    int32_t status;         /* RAPL_OK: it serves; else why not */
    uint32_t system_error;  /* Windows code or errno; 0: none */
    uint32_t flags;         /* RAPL_FLAG_SIMULATED, RAPL_FLAG_COARSE */
    uint32_t resolution_us; /* values change no more often than this; 0: not known */
    char name[16];          /* as rapl_options.source has it */
    char title[160];        /* what answers: "ScaphandreDrv 1.0.0", "Linux powercap" */
    char reason[256];       /* why it does not serve, a sentence; "" if it does */
    char remedy[256];       /* the one next step; "" if there is none */
    uint32_t doubled_count; /* emi: channels left out, as another one shows the same counter */
    uint32_t reserved;
};

/* The sources this session tried or skipped, in order. ARGUMENT: no such index. */
RAPL_API uint32_t rapl_source_count(const struct rapl_session *session);
RAPL_API int rapl_source_get(struct rapl_session *session, uint32_t index,
                             struct rapl_source_info *out);

/* The names this build knows, in order of preference; NULL past the last. */
RAPL_API const char *rapl_source_name(uint32_t index);

/* ---- The machine ---------------------------------------------------------------------------- */

/* 0 or "" where the source does not say. */
struct rapl_machine_info {
    uint32_t size;
    uint32_t vendor; /* 1 Intel, 2 AMD, 3 Hygon */
    uint32_t family;
    uint32_t model;
    uint32_t stepping;
    uint32_t package_count; /* entries of rapl_package_get */
    uint32_t socket_count;
    uint32_t die_count;
    uint32_t core_count;
    uint32_t processor_count;
    uint32_t group_count;
    uint32_t is_guest; /* 1: a hypervisor is present and this is not its root */
    char brand[64];
    char model_name[64];
    char recording[128]; /* the recording's title, when simulated */
};

RAPL_API int rapl_machine_get(struct rapl_session *session, struct rapl_machine_info *out);

/* rapl_power_limit.flags */
#define RAPL_POWER_LIMIT_PRESENT 0x1u
#define RAPL_POWER_LIMIT_ENABLED 0x2u
#define RAPL_POWER_LIMIT_CLAMP   0x4u
#define RAPL_POWER_LIMIT_LOCKED  0x8u
#define RAPL_POWER_LIMIT_UNSAID  0x10u /* the source does not say whether it is enabled */

struct rapl_power_limit {
    uint32_t domain; /* enum rapl_domain */
    uint32_t number; /* 1 long term, 2 short term, 3 peak */
    uint32_t flags;
    uint32_t limit_mw;
    uint32_t window_us;
    uint32_t reserved;
};

#define RAPL_POWER_LIMITS 8u

struct rapl_package_info {
    uint32_t size;
    uint32_t socket;
    uint32_t die;       /* RAPL_NONE: counters are the socket's */
    uint32_t processor; /* it is read on this one; RAPL_NONE where the source does not say */
    uint32_t tdp_mw;    /* powers: 0 is "not stated" */
    uint32_t min_mw;
    uint32_t max_mw;
    uint32_t limit_count;
    struct rapl_power_limit limits[RAPL_POWER_LIMITS];
};

RAPL_API int rapl_package_get(struct rapl_session *session, uint32_t index,
                              struct rapl_package_info *out);

/* ---- Domains -------------------------------------------------------------------------------- */

/* rapl_domain_info.domain beside enum rapl_domain: a vendor's own meter. Never summed with RAPL. */
#define RAPL_DOMAIN_METER 0x100u

struct rapl_domain_info {
    uint32_t size;
    uint32_t domain;  /* enum rapl_domain or RAPL_DOMAIN_METER */
    uint32_t package; /* index for rapl_package_get, or RAPL_NONE */
    uint32_t core;    /* counted within the package, or RAPL_NONE */
    uint32_t source;  /* index for rapl_source_get */
    int32_t status;   /* at the last reading: RAPL_OK, or why there is no energy */
    uint32_t system_error;
    uint32_t unit_numerator; /* joules of one tick, exactly; 0/1: not known */
    uint32_t unit_denominator;
    uint32_t reserved;
    uint64_t range_ticks; /* it wraps there; 0: never, or not known */
    char name[32];        /* "package", "pp0", ..., or the meter's own name */
    char label[64];       /* the source's own name for it: "intel-rapl:0:1", "RAPL_Package0_PP0" */
};

/*
 * Domains are numbered from 0: by source, package, domain, core. The list is fixed once the session
 * is open; a domain without energy is listed where it could have some, with its status.
 */
RAPL_API uint32_t rapl_domain_count(const struct rapl_session *session);
RAPL_API int rapl_domain_get(struct rapl_session *session, uint32_t index,
                             struct rapl_domain_info *out);

/* ---- Reading -------------------------------------------------------------------------------- */

struct rapl_samples; /* room for one sample of every domain of a session */

RAPL_API int rapl_samples_new(struct rapl_session *session, struct rapl_samples **out);
RAPL_API void rapl_samples_free(struct rapl_samples *samples);

/*
 * Reads every domain. RAPL_OK if at least one domain was read; else the first domain's error, or
 * GONE, GARBAGE, SYSTEM when a whole source failed. `into` then still holds each domain's status.
 */
RAPL_API int rapl_read(struct rapl_session *session, struct rapl_samples *into);

struct rapl_sample {
    uint32_t size;
    int32_t status; /* RAPL_OK, or why there is no energy: then only time_ns and this hold */
    uint32_t system_error;
    uint32_t flags;        /* RESET and GAP: since the session opened */
    uint64_t energy_ticks; /* since the session opened; never wraps, never goes back */
    uint64_t energy_uj;    /* the same, rounded down */
    uint64_t raw;          /* the counter as the source has it; 0 where it is withheld */
    uint64_t time_ns;      /* of this very read, on rapl_now_ns's clock */
};

RAPL_API int rapl_sample_get(const struct rapl_samples *samples, uint32_t index,
                             struct rapl_sample *out);

struct rapl_difference {
    uint32_t size;
    uint32_t flags; /* RESET and GAP: between the two */
    uint64_t energy_ticks;
    uint64_t energy_uj;   /* rounded to the nearest */
    uint64_t duration_ns; /* between the two reads of this domain */
    uint64_t power_uw;    /* energy over duration, rounded to the nearest; 0 if no time went by */
};

/*
 * What domain `index` gained from `from` to `to`, both of this session. The status of the sample
 * that has none; ARGUMENT if `to` is the older one.
 */
RAPL_API int rapl_difference(const struct rapl_samples *from, const struct rapl_samples *to,
                             uint32_t index, struct rapl_difference *out);

/* ---- Time ----------------------------------------------------------------------------------- */

/* The session's clock: never goes back; a replay's is the recording's. Any origin. */
RAPL_API uint64_t rapl_now_ns(struct rapl_session *session);

/*
 * Sleeps until then, reading in between as often as the sources' counters need so as not to wrap
 * unseen. A caller that sleeps by itself must read every rapl_read_interval_ms.
 */
RAPL_API int rapl_wait_until(struct rapl_session *session, uint64_t time_ns);

/* 0: no need to read in between. */
RAPL_API uint32_t rapl_read_interval_ms(struct rapl_session *session);

/*
 * Reads until domain `index` changes, then fills `into` with that reading: it began at a counter
 * update, no earlier than one reading before it. TIMEOUT, `into` untouched, if the counter did not
 * move until `time_ns`.
 */
RAPL_API int rapl_read_update(struct rapl_session *session, uint32_t index, uint64_t time_ns,
                              struct rapl_samples *into);

#ifdef __cplusplus
}
#endif

#endif
