/* SPDX-License-Identifier: Apache-2.0
 *
 * Fuzzes the new device's requests: any bytes and lengths, both tiers, on any model, while the
 * registers move and fault and the machine sleeps. Replies must be well formed, whole, and never
 * take energy back.
 */
#include "fuzz_machine.h"

#include <rapl/energy.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct watch {
    struct fuzz_machine fuzz;
    struct rapl_energy_device device;
    uint64_t energy[2][2][FUZZ_PROCESSORS][RAPL_WIRE_DOMAINS]; /* by tier, is core, index, domain */
    uint64_t sequence[2];
};

static void check_item(struct watch *watch, const struct rapl_snapshot_item *item, bool coarse)
{
    const bool core = item->scope == RAPL_UNIT_SCOPE_CORE;
    uint64_t *energy;

    require(item->scope >= 1 && item->scope <= 3 && item->domain < 6 && item->status <= 2);
    require(item->index < (core ? 4 : 2) && item->unit_index < 2);
    require(core == (item->domain == RAPL_WIRE_DOMAIN_CORE));
    require(!coarse || (item->raw == 0 && !core && item->throttled_us == RAPL_NO_THROTTLE));
    require(((item->flags & RAPL_ITEM_COARSE) != 0) == coarse);
    require(((item->flags & RAPL_ITEM_RESET) != 0) == (item->reset_count != 0));
    require(((item->flags & RAPL_ITEM_GAP) != 0) == (item->gap_count != 0));
    require(item->status != RAPL_ITEM_DEAD || item->energy_ticks == 0);
    energy = &watch->energy[coarse ? 1 : 0][core ? 1 : 0][item->index][item->domain];
    require(item->energy_ticks >= *energy);
    *energy = item->energy_ticks;
}

static void check_snapshot(struct watch *watch, const uint8_t *out, size_t size, bool coarse)
{
    struct rapl_snapshot head;

    memcpy(&head, out, sizeof(head));
    require(size == head.item_offset + (size_t)head.item_count * head.item_size);
    require(head.item_offset == sizeof(head) && head.item_count <= RAPL_WIRE_ITEMS_MAX);
    require(head.start_100ns <= head.end_100ns && head.sequence >= watch->sequence[coarse]);
    watch->sequence[coarse] = head.sequence;
    for (uint32_t i = 0; i < head.item_count; i++) {
        struct rapl_snapshot_item item;

        memcpy(&item, out + head.item_offset + (size_t)i * head.item_size, sizeof(item));
        check_item(watch, &item, coarse);
    }
}

static void check_topology(const uint8_t *out, size_t size, bool coarse)
{
    struct rapl_topology head;

    memcpy(&head, out, sizeof(head));
    require(head.package_count == 2 && head.core_count == 4);
    require(size == head.core_offset + (size_t)head.core_count * head.core_size);
    for (uint32_t i = 0; i < head.package_count; i++) {
        struct rapl_topology_package package;

        memcpy(&package, out + head.package_offset + (size_t)i * head.package_size,
               sizeof(package));
        for (uint32_t j = 0; j < RAPL_WIRE_DOMAINS; j++) {
            require(package.unit_j[j].denominator != 0 && package.domain_state[j] <= 3);
            require((package.domains >> j & 1) == (package.domain_state[j] == 0 ? 1 : 0));
        }
        for (uint32_t j = 0; coarse && j < RAPL_LIMITS; j++) {
            require(package.limit[j].limit_mw == 0 && package.limit[j].window_us == 0);
        }
    }
}

static void check_reply(struct watch *watch, const struct rapl_call *call, size_t written)
{
    struct rapl_header header;

    require(call->can_read && written >= sizeof(header));
    memcpy(&header, call->out, sizeof(header));
    require(header.size == written && header.version == 1);
    switch (header.kind) {
    case RAPL_KIND_SNAPSHOT | RAPL_KIND_REPLY:
        check_snapshot(watch, call->out, written, call->coarse);
        break;
    case RAPL_KIND_TOPOLOGY | RAPL_KIND_REPLY:
        check_topology(call->out, written, call->coarse);
        break;
    default:
        require(header.kind == (RAPL_KIND_CAPABILITIES | RAPL_KIND_REPLY) && written == 136);
        break;
    }
}

