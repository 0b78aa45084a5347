/* SPDX-License-Identifier: Apache-2.0
 *
 * The harness's own parts: images it must refuse, instructions it must decode.
 */
#include "tests/harness/decode.h"
#include "tests/harness/host.h"
#include "tests/harness/imports.h"
#include "tests/harness/scenario.h"

#include <stdlib.h>
#include <string.h>

/* ---- Images --------------------------------------------------------------------------------- */

#define PE_OFFSET_AT     0x3Cu
#define MACHINE_AT       4u /* from the PE signature */
#define SECTION_COUNT_AT 6u
#define OPTIONAL_SIZE_AT 20u
#define OPTIONAL_AT      24u
#define SUBSYSTEM_AT     (OPTIONAL_AT + 68u)
#define SECTION_SIZE     40u
#define SECTION_RAW_SIZE 16u /* from the section header */
#define SECTION_RAW_AT   20u
#define SECTION_FLAGS    36u
#define FLAG_EXECUTE     0x20000000u
#define FLAG_WRITE       0x80000000u

static uint32_t get32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}

static uint8_t *pe_of(uint8_t *file)
{
    return file + get32(file + PE_OFFSET_AT);
}

/* The first section header with this flag. */
static uint8_t *section_with(uint8_t *file, uint32_t flag)
{
    uint8_t *pe = pe_of(file);
    uint8_t *section = pe + OPTIONAL_AT + (get32(pe + OPTIONAL_SIZE_AT) & 0xFFFF);
    for (uint32_t i = 0; i < (get32(pe + SECTION_COUNT_AT) & 0xFFFF);
         i++, section += SECTION_SIZE) {
        if ((get32(section + SECTION_FLAGS) & flag) != 0) {
            return section;
        }
    }
    host_fatal("the image has no section with flag 0x%X", flag);
}

static uint8_t *find(uint8_t *bytes, size_t size, const void *wanted, size_t length)
{
    for (size_t i = 0; i + length <= size; i++) {
        if (memcmp(bytes + i, wanted, length) == 0) {
            return bytes + i;
        }
    }
    host_fatal("the image does not contain what this scenario changes");
}

static void rename_import(uint8_t *file, size_t size)
{
    memcpy(find(file, size, "IoCreateDevice", 15), "IoCreateNotice", 15);
}

static void import_from_elsewhere(uint8_t *file, size_t size)
{
    memcpy(find(file, size, "ntoskrnl.exe", 13), "ntoskrnX.exe", 13);
}

/* Two int3 between functions become cpuid; the image's own are elsewhere, if it has any. */
static void two_more_cpuids(uint8_t *file, size_t size)
{
    static const uint8_t padding[] = {0xCC, 0xCC, 0xCC, 0xCC};
    static const uint8_t cpuid[] = {0x0F, 0xA2, 0x0F, 0xA2};
    const uint8_t *section = section_with(file, FLAG_EXECUTE);
    const uint32_t raw = get32(section + SECTION_RAW_AT);
    const uint32_t raw_size = get32(section + SECTION_RAW_SIZE);
    if (raw > size || raw_size > size - raw) {
        host_fatal("the image's first section of code lies outside the file");
    }
    memcpy(find(file + raw, raw_size, padding, sizeof(padding)), cpuid, sizeof(cpuid));
}

static void writable_code(uint8_t *file, size_t size)
{
    uint8_t *flags = section_with(file, FLAG_EXECUTE) + SECTION_FLAGS;
    const uint32_t value = get32(flags) | FLAG_WRITE;
    (void)size;
    memcpy(flags, &value, sizeof(value));
}

static void not_native(uint8_t *file, size_t size)
{
    (void)size;
    pe_of(file)[SUBSYSTEM_AT] = 3;
}

static void other_machine(uint8_t *file, size_t size)
{
    (void)size;
    pe_of(file)[MACHINE_AT + 1] = 0xAA;
}

