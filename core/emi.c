/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks a meter's metadata by the sizes it says, never past the bytes there are.
 */
#include "core/emi.h"

#include <string.h>

#include <rapl/domain.h>

#define NUMBER_MAX 0xFFFFu

/* At most `chars` UTF-16 units, up to a NUL, as ASCII; `out` has room for `room`. */
static void take_text(const uint8_t *bytes, size_t chars, char *out, size_t room)
{
    size_t length = 0;

    for (size_t i = 0; i < chars && length < room - 1; i++) {
        const uint32_t unit = bytes[2 * i] | (uint32_t)bytes[2 * i + 1] << 8;
        if (unit == 0) {
            break;
        }
        out[length++] = (char)(unit >= ' ' && unit <= '~' ? unit : '?');
    }
    memset(out + length, 0, room - length);
}

static uint16_t get_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t get_u32(const uint8_t *bytes)
{
    return get_u16(bytes) | (uint32_t)get_u16(bytes + 2) << 16;
}

static enum rapl_emi_result take_channel(const uint8_t *bytes, size_t size, uint32_t unit,
                                         size_t name_size, struct rapl_emi_channel *out)
{
    if (name_size == 0 || name_size % 2 != 0) {
        return RAPL_EMI_NAME;
    }
    if (name_size > size) {
        return RAPL_EMI_SHORT;
    }
    if (out != NULL) {
        out->unit = unit;
        take_text(bytes, name_size / 2, out->name, sizeof(out->name));
    }
    return RAPL_EMI_OK;
}

/* Every channel; `channels` NULL: only whether they can be taken. */
static enum rapl_emi_result walk(const uint8_t *bytes, size_t size, uint32_t count,
                                 struct rapl_emi_channel *channels)
{
    size_t at = sizeof(struct rapl_emi_metadata_v2);

    for (uint32_t i = 0; i < count; i++) {
        if (size - at < RAPL_EMI_CHANNEL_NAME_AT) {
            return RAPL_EMI_SHORT;
        }
        const uint8_t *channel = bytes + at;
        const uint16_t name_size = get_u16(channel + RAPL_EMI_CHANNEL_NAME_SIZE_AT);
        at += RAPL_EMI_CHANNEL_NAME_AT;
        const enum rapl_emi_result result =
            take_channel(bytes + at, size - at, get_u32(channel + RAPL_EMI_CHANNEL_UNIT_AT),
                         name_size, channels != NULL ? &channels[i] : NULL);
        if (result != RAPL_EMI_OK) {
            return result;
        }
        at += name_size;
    }
    return RAPL_EMI_OK;
}

static enum rapl_emi_result metadata_v1(const uint8_t *bytes, size_t size,
                                        struct rapl_emi_device *device,
                                        struct rapl_emi_channel *channels)
{
    struct rapl_emi_metadata_v1 head;

    if (size < sizeof(head)) {
        return RAPL_EMI_SHORT;
    }
    memcpy(&head, bytes, sizeof(head));
    const enum rapl_emi_result result = take_channel(bytes + sizeof(head), size - sizeof(head),
                                                     head.unit, head.name_size, channels);
    if (result != RAPL_EMI_OK) {
        return result;
    }
    device->version = RAPL_EMI_VERSION_1;
    device->revision = head.revision;
    device->channel_count = 1;
    take_text(bytes + offsetof(struct rapl_emi_metadata_v1, oem), RAPL_EMI_NAME_CHARS, device->oem,
              sizeof(device->oem));
    take_text(bytes + offsetof(struct rapl_emi_metadata_v1, model), RAPL_EMI_NAME_CHARS,
              device->model, sizeof(device->model));
    return RAPL_EMI_OK;
}

static enum rapl_emi_result metadata_v2(const uint8_t *bytes, size_t size,
                                        struct rapl_emi_device *device,
                                        struct rapl_emi_channel *channels)
{
    struct rapl_emi_metadata_v2 head;

    if (size < sizeof(head)) {
        return RAPL_EMI_SHORT;
    }
    memcpy(&head, bytes, sizeof(head));
    if (head.channel_count == 0 || head.channel_count > RAPL_EMI_CHANNELS_MAX) {
        return RAPL_EMI_COUNT;
    }
    const enum rapl_emi_result result = walk(bytes, size, head.channel_count, NULL);
    if (result != RAPL_EMI_OK) {
        return result;
    }
    (void)walk(bytes, size, head.channel_count, channels);
    device->version = RAPL_EMI_VERSION_2;
    device->revision = head.revision;
    device->channel_count = head.channel_count;
    take_text(bytes + offsetof(struct rapl_emi_metadata_v2, oem), RAPL_EMI_NAME_CHARS, device->oem,
              sizeof(device->oem));
    take_text(bytes + offsetof(struct rapl_emi_metadata_v2, model), RAPL_EMI_NAME_CHARS,
              device->model, sizeof(device->model));
    return RAPL_EMI_OK;
}

enum rapl_emi_result rapl_emi_metadata(uint16_t version, const void *bytes, size_t size,
                                       struct rapl_emi_device *device,
                                       struct rapl_emi_channel *channels)
{
    switch (version) {
    case RAPL_EMI_VERSION_1:
        return metadata_v1(bytes, size, device, channels);
    case RAPL_EMI_VERSION_2:
        return metadata_v2(bytes, size, device, channels);
    default:
        return RAPL_EMI_VERSION;
    }
}

bool rapl_emi_measurement_at(const void *bytes, size_t size, uint32_t i,
                             struct rapl_emi_measurement *out)
{
    if (size / sizeof(*out) <= i) {
        return false;
    }
    memcpy(out, (const uint8_t *)bytes + (size_t)i * sizeof(*out), sizeof(*out));
    return true;
}

/* The word, or the word and a number. */
static bool take_word(const char **text, const char *word)
{
    const char *at = *text;

    for (; *word != '\0'; at++, word++) {
        if (*at != *word) {
            return false;
        }
    }
    *text = at;
    return true;
}

static bool take_number(const char **text, uint32_t *out)
{
    const char *at = *text;
    uint32_t value = 0;

    for (; *at >= '0' && *at <= '9'; at++) {
        value = value * 10 + (uint32_t)(*at - '0');
        if (value > NUMBER_MAX) {
            return false;
        }
    }
    if (at == *text) {
        return false;
    }
    *text = at;
    *out = value;
    return true;
}

bool rapl_emi_place_of(const char *name, struct rapl_emi_place *out)
{
    static const struct {
        const char *word;
        uint32_t domain;
    } domains[] = {{"PKG", RAPL_DOMAIN_PACKAGE},
                   {"PP0", RAPL_DOMAIN_PP0},
                   {"PP1", RAPL_DOMAIN_PP1},
                   {"DRAM", RAPL_DOMAIN_DRAM},
                   {"PSYS", RAPL_DOMAIN_PSYS}};
    struct rapl_emi_place place = {.core = RAPL_EMI_NO_NUMBER};

    if (!take_word(&name, "RAPL_Package") || !take_number(&name, &place.package) ||
        !take_word(&name, "_")) {
        return false;
    }
    for (uint32_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
        const char *at = name;
        if (take_word(&at, domains[i].word) && *at == '\0') {
            place.domain = domains[i].domain;
            *out = place;
            return true;
        }
    }
    if (take_word(&name, "Core") && take_number(&name, &place.core) && take_word(&name, "_CORE") &&
        *name == '\0') {
        place.domain = RAPL_DOMAIN_CORE;
        *out = place;
        return true;
    }
    return false;
}
