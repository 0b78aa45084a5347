/* SPDX-License-Identifier: Apache-2.0
 *
 * Line by line; the identity is the first processor's.
 */
#include "lib/backend/cpuinfo.h"

#include <string.h>

#include "core/cpu.h"

struct line {
    const char *key, *value;
    size_t key_size, value_size;
};

struct parser {
    struct cpuinfo *out;
    bool sockets[CPUINFO_SOCKETS_MAX];
    bool new_socket; /* this block is the first of its socket */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void trim(const char **text, size_t *size)
{
    while (*size > 0 && is_blank(**text)) {
        (*text)++;
        (*size)--;
    }
    while (*size > 0 && is_blank((*text)[*size - 1])) {
        (*size)--;
    }
}

static bool split(const char *text, size_t size, struct line *out)
{
    const char *colon = memchr(text, ':', size);

    if (colon == NULL) {
        return false;
    }
    out->key = text;
    out->key_size = (size_t)(colon - text);
    out->value = colon + 1;
    out->value_size = size - out->key_size - 1;
    trim(&out->key, &out->key_size);
    trim(&out->value, &out->value_size);
    return true;
}

static bool equals(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && memcmp(text, word, size) == 0;
}

/* 0 for what is not a number or does not fit. */
static uint32_t number(const struct line *line)
{
    uint64_t value = 0;

    for (size_t i = 0; i < line->value_size; i++) {
        const char c = line->value[i];
        if (c < '0' || c > '9' || value > UINT32_MAX / 10) {
            return 0;
        }
        value = value * 10 + (uint64_t)(c - '0');
    }
    return value <= UINT32_MAX ? (uint32_t)value : 0;
}

static bool has_word(const struct line *line, const char *word)
{
    size_t begin = 0;

    for (size_t i = 0; i <= line->value_size; i++) {
        if (i == line->value_size || line->value[i] == ' ') {
            if (equals(line->value + begin, i - begin, word)) {
                return true;
            }
            begin = i + 1;
        }
    }
    return false;
}

static uint32_t vendor_of(const struct line *line)
{
    static const char *const names[] = {"", "GenuineIntel", "AuthenticAMD", "HygonGenuine"};

    for (uint32_t i = RAPL_VENDOR_INTEL; i <= RAPL_VENDOR_HYGON; i++) {
        if (equals(line->value, line->value_size, names[i])) {
            return i;
        }
    }
    return RAPL_VENDOR_UNKNOWN;
}

static void copy_brand(const struct line *line, char *brand, size_t size)
{
    const size_t length = line->value_size < size - 1 ? line->value_size : size - 1;

    for (size_t i = 0; i < length; i++) {
        const char c = line->value[i];
        brand[i] = '?';
        if (c >= ' ' && c <= '~') {
            brand[i] = c;
        }
    }
    brand[length] = '\0';
}

static void take_identity(struct cpuinfo *out, const struct line *line)
{
    if (equals(line->key, line->key_size, "vendor_id")) {
        out->vendor = vendor_of(line);
    } else if (equals(line->key, line->key_size, "cpu family")) {
        out->family = number(line);
    } else if (equals(line->key, line->key_size, "model")) {
        out->model = number(line);
    } else if (equals(line->key, line->key_size, "stepping")) {
        out->stepping = number(line);
    } else if (equals(line->key, line->key_size, "model name")) {
        copy_brand(line, out->brand, sizeof(out->brand));
    } else if (equals(line->key, line->key_size, "flags")) {
        out->hypervisor = has_word(line, "hypervisor");
    }
}

static void take(struct parser *parser, const struct line *line)
{
    struct cpuinfo *out = parser->out;

    if (equals(line->key, line->key_size, "processor")) {
        out->processor_count++;
        parser->new_socket = false;
        return;
    }
    if (equals(line->key, line->key_size, "physical id")) {
        const uint32_t socket = number(line);
        if (socket < CPUINFO_SOCKETS_MAX && !parser->sockets[socket]) {
            parser->sockets[socket] = true;
            parser->new_socket = true;
            out->socket_count++;
        }
        return;
    }
    if (parser->new_socket && equals(line->key, line->key_size, "cpu cores")) {
        const uint32_t cores = number(line);
        out->core_count = cores <= UINT32_MAX - out->core_count ? out->core_count + cores : 0;
        return;
    }
    if (out->processor_count == 1) {
        take_identity(out, line);
    }
}

void cpuinfo_parse(const char *text, size_t size, struct cpuinfo *out)
{
    struct parser parser = {.out = out};
    size_t begin = 0;

    memset(out, 0, sizeof(*out));
    while (begin < size) {
        const char *end = memchr(text + begin, '\n', size - begin);
        const size_t length = end != NULL ? (size_t)(end - text) - begin : size - begin;
        struct line line;

        if (split(text + begin, length, &line)) {
            take(&parser, &line);
        }
        begin += length + 1;
    }
}
