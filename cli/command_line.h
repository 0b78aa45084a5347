/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows hands a program one string; the program's start-up code takes it apart. This puts one
 * together that CommandLineToArgvW and Microsoft's C runtime take apart into the same arguments:
 * https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
 */
#ifndef RAPL_CLI_COMMAND_LINE_H
#define RAPL_CLI_COMMAND_LINE_H

#include <stdbool.h>

#include "lib/text.h"

/*
 * Adds the NULL-terminated arguments to `out`. False, and nothing added: argv[0] holds a quote,
 * which a program's name cannot.
 */
bool command_line_build(struct text *out, char *const *argv);

/* A name that ends in .bat or .cmd: cmd.exe would take its arguments apart by rules of its own. */
bool command_line_is_batch(const char *program);

#endif
