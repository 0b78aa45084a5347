/* SPDX-License-Identifier: Apache-2.0
 *
 * What compilers spell differently: gcc and clang (also as clang-cl) on one side, Microsoft's on
 * the other. The only file with such names, but for those of the MinGW image alone
 * (driver/cookie.c, driver/load_config.c), the two instructions in driver/hw_processor.c and the
 * public include/rapl/.
 */
#ifndef RAPL_CORE_COMPILER_H
#define RAPL_CORE_COMPILER_H

#if defined(__GNUC__) || defined(__clang__)

/* Argument number `format` is a printf format for the arguments from number `arguments` on. */
#define COMPILER_PRINTF(format_at, arguments_at)                                                   \
    __attribute__((format(printf, format_at, arguments_at)))
#define COMPILER_NORETURN           __attribute__((noreturn))
#define COMPILER_NOINLINE           __attribute__((noinline))
#define COMPILER_NO_STACK_PROTECTOR __attribute__((no_stack_protector))
#define COMPILER_CODE_SECTION(name) __attribute__((section(name)))
/* A byte that others read and write meanwhile, without an order between them. */
#define COMPILER_LOAD_BYTE(address)         __atomic_load_n((address), __ATOMIC_RELAXED)
#define COMPILER_STORE_BYTE(address, value) __atomic_store_n((address), (value), __ATOMIC_RELAXED)

#elif defined(_MSC_VER)

/* It has no assembler statement; what stands for an instruction is in its intrin.h. */
#define COMPILER_MICROSOFT

#define COMPILER_PRINTF(format_at, arguments_at)
#define COMPILER_NORETURN                   __declspec(noreturn)
#define COMPILER_NOINLINE                   __declspec(noinline)
#define COMPILER_NO_STACK_PROTECTOR         __declspec(safebuffers)
#define COMPILER_CODE_SECTION(name)         __declspec(code_seg(name))
/* On x64 any access to a byte is whole. */
#define COMPILER_LOAD_BYTE(address)         (*(const volatile unsigned char *)(address))
#define COMPILER_STORE_BYTE(address, value) (*(volatile unsigned char *)(address) = (value))

#else
#error "not a compiler this was written for"
#endif

#endif
