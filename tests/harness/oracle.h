/* SPDX-License-Identifier: Apache-2.0
 *
 * What the legacy device must answer, written down: tables that a person reviews, not code that the
 * driver shares. Source: the device's contract in include/rapl/abi.h and docs, and what the
 * programs in use do.
 */
#ifndef HARNESS_ORACLE_H
#define HARNESS_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

enum oracle_rights {
    ORACLE_READ_WRITE,
    ORACLE_READ,
    ORACLE_WRITE,
    ORACLE_NONE, /* attributes only */
    ORACLE_RIGHTS_COUNT,
};

enum oracle_code {
    ORACLE_CODE_ANY,        /* FILE_ANY_ACCESS */
    ORACLE_CODE_READ_WRITE, /* FILE_READ_ACCESS | FILE_WRITE_ACCESS */
    ORACLE_CODE_COUNT,
};

/* One control code in use, and who sends it. */
struct oracle_control {
    uint32_t code;
    enum oracle_code kind;
    const char *who;
};

extern const struct oracle_control oracle_controls[];
extern const uint32_t oracle_control_count;

/* One register of one machine: what a fresh and a coarse caller get on either package. */
struct oracle_register {
    const char *machine;
    const char *what;
    uint32_t msr;
    uint32_t fresh;    /* status */
    uint32_t coarse;   /* status */
    uint64_t value[2]; /* per package, where the status is success */
};

extern const struct oracle_register oracle_registers[];
extern const uint32_t oracle_register_count;

struct oracle_answer {
    bool dispatched; /* false: the I/O manager refuses it before the driver sees it */
    uint32_t status; /* ORACLE_AS_REGISTER: what the register's row says */
    uint32_t returned;
};

#define ORACLE_AS_REGISTER 0xFFFFFFFFu

/* The first rule that fits the request. */
struct oracle_answer oracle_answer(enum oracle_code code, enum oracle_rights rights,
                                   uint32_t in_size, uint32_t out_size);

#endif
