/* SPDX-License-Identifier: Apache-2.0
 *
 * Decoded registers as text and JSON.
 */
#ifndef RAPL_CLI_FIELDS_H
#define RAPL_CLI_FIELDS_H

#include <stdbool.h>

#include "lib/json.h"
#include "lib/text.h"
#include "lib/decode.h"

/* Why a register was not decoded in full; nothing if it was. `model` as given to rapl_decode. */
void fields_problem(struct text *out, const struct rapl_decoded *decoded,
                    const struct rapl_model *model);

/* A headline and a table of fields, or the problem. */
void fields_show(struct text *out, const struct rapl_decoded *decoded,
                 const struct rapl_model *model, bool colour);

/* One object in an array. */
void fields_json(struct json *json, const struct rapl_decoded *decoded,
                 const struct rapl_model *model);

#endif
