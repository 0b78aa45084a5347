/* SPDX-License-Identifier: Apache-2.0
 *
 * Names, sources and doubts of core/models.def, in the same order as model.c's rows. Not in the
 * kernel image.
 */
#include "core/model.h"

#include <stddef.h>

#define MODEL(vendor, family, model, domains, energy, dram, psys, flags, name, source, doubt)      \
    {name, source, doubt},

static const struct rapl_model_text texts[] = {
#include "core/models.def"
};

const struct rapl_model_text *rapl_model_text(const struct rapl_model *model)
{
    uint32_t count;

    return &texts[model - rapl_models(&count)];
}
