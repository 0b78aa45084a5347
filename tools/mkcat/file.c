/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading files, and hashing them around what a signature changes.
 */
#include "tools/mkcat/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#define FILE_MAX_BYTES ((size_t)256 << 20)

bool file_read(const char *path, struct content *out)
{
    struct content content = {0};
    size_t room = 0;
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        fprintf(stderr, "mkcat: cannot open %s: %s\n", path, strerror(errno));
        return false;
    }
    while (!feof(file) && !ferror(file) && content.size < FILE_MAX_BYTES) {
        if (content.size == room) {
            room = room == 0 ? 65536 : room * 2;
            uint8_t *larger = realloc(content.bytes, room);
            if (larger == NULL) {
                break;
            }
            content.bytes = larger;
        }
        content.size += fread(content.bytes + content.size, 1, room - content.size, file);
    }
    const bool whole = feof(file) && !ferror(file);
    fclose(file);
    if (!whole) {
        fprintf(stderr, "mkcat: cannot read all of %s, or it is over 256 MiB\n", path);
        file_free(&content);
        return false;
    }
    *out = content;
    return true;
}

void file_free(struct content *content)
{
    free(content->bytes);
    *content = (struct content){0};
}

struct part {
    size_t begin;
    size_t end;
};

static uint32_t read_u32(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Offsets in a PE file ("PE Format", Microsoft). */
#define PE_POINTER       0x3Cu
#define OPTIONAL_HEADER  24u /* after "PE\0\0" and the file header */
#define CHECKSUM         64u /* in the optional header */
#define MAGIC_PE32       0x10Bu
#define MAGIC_PE32_PLUS  0x20Bu
#define DIRECTORIES_PE32 96u
#define DIRECTORIES_PLUS 112u
#define SECURITY_ENTRY   32u /* in the directories; its address is a file offset */
#define HEADER_BYTES_MAX ((size_t)OPTIONAL_HEADER + DIRECTORIES_PLUS + SECURITY_ENTRY + 8u)

/* What is hashed of an image, in four parts; the reason why it cannot be, or NULL. */
static const char *image_parts(const struct content *image, struct part out[4])
{
    if (image->size < PE_POINTER + 4) {
        return "is cut short";
    }
    const size_t pe = read_u32(image->bytes + PE_POINTER);
    if (pe > image->size || image->size - pe < HEADER_BYTES_MAX) {
        return "has its headers outside of itself";
    }
    const uint8_t *header = image->bytes + pe;
    const uint32_t magic = read_u32(header + OPTIONAL_HEADER) & 0xFFFFu;
    if (memcmp(header, "PE\0\0", 4) != 0 || (magic != MAGIC_PE32 && magic != MAGIC_PE32_PLUS)) {
        return "begins as a program does and is none that Windows knows";
    }
    const size_t checksum = pe + OPTIONAL_HEADER + CHECKSUM;
    const size_t security = pe + OPTIONAL_HEADER + SECURITY_ENTRY +
                            (magic == MAGIC_PE32 ? DIRECTORIES_PE32 : DIRECTORIES_PLUS);
    size_t signature = read_u32(image->bytes + security);
    size_t size = read_u32(image->bytes + security + 4);
    if (signature == 0) {
        signature = image->size;
        size = 0;
    }
    if (signature < security + 8 || signature > image->size || size > image->size - signature) {
        return "has its signature outside of itself";
    }
    out[0] = (struct part){0, checksum};
    out[1] = (struct part){checksum + 4, security};
    out[2] = (struct part){security + 8, signature};
    out[3] = (struct part){signature + size, image->size};
    return NULL;
}

static bool hash_parts(const EVP_MD *algorithm, const struct content *content,
                       const struct part parts[4], uint8_t *out)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && EVP_DigestInit_ex(context, algorithm, NULL) == 1;

    for (int i = 0; good && i < 4; i++) {
        good = EVP_DigestUpdate(context, content->bytes + parts[i].begin,
                                parts[i].end - parts[i].begin) == 1;
    }
    good = good && EVP_DigestFinal_ex(context, out, NULL) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

bool file_hash(const char *name, const struct content *content, struct hashes *out)
{
    struct hashes hashes = {0};
    struct part parts[4] = {{0, content->size}};

    hashes.is_image = content->size >= 2 && memcmp(content->bytes, "MZ", 2) == 0;
    if (hashes.is_image) {
        const char *fault = image_parts(content, parts);
        if (fault != NULL) {
            fprintf(stderr, "mkcat: %s %s\n", name, fault);
            return false;
        }
    }
    if (!hash_parts(EVP_sha1(), content, parts, hashes.sha1) ||
        !hash_parts(EVP_sha256(), content, parts, hashes.sha256)) {
        fprintf(stderr, "mkcat: %s could not be hashed by OpenSSL\n", name);
        return false;
    }
    *out = hashes;
    return true;
}
