/* SPDX-License-Identifier: Apache-2.0
 *
 * One lock, which only the thread that took it may give back. Zeroed memory is not a lock: call
 * lock_init, and lock_destroy while nobody holds it. Neither can fail on the systems we run on.
 */
#ifndef RAPL_LIB_LOCK_H
#define RAPL_LIB_LOCK_H

#ifdef _WIN32

#include <windows.h>

struct lock {
    SRWLOCK srw;
};

static inline void lock_init(struct lock *lock)
{
    InitializeSRWLock(&lock->srw);
}

static inline void lock_destroy(struct lock *lock)
{
    (void)lock;
}

static inline void lock_take(struct lock *lock)
{
    AcquireSRWLockExclusive(&lock->srw);
}

static inline void lock_give(struct lock *lock)
{
    ReleaseSRWLockExclusive(&lock->srw);
}

#else

#include <pthread.h>

struct lock {
    pthread_mutex_t mutex;
};

static inline void lock_init(struct lock *lock)
{
    (void)pthread_mutex_init(&lock->mutex, NULL);
}

static inline void lock_destroy(struct lock *lock)
{
    (void)pthread_mutex_destroy(&lock->mutex);
}

static inline void lock_take(struct lock *lock)
{
    (void)pthread_mutex_lock(&lock->mutex);
}

static inline void lock_give(struct lock *lock)
{
    (void)pthread_mutex_unlock(&lock->mutex);
}

#endif

#endif