static void no_signature(uint8_t *file, size_t size)
{
    (void)size;
    *pe_of(file) = 'X';
}

static bool a_finding_says(const char *words)
{
    enum finding kind;
    const char *text;
    for (uint32_t i = 0; (text = verifier_text(i, &kind)) != NULL; i++) {
        if (strstr(text, words) != NULL) {
            return true;
        }
    }
    return false;
}

static void expect_refused(const uint8_t *file, size_t size, const char *words)
{
    lab_driver_file(file, size);
    const uint32_t status = lab_load();
    const bool said = a_finding_says(words);
    verifier_forgive(FINDING_CHECK);
    check_status("an image that cannot run", status, LAB_INVALID_PARAMETER);
    if (!said) {
        verifier_report(FINDING_CHECK, "no refusal that says \"%s\"", words);
    }
}

static void images_refused(void)
{
    static const struct {
        void (*change)(uint8_t *file, size_t size);
        const char *words;
    } rows[] = {
        {rename_import, "imports IoCreateNotice from ntoskrnl.exe"},
        {import_from_elsewhere, "from ntoskrnX.exe"},
        {two_more_cpuids, "two places hold 0F A2"},
        {writable_code, "is writable and executable"},
        {not_native, "is not native"},
        {other_machine, "is not x64"},
        {no_signature, "not a 64-bit PE image"},
    };
    size_t size;
    const uint8_t *original = lab_driver_bytes(&size);
    uint8_t *copy = malloc(size);
    if (copy == NULL) {
        host_fatal("out of memory");
    }
    machine_select("intel-2s");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memcpy(copy, original, size);
        rows[i].change(copy, size);
        expect_refused(copy, size, rows[i].words);
    }
    memcpy(copy, original, size);
    expect_refused(copy, 60, "not a 64-bit PE image");
    expect_refused(copy, size / 2, "lies outside the file");
    lab_driver_file(original, size);
    free(copy);
}

static void imports_refused(void)
{
    char why[160] = "";
    check(import_resolve("ntoskrnl.exe", "ExAllocatePool2", why, sizeof(why)) == NULL &&
              strstr(why, "19041") != NULL,
          "an import that Windows 10 1607 has not is refused with the build that has it");
    check(import_resolve("hal.dll", "IoCreateDevice", why, sizeof(why)) == NULL &&
              strstr(why, "has it in ntoskrnl.exe") != NULL,
          "an import from the wrong DLL is refused with the right one");
    check(import_resolve("NTOSKRNL.EXE", "IoCreateDevice", why, sizeof(why)) != NULL,
          "the DLL's name is compared without case");
}

/* ---- Instructions --------------------------------------------------------------------------- */

struct encoding {
    const char *text;
    uint8_t bytes[12];
    uint8_t length;
    uint8_t kind, reg, size, result;
    bool sign_extended;
};

