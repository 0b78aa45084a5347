/* SPDX-License-Identifier: Apache-2.0
 *
 * What the harness takes from the operating system it runs on (Windows, or Wine). The rest of the
 * harness includes either the kernel's headers or none: they clash with windows.h.
 */
#ifndef HARNESS_HOST_H
#define HARNESS_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_PAGE_SIZE ((size_t)4096)

enum host_access {
    HOST_NO_ACCESS,
    HOST_READ,
    HOST_READ_WRITE,
    HOST_READ_EXECUTE,
    HOST_READ_WRITE_EXECUTE,
};

/* Address space nothing may touch yet. NULL when there is none. */
void *host_reserve(size_t size);
void host_release(void *reserved);

/* Zeroed read-write pages inside a reservation. Ends the program when memory runs out. */
void host_commit(void *at, size_t size);
/* Gives the pages back: any access faults from now on. */
void host_decommit(void *at, size_t size);
bool host_protect(void *at, size_t size, enum host_access access);

/* One recursive lock around all tables of the harness. */
void host_lock(void);
void host_unlock(void);
/* How often the calling thread holds it. */
uint32_t host_lock_depth(void);

/* With the lock held once: gives it up until host_wake, or for `ms` at most, and takes it again. */
void host_wait(uint32_t ms);
void host_wake(void);

void host_yield(void);
uint32_t host_tick_ms(void);

/* Real threads. `function` gets `argument`; host_thread_join waits and frees. */
struct host_thread;
struct host_thread *host_thread_start(void (*function)(void *argument), void *argument);
void host_thread_join(struct host_thread *thread);

/* The whole file in memory from malloc, NULL and a message on stderr when it cannot be read. */
uint8_t *host_file_read(const wchar_t *path, size_t *size);

/* Lower-case hexadecimal SHA-256 of `data`. False when the system offers none. */
bool host_sha256(const void *data, size_t size, char hex[65]);

/* Says what is wrong on stderr and ends the program with exit code 2: the harness itself failed. */
_Noreturn void host_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
