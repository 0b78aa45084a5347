/* SPDX-License-Identifier: Apache-2.0
 *
 * From the outside in: ContentInfo, SignedData, the list, its entries, their attributes.
 */
#include "tools/mkcat/catalog.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#define OID_SIGNED_DATA    "1.2.840.113549.1.7.2"
#define OID_CTL            "1.3.6.1.4.1.311.10.1"
#define OID_CATALOG        "1.3.6.1.4.1.311.12.1.1"
#define OID_MEMBERS_V2     "1.3.6.1.4.1.311.12.1.3"
#define OID_NAME_VALUE     "1.3.6.1.4.1.311.12.2.1"
#define OID_MEMBER_INFO_V2 "1.3.6.1.4.1.311.12.2.3"
#define OID_INDIRECT_DATA  "1.3.6.1.4.1.311.2.1.4"
#define OID_PE_IMAGE_DATA  "1.3.6.1.4.1.311.2.1.15"
#define OID_FLAT_DATA      "1.3.6.1.4.1.311.2.1.25" /* SPC_CAB_DATA: any file that is no image */
#define OID_SHA256         "2.16.840.1.101.3.4.2.1"

/*
 * mscat.h: CRYPTCAT_ATTR_NAMEASCII, _DATAASCII and _AUTHENTICATED. _AUTHENTICATED: the attribute
 * is covered by the catalog's signature.
 */
#define NAME_VALUE_FLAGS 0x10010001u

/* Inf2Cat's for /os:10_X64: the versions the package is for, and the same of each file. */
#define OS_VALUE     "_v100_X64"
#define OS_ATTRIBUTE "2:10.0"

#define LIST_IDENTIFIER_SIZE 16u

/* One entry of the list: a member by one of its hashes. */
struct entry {
    const struct catalog_member *member;
    const uint8_t *hash;
    size_t size;
};

static void write_name_value(struct der *out, const char *name, const char *value)
{
    const size_t mark = der_begin(out, DER_SEQUENCE);

    der_bmp_string(out, name);
    der_unsigned(out, NAME_VALUE_FLAGS);
    der_utf16_octets(out, value);
    der_end(out, mark);
}

static void write_name_attribute(struct der *out, const char *name, const char *value)
{
    const size_t attribute = der_begin(out, DER_SEQUENCE);

    der_oid(out, OID_NAME_VALUE);
    const size_t set = der_begin(out, DER_SET);
    write_name_value(out, name, value);
    der_end(out, set);
    der_end(out, attribute);
}

/* Empty in a version 2 catalog: it says that the entry's tag is the hash itself. */
static void write_member_info(struct der *out)
{
    const size_t attribute = der_begin(out, DER_SEQUENCE);

    der_oid(out, OID_MEMBER_INFO_V2);
    const size_t set = der_begin(out, DER_SET);
    der_element(out, DER_IMPLICIT(2), NULL, 0);
    der_end(out, set);
    der_end(out, attribute);
}

/* SpcLink, the choice `file` with an empty name. */
static void write_no_link(struct der *out)
{
    const size_t file = der_begin(out, DER_CONTEXT(2));

    der_element(out, DER_IMPLICIT(0), NULL, 0);
    der_end(out, file);
}

static void write_image_data(struct der *out)
{
    /* SpcPeImageFlags, 5 of 8 bits unused: includeResources, includeImportAddressTable. */
    static const uint8_t flags[] = {5, 0xA0};
    const size_t data = der_begin(out, DER_SEQUENCE);

    der_element(out, DER_BIT_STRING, flags, sizeof(flags));
    const size_t link = der_begin(out, DER_CONTEXT(0));
    write_no_link(out);
    der_end(out, link);
    der_end(out, data);
}

static void write_algorithm(struct der *out, const char *oid)
{
    const size_t algorithm = der_begin(out, DER_SEQUENCE);

    der_oid(out, oid);
    der_element(out, DER_NULL, NULL, 0);
    der_end(out, algorithm);
}

static void write_indirect_data(struct der *out, const struct hashes *hashes)
{
    const size_t attribute = der_begin(out, DER_SEQUENCE);

    der_oid(out, OID_INDIRECT_DATA);
    const size_t set = der_begin(out, DER_SET);
    const size_t indirect = der_begin(out, DER_SEQUENCE);
    const size_t data = der_begin(out, DER_SEQUENCE);
    if (hashes->is_image) {
        der_oid(out, OID_PE_IMAGE_DATA);
        write_image_data(out);
    } else {
        der_oid(out, OID_FLAT_DATA);
        write_no_link(out);
    }
    der_end(out, data);
    const size_t digest = der_begin(out, DER_SEQUENCE);
    write_algorithm(out, OID_SHA256);
    der_element(out, DER_OCTET_STRING, hashes->sha256, SHA256_SIZE);
    der_end(out, digest);
    der_end(out, indirect);
    der_end(out, set);
    der_end(out, attribute);
}

