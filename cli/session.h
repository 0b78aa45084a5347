/* SPDX-License-Identifier: Apache-2.0
 *
 * A session of librapl as every verb opens it, and the words for what goes wrong with it.
 */
#ifndef RAPL_CLI_SESSION_H
#define RAPL_CLI_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <rapl/rapl.h>

#include "cli/cli.h"
#include "lib/json.h"

/*
 * Opens what cli->common asks for. EXIT_CODE_OK, or the exit code after saying on stderr what was
 * tried, why each failed and the one next step. `*out` is rapl_session_free's on EXIT_CODE_OK only.
 */
int cli_session_open(struct cli *cli, struct rapl_session **out);

/*
 * The same without a word: RAPL_OK or the library's error. A session that did not open is given all
 * the same (its sources say why), NULL if there is none at all.
 */
int cli_session_try(struct cli *cli, const char *source, struct rapl_session **out);

/* Says why opening failed, for cli_session_try's error. Returns the exit code. */
int cli_session_complain_open(struct cli *cli, struct rapl_session *session, int error);

/* Says why the first reading failed, for the error of rapl_read. Returns the exit code. */
int cli_session_complain_read(struct cli *cli, struct rapl_session *session, int error);

/* The same for a source that could be read before. */
int cli_session_complain_lost(struct cli *cli, struct rapl_session *session, int error);

/* The exit code for an error of the library. */
int cli_session_exit_code(int error);

/* Waits on the session's clock; reads in between as the sources need. False: interrupted. */
bool cli_session_wait(struct cli *cli, struct rapl_session *session, uint64_t until_ns);

/*
 * The source's info, and whether numbers are from it: it serves, or domains are its, whatever
 * became of it since. What has been read stays simulated when the source is gone.
 */
bool cli_session_serves(struct rapl_session *session, uint32_t index, struct rapl_source_info *out);

/* A source that serves so has the flag (RAPL_FLAG_*). */
bool cli_session_has_flag(struct rapl_session *session, uint32_t flag);

/* It plays a recording by its own clock. */
bool cli_session_is_replay(struct rapl_session *session);

/* Ends a headline: ", simulated" when it is, then the sources' titles. */
void cli_session_label(struct text *out, struct rapl_session *session);

/* ", coarse: new values every 50 ms" after a source's title; "" where it is not known, or
 * matters not. */
void cli_session_pace(struct text *out, const struct rapl_source_info *info);

/* A member that counts from 0: a number, or null for RAPL_NONE. */
void cli_index_json(struct json *json, const char *key, uint32_t value);

/* Members "simulated", "recording" and "sources" of the object that is open. */
void cli_session_json(struct json *json, struct rapl_session *session);

/* "denied", "not-here": an error's name in JSON and tables. */
#define CLI_STATUS_SIZE 24u
void cli_session_status(int status, char out[CLI_STATUS_SIZE]);

/* The source's info, zeroed where there is no such index. */
struct rapl_source_info cli_session_source(struct rapl_session *session, uint32_t index);

#endif
