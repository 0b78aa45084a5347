/* SPDX-License-Identifier: Apache-2.0
 *
 * The service's registry key, as much of it as a driver reads.
 */
#ifndef HARNESS_REGISTRY_H
#define HARNESS_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGISTRY_TYPE_SZ     1u
#define REGISTRY_TYPE_BINARY 3u
#define REGISTRY_TYPE_DWORD  4u
#define REGISTRY_TYPE_QWORD  11u

#define REGISTRY_NAME_MAX 64u
#define REGISTRY_DATA_MAX 512u

/* The path DriverEntry is given. */
extern const uint16_t registry_service_path[];

enum registry_key {
    REGISTRY_NO_KEY,
    REGISTRY_SERVICE,
    REGISTRY_PARAMETERS,
};

struct registry_value {
    uint16_t name[REGISTRY_NAME_MAX];
    uint32_t type;
    uint32_t size;
    uint8_t data[REGISTRY_DATA_MAX];
};

/* An empty Parameters key. */
void registry_reset(void);
/* Takes the Parameters key away, with its values. */
void registry_remove_parameters(void);

/* Values of Parameters; one that exists is replaced. */
void registry_set_dword(const char *name, uint32_t value);
void registry_set(const char *name, uint32_t type, const void *data, uint32_t size);

/* The key a path names, `from` REGISTRY_NO_KEY for an absolute one. Case does not matter. */
enum registry_key registry_open(enum registry_key from, const uint16_t *path, size_t length);

/* NULL: no such value. */
const struct registry_value *registry_value(enum registry_key key, const uint16_t *name,
                                            size_t length);

/* Characters without regard to case, lengths in characters. */
bool names_equal(const uint16_t *a, size_t a_length, const uint16_t *b, size_t b_length);
size_t name_length(const uint16_t *name);

#endif
