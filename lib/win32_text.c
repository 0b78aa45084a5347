/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-16 to UTF-8 into a fixed buffer.
 */
#include "lib/win32_text.h"

#include <windows.h>

void rapl_utf8_from_wide(const wchar_t *text, char *out, size_t size)
{
    int length = (int)wcsnlen(text, size); /* a UTF-16 unit takes at least one byte */

    out[0] = '\0';
    while (length > 0) {
        int written = WideCharToMultiByte(CP_UTF8, 0, text, length, out, (int)size - 1, NULL, NULL);

        if (written > 0) {
            out[written] = '\0';
            return;
        }
        length--;
        if (length > 0 && IS_HIGH_SURROGATE(text[length - 1])) {
            length--;
        }
    }
    out[0] = '\0';
}
