/* SPDX-License-Identifier: Apache-2.0
 *
 * The image's load configuration: the stack cookie and Control Flow Guard's tables.
 *
 * MinGW-w64 10 has no IMAGE_LOAD_CONFIG_DIRECTORY64 of this size, so the layout is restated here
 * (PE format, "Load Configuration Layout", to GuardLongJumpTargetCount). lld fills the __guard_*
 * symbols. What can and cannot be shown of it here is in docs/decisions/0002-image-flags.md.
 */
#include <stddef.h>
#include <stdint.h>

struct load_config {
    uint32_t size;
    uint32_t time_date_stamp;
    uint16_t major_version, minor_version;
    uint32_t global_flags_clear, global_flags_set, critical_section_timeout;
    uint64_t de_commit_free_block, de_commit_total_free, lock_prefix_table;
    uint64_t maximum_allocation_size, virtual_memory_threshold, process_affinity_mask;
    uint32_t process_heap_flags;
    uint16_t csd_version, dependent_load_flags;
    uint64_t edit_list;
    uint64_t security_cookie;
    uint64_t se_handler_table, se_handler_count;
    uint64_t guard_check, guard_dispatch;
    uint64_t guard_function_table, guard_function_count;
    uint32_t guard_flags;
    uint16_t code_integrity_flags, code_integrity_catalog;
    uint32_t code_integrity_catalog_offset, code_integrity_reserved;
    uint64_t guard_iat_table, guard_iat_count;
    uint64_t guard_longjmp_table, guard_longjmp_count;
};
_Static_assert(offsetof(struct load_config, security_cookie) == 0x58, "PE layout");
_Static_assert(offsetof(struct load_config, guard_check) == 0x70, "PE layout");
_Static_assert(offsetof(struct load_config, guard_flags) == 0x90, "PE layout");
_Static_assert(offsetof(struct load_config, guard_longjmp_table) == 0xB0, "PE layout");

/* CF_INSTRUMENTED, CF_FUNCTION_TABLE_PRESENT, CF_LONGJUMP_TABLE_PRESENT (empty): lld checks them */
#define GUARD_FLAGS 0x10500u

extern uintptr_t __stack_chk_guard;
extern char __guard_fids_table[], __guard_fids_count[];
extern char __guard_iat_table[], __guard_iat_count[];
extern char __guard_longjmp_table[], __guard_longjmp_count[];

/* Until a loader that enforces CFG puts its own here: check nothing, and jump. */
static void guard_check_nothing(void)
{
}

__attribute__((naked)) static void guard_just_jump(void)
{
    __asm__("jmp *%rax");
}

/* clang calls through these two names. */
extern void *const __guard_check_icall_fptr;
extern void *const __guard_dispatch_icall_fptr;
__attribute__((section(".00cfg"), used)) void *const __guard_check_icall_fptr =
    (void *)guard_check_nothing;
__attribute__((section(".00cfg"), used)) void *const __guard_dispatch_icall_fptr =
    (void *)guard_just_jump;

extern const struct load_config _load_config_used;
__attribute__((used)) const struct load_config _load_config_used = {
    .size = sizeof(struct load_config),
    .security_cookie = (uint64_t)&__stack_chk_guard,
    .guard_check = (uint64_t)&__guard_check_icall_fptr,
    .guard_dispatch = (uint64_t)&__guard_dispatch_icall_fptr,
    .guard_function_table = (uint64_t)__guard_fids_table,
    .guard_function_count = (uint64_t)__guard_fids_count,
    .guard_flags = GUARD_FLAGS,
    .guard_iat_table = (uint64_t)__guard_iat_table,
    .guard_iat_count = (uint64_t)__guard_iat_count,
    .guard_longjmp_table = (uint64_t)__guard_longjmp_table,
    .guard_longjmp_count = (uint64_t)__guard_longjmp_count,
};
