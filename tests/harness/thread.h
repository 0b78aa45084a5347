/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated kernel state of a real thread: IRQL, affinity, processor, what it holds.
 */
#ifndef HARNESS_THREAD_H
#define HARNESS_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define THREAD_PASSIVE_LEVEL  0u
#define THREAD_APC_LEVEL      1u
#define THREAD_DISPATCH_LEVEL 2u
#define THREAD_HIGH_LEVEL     15u

#define THREAD_MUTEX_MAX 8u

/* What a kernel thread has on x64, and room below it that is watched instead of faulting. */
#define THREAD_STACK_SIZE  (24u << 10)
#define THREAD_STACK_SLACK (72u << 10)

/* `mask` 0: no system affinity, the thread runs wherever its user affinity allows: anywhere. */
struct thread_affinity {
    uint16_t group;
    uint64_t mask;
};

struct thread {
    uint32_t irql;
    struct thread_affinity affinity;
    struct thread_affinity gone; /* processors that went away during this call, on purpose */
    uint32_t processor;          /* system-wide index it runs on at this moment */
    uint32_t random;
    uint32_t regions; /* critical and guarded regions entered */
    uint32_t mutex_count;
    const void *mutex[THREAD_MUTEX_MAX];

    bool suspend_soon; /* thread_suspend_soon */
    bool in_driver;
    const char *doing; /* what the driver was called for, for messages; NULL outside */
    uint8_t *stack;    /* reservation of the driver's stack, made on first use */
    uintptr_t stack_top;
    uintptr_t stack_mark; /* lowest address written so far */
};

/* Of the calling thread; made on first use, never NULL. */
struct thread *thread_current(void);

/* Where the calling thread wanders from now on, so that a run can be repeated. Not 0. */
void thread_seed(uint32_t seed);

/* The next number of the thread's own sequence. */
uint32_t thread_random(struct thread *thread);

/* Gives the driver's stack of the calling thread back. */
void thread_end(void);

/*
 * Lets the scheduler have its way: below DISPATCH_LEVEL the thread moves to a pseudo-random active
 * processor its affinity allows. Called at every import and trap, so that code that is not pinned
 * does not stay where it is by luck.
 */
void thread_schedule(struct thread *thread);

/* Moves at once if the thread is below DISPATCH_LEVEL, otherwise when it gets there. */
void thread_set_irql(struct thread *thread, uint32_t irql);

/* False, nothing changed, if the affinity names no active processor or one that does not exist. */
bool thread_set_affinity(struct thread *thread, struct thread_affinity affinity);

/*
 * Somebody suspends the calling thread: it stops at the next moment inside the driver at which
 * Windows lets it (back at PASSIVE_LEVEL, in no critical region), until thread_resume. A request
 * without such a moment is not stopped. thread_suspended: how many are, now.
 */
void thread_suspend_soon(void);
uint32_t thread_suspended(void);
void thread_resume(void);

/* Where the thread may be suspended: it has come down to PASSIVE_LEVEL, or left a region. */
void thread_deliver_suspension(struct thread *thread);

/* Releases a mutex the driver returned with, so that the next request does not wait for ever. */
void mutex_abandon(const void *mutex);

/* Makes the driver's stack if there is none. */
void thread_prepare_stack(struct thread *thread);

/* Bytes of the driver's stack that were ever written, and whether that is past a kernel stack. */
size_t thread_stack_used(struct thread *thread);

#endif
