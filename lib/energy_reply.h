/* SPDX-License-Identifier: Apache-2.0
 *
 * Replies of \\.\RaplEnergy, checked before anything in them is believed: whoever answers behind
 * that name may be hostile, or newer than this program.
 *
 * The functions copy out of the message, so it need not be aligned. A newer driver's longer entries
 * are cut to what is known here. On failure the output is untouched.
 */
#ifndef RAPL_LIB_ENERGY_REPLY_H
#define RAPL_LIB_ENERGY_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rapl/energy.h>

enum rapl_reply_result {
    RAPL_REPLY_OK,
    RAPL_REPLY_SHORT,   /* fewer bytes than the fixed part, or than the message says it has */
    RAPL_REPLY_KIND,    /* the answer to another request */
    RAPL_REPLY_VERSION, /* not a version this program asks for */
    RAPL_REPLY_TABLE,   /* entries too many, too small, or outside the message */
    RAPL_REPLY_VALUE,   /* a field that cannot be: a denominator of 0, an index past its table */
};

/* `bytes` and `size`: what DeviceIoControl returned. */
enum rapl_reply_result rapl_reply_capabilities(const void *bytes, size_t size,
                                               struct rapl_capabilities *out);
enum rapl_reply_result rapl_reply_topology(const void *bytes, size_t size,
                                           struct rapl_topology *out);
enum rapl_reply_result rapl_reply_snapshot(const void *bytes, size_t size,
                                           struct rapl_snapshot *out);

/* Entry `i` of a message that was accepted: `of` is what the function above gave for it. */
enum rapl_reply_result rapl_reply_package(const void *bytes, const struct rapl_topology *of,
                                          uint32_t i, struct rapl_topology_package *out);
enum rapl_reply_result rapl_reply_core(const void *bytes, const struct rapl_topology *of,
                                       uint32_t i, struct rapl_topology_core *out);
enum rapl_reply_result rapl_reply_item(const void *bytes, const struct rapl_snapshot *of,
                                       uint32_t i, struct rapl_snapshot_item *out);

/*
 * The size of a reply that did not fit (ERROR_MORE_DATA); 0 if what came back is not the header of
 * such a reply to `kind` (RAPL_KIND_*), or names more than any reply can have.
 */
uint32_t rapl_reply_needed(const void *bytes, size_t size, uint16_t kind);

#endif