static const struct encoding encodings[] = {
    {"rdmsr", {0x0F, 0x32}, 2, INSTRUCTION_RDMSR, 0, 0, 0, false},
    {"wrmsr", {0x0F, 0x30}, 2, INSTRUCTION_WRMSR, 0, 0, 0, false},
    {"ud2", {0x0F, 0x0B}, 2, INSTRUCTION_UD2, 0, 0, 0, false},
    {"mov rax, cr8", {0x44, 0x0F, 0x20, 0xC0}, 4, INSTRUCTION_FROM_CR8, 0, 0, 0, false},
    {"mov r9, cr8", {0x45, 0x0F, 0x20, 0xC1}, 4, INSTRUCTION_FROM_CR8, 9, 0, 0, false},
    {"mov cr8, rbx", {0x44, 0x0F, 0x22, 0xC3}, 4, INSTRUCTION_TO_CR8, 3, 0, 0, false},
    {"mov rax, [rcx]", {0x48, 0x8B, 0x01}, 3, INSTRUCTION_LOAD, 0, 8, 8, false},
    {"mov r10d, [rcx+8]", {0x44, 0x8B, 0x51, 0x08}, 4, INSTRUCTION_LOAD, 10, 4, 4, false},
    {"mov ecx, [rax+rdx*8+0x320]",
     {0x8B, 0x8C, 0xD0, 0x20, 3, 0, 0},
     7,
     INSTRUCTION_LOAD,
     1,
     4,
     4,
     false},
    {"mov ax, [rsi]", {0x66, 0x8B, 0x06}, 3, INSTRUCTION_LOAD, 0, 2, 2, false},
    {"mov rax, moffs64",
     {0x48, 0xA1, 8, 0, 0, 0, 0x80, 0xF7, 0xFF, 0xFF},
     10,
     INSTRUCTION_LOAD,
     0,
     8,
     8,
     false},
    {"movzx edx, byte [rbp+1]", {0x0F, 0xB6, 0x55, 0x01}, 4, INSTRUCTION_LOAD, 2, 1, 4, false},
    {"movsxd rax, dword [rsi]", {0x48, 0x63, 0x06}, 3, INSTRUCTION_LOAD, 0, 4, 8, true},
    {"cmp eax, [rcx+4]", {0x3B, 0x41, 0x04}, 3, INSTRUCTION_COMPARE, 0, 4, 4, false},
    {"cmp [rcx+4], edx", {0x39, 0x51, 0x04}, 3, INSTRUCTION_COMPARED, 2, 4, 4, false},
};

static void check_encoding(const struct encoding *row)
{
    struct instruction got;
    if (!instruction_decode(row->bytes, sizeof(row->bytes), &got) || got.length != row->length ||
        got.kind != row->kind || got.reg != row->reg || got.size != row->size ||
        got.result != row->result || got.sign_extended != row->sign_extended) {
        verifier_report(FINDING_CHECK, "%s is not decoded as that", row->text);
    }
    if (instruction_decode(row->bytes, row->length - 1u, &got)) {
        verifier_report(FINDING_CHECK, "%s is decoded although its end is missing", row->text);
    }
}

static void instructions_decoded(void)
{
    static const uint8_t unknown[][12] = {
        {0x90},             /* nop */
        {0xF4},             /* hlt */
        {0x0F, 0x20, 0xC0}, /* mov rax, cr0 */
        {0x0F, 0xA2},       /* cpuid, which does not trap */
        {0x48, 0x8B, 0xC1}, /* mov rax, rcx: no memory */
        {0x48, 0x89, 0x01}, /* mov [rcx], rax: a write */
    };
    struct instruction got;
    for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        check_encoding(&encodings[i]);
    }
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        check(!instruction_decode(unknown[i], sizeof(unknown[i]), &got),
              "an instruction that is not answered is not decoded");
    }
}

/* Flags after cmp, from the processor's manual: CF 1, PF 4, AF 0x10, ZF 0x40, SF 0x80, OF 0x800. */
static void comparisons(void)
{
    static const struct {
        uint64_t left, right;
        uint32_t size, flags;
    } rows[] = {
        {5, 5, 4, 0x44},           {1, 2, 4, 0x95},           {2, 1, 4, 0x00},
        {0x80000000, 1, 4, 0x814}, {0x100000005, 5, 4, 0x44}, {0x100000005, 5, 8, 0x04},
        {0, 1, 8, 0x95},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const uint32_t flags =
            instruction_compare_flags(0x202, rows[i].left, rows[i].right, rows[i].size);
        if (flags != (rows[i].flags | 0x202)) {
            verifier_report(FINDING_CHECK, "flags of cmp row %zu: 0x%X, expected 0x%X", i, flags,
                            rows[i].flags | 0x202);
        }
    }
}

const struct scenario scenarios_itself[] = {
    {"harness-images-refused", images_refused},
    {"harness-imports-refused", imports_refused},
    {"harness-instructions-decoded", instructions_decoded},
    {"harness-comparisons", comparisons},
    {NULL, NULL},
};
