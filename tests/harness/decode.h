/* SPDX-License-Identifier: Apache-2.0
 *
 * Just enough x64 decoding to answer the instructions of a driver that cannot run in user mode.
 * Source: Intel SDM volume 2, "Instruction Format" and the opcode maps.
 */
#ifndef HARNESS_DECODE_H
#define HARNESS_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum instruction_kind {
    INSTRUCTION_RDMSR,
    INSTRUCTION_WRMSR,
    INSTRUCTION_UD2,      /* where the mapper wrote one over cpuid */
    INSTRUCTION_FROM_CR8, /* mov register, cr8 */
    INSTRUCTION_TO_CR8,   /* mov cr8, register */
    INSTRUCTION_LOAD,     /* mov, movzx, movsxd register, memory */
    INSTRUCTION_COMPARE,  /* cmp register, memory */
    INSTRUCTION_COMPARED, /* cmp memory, register */
};

struct instruction {
    uint8_t kind;   /* enum instruction_kind */
    uint8_t length; /* bytes */
    uint8_t reg;    /* 0 rax to 15 r15; the operand that is not memory */
    uint8_t size;   /* bytes of memory read: 1, 2, 4 or 8 */
    uint8_t result; /* bytes of register written: 4 clears the upper half, as does x64 */
    bool sign_extended;
};

/* False: none of the above, or longer than `available`. */
bool instruction_decode(const uint8_t *code, size_t available, struct instruction *out);

/*
 * EFLAGS after comparing the low `size` bytes of `left` and `right`: the six arithmetic flags of
 * `eflags` replaced.
 */
uint32_t instruction_compare_flags(uint32_t eflags, uint64_t left, uint64_t right, uint32_t size);

#endif
