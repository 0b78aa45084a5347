/* SPDX-License-Identifier: Apache-2.0
 *
 * Elements are written without a length; der_end() inserts it when the content is known.
 */
#include "tools/mkcat/der.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/objects.h>

static void give_up(const char *what)
{
    fprintf(stderr, "mkcat: %s\n", what);
    exit(70);
}

static void append(struct der *der, const void *bytes, size_t size)
{
    if (der->room - der->size < size) {
        const size_t room = (der->room + size) * 2;
        uint8_t *larger = realloc(der->bytes, room);
        if (larger == NULL) {
            give_up("out of memory");
        }
        der->bytes = larger;
        der->room = room;
    }
    if (size > 0) {
        memcpy(der->bytes + der->size, bytes, size);
        der->size += size;
    }
}

void der_free(struct der *der)
{
    free(der->bytes);
    *der = (struct der){0};
}

size_t der_begin(struct der *der, uint8_t tag)
{
    append(der, &tag, 1);
    return der->size;
}

/* The length of `size` content bytes; how many bytes it takes. */
static size_t write_length(size_t size, uint8_t out[1 + sizeof(size_t)])
{
    size_t count = 0;

    if (size < 0x80) {
        out[0] = (uint8_t)size;
        return 1;
    }
    for (size_t rest = size; rest > 0; rest >>= 8) {
        count++;
    }
    out[0] = (uint8_t)(0x80 | count);
    for (size_t i = 0; i < count; i++) {
        out[count - i] = (uint8_t)(size >> (8 * i));
    }
    return 1 + count;
}

void der_end(struct der *der, size_t mark)
{
    uint8_t length[1 + sizeof(size_t)];
    const size_t content = der->size - mark;
    const size_t count = write_length(content, length);

    append(der, length, count);
    memmove(der->bytes + mark + count, der->bytes + mark, content);
    memcpy(der->bytes + mark, length, count);
}

struct element {
    const uint8_t *bytes;
    size_t size;
};

/* X.690 11.6: by their encodings, a shorter one first where it is the other's beginning. */
static int compare(const void *left, const void *right)
{
    const struct element *a = left;
    const struct element *b = right;
    const int order = memcmp(a->bytes, b->bytes, a->size < b->size ? a->size : b->size);

    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

static size_t element_size(const uint8_t *bytes)
{
    size_t size = bytes[1];
    size_t header = 2;

    if (size >= 0x80) {
        header += size & 0x7F;
        size = 0;
        for (size_t i = 2; i < header; i++) {
            size = size << 8 | bytes[i];
        }
    }
    return header + size;
}

void der_end_set(struct der *der, size_t mark)
{
    enum { ELEMENTS_MAX = 16 };
    struct element elements[ELEMENTS_MAX];
    struct der sorted = {0};
    size_t count = 0;

    for (size_t at = mark; at < der->size; at += elements[count++].size) {
        if (count == ELEMENTS_MAX) {
            give_up("too many elements in a set");
        }
        elements[count] = (struct element){der->bytes + at, element_size(der->bytes + at)};
    }
    qsort(elements, count, sizeof(elements[0]), compare);
    for (size_t i = 0; i < count; i++) {
        append(&sorted, elements[i].bytes, elements[i].size);
    }
    if (sorted.size > 0) {
        memcpy(der->bytes + mark, sorted.bytes, sorted.size);
    }
    der_free(&sorted);
    der_end(der, mark);
}

void der_element(struct der *der, uint8_t tag, const void *content, size_t size)
{
    const size_t mark = der_begin(der, tag);

    append(der, content, size);
    der_end(der, mark);
}

void der_unsigned(struct der *der, uint32_t value)
{
    ASN1_INTEGER *integer = ASN1_INTEGER_new();
    unsigned char *encoded = NULL;
    int size = -1;

    if (integer != NULL && ASN1_INTEGER_set_uint64(integer, value) == 1) {
        size = i2d_ASN1_INTEGER(integer, &encoded);
    }
    if (size < 0) {
        give_up("a number could not be encoded");
    }
    append(der, encoded, (size_t)size);
    OPENSSL_free(encoded);
    ASN1_INTEGER_free(integer);
}

void der_oid(struct der *der, const char *dotted)
{
    ASN1_OBJECT *object = OBJ_txt2obj(dotted, 1);
    unsigned char *encoded = NULL;
    const int size = object != NULL ? i2d_ASN1_OBJECT(object, &encoded) : -1;

    if (size < 0) {
        give_up("an object identifier could not be encoded");
    }
    append(der, encoded, (size_t)size);
    OPENSSL_free(encoded);
    ASN1_OBJECT_free(object);
}

void der_bmp_string(struct der *der, const char *text)
{
    const size_t mark = der_begin(der, DER_BMP_STRING);

    for (; *text != '\0'; text++) {
        append(der, (const char[]){0, *text}, 2);
    }
    der_end(der, mark);
}

void der_utf16_octets(struct der *der, const char *text)
{
    const size_t mark = der_begin(der, DER_OCTET_STRING);

    for (; *text != '\0'; text++) {
        append(der, (const char[]){*text, 0}, 2);
    }
    append(der, "\0", 2);
    der_end(der, mark);
}

void der_utc_midnight(struct der *der, const char *date)
{
    ASN1_UTCTIME *time = ASN1_UTCTIME_new();
    unsigned char *encoded = NULL;
    char text[16];
    int size = -1;

    snprintf(text, sizeof(text), "%.2s%.2s%.2s000000Z", date + 2, date + 5, date + 8);
    if (time != NULL && ASN1_UTCTIME_set_string(time, text) == 1) {
        size = i2d_ASN1_UTCTIME(time, &encoded);
    }
    if (size < 0) {
        give_up("the date could not be encoded");
    }
    append(der, encoded, (size_t)size);
    OPENSSL_free(encoded);
    ASN1_UTCTIME_free(time);
}
