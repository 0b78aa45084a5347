/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs. Each takes parsed options, reports, and returns the exit code.
 */
#ifndef RAPL_LOADER_VERBS_H
#define RAPL_LOADER_VERBS_H

#include "loader/options.h"
#include "loader/report.h"
#include "loader/service.h"

int verb_install(const struct loader_options *options, struct report *report);
int verb_start(const struct loader_options *options, struct report *report);
int verb_stop(const struct loader_options *options, struct report *report);
int verb_remove(const struct loader_options *options, struct report *report);
int verb_testsign(const struct loader_options *options, struct report *report);
int verb_status(const struct loader_options *options, struct report *report);

/* ---- What several of them need -------------------------------------------------------------- */

/*
 * Both open the manager for connecting, and the service. LOADER_OK, or the code reported and `*out`
 * untouched. That there is no service is an error to verb_open_service; verb_find_service leaves
 * `out->handle` NULL then.
 */
int verb_open_service(struct report *report, DWORD access, struct service *out);
int verb_find_service(struct report *report, enum loader_step step, DWORD access,
                      struct service *out);

/* Reports, under `code`, that the driver did not stop (yet), and by whom it is held. */
int verb_report_stopping(struct report *report, enum loader_exit code, DWORD state);

#endif
