/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl completion`: a script that completes rapl's words in a shell.
 */
#include "cli/cli.h"
#include "cli/verb.h"

static int take(struct cli *cli, void *context, int option, const char *value)
{
    const char **shell = context;

    (void)option; /* it has no options of its own */
    if (*shell != NULL) {
        return cli_usage(cli, "completion", "\"%s\": one shell only", value);
    }
    *shell = value;
    return EXIT_CODE_OK;
}

static int run(struct cli *cli, int argc, char **argv)
{
    const char *shell = NULL;
    bool helped;
    int code = cli_parse(cli, &verb_completion, argc, argv, &shell, &helped);

    if (code != EXIT_CODE_OK || helped) {
        return code;
    }
    if (shell == NULL) {
        return cli_usage(cli, "completion", "no shell: bash, zsh, fish or powershell");
    }
    if (!completion_write(&cli->out, shell)) {
        return cli_usage(cli, "completion", "\"%s\" is not bash, zsh, fish or powershell", shell);
    }
    return EXIT_CODE_OK;
}

static const struct verb_example examples[] = {
    {"rapl completion bash >~/.local/share/bash-completion/completions/rapl",
     "completes words in bash from the next shell on"},
    {"rapl completion zsh >\"${fpath[1]}/_rapl\"", "in zsh"},
    {"rapl completion fish >~/.config/fish/completions/rapl.fish", "in fish"},
    {"rapl completion powershell >>$PROFILE", "in PowerShell"},
};

const struct verb_syntax verb_completion = {
    .name = "completion",
    .summary = "write a script that completes rapl's words in your shell",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "bash|zsh|fish|powershell",
    .operand_values = COMPLETION_SHELLS,
    .description = "Writes the script to standard output; nothing is installed.",
    .take = take,
    .run = run,
};
