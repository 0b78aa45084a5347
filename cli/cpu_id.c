/* SPDX-License-Identifier: Apache-2.0
 *
 * CPU identities as text.
 */
#include "cli/cpu_id.h"

#include <stdio.h>
#include <string.h>

/*
 * Families that have RAPL, by vendor. AMD used 0x12 and 0x13 for parts without RAPL; Intel's new
 * families of those numbers have it.
 */
static uint8_t vendor_of_family(uint32_t family)
{
    switch (family) {
    case 0x06:
    case 0x12:
    case 0x13:
        return RAPL_VENDOR_INTEL;
    case 0x17:
    case 0x19:
    case 0x1A:
        return RAPL_VENDOR_AMD;
    case 0x18:
        return RAPL_VENDOR_HYGON;
    default:
        return RAPL_VENDOR_UNKNOWN;
    }
}

/* One or two hexadecimal digits at `*text`, which is moved past them. */
static bool take_byte(const char **text, uint16_t *value)
{
    static const char digits[] = "0123456789ABCDEF0123456789abcdef";
    uint16_t number = 0;
    int count = 0;

    for (; count < 2 && (*text)[count] != '\0'; count++) {
        const char *digit = strchr(digits, (*text)[count]);

        if (digit == NULL) {
            break;
        }
        number = (uint16_t)(number << 4 | ((digit - digits) & 0xF));
    }
    if (count == 0) {
        return false;
    }
    *text += count;
    *value = number;
    return true;
}

bool cpu_id_parse(const char *text, struct rapl_cpu *out)
{
    struct rapl_cpu cpu = {.model = RAPL_MODEL_ANY};
    uint16_t stepping;

    if (!take_byte(&text, &cpu.family)) {
        return false;
    }
    if (*text == '_') {
        text++;
        if (!take_byte(&text, &cpu.model)) {
            return false;
        }
        if (*text == '_') {
            text++;
            if (!take_byte(&text, &stepping)) {
                return false;
            }
        }
    }
    if (*text != '\0') {
        return false;
    }
    cpu.vendor = vendor_of_family(cpu.family);
    cpu.amd_rapl = true; /* whoever has register values has the registers */
    *out = cpu;
    return true;
}

static bool same_word(const char *text, const char *word)
{
    for (; *word != '\0'; text++, word++) {
        if ((*text | 0x20) != *word) {
            return false;
        }
    }
    return *text == '\0';
}

bool cpu_vendor_parse(const char *text, uint8_t *vendor)
{
    static const char *const words[] = {
        [RAPL_VENDOR_INTEL] = "intel", [RAPL_VENDOR_AMD] = "amd", [RAPL_VENDOR_HYGON] = "hygon"};

    for (int i = RAPL_VENDOR_INTEL; i <= RAPL_VENDOR_HYGON; i++) {
        if (!same_word(text, words[i])) {
            continue;
        }
        *vendor = (uint8_t)i;
        return true;
    }
    return false;
}

void cpu_id_format(const struct rapl_cpu *cpu, char out[CPU_ID_SIZE])
{
    if (cpu->model == RAPL_MODEL_ANY) {
        snprintf(out, CPU_ID_SIZE, "%02X", (unsigned)cpu->family);
    } else {
        snprintf(out, CPU_ID_SIZE, "%02X_%02X", (unsigned)cpu->family, (unsigned)cpu->model);
    }
}

void cpu_show(struct text *out, const struct rapl_cpu *cpu, const struct rapl_model *model)
{
    char id[CPU_ID_SIZE];
    const struct rapl_model_text *row = model != NULL ? rapl_model_text(model) : NULL;

    cpu_id_format(cpu, id);
    text_printf(out, "cpu         %s %s, %s\n", rapl_vendor_name(cpu->vendor), id,
                row != NULL ? row->name : "no RAPL known");
    if (row == NULL) {
        return;
    }
    text_printf(out, "source      %s\n", row->source);
    if (row->doubt != NULL) {
        text_printf(out, "doubt       %s\n", row->doubt);
    }
    if ((model->flags & RAPL_MODEL_GENERIC) != 0) {
        text_add(out, "            not a known model: the defaults of its family are used\n");
    }
}

void cpu_json(struct json *json, const struct rapl_cpu *cpu, const struct rapl_model *model)
{
    char id[CPU_ID_SIZE];
    const struct rapl_model_text *row = model != NULL ? rapl_model_text(model) : NULL;

    cpu_id_format(cpu, id);
    json_begin_object(json, "cpu");
    json_string(json, "vendor", rapl_vendor_name(cpu->vendor));
    json_string(json, "id", id);
    json_string(json, "name", row != NULL ? row->name : NULL);
    json_string(json, "source", row != NULL ? row->source : NULL);
    json_string(json, "doubt", row != NULL ? row->doubt : NULL);
    json_bool(json, "generic", model != NULL && (model->flags & RAPL_MODEL_GENERIC) != 0);
    json_end_object(json);
}
