/* SPDX-License-Identifier: Apache-2.0
 *
 * A powercap tree in a file system. Handles are descriptors, which stay open between samples: a
 * sample is one pread a zone.
 */
#include "lib/backend/powercap_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#define SYSFS_MAGIC 0x62656572 /* linux/magic.h */

struct root {
    int fd;
    bool live;
};

static int tree_list(void *context, const char *folder, powercap_each each, void *to)
{
    const struct root *root = context;
    const int fd =
        openat(root->fd, *folder != '\0' ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) {
        return -errno;
    }
    DIR *stream = fdopendir(fd);
    if (stream == NULL) {
        const int error = errno;
        close(fd);
        return -error;
    }
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        if (!each(to, entry->d_name)) {
            break;
        }
    }
    closedir(stream);
    return 0;
}

/* O_NONBLOCK: whatever is under that name, opening it must not wait. */
static int tree_open(void *context, const char *path)
{
    const struct root *root = context;
    const int fd = openat(root->fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    return fd >= 0 ? fd : -errno;
}

static int tree_read(void *context, int handle, uint64_t offset, char *buffer, size_t size)
{
    const struct root *root = context;
    struct stat status;

    /* sysfs says itself when a zone is gone; a file that was deleted can still be read. */
    if (!root->live && (fstat(handle, &status) != 0 || status.st_nlink == 0)) {
        return -ENODEV;
    }
    for (;;) {
        const ssize_t got = pread(handle, buffer, size, (off_t)offset);
        if (got >= 0) {
            return (int)got;
        }
        if (errno != EINTR) {
            return -errno;
        }
    }
}

static void tree_close(void *context, int handle)
{
    (void)context;
    close(handle);
}

static void tree_release(void *context)
{
    struct root *root = context;

    close(root->fd);
    free(root);
}

static uint64_t tree_time_ns(void *context)
{
    struct timespec now;

    (void)context;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

int powercap_posix_open(const char *path, struct powercap_files *out)
{
    struct root *root = malloc(sizeof(*root));
    struct statfs info;

    if (root == NULL) {
        return ENOMEM;
    }
    root->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root->fd < 0) {
        const int error = errno;
        free(root);
        return error;
    }
    root->live = fstatfs(root->fd, &info) == 0 && info.f_type == SYSFS_MAGIC;
    *out = (struct powercap_files){.context = root,
                                   .list = tree_list,
                                   .open = tree_open,
                                   .read = tree_read,
                                   .close = tree_close,
                                   .release = tree_release,
                                   .time_ns = tree_time_ns,
                                   .live = root->live};
    return 0;
}
