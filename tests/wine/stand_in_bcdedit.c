/* SPDX-License-Identifier: Apache-2.0
 *
 * Stands in for Windows' bcdedit.exe, which Wine has not. The test puts it into the prefix'
 * System32 folder: DriverLoader has no way to be told of another one. Adds its command line to
 * C:\bcdedit.log; fails, saying so, if there is a file C:\bcdedit.fails.
 */
#include <stdio.h>

#include <windows.h>

int main(void)
{
    FILE *log = fopen("C:\\bcdedit.log", "a");

    if (log == NULL) {
        return 2;
    }
    fprintf(log, "%s\n", GetCommandLineA());
    fclose(log);
    if (GetFileAttributesA("C:\\bcdedit.fails") != INVALID_FILE_ATTRIBUTES) {
        puts("The value is protected\nby something.");
        return 1;
    }
    puts("The operation completed successfully.");
    return 0;
}
