/* SPDX-License-Identifier: Apache-2.0
 *
 * Guarded allocations. Pages are taken from one reservation in order and come round again only
 * after all others were used, so that a stale pointer faults for a long time.
 */
#include "tests/harness/pool.h"
#include "tests/harness/host.h"

#include <stdio.h>
#include <string.h>

#define ARENA_SIZE      (1ull << 30)
#define BLOCKS_MAX      8192u
#define FREED_KEPT      1024u
#define FILL_UNUSED     0xA7 /* around the allocation, inside its pages */
#define FILL_FRESH      0xCD /* what the driver finds in new memory */
#define DRIVER_ALIGNING 16u

struct block {
    uint8_t *pages;
    size_t page_bytes;
    uint8_t *user;
    size_t size;
    uint32_t tag;
    uint8_t owner; /* enum pool_owner */
};

static uint8_t *arena;
static size_t arena_next;
static struct block live[BLOCKS_MAX];
static uint32_t live_count;
static struct block freed[FREED_KEPT]; /* a ring, for messages */
static uint32_t freed_next;
static size_t peak;

static const char *const owner_names[] = {
    [POOL_DRIVER] = "pool allocation",
    [POOL_IRP] = "IRP",
    [POOL_BUFFER] = "system buffer",
    [POOL_OBJECT] = "object",
};

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

static const struct block *overlapped_by(const uint8_t *from, size_t bytes)
{
    for (uint32_t i = 0; i < live_count; i++) {
        if (live[i].pages < from + bytes && from < live[i].pages + live[i].page_bytes) {
            return &live[i];
        }
    }
    return NULL;
}

/* Room for `bytes` with an unmapped page before and after. */
static uint8_t *take_pages(size_t bytes)
{
    const size_t needed = bytes + 2 * HOST_PAGE_SIZE;
    if (arena == NULL) {
        arena = host_reserve(ARENA_SIZE);
    }
    if (arena == NULL) {
        host_fatal("no address space for the pool");
    }
    for (uint32_t tries = 0; tries <= BLOCKS_MAX; tries++) {
        if (arena_next + needed > ARENA_SIZE) {
            arena_next = 0;
        }
        const struct block *in_use = overlapped_by(arena + arena_next, needed);
        if (in_use == NULL) {
            uint8_t *pages = arena + arena_next + HOST_PAGE_SIZE;
            arena_next += needed - HOST_PAGE_SIZE;
            host_commit(pages, bytes);
            return pages;
        }
        arena_next = (size_t)(in_use->pages + in_use->page_bytes - arena);
    }
    host_fatal("the pool is full");
}

void *pool_allocate(enum pool_owner owner, size_t size, uint32_t tag)
{
    host_lock();
    if (live_count == BLOCKS_MAX) {
        host_fatal("more than %u allocations", BLOCKS_MAX);
    }
    const size_t placed = owner == POOL_BUFFER ? size : round_up(size, DRIVER_ALIGNING);
    struct block *block = &live[live_count++];
    block->page_bytes = round_up(placed, HOST_PAGE_SIZE);
    block->pages = take_pages(block->page_bytes);
    block->user = block->pages + block->page_bytes - placed;
    block->size = size;
    block->tag = tag;
    block->owner = (uint8_t)owner;
    memset(block->pages, FILL_UNUSED, block->page_bytes);
    memset(block->user, owner == POOL_IRP || owner == POOL_OBJECT ? 0 : FILL_FRESH, size);
    void *user = block->user;
    if (owner == POOL_DRIVER && pool_in_use() > peak) {
        peak = pool_in_use();
    }
    host_unlock();
    return user;
}

static bool untouched(const uint8_t *from, const uint8_t *to)
{
    for (; from < to; from++) {
        if (*from != FILL_UNUSED) {
            return false;
        }
    }
    return true;
}

static void release(struct block *block)
{
    if (!untouched(block->pages, block->user) ||
        !untouched(block->user + block->size, block->pages + block->page_bytes)) {
        verifier_report(block->owner == POOL_BUFFER ? FINDING_BUFFER_OVERRUN : FINDING_POOL_OVERRUN,
                        "bytes around a %s of %zu bytes were written", owner_names[block->owner],
                        block->size);
    }
    host_decommit(block->pages, block->page_bytes);
    freed[freed_next++ % FREED_KEPT] = *block;
    *block = live[--live_count];
}

