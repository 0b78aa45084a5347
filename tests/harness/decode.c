/* SPDX-License-Identifier: Apache-2.0
 *
 * Decodes the few instructions that traps.c answers.
 */
#include "tests/harness/decode.h"

struct cursor {
    const uint8_t *code;
    size_t available;
    size_t at;
    uint8_t rex;
    bool operand_16;
};

static bool next(struct cursor *cursor, uint8_t *byte)
{
    if (cursor->at >= cursor->available) {
        return false;
    }
    *byte = cursor->code[cursor->at++];
    return true;
}

static uint8_t operand_size(const struct cursor *cursor)
{
    if ((cursor->rex & 8) != 0) {
        return 8;
    }
    return cursor->operand_16 ? 2 : 4;
}

/* Steps over a memory operand; false for a register operand. `*reg` is the other operand. */
static bool memory_operand(struct cursor *cursor, uint8_t *reg)
{
    uint8_t modrm, sib;
    if (!next(cursor, &modrm) || modrm >> 6 == 3) {
        return false;
    }
    *reg = (uint8_t)((modrm >> 3 & 7) | ((cursor->rex & 4) != 0 ? 8 : 0));
    const uint8_t mode = modrm >> 6;
    uint8_t base = modrm & 7;
    if (base == 4) {
        if (!next(cursor, &sib)) {
            return false;
        }
        base = sib & 7;
        if (mode == 0 && base == 5) {
            cursor->at += 4;
        }
    } else if (mode == 0 && base == 5) {
        cursor->at += 4; /* RIP-relative */
    }
    if (mode == 1) {
        cursor->at += 1;
    } else if (mode == 2) {
        cursor->at += 4;
    }
    return cursor->at <= cursor->available;
}

static bool decode_two_byte(struct cursor *cursor, struct instruction *out)
{
    uint8_t opcode, modrm;
    if (!next(cursor, &opcode)) {
        return false;
    }
    switch (opcode) {
    case 0x30:
        out->kind = INSTRUCTION_WRMSR;
        return true;
    case 0x32:
        out->kind = INSTRUCTION_RDMSR;
        return true;
    case 0x0B:
        out->kind = INSTRUCTION_UD2;
        return true;
    case 0x20:
    case 0x22:
        /* Control register 8 needs REX.R; the modrm byte always means registers. */
        if (!next(cursor, &modrm) || (cursor->rex & 4) == 0 || (modrm >> 3 & 7) != 0) {
            return false;
        }
        out->kind = opcode == 0x20 ? INSTRUCTION_FROM_CR8 : INSTRUCTION_TO_CR8;
        out->reg = (uint8_t)((modrm & 7) | ((cursor->rex & 1) != 0 ? 8 : 0));
        return true;
    case 0xB6:
    case 0xB7:
    case 0xBE:
    case 0xBF:
        out->kind = INSTRUCTION_LOAD;
        out->size = (opcode & 1) != 0 ? 2 : 1;
        out->result = operand_size(cursor);
        out->sign_extended = opcode >= 0xBE;
        return memory_operand(cursor, &out->reg);
    default:
        return false;
    }
}

static bool decode_one_byte(struct cursor *cursor, uint8_t opcode, struct instruction *out)
{
    out->size = (opcode & 1) == 0 && opcode != 0x63 ? 1 : operand_size(cursor);
    out->result = out->size;
    switch (opcode) {
    case 0x63: /* movsxd */
        out->kind = INSTRUCTION_LOAD;
        out->size = 4;
        out->sign_extended = true;
        return memory_operand(cursor, &out->reg);
    case 0x8A:
    case 0x8B:
        out->kind = INSTRUCTION_LOAD;
        /* Byte registers 4 to 7 without REX are ah to bh: compilers do not load those. */
        return memory_operand(cursor, &out->reg) &&
               !(out->size == 1 && cursor->rex == 0 && out->reg >= 4);
    case 0xA0:
    case 0xA1: /* the accumulator from a 64-bit address */
        out->kind = INSTRUCTION_LOAD;
        cursor->at += 8;
        return true;
    case 0x38:
    case 0x39:
        out->kind = INSTRUCTION_COMPARED;
        return memory_operand(cursor, &out->reg);
    case 0x3A:
    case 0x3B:
        out->kind = INSTRUCTION_COMPARE;
        return memory_operand(cursor, &out->reg);
    default:
        return false;
    }
}

bool instruction_decode(const uint8_t *code, size_t available, struct instruction *out)
{
    struct cursor cursor = {.code = code, .available = available};
    struct instruction found = {0};
    uint8_t byte;

    for (;;) {
        if (!next(&cursor, &byte)) {
            return false;
        }
        if (byte != 0x66) {
            break;
        }
        cursor.operand_16 = true;
    }
    if ((byte & 0xF0) == 0x40) {
        cursor.rex = byte;
        if (!next(&cursor, &byte)) {
            return false;
        }
    }
    const bool ok =
        byte == 0x0F ? decode_two_byte(&cursor, &found) : decode_one_byte(&cursor, byte, &found);
    if (!ok || cursor.at > available) {
        return false;
    }
    found.length = (uint8_t)cursor.at;
    *out = found;
    return true;
}

uint32_t instruction_compare_flags(uint32_t eflags, uint64_t left, uint64_t right, uint32_t size)
{
    const uint64_t mask = size == 8 ? UINT64_MAX : (1ull << size * 8) - 1;
    const uint64_t sign = 1ull << (size * 8 - 1);
    const uint64_t a = left & mask;
    const uint64_t b = right & mask;
    const uint64_t difference = (a - b) & mask;

    eflags &= ~0x8D5u;
    if (a < b) {
        eflags |= 0x001; /* CF */
    }
    if (!__builtin_parity((uint32_t)difference & 0xFF)) {
        eflags |= 0x004; /* PF */
    }
    if (((a ^ b ^ difference) & 0x10) != 0) {
        eflags |= 0x010; /* AF */
    }
    if (difference == 0) {
        eflags |= 0x040; /* ZF */
    }
    if ((difference & sign) != 0) {
        eflags |= 0x080; /* SF */
    }
    if (((a ^ b) & (a ^ difference) & sign) != 0) {
        eflags |= 0x800; /* OF */
    }
    return eflags;
}
