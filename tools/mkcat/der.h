/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing DER (X.690): a growing buffer, and elements that are opened and closed. Out of memory
 * ends the program: this is a host tool that runs for a moment.
 */
#ifndef RAPL_MKCAT_DER_H
#define RAPL_MKCAT_DER_H

#include <stddef.h>
#include <stdint.h>

#define DER_BIT_STRING   0x03
#define DER_OCTET_STRING 0x04
#define DER_NULL         0x05
#define DER_BMP_STRING   0x1E
#define DER_SEQUENCE     0x30
#define DER_SET          0x31
#define DER_CONTEXT(n)   (0xA0 | (n)) /* constructed */
#define DER_IMPLICIT(n)  (0x80 | (n)) /* primitive */

/* Zeroed is empty. `bytes` is malloc'd; der_free() makes it empty again. */
struct der {
    uint8_t *bytes;
    size_t size;
    size_t room;
};

void der_free(struct der *der);

/* Opens an element; everything up to der_end() with the returned mark is inside it. */
size_t der_begin(struct der *der, uint8_t tag);
void der_end(struct der *der, size_t mark);

/* The same for a SET OF: der_end_set() puts the elements into DER's order. */
void der_end_set(struct der *der, size_t mark);

void der_element(struct der *der, uint8_t tag, const void *content, size_t size);
void der_unsigned(struct der *der, uint32_t value);
void der_oid(struct der *der, const char *dotted);

/* `text` is ASCII. UTF-16: big-endian without an end in a BMPString, as ASN.1 has it;
 * little-endian with its 0 in an OCTET STRING, as Windows stores it there. */
void der_bmp_string(struct der *der, const char *text);
void der_utf16_octets(struct der *der, const char *text);

/* UTCTime, midnight of "2026-01-31"; such a string and nothing else. */
void der_utc_midnight(struct der *der, const char *date);

#endif
