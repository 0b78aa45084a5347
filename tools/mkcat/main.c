/* SPDX-License-Identifier: Apache-2.0
 *
 * mkcat: the catalog of a driver package, made anywhere. What Inf2Cat does on Windows, for packages
 * like this project's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/mkcat/catalog.h"

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

#define PATH_CHARS 4096

static const char usage[] =
    "mkcat FOLDER/NAME.inf OUT.cat\n"
    "\n"
    "Writes the unsigned catalog of the driver package in FOLDER: the INF file itself and every\n"
    "file of its [SourceDisksFiles], with its hardware ids, dated by its DriverVer. The catalog\n"
    "goes into the signer afterwards: osslsigncode sign ... -in OUT.cat -out SIGNED.cat.\n"
    "Sign the files first: the catalog holds their hashes.\n"
    "\n"
    "Exit codes: 0 done, 1 something was refused (what and why on stderr), 2 usage.\n";

static bool hash_file(const char *path, struct catalog_member *member)
{
    struct content content;

    if (!file_read(path, &content)) {
        return false;
    }
    const bool good = file_hash(path, &content, &member->hashes);
    file_free(&content);
    return good;
}

static bool read_inf(const char *path, struct inf *inf, struct catalog_member *member)
{
    struct content content;

    if (!file_read(path, &content)) {
        return false;
    }
    const bool good = inf_parse(path, &content, inf) && file_hash(path, &content, &member->hashes);
    file_free(&content);
    return good;
}

static bool write_file(const char *path, const struct der *der)
{
    FILE *file = fopen(path, "wb");
    const bool written = file != NULL && fwrite(der->bytes, 1, der->size, file) == der->size;

    if (file == NULL || fclose(file) != 0 || !written) {
        fprintf(stderr, "mkcat: cannot write %s: %s\n", path, strerror(errno));
        return false;
    }
    return true;
}

static bool make(const char *inf_path, const char *out_path)
{
    static struct inf inf;
    struct catalog_member members[CATALOG_MEMBERS_MAX] = {0};
    struct der catalog = {0};
    char path[PATH_CHARS];
    const char *slash = strrchr(inf_path, '/');
    const int folder = slash == NULL ? 0 : (int)(slash + 1 - inf_path);

    if (!read_inf(inf_path, &inf, &members[0])) {
        return false;
    }
    members[0].name = inf_path + folder;
    for (unsigned i = 0; i < inf.files.count; i++) {
        const int length =
            snprintf(path, sizeof(path), "%.*s%s", folder, inf_path, inf.files.text[i]);
        if (length >= (int)sizeof(path) || strchr(inf.files.text[i], '/') != NULL) {
            fprintf(stderr, "mkcat: %s: not a file's name\n", inf.files.text[i]);
            return false;
        }
        members[i + 1].name = inf.files.text[i];
        if (!hash_file(path, &members[i + 1])) {
            return false;
        }
    }
    catalog_write(members, inf.files.count + 1, &inf, &catalog);
    const bool good = write_file(out_path, &catalog);
    der_free(&catalog);
    return good;
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fputs(usage, argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr);
        return argc == 2 && strcmp(argv[1], "--help") == 0 ? EXIT_DONE : EXIT_USAGE;
    }
    return make(argv[1], argv[2]) ? EXIT_DONE : EXIT_REFUSED;
}
