/* SPDX-License-Identifier: Apache-2.0
 *
 * Moves the calling thread from processor to processor and executes CPUID there.
 */
#include "lib/machine.h"

#include <windows.h>

#include "lib/cpuid_here.h"
#include "lib/processor.h"

struct visitor {
    DWORD error;
};

bool rapl_processor_affinity(uint32_t processor, GROUP_AFFINITY *out)
{
    WORD groups = GetActiveProcessorGroupCount();

    for (WORD group = 0; group < groups; group++) {
        DWORD count = GetActiveProcessorCount(group);

        if (processor < count) {
            *out = (GROUP_AFFINITY){.Mask = (KAFFINITY)1 << processor, .Group = group};
            return true;
        }
        processor -= count;
    }
    return false;
}

static bool visit(void *context, uint32_t processor, struct rapl_cpuid *cpuid)
{
    struct visitor *visitor = context;
    GROUP_AFFINITY affinity;

    if (!rapl_processor_affinity(processor, &affinity)) {
        visitor->error = ERROR_INVALID_PARAMETER;
        return false;
    }
    if (!SetThreadGroupAffinity(GetCurrentThread(), &affinity, NULL)) {
        visitor->error = GetLastError();
        return false;
    }
    *cpuid = rapl_cpuid_here();
    return true;
}

static void number(uint32_t processor, struct rapl_processor *out)
{
    GROUP_AFFINITY affinity;

    if (rapl_processor_affinity(processor, &affinity)) {
        out->group = affinity.Group;
        out->number = 0;
        for (KAFFINITY mask = affinity.Mask; mask > 1; mask >>= 1) { /* one bit is set */
            out->number++;
        }
    }
}

bool rapl_machine_host(struct rapl_host *out, uint32_t *error)
{
    struct visitor visitor = {.error = ERROR_NOT_ENOUGH_MEMORY};
    struct rapl_host_reader reader = {
        .context = &visitor,
        .processor_count = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS),
        .visit = visit,
    };
    GROUP_AFFINITY before;
    bool built;

    if (!GetThreadGroupAffinity(GetCurrentThread(), &before)) {
        *error = GetLastError();
        return false;
    }
    built = rapl_host_build(&reader, out);
    for (uint32_t i = 0; built && i < out->processor_count; i++) {
        number(i, &out->processors[i]);
    }
    SetThreadGroupAffinity(GetCurrentThread(), &before, NULL);
    if (!built) {
        *error = visitor.error;
    }
    return built;
}
