/* SPDX-License-Identifier: Apache-2.0
 *
 * A powercap tree in memory, for tests and the fuzzer: a table of files, each of which can refuse
 * to be opened or read. Folders are what the paths of files say.
 */
#ifndef RAPL_TESTS_POWERCAP_MEMORY_H
#define RAPL_TESTS_POWERCAP_MEMORY_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/backend/powercap_files.h"

#define MEMORY_FILES_MAX 512u
#define MEMORY_TEXT_MAX  1024u

struct memory_file {
    char path[96];
    char text[MEMORY_TEXT_MAX];
    size_t size;
    int open_error, read_error; /* negative errno; 0: none */
};

struct memory_tree {
    struct memory_file files[MEMORY_FILES_MAX];
    uint32_t count;
    uint32_t open_handles;
    uint32_t released;
    uint64_t time_ns;
    int list_error;
};

static inline struct memory_file *memory_find(struct memory_tree *tree, const char *path)
{
    for (uint32_t i = 0; i < tree->count; i++) {
        if (strcmp(tree->files[i].path, path) == 0) {
            return &tree->files[i];
        }
    }
    return NULL;
}

static inline struct memory_file *memory_put(struct memory_tree *tree, const char *path,
                                             const char *text, size_t size)
{
    struct memory_file *file = memory_find(tree, path);

    if (file == NULL && tree->count < MEMORY_FILES_MAX) {
        file = &tree->files[tree->count++];
        memset(file, 0, sizeof(*file));
        (void)snprintf(file->path, sizeof(file->path), "%s", path);
    }
    if (file != NULL) {
        file->size = size < MEMORY_TEXT_MAX ? size : MEMORY_TEXT_MAX;
        memcpy(file->text, text, file->size);
    }
    return file;
}

/* The next part of the path of each file below the folder; a name may come more than once. */
static inline int memory_list(void *context, const char *folder, powercap_each each, void *to)
{
    struct memory_tree *tree = context;
    const size_t length = strlen(folder);

    if (tree->list_error != 0) {
        return tree->list_error;
    }
    for (uint32_t i = 0; i < tree->count; i++) {
        const char *path = tree->files[i].path;
        char name[96];

        if (strncmp(path, folder, length) != 0 || (length > 0 && path[length] != '/')) {
            continue;
        }
        path += length > 0 ? length + 1 : 0;
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(path, "/"), path);
        if (!each(to, name)) {
            break;
        }
    }
    return 0;
}

static inline int memory_open(void *context, const char *path)
{
    struct memory_tree *tree = context;
    const struct memory_file *file = memory_find(tree, path);

    if (file == NULL) {
        return -ENOENT;
    }
    if (file->open_error != 0) {
        return file->open_error;
    }
    tree->open_handles++;
    return (int)(file - tree->files);
}

static inline int memory_read(void *context, int handle, uint64_t offset, char *buffer, size_t size)
{
    const struct memory_tree *tree = context;
    const struct memory_file *file = &tree->files[handle];

    if (file->read_error != 0) {
        return file->read_error;
    }
    if (offset >= file->size) {
        return 0;
    }
    const size_t left = file->size - (size_t)offset;
    const size_t got = size < left ? size : left;
    memcpy(buffer, file->text + offset, got);
    return (int)got;
}

static inline void memory_close(void *context, int handle)
{
    struct memory_tree *tree = context;

    (void)handle;
    tree->open_handles--;
}

static inline void memory_release(void *context)
{
    struct memory_tree *tree = context;

    tree->released++;
}

static inline uint64_t memory_time_ns(void *context)
{
    const struct memory_tree *tree = context;

    return tree->time_ns;
}

static inline struct powercap_files memory_files(struct memory_tree *tree)
{
    return (struct powercap_files){.context = tree,
                                   .list = memory_list,
                                   .open = memory_open,
                                   .read = memory_read,
                                   .close = memory_close,
                                   .release = memory_release,
                                   .time_ns = memory_time_ns};
}

/* ---- What a tree has in it ------------------------------------------------------------------ */

#define RANGE_2POW14 "262143328850" /* as Linux says for 2^-14 J */
#define RANGE_2POW16 "65532610987"

static inline struct memory_file *memory_set(struct memory_tree *tree, const char *zone,
                                             const char *file, const char *text)
{
    char path[96];
    char line[96];

    (void)snprintf(path, sizeof(path), "%s/%s", zone, file);
    (void)snprintf(line, sizeof(line), "%s\n", text);
    return memory_put(tree, path, line, strlen(line));
}

static inline void memory_zone(struct memory_tree *tree, const char *zone, const char *name,
                               const char *energy_uj, const char *range_uj)
{
    memory_set(tree, zone, "name", name);
    memory_set(tree, zone, "energy_uj", energy_uj);
    memory_set(tree, zone, "max_energy_range_uj", range_uj);
    memory_set(tree, zone, "enabled", "1");
}

static inline void memory_constraint(struct memory_tree *tree, const char *zone, uint32_t number,
                                     const char *name, const char *limit_uw, const char *window_us,
                                     const char *max_uw)
{
    const char *const values[][2] = {{"name", name},
                                     {"power_limit_uw", limit_uw},
                                     {"time_window_us", window_us},
                                     {"max_power_uw", max_uw}};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char file[48];
        (void)snprintf(file, sizeof(file), "constraint_%u_%s", number, values[i][0]);
        if (values[i][1] != NULL) {
            memory_set(tree, zone, file, values[i][1]);
        }
    }
}

static inline void memory_energy(struct memory_tree *tree, const char *zone, uint64_t energy_uj)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)energy_uj);
    memory_set(tree, zone, "energy_uj", text);
}

#endif
