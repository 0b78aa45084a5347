/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated kernel state of a real thread.
 */
#include "tests/harness/thread.h"
#include "tests/harness/host.h"
#include "tests/harness/machine.h"

#include <string.h>

#define STACK_PATTERN 0xC5C5C5C5C5C5C5C5u

static _Thread_local struct thread current;

static uint32_t suspended;  /* threads that are */
static uint32_t resumption; /* counts thread_resume */

struct thread *thread_current(void)
{
    if (current.random == 0) {
        current.random = (uint32_t)((uintptr_t)&current >> 4) | 1u;
    }
    return &current;
}

void thread_seed(uint32_t seed)
{
    current.random = seed;
}

void thread_end(void)
{
    if (current.stack != NULL) {
        host_release(current.stack);
    }
    memset(&current, 0, sizeof(current));
}

/* xorshift32: any full-period generator does. */
uint32_t thread_random(struct thread *thread)
{
    uint32_t x = thread->random;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return thread->random = x;
}

static bool allowed(const struct thread *thread, uint32_t processor)
{
    uint16_t group;
    uint8_t number;
    machine_number(processor, &group, &number);
    if (group == thread->gone.group && (thread->gone.mask >> number & 1) != 0) {
        return false;
    }
    if (thread->affinity.mask == 0) {
        return true;
    }
    return group == thread->affinity.group && (thread->affinity.mask >> number & 1) != 0;
}

void thread_schedule(struct thread *thread)
{
    const uint32_t count = machine_active();
    if (thread->irql >= THREAD_DISPATCH_LEVEL || count == 0) {
        return;
    }
    const uint32_t start = thread_random(thread) % count;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t processor = (start + i) % count;
        if (allowed(thread, processor)) {
            thread->processor = processor;
            return;
        }
    }
}

void thread_set_irql(struct thread *thread, uint32_t irql)
{
    thread->irql = irql;
    thread_schedule(thread);
    thread_deliver_suspension(thread);
}

void thread_suspend_soon(void)
{
    thread_current()->suspend_soon = true;
}

uint32_t thread_suspended(void)
{
    return __atomic_load_n(&suspended, __ATOMIC_ACQUIRE);
}

void thread_resume(void)
{
    __atomic_fetch_add(&resumption, 1, __ATOMIC_RELEASE);
}

void thread_deliver_suspension(struct thread *thread)
{
    if (!thread->suspend_soon || !thread->in_driver || thread->irql != THREAD_PASSIVE_LEVEL ||
        thread->regions != 0) {
        return;
    }
    const uint32_t before = __atomic_load_n(&resumption, __ATOMIC_ACQUIRE);
    thread->suspend_soon = false;
    __atomic_fetch_add(&suspended, 1, __ATOMIC_RELEASE);
    while (__atomic_load_n(&resumption, __ATOMIC_ACQUIRE) == before) {
        host_yield();
    }
    __atomic_fetch_sub(&suspended, 1, __ATOMIC_RELEASE);
}

bool thread_set_affinity(struct thread *thread, struct thread_affinity affinity)
{
    const uint64_t existing = machine_group_mask(affinity.group, false);
    const uint64_t active = machine_group_mask(affinity.group, true);
    if ((affinity.mask & ~existing) != 0 || (affinity.mask & active) == 0) {
        return false;
    }
    thread->affinity = affinity;
    thread->affinity.mask &= active;
    thread_schedule(thread);
    return true;
}

void thread_prepare_stack(struct thread *thread)
{
    if (thread->stack != NULL) {
        return;
    }
    /* Below the watched slack stays a page nothing can touch. */
    const size_t unmapped = 4 * HOST_PAGE_SIZE;
    const size_t size = THREAD_STACK_SIZE + THREAD_STACK_SLACK;
    thread->stack = host_reserve(unmapped + size);
    if (thread->stack == NULL) {
        host_fatal("no address space for a driver stack");
    }
    host_commit(thread->stack + unmapped, size);
    uint64_t *words = (uint64_t *)(uintptr_t)(thread->stack + unmapped);
    for (size_t i = 0; i < size / sizeof(*words); i++) {
        words[i] = STACK_PATTERN;
    }
    thread->stack_top = (uintptr_t)thread->stack + unmapped + size;
    thread->stack_mark = thread->stack_top;
}

size_t thread_stack_used(struct thread *thread)
{
    /* One page of the slack is enough to see an overflow; a frame is smaller than that (larger ones
     * would need ___chkstk_ms, which the kernel does not export). */
    const uintptr_t lowest = thread->stack_top - THREAD_STACK_SIZE - HOST_PAGE_SIZE;
    for (uintptr_t at = lowest; at < thread->stack_mark; at += sizeof(uint64_t)) {
        if (*(const uint64_t *)at != STACK_PATTERN) {
            thread->stack_mark = at;
            break;
        }
    }
    return thread->stack_top - thread->stack_mark;
}