/* What was not written is as it was. */
static void check(struct watch *watch, const struct rapl_call *call, enum rapl_energy_status status,
                  size_t written)
{
    const uint8_t *const out = call->out;
    struct rapl_header header;

    require(written <= call->out_size);
    for (size_t i = written; i < call->out_size; i++) {
        require(out[i] == 0xA5);
    }
    if (status == RAPL_ENERGY_OK) {
        check_reply(watch, call, written);
    } else if (status == RAPL_ENERGY_MORE) {
        require(written == sizeof(header));
        memcpy(&header, out, sizeof(header));
        require(header.size > call->out_size);
    } else {
        require(written == 0);
    }
}

/* A request near a good one, or any bytes. */
static size_t make_request(struct input *input, uint64_t how, uint8_t bytes[300])
{
    struct rapl_get_snapshot request = {
        .header = {(how & 3) == 3 ? 24 : 16, 1, (uint16_t)(how & 3)},
        .domain_mask = (how & 3) == 3 ? (uint32_t)take(input, 1) & 0x3F : 0,
        .scope_mask = (how & 3) == 3 ? (uint32_t)take(input, 1) & 3 : 0,
        .options = (uint32_t)(how >> 7 & 1),
    };
    size_t size = request.header.size;

    memset(bytes, 0, 300);
    if ((how & 4) != 0) {
        size = take(input, 2) % 300;
        request.header.size = (uint32_t)size;
    }
    memcpy(bytes, &request, sizeof(request));
    for (uint64_t i = (how & 8) != 0 ? take(input, 1) % 16 : 0; i > 0; i--) {
        bytes[take(input, 2) % 300] = (uint8_t)take(input, 1);
    }
    return size;
}

static void one_request(struct watch *watch, struct input *input, uint64_t how)
{
    static const uint32_t codes[] = {0, RAPL_IOCTL_GET_CAPABILITIES, RAPL_IOCTL_GET_TOPOLOGY,
                                     RAPL_IOCTL_GET_SNAPSHOT};
    uint8_t bytes[300];
    const size_t in_size = make_request(input, how, bytes);
    const size_t out_size = (how & 16) != 0 ? take(input, 2) % 2048 : 2048;
    uint8_t *const in = malloc(in_size + 1);
    uint8_t *const out = malloc(out_size + 1);
    const struct rapl_call call = {
        .control_code = codes[how & 3],
        .in = in,
        .in_size = in_size,
        .out = out,
        .out_size = out_size,
        .can_read = (how & 32) == 0,
        .coarse = (how & 64) != 0,
    };
    size_t written = 99;
    enum rapl_energy_status status;

    require(in != NULL && out != NULL);
    memcpy(in, bytes, in_size);
    memset(out, 0xA5, out_size);
    status = rapl_energy_answer(&watch->device, &call, &written);
    check(watch, &call, status, written);
    free(in);
    free(out);
}

/* Sleep, and back; or the timer. */
static void one_event(struct fuzz_machine *fuzz, uint64_t what)
{
    fuzz_lock(fuzz);
    fuzz->probing = true;
    if (what == 0) {
        rapl_inventory_suspending(&fuzz->inventory, false);
    } else if (what == 1) {
        rapl_inventory_resumed(&fuzz->inventory);
    } else if (what == 2) {
        const uint32_t scopes = rapl_inventory_tick(&fuzz->inventory, fuzz->now_100ns);

        require((scopes & ~RAPL_SCOPE_MASK) == 0 && (scopes & RAPL_SCOPE_PACKAGES) != 0);
        require(rapl_inventory_period_ms(&fuzz->inventory) >= RAPL_PERIOD_MIN_MS);
        require(rapl_inventory_period_ms(&fuzz->inventory) <= RAPL_PERIOD_MAX_MS);
        rapl_inventory_read(&fuzz->inventory, scopes, false);
    }
    fuzz->probing = false;
    fuzz_unlock(fuzz);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    static struct watch watch;

    memset(&watch, 0, sizeof(watch));
    fuzz_start(&watch.fuzz, &input);
    watch.device = (struct rapl_energy_device){.inventory = &watch.fuzz.inventory};
    while (input.size != 0) {
        const uint64_t event = take(&input, 1);

        fuzz_change(&watch.fuzz, &input);
        one_event(&watch.fuzz, event % 8);
        one_request(&watch, &input, take(&input, 1));
    }
    fuzz_end(&watch.fuzz);
    return 0;
}
