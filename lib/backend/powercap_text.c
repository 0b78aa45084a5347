/* SPDX-License-Identifier: Apache-2.0
 *
 * A zone's file is one short line.
 */
#include "lib/backend/powercap_files.h"

#include <errno.h>

int powercap_read_text(const struct powercap_files *files, int handle, char text[POWERCAP_TEXT_MAX])
{
    const int got = files->read(files->context, handle, 0, text, POWERCAP_TEXT_MAX);

    if (got < 0) {
        text[0] = '\0';
        return got;
    }
    if ((unsigned)got >= POWERCAP_TEXT_MAX) {
        text[0] = '\0';
        return -E2BIG;
    }
    text[got] = '\0';
    if (got > 0 && text[got - 1] == '\n') {
        text[got - 1] = '\0';
    }
    return 0;
}

int powercap_load_text(const struct powercap_files *files, const char *path,
                       char text[POWERCAP_TEXT_MAX])
{
    const int handle = files->open(files->context, path);

    if (handle < 0) {
        text[0] = '\0';
        return handle;
    }
    const int error = powercap_read_text(files, handle, text);
    files->close(files->context, handle);
    return error;
}

bool powercap_number(const char *text, uint64_t *out)
{
    uint64_t value = 0;

    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        const uint64_t digit = (uint64_t)(*text - '0');
        if (*text < '0' || *text > '9' || value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}
