/* SPDX-License-Identifier: Apache-2.0
 *
 * Shell completion: verbs, options, and values that are a list of words or a file.
 */
#include <string.h>

#include "cli/cli.h"
#include "cli/verb.h"

static bool is_file(const struct option *option)
{
    return strcmp(option->value_name, "FILE") == 0 || strcmp(option->value_name, "PATH") == 0;
}

/* In single quotes, as a POSIX shell, fish and (with `doubled`) zsh's specs and PowerShell read. */
static void add_quoted(struct text *out, const char *string, const char *quote_escape)
{
    text_add(out, "'");
    for (; *string != '\0'; string++) {
        if (*string == '\'') {
            text_add(out, quote_escape);
        } else {
            text_add_bytes(out, string, 1);
        }
    }
    text_add(out, "'");
}

/* ---- bash ------------------------------------------------------------------------------------ */

static void bash_names(struct text *out, const struct option *option)
{
    if (option->short_name != '\0') {
        text_printf(out, "-%c|", option->short_name);
    }
    text_printf(out, "--%s", option->long_name);
}

static void bash_verb(struct text *out, const struct verb_syntax *verb)
{
    const struct option *option;

    text_printf(out, "    %s)\n        case $before in\n", verb->name);
    for (size_t i = 0; (option = verb_option(verb, i)) != NULL; i++) {
        if (option->value_name == NULL) {
            continue;
        }
        text_add(out, "        ");
        bash_names(out, option);
        if (option->values != NULL) {
            text_printf(out, ") COMPREPLY=($(compgen -W '%s' -- \"$word\")); return ;;\n",
                        option->values);
        } else {
            text_add(out, is_file(option) ? ") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
                                          : ") return ;;\n");
        }
    }
    text_add(out, "        esac\n        words='");
    for (size_t i = 0; (option = verb_option(verb, i)) != NULL; i++) {
        text_printf(out, "%s--%s", i != 0 ? " " : "", option->long_name);
    }
    text_add(out, "'\n");
    if (verb->operand_values != NULL && strcmp(verb->operand_values, "FILE") != 0) {
        text_printf(out, "        [[ $word == -* ]] || words='%s'\n", verb->operand_values);
    } else if (verb->operand_values != NULL) {
        text_add(out, "        [[ $word == -* ]] || "
                      "{ COMPREPLY=($(compgen -f -- \"$word\")); return; }\n");
    }
    text_add(out, "        ;;\n");
}

static void write_bash(struct text *out)
{
    const struct verb_syntax *verb;

    text_add(out, "# bash completion for rapl; source this file\n"
                  "_rapl() {\n"
                  "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
                  "    local words=\n"
                  "    COMPREPLY=()\n"
                  "    if [[ $COMP_CWORD -eq 1 ]]; then\n"
                  "        words='");
    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        text_printf(out, "%s ", verb->name);
    }
    text_add(out, "--help --version'\n"
                  "        COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                  "        return\n"
                  "    fi\n"
                  "    case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        bash_verb(out, verb);
    }
    text_add(out, "    esac\n"
                  "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                  "}\n"
                  "complete -F _rapl rapl\n");
}

/* ---- zsh ------------------------------------------------------------------------------------- */

/* In a spec, brackets and colons end parts. */
static void zsh_help(struct text *out, const char *help)
{
    for (; *help != '\0'; help++) {
        if (strchr("[]:\\", *help) != NULL) {
            text_add(out, "\\");
        }
        if (*help == '\'') {
            text_add(out, "'\\''");
        } else {
            text_add_bytes(out, help, 1);
        }
    }
}

static void zsh_spec(struct text *out, const struct option *option, bool is_short)
{
    text_add(out, " \\\n            '");
    if (is_short) {
        text_printf(out, "-%c%s[", option->short_name, option->value_name != NULL ? "+" : "");
    } else {
        text_printf(out, "--%s%s[", option->long_name, option->value_name != NULL ? "=" : "");
    }
    zsh_help(out, option->help);
    text_add(out, "]");
    if (option->value_name != NULL) {
        text_printf(out, ":%s:", option->value_name);
        if (option->values != NULL) {
            text_printf(out, "(%s)", option->values);
        } else if (is_file(option)) {
            text_add(out, "_files");
        }
    }
    text_add(out, "'");
}

static void zsh_verb(struct text *out, const struct verb_syntax *verb)
{
    const struct option *option;

    text_printf(out, "    %s)\n        _arguments", verb->name);
    for (size_t i = 0; (option = verb_option(verb, i)) != NULL; i++) {
        if (option->short_name != '\0') {
            zsh_spec(out, option, true);
        }
        zsh_spec(out, option, false);
    }
    if (verb->operand_values != NULL) {
        bool file = strcmp(verb->operand_values, "FILE") == 0;

        text_printf(out, " \\\n            '*:argument:%s%s%s'", file ? "" : "(",
                    file ? "_files" : verb->operand_values, file ? "" : ")");
    }
    text_add(out, "\n        ;;\n");
}

static void write_zsh(struct text *out)
{
    const struct verb_syntax *verb;

    text_add(out, "#compdef rapl\n"
                  "_rapl() {\n"
                  "    if (( CURRENT == 2 )); then\n"
                  "        local -a verbs=(\n");
    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        text_printf(out, "            '%s:", verb->name);
        zsh_help(out, verb->summary);
        text_add(out, "'\n");
    }
    text_add(out, "        )\n"
                  "        _describe verb verbs\n"
                  "        return\n"
                  "    fi\n"
                  "    local verb=$words[2]\n"
                  "    shift words\n"
                  "    (( CURRENT-- ))\n"
                  "    case $verb in\n");
    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        zsh_verb(out, verb);
    }
    text_add(out,
             "    esac\n"
             "}\n"
             "if [[ $funcstack[1] == _rapl ]]; then _rapl \"$@\"; else compdef _rapl rapl; fi\n");
}

