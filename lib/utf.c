/* SPDX-License-Identifier: Apache-2.0
 *
 * Conversion character by character. wchar_t is taken for one UTF-16 unit, whatever its size.
 */
#include "lib/utf.h"

#include <stdint.h>
#include <stdlib.h>

#define REPLACEMENT   0xFFFDu
#define UTF8_MAX      4u /* bytes of a character */
#define UTF8_PER_WIDE 3u /* bytes, at most; a surrogate pair takes 4 for two */

size_t rapl_utf8_length(const char *bytes)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        size_t length;
    } forms[] = {
        {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    const unsigned char *const at = (const unsigned char *)bytes;

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (at[0] < forms[i].first_low || at[0] > forms[i].first_high) {
            continue;
        }
        if (forms[i].length > 1 && (at[1] < forms[i].second_low || at[1] > forms[i].second_high)) {
            return 0;
        }
        for (size_t k = 2; k < forms[i].length; k++) {
            if (at[k] < 0x80 || at[k] > 0xBF) {
                return 0;
            }
        }
        return forms[i].length;
    }
    return 0;
}

static bool is_surrogate(uint32_t unit, uint32_t first)
{
    return unit >= first && unit < first + 0x400;
}

/* The character at `*text`, which is moved past it. */
static uint32_t take_wide(const wchar_t **text)
{
    const uint32_t unit = (uint32_t)(*text)[0];
    const uint32_t next = (uint32_t)(*text)[1];

    if (is_surrogate(unit, 0xD800) && is_surrogate(next, 0xDC00)) {
        *text += 2;
        return 0x10000 + ((unit - 0xD800) << 10) + (next - 0xDC00);
    }
    *text += 1;
    return is_surrogate(unit, 0xD800) || is_surrogate(unit, 0xDC00) ? REPLACEMENT : unit;
}

static size_t put_utf8(uint32_t character, char bytes[UTF8_MAX])
{
    static const unsigned char lead[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    const size_t length = 1u + (character >= 0x80 ? 1 : 0) + (character >= 0x800 ? 1 : 0) +
                          (character >= 0x10000 ? 1 : 0);

    for (size_t i = length - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    bytes[0] = (char)(lead[length] | character);
    return length;
}

bool rapl_utf8_from_wide(const wchar_t *text, char *out, size_t size)
{
    size_t used = 0;
    bool whole = true;

    while (whole && *text != L'\0') {
        char bytes[UTF8_MAX];
        const size_t length = put_utf8(take_wide(&text), bytes);

        whole = length < size - used;
        for (size_t i = 0; whole && i < length; i++) {
            out[used++] = bytes[i];
        }
    }
    out[used] = '\0';
    return whole;
}

/* The character at `*text`, which is moved past it. */
static uint32_t take_utf8(const char **text)
{
    static const unsigned char mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    const size_t length = rapl_utf8_length(*text);
    uint32_t character = (unsigned char)(*text)[0] & mask[length];

    for (size_t i = 1; i < length; i++) {
        character = character << 6 | ((unsigned char)(*text)[i] & 0x3Fu);
    }
    *text += length == 0 ? 1 : length;
    return length == 0 ? REPLACEMENT : character;
}

bool rapl_wide_from_utf8(const char *text, wchar_t *out, size_t size)
{
    size_t used = 0;
    bool whole = true;

    while (whole && *text != '\0') {
        const uint32_t character = take_utf8(&text);
        const bool pair = character >= 0x10000;

        whole = (pair ? 2u : 1u) < size - used;
        if (whole && pair) {
            out[used++] = (wchar_t)(0xD800 + ((character - 0x10000) >> 10));
            out[used++] = (wchar_t)(0xDC00 + ((character - 0x10000) & 0x3FF));
        } else if (whole) {
            out[used++] = (wchar_t)character;
        }
    }
    out[used] = L'\0';
    return whole;
}

char **rapl_utf8_arguments(int count, wchar_t *const *arguments)
{
    const size_t pointers = ((size_t)count + 1) * sizeof(char *);
    size_t size = pointers;
    char **out;
    char *at;

    for (int i = 0; i < count; i++) {
        size += wcslen(arguments[i]) * UTF8_PER_WIDE + 1;
    }
    out = malloc(size);
    if (out == NULL) {
        return NULL;
    }
    at = (char *)out + pointers;
    for (int i = 0; i < count; i++) {
        const size_t room = wcslen(arguments[i]) * UTF8_PER_WIDE + 1;

        (void)rapl_utf8_from_wide(arguments[i], at, room);
        out[i] = at;
        at += room;
    }
    out[count] = NULL;
    return out;
}
