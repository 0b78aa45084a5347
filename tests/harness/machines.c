/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings by name.
 */
#include "tests/harness/machines.h"
#include "tests/harness/host.h"
#include "tests/harness/machine.h"

#include <stddef.h>
#include <string.h>

struct machine_text {
    const char *name;
    const char *begin;
    const char *end;
};

/* machines.S */
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared */
#define TEXT(symbol) extern const char symbol[], symbol##_end[]
TEXT(text_intel_2s);
TEXT(text_intel_2x5);
TEXT(text_intel_8x5);
TEXT(text_ramp_2x5);
TEXT(text_storm);
TEXT(text_amd_2s);
TEXT(text_amd_256);
TEXT(text_amd_256_cores);
TEXT(text_scattered);
TEXT(text_single);
TEXT(text_dies);
TEXT(text_ramp);
TEXT(text_guest);
TEXT(text_unknown_vendor);
TEXT(text_client_intel);
TEXT(text_haswell_ep_2s);
TEXT(text_sapphire_rapids_2s);
TEXT(text_zen_desktop);
TEXT(text_epyc_2s);
TEXT(text_vbs_client);
TEXT(text_guest_no_rapl);

static const struct machine_text texts[] = {
    {"intel-2s", text_intel_2s, text_intel_2s_end},
    {"intel-2x5", text_intel_2x5, text_intel_2x5_end},
    {"intel-8x5", text_intel_8x5, text_intel_8x5_end},
    {"ramp-2x5", text_ramp_2x5, text_ramp_2x5_end},
    {"storm", text_storm, text_storm_end},
    {"amd-2s", text_amd_2s, text_amd_2s_end},
    {"amd-256", text_amd_256, text_amd_256_end},
    {"amd-256-cores", text_amd_256_cores, text_amd_256_cores_end},
    {"scattered", text_scattered, text_scattered_end},
    {"single", text_single, text_single_end},
    {"dies", text_dies, text_dies_end},
    {"ramp", text_ramp, text_ramp_end},
    {"guest", text_guest, text_guest_end},
    {"unknown-vendor", text_unknown_vendor, text_unknown_vendor_end},
    {"client-intel", text_client_intel, text_client_intel_end},
    {"haswell-ep-2s", text_haswell_ep_2s, text_haswell_ep_2s_end},
    {"sapphire-rapids-2s", text_sapphire_rapids_2s, text_sapphire_rapids_2s_end},
    {"zen-desktop", text_zen_desktop, text_zen_desktop_end},
    {"epyc-2s", text_epyc_2s, text_epyc_2s_end},
    {"vbs-client", text_vbs_client, text_vbs_client_end},
    {"guest-no-rapl", text_guest_no_rapl, text_guest_no_rapl_end},
};

void machine_select(const char *name)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(texts[i].name, name) == 0) {
            machine_use(name, texts[i].begin, (size_t)(texts[i].end - texts[i].begin));
            return;
        }
    }
    host_fatal("no machine %s", name);
}