void pool_free(void *address, enum pool_owner owner, uint32_t tag)
{
    host_lock();
    for (uint32_t i = 0; i < live_count; i++) {
        if (live[i].user != address || live[i].owner != owner) {
            continue;
        }
        if (owner == POOL_DRIVER && live[i].tag != tag) {
            verifier_report(FINDING_POOL_TAG, "allocated with tag 0x%08X, freed with 0x%08X",
                            live[i].tag, tag);
        }
        release(&live[i]);
        host_unlock();
        return;
    }
    char what[96];
    pool_describe((uint64_t)(uintptr_t)address, what, sizeof(what));
    verifier_report(FINDING_POOL_FREE, "freed %s", what);
    host_unlock();
}

size_t pool_size_of(const void *address)
{
    size_t size = 0;
    host_lock();
    for (uint32_t i = 0; i < live_count; i++) {
        if (live[i].user == address && live[i].owner == POOL_DRIVER) {
            size = live[i].size;
        }
    }
    host_unlock();
    return size;
}

size_t pool_in_use(void)
{
    size_t bytes = 0;
    host_lock();
    for (uint32_t i = 0; i < live_count; i++) {
        if (live[i].owner == POOL_DRIVER) {
            const size_t taken = round_up(live[i].size, 16) + 16;
            bytes += taken > HOST_PAGE_SIZE ? round_up(live[i].size, HOST_PAGE_SIZE) : taken;
        }
    }
    host_unlock();
    return bytes;
}

size_t pool_peak(void)
{
    return peak;
}

void pool_peak_reset(void)
{
    peak = pool_in_use();
}

uint32_t pool_report_left(void)
{
    uint32_t left = 0;
    host_lock();
    for (uint32_t i = live_count; i-- > 0;) {
        if (live[i].owner != POOL_DRIVER) {
            continue;
        }
        verifier_report(FINDING_POOL_LEFT, "%zu bytes with tag 0x%08X were not freed", live[i].size,
                        live[i].tag);
        release(&live[i]);
        left++;
    }
    host_unlock();
    return left;
}

static const struct block *freed_at(const uint8_t *at)
{
    for (uint32_t i = 0; i < FREED_KEPT; i++) {
        const struct block *block = &freed[(freed_next - 1 - i) % FREED_KEPT];
        if (block->pages != NULL && at >= block->pages && at < block->pages + block->page_bytes) {
            return block;
        }
    }
    return NULL;
}

static const struct block *live_near(const uint8_t *at)
{
    for (uint32_t i = 0; i < live_count; i++) {
        if (at + HOST_PAGE_SIZE >= live[i].pages &&
            at < live[i].pages + live[i].page_bytes + HOST_PAGE_SIZE) {
            return &live[i];
        }
    }
    return NULL;
}

bool pool_was_freed(const void *address)
{
    const uint8_t *at = address;
    host_lock();
    bool live_there = false;
    for (uint32_t i = 0; i < live_count; i++) {
        live_there = live_there || (at >= live[i].user && at < live[i].user + live[i].size);
    }
    const bool gone = !live_there && freed_at(at) != NULL;
    host_unlock();
    return gone;
}

enum finding pool_describe(uint64_t address, char *text, size_t text_size)
{
    const uint8_t *at = (const uint8_t *)(uintptr_t)address;
    enum finding kind = FINDING_EXCEPTION;
    host_lock();
    const struct block *gone = freed_at(at);
    const struct block *near = live_near(at);
    if (gone != NULL) {
        kind = gone->owner == POOL_IRP ? FINDING_IRP_TOUCHED : FINDING_POOL_TOUCHED;
        snprintf(text, text_size, "a freed %s at byte %td of %zu", owner_names[gone->owner],
                 at - gone->user, gone->size);
    } else if (near != NULL) {
        kind = near->owner == POOL_BUFFER ? FINDING_BUFFER_OVERRUN : FINDING_POOL_OVERRUN;
        snprintf(text, text_size, "byte %td of a %s of %zu", at - near->user,
                 owner_names[near->owner], near->size);
    } else {
        snprintf(text, text_size, "address 0x%llX", (unsigned long long)address);
    }
    host_unlock();
    return kind;
}
