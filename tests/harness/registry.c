/* SPDX-License-Identifier: Apache-2.0
 *
 * The service's registry key.
 */
#include "tests/harness/registry.h"
#include "tests/harness/host.h"

#include <string.h>

#define VALUES_MAX 8u

const uint16_t registry_service_path[] =
    u"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\ScaphandreDrv";

static const uint16_t parameters_name[] = u"Parameters";

static bool parameters_exist = true;
static struct registry_value values[VALUES_MAX];
static uint32_t value_count;

size_t name_length(const uint16_t *name)
{
    size_t length = 0;
    while (name[length] != 0) {
        length++;
    }
    return length;
}

static uint16_t upper(uint16_t character)
{
    return (uint16_t)(character >= 'a' && character <= 'z' ? character - 32 : character);
}

bool names_equal(const uint16_t *a, size_t a_length, const uint16_t *b, size_t b_length)
{
    if (a_length != b_length) {
        return false;
    }
    for (size_t i = 0; i < a_length; i++) {
        if (upper(a[i]) != upper(b[i])) {
            return false;
        }
    }
    return true;
}

void registry_reset(void)
{
    parameters_exist = true;
    value_count = 0;
}

void registry_remove_parameters(void)
{
    parameters_exist = false;
    value_count = 0;
}

static struct registry_value *find(const uint16_t *name, size_t length)
{
    for (uint32_t i = 0; i < value_count; i++) {
        if (names_equal(values[i].name, name_length(values[i].name), name, length)) {
            return &values[i];
        }
    }
    return NULL;
}

void registry_set(const char *name, uint32_t type, const void *data, uint32_t size)
{
    uint16_t wide[REGISTRY_NAME_MAX] = {0};
    for (size_t i = 0; name[i] != 0 && i + 1 < REGISTRY_NAME_MAX; i++) {
        wide[i] = (uint16_t)(unsigned char)name[i];
    }
    struct registry_value *value = find(wide, name_length(wide));
    if (value == NULL) {
        if (value_count == VALUES_MAX || size > REGISTRY_DATA_MAX) {
            host_fatal("registry value %s does not fit", name);
        }
        value = &values[value_count++];
    }
    parameters_exist = true;
    memcpy(value->name, wide, sizeof(wide));
    value->type = type;
    value->size = size;
    memcpy(value->data, data, size);
}

void registry_set_dword(const char *name, uint32_t value)
{
    registry_set(name, REGISTRY_TYPE_DWORD, &value, sizeof(value));
}

enum registry_key registry_open(enum registry_key from, const uint16_t *path, size_t length)
{
    const size_t service = name_length(registry_service_path);
    const size_t parameters = name_length(parameters_name);
    if (from == REGISTRY_SERVICE) {
        return parameters_exist && names_equal(path, length, parameters_name, parameters)
                   ? REGISTRY_PARAMETERS
                   : REGISTRY_NO_KEY;
    }
    if (from != REGISTRY_NO_KEY) {
        return REGISTRY_NO_KEY;
    }
    if (names_equal(path, length, registry_service_path, service)) {
        return REGISTRY_SERVICE;
    }
    if (parameters_exist && length == service + 1 + parameters && path[service] == '\\' &&
        names_equal(path, service, registry_service_path, service) &&
        names_equal(path + service + 1, parameters, parameters_name, parameters)) {
        return REGISTRY_PARAMETERS;
    }
    return REGISTRY_NO_KEY;
}

const struct registry_value *registry_value(enum registry_key key, const uint16_t *name,
                                            size_t length)
{
    return key == REGISTRY_PARAMETERS ? find(name, length) : NULL;
}
