/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks every processor for its identity and place, and links them into packages and cores.
 */
#include "lib/host.h"

#include <stdlib.h>
#include <string.h>

bool rapl_host_build(const struct rapl_host_reader *reader, struct rapl_host *out)
{
    struct rapl_host host = {.processor_count = reader->processor_count};

    if (reader->processor_count == 0) {
        return false;
    }
    host.processors = calloc(reader->processor_count, sizeof(*host.processors));
    if (host.processors == NULL) {
        return false;
    }

    for (uint32_t i = 0; i < reader->processor_count; i++) {
        struct rapl_cpuid cpuid;

        if (!reader->visit(reader->context, i, &cpuid)) {
            free(host.processors);
            return false;
        }
        if (i == 0) {
            rapl_cpu_identify(&cpuid, &host.cpu);
            rapl_cpu_brand(&cpuid, host.brand);
            host.has_arch_capabilities = rapl_cpu_has_arch_capabilities(&cpuid);
        }
        rapl_topology_locate(&host.cpu, &cpuid, &host.processors[i].location);
    }
    host.model = rapl_model_find(&host.cpu);
    rapl_topology_link(host.processors, host.processor_count,
                       host.model != NULL && (host.model->flags & RAPL_MODEL_PER_DIE) != 0);
    *out = host;
    return true;
}

/* One processor of a recording, as the context of its CPUID. */
struct played_processor {
    const struct recording *recording;
    uint32_t processor;
};

static void played_cpuid(void *context, uint32_t leaf, uint32_t subleaf,
                         struct rapl_cpuid_regs *out)
{
    const struct played_processor *played = context;

    recording_cpuid(played->recording, played->processor, leaf, subleaf, out);
}

static bool played_visit(void *context, uint32_t processor, struct rapl_cpuid *cpuid)
{
    struct played_processor *played = context;

    played->processor = processor;
    *cpuid = (struct rapl_cpuid){.context = played, .read = played_cpuid};
    return true;
}

bool rapl_host_from_recording(const struct recording *recording, struct rapl_host *out)
{
    struct played_processor played = {.recording = recording};
    struct rapl_host_reader reader = {
        .context = &played,
        .processor_count = recording->processor_count,
        .visit = played_visit,
    };

    if (!rapl_host_build(&reader, out)) {
        return false;
    }
    for (uint32_t i = 0; i < out->processor_count; i++) {
        out->processors[i].group = recording->processors[i].group;
        out->processors[i].number = (uint8_t)recording->processors[i].number;
    }
    return true;
}

void rapl_host_free(struct rapl_host *host)
{
    free(host->processors);
    memset(host, 0, sizeof(*host));
}

uint32_t rapl_host_package_leads(const struct rapl_host *host, uint32_t *leads, uint32_t max)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < host->processor_count; i++) {
        if (host->processors[i].package_lead != i) {
            continue;
        }
        if (count < max) {
            leads[count] = i;
        }
        count++;
    }
    return count;
}
