/* SPDX-License-Identifier: Apache-2.0
 *
 * Files, and the hashes a catalog knows them by.
 */
#ifndef RAPL_MKCAT_FILE_H
#define RAPL_MKCAT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA1_SIZE   20u
#define SHA256_SIZE 32u

/* A file's content, malloc'd. */
struct content {
    uint8_t *bytes;
    size_t size;
};

struct hashes {
    bool is_image; /* a PE file, hashed as Authenticode does */
    uint8_t sha1[SHA1_SIZE];
    uint8_t sha256[SHA256_SIZE];
};

/* At most 256 MiB. On failure: false, the reason on stderr, `*out` untouched. */
bool file_read(const char *path, struct content *out);
void file_free(struct content *content);

/*
 * A file that begins with "MZ" is hashed as Authenticode has it ("Windows Authenticode Portable
 * Executable Signature Format", Microsoft): without the checksum, the entry that says where the
 * signatures are, and the signatures. Any other file is hashed as it is. On failure (a PE file
 * whose headers or signature lie outside of it): false, the reason on stderr, `*out` untouched.
 */
bool file_hash(const char *name, const struct content *content, struct hashes *out);

#endif