static void write_entry(struct der *out, const struct entry *entry)
{
    const size_t mark = der_begin(out, DER_SEQUENCE);

    der_element(out, DER_OCTET_STRING, entry->hash, entry->size);
    const size_t attributes = der_begin(out, DER_SET);
    write_member_info(out);
    write_name_attribute(out, "File", entry->member->name);
    write_name_attribute(out, "OSAttr", OS_ATTRIBUTE);
    if (entry->size == SHA256_SIZE) {
        write_indirect_data(out, &entry->member->hashes);
    }
    der_end_set(out, attributes);
    der_end(out, mark);
}

static int compare(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;

    return memcmp(a->hash, b->hash, a->size < b->size ? a->size : b->size);
}

/* Windows searches the list: it is in the order of the hashes. */
static void write_entries(struct der *out, const struct catalog_member *members, unsigned count)
{
    struct entry entries[2 * CATALOG_MEMBERS_MAX];

    for (size_t i = 0; i < count; i++) {
        const struct hashes *hashes = &members[i].hashes;
        entries[2 * i] = (struct entry){&members[i], hashes->sha256, SHA256_SIZE};
        entries[2 * i + 1] = (struct entry){&members[i], hashes->sha1, SHA1_SIZE};
    }
    qsort(entries, 2 * (size_t)count, sizeof(entries[0]), compare);

    const size_t list = der_begin(out, DER_SEQUENCE);
    for (unsigned i = 0; i < 2 * count; i++) {
        write_entry(out, &entries[i]);
    }
    der_end(out, list);
}

static void write_extension(struct der *out, const char *name, const char *value)
{
    const size_t extension = der_begin(out, DER_SEQUENCE);

    der_oid(out, OID_NAME_VALUE);
    const size_t octets = der_begin(out, DER_OCTET_STRING);
    write_name_value(out, name, value);
    der_end(out, octets);
    der_end(out, extension);
}

static void write_extensions(struct der *out, const struct inf *inf)
{
    char name[16];
    char id[INF_TEXT_CHARS];

    const size_t outer = der_begin(out, DER_CONTEXT(0));
    const size_t list = der_begin(out, DER_SEQUENCE);
    write_extension(out, "OS", OS_VALUE);
    for (unsigned i = inf->hardware_ids.count; i > 0; i--) {
        snprintf(name, sizeof(name), "HWID%u", i);
        size_t length = 0;
        for (const char *c = inf->hardware_ids.text[i - 1]; *c != '\0'; c++) {
            id[length++] = (char)tolower((unsigned char)*c);
        }
        id[length] = '\0';
        write_extension(out, name, id);
    }
    der_end(out, list);
    der_end(out, outer);
}

/* Windows' tools take a random one; this one is the same for the same members. */
static void write_identifier(struct der *out, const struct catalog_member *members, unsigned count)
{
    uint8_t hashes[CATALOG_MEMBERS_MAX * SHA256_SIZE];
    uint8_t digest[EVP_MAX_MD_SIZE] = {0};

    for (unsigned i = 0; i < count; i++) {
        memcpy(hashes + (size_t)i * SHA256_SIZE, members[i].hashes.sha256, SHA256_SIZE);
    }
    if (EVP_Digest(hashes, (size_t)count * SHA256_SIZE, digest, NULL, EVP_sha256(), NULL) != 1) {
        fprintf(stderr, "mkcat: OpenSSL could not hash the list of members\n");
        exit(70);
    }
    der_element(out, DER_OCTET_STRING, digest, LIST_IDENTIFIER_SIZE);
}

static void write_list(const struct catalog_member *members, unsigned count, const struct inf *inf,
                       struct der *out)
{
    const size_t list = der_begin(out, DER_SEQUENCE);
    const size_t usage = der_begin(out, DER_SEQUENCE);

    der_oid(out, OID_CATALOG);
    der_end(out, usage);
    write_identifier(out, members, count);
    der_utc_midnight(out, inf->date);
    write_algorithm(out, OID_MEMBERS_V2);
    write_entries(out, members, count);
    write_extensions(out, inf);
    der_end(out, list);
}

void catalog_write(const struct catalog_member *members, unsigned count, const struct inf *inf,
                   struct der *out)
{
    const size_t info = der_begin(out, DER_SEQUENCE);

    der_oid(out, OID_SIGNED_DATA);
    const size_t explicit_data = der_begin(out, DER_CONTEXT(0));
    const size_t data = der_begin(out, DER_SEQUENCE);
    der_unsigned(out, 1);
    der_element(out, DER_SET, NULL, 0); /* digest algorithms: of no signer yet */
    const size_t content = der_begin(out, DER_SEQUENCE);
    der_oid(out, OID_CTL);
    const size_t explicit_list = der_begin(out, DER_CONTEXT(0));
    write_list(members, count, inf, out);
    der_end(out, explicit_list);
    der_end(out, content);
    der_element(out, DER_SET, NULL, 0); /* signers */
    der_end(out, data);
    der_end(out, explicit_data);
    der_end(out, info);
}