/* ---- fish ------------------------------------------------------------------------------------ */

static void fish_option(struct text *out, const char *verb, const struct option *option)
{
    text_printf(out, "complete -c rapl -n '__fish_seen_subcommand_from %s'", verb);
    if (option->short_name != '\0') {
        text_printf(out, " -s %c", option->short_name);
    }
    text_printf(out, " -l %s", option->long_name);
    if (option->values != NULL) {
        text_printf(out, " -x -a '%s'", option->values);
    } else if (option->value_name != NULL) {
        text_add(out, is_file(option) ? " -r -F" : " -x");
    }
    text_add(out, " -d ");
    add_quoted(out, option->help, "\\'");
    text_add(out, "\n");
}

static void write_fish(struct text *out)
{
    const struct verb_syntax *verb;
    const struct option *option;

    text_add(out, "# fish completion for rapl\ncomplete -c rapl -f\n");
    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        text_printf(out, "complete -c rapl -n __fish_use_subcommand -a %s -d ", verb->name);
        add_quoted(out, verb->summary, "\\'");
        text_add(out, "\n");
        for (size_t j = 0; (option = verb_option(verb, j)) != NULL; j++) {
            fish_option(out, verb->name, option);
        }
        if (verb->operand_values != NULL) {
            bool file = strcmp(verb->operand_values, "FILE") == 0;

            text_printf(out, "complete -c rapl -n '__fish_seen_subcommand_from %s' %s%s%s\n",
                        verb->name, file ? "-F" : "-a '", file ? "" : verb->operand_values,
                        file ? "" : "'");
        }
    }
}

/* ---- PowerShell ------------------------------------------------------------------------------ */

/* @{ 'help text' } by word: [ordered]@{'--json' = 'JSON instead of text'; ...} */
static void powershell_pair(struct text *out, const char *dashes, const char *word,
                            const char *help)
{
    text_printf(out, "            '%s%s' = ", dashes, word);
    add_quoted(out, help, "''");
    text_add(out, "\n");
}

static void powershell_words(struct text *out, const char *words)
{
    while (words != NULL && *words != '\0') {
        size_t size = strcspn(words, " ");

        text_add(out, "            '");
        text_add_bytes(out, words, size);
        text_add(out, "' = 'a value'\n");
        words += size;
        words += *words == ' ';
    }
}

static void powershell_values(struct text *out, const struct verb_syntax *verb)
{
    const struct option *option;

    for (size_t i = 0; (option = verb_option(verb, i)) != NULL; i++) {
        if (option->values != NULL) {
            text_printf(out, "        '%s --%s' = [ordered]@{\n", verb->name, option->long_name);
            powershell_words(out, option->values);
            text_add(out, "        }\n");
        }
    }
}

static void powershell_verb(struct text *out, const struct verb_syntax *verb)
{
    const struct option *option;

    text_printf(out, "        '%s' = [ordered]@{\n", verb->name);
    if (verb->operand_values != NULL && strcmp(verb->operand_values, "FILE") != 0) {
        powershell_words(out, verb->operand_values);
    }
    for (size_t i = 0; (option = verb_option(verb, i)) != NULL; i++) {
        powershell_pair(out, "--", option->long_name, option->help);
    }
    text_add(out, "        }\n");
    powershell_values(out, verb);
}

static void write_powershell(struct text *out)
{
    const struct verb_syntax *verb;

    text_add(out, "# PowerShell completion for rapl; dot-source it from $PROFILE\n"
                  "Register-ArgumentCompleter -Native -CommandName rapl, rapl.exe -ScriptBlock {\n"
                  "    param($word, $ast, $position)\n"
                  "    $words = [ordered]@{\n"
                  "        '' = [ordered]@{\n");
    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        powershell_pair(out, "", verb->name, verb->summary);
    }
    text_add(out, "        }\n");
    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        powershell_verb(out, verb);
    }
    text_add(out,
             "    }\n"
             "    $before = @($ast.CommandElements | Where-Object {\n"
             "        $_.Extent.EndOffset -lt $position } | ForEach-Object { $_.ToString() })\n"
             "    $key = if ($before.Count -gt 1) { $before[1] } else { '' }\n"
             "    $value = \"$key $($before[-1])\"\n"
             "    if ($before.Count -gt 2 -and $words.Contains($value)) { $key = $value }\n"
             "    if (-not $words.Contains($key)) { return }\n"
             "    $words[$key].GetEnumerator() | Where-Object { $_.Key -like \"$word*\" } |\n"
             "        ForEach-Object {\n"
             "            [System.Management.Automation.CompletionResult]::new(\n"
             "                $_.Key, $_.Key, 'ParameterValue', $_.Value)\n"
             "        }\n"
             "}\n");
}

bool completion_write(struct text *out, const char *shell)
{
    static const struct {
        const char *name;
        void (*write)(struct text *out);
    } shells[] = {{"bash", write_bash},
                  {"zsh", write_zsh},
                  {"fish", write_fish},
                  {"powershell", write_powershell}};

    for (size_t i = 0; i < COUNT_OF(shells); i++) {
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].write(out);
            return true;
        }
    }
    return false;
}
