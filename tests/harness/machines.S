/* SPDX-License-Identifier: Apache-2.0
 *
 * The recordings the scenarios run on, as text inside the program: machines/ of the harness, and
 * the recordings that are shipped.
 */
    .section .rdata, "dr"

    .macro recording_text symbol, path
    .globl \symbol
\symbol:
    .incbin "\path"
    .globl \symbol\()_end
\symbol\()_end:
    .byte 0
    .endm

    recording_text text_intel_2s, "machines/intel-2s.rec"
    recording_text text_intel_2x5, "machines/intel-2x5.rec"
    recording_text text_intel_8x5, "machines/intel-8x5.rec"
    recording_text text_ramp_2x5, "machines/ramp-2x5.rec"
    recording_text text_storm, "machines/storm.rec"
    recording_text text_amd_2s, "machines/amd-2s.rec"
    recording_text text_amd_256, "machines/amd-256.rec"
    recording_text text_amd_256_cores, "machines/amd-256-cores.rec"
    recording_text text_scattered, "machines/scattered.rec"
    recording_text text_single, "machines/single.rec"
    recording_text text_dies, "machines/dies.rec"
    recording_text text_ramp, "machines/ramp.rec"
    recording_text text_guest, "machines/guest.rec"
    recording_text text_unknown_vendor, "machines/unknown-vendor.rec"
    recording_text text_client_intel, "client-intel.rec"
    recording_text text_haswell_ep_2s, "haswell-ep-2s.rec"
    recording_text text_sapphire_rapids_2s, "sapphire-rapids-2s.rec"
    recording_text text_zen_desktop, "zen-desktop.rec"
    recording_text text_epyc_2s, "epyc-2s.rec"
    recording_text text_vbs_client, "vbs-client.rec"
    recording_text text_guest_no_rapl, "guest-no-rapl.rec"
