/* SPDX-License-Identifier: Apache-2.0
 *
 * The read happens on the processor that was asked for, in its group, and leaves no trace on the
 * thread. Unpinned code wanders in the harness, so luck does not pass these.
 */
#include "tests/harness/imports.h"
#include "tests/harness/scenario.h"

#include <string.h>

/* machines/amd-256.rec: four groups of 64, each one package of 32 cores with 2 threads. */
static void expect_own_values(struct lab_file *file, uint32_t index)
{
    const uint32_t package = index / 64;
    const uint32_t core = index % 64 / 2;
    expect_value(file, 0xC001029B, index, 0x40B00000u + package * 0x100u);
    expect_value(file, 0xC001029A, index, 0x40A00000u + package * 0x1000u + core);
}

static void every_processor_of_256(void)
{
    if (!load_on("amd-256", POLICY_ADMINS)) {
        return;
    }
    struct lab_file *file = open_as(CALLER_ADMIN);
    if (file == NULL) {
        return;
    }
    for (uint32_t index = 0; index < 256; index++) {
        expect_own_values(file, index);
    }
    /* Backwards, and in strides, from wherever the thread was left. */
    for (uint32_t index = 256; index-- > 0;) {
        expect_own_values(file, index * 77 % 256);
    }
    expect_value(file, 0xC001029A, 256, 0x40A0301Fu);
    expect_value(file, 0xC001029A, 0xFFFFFFFF, 0x40A0301Fu);
    lab_close(file);
}

/* machines/intel-2s.rec: processors 0 to 15 are package 0 and group 0. */
static void both_sockets(void)
{
    if (!load_on("intel-2s", POLICY_ADMINS)) {
        return;
    }
    struct lab_file *file = open_as(CALLER_ADMIN);
    if (file == NULL) {
        return;
    }
    for (uint32_t index = 0; index < 32; index++) {
        expect_value(file, 0x611, index, index < 16 ? 0x1100611A : 0x2200611B);
        expect_value(file, 0x610, index, index < 16 ? 0x428370000DD8168 : 0x428370000DD8170);
    }
    lab_close(file);
}

/* Cores of two kinds: all of them read the one package. */
static void hybrid(void)
{
    if (!load_on("vbs-client", POLICY_ADMINS)) {
        return;
    }
    struct lab_file *file = open_as(CALLER_ADMIN);
    if (file == NULL) {
        return;
    }
    for (uint32_t index = 0; index < 20; index++) {
        expect_value(file, 0x606, index, 0xA0E03);
        expect_value(file, 0x614, index, 0x168);
        /* The simulated clock stands still, so every processor sees the same count. */
        expect_value(file, 0x611, index, 0x20A7315C);
    }
    lab_close(file);
}

/* driver_call compares the thread's affinity after each of these. */
static void affinity_after_faults(void)
{
    if (!load_on("intel-2s", POLICY_ADMINS)) {
        return;
    }
    struct lab_file *file = open_as(CALLER_ADMIN);
    if (file == NULL) {
        return;
    }
    const uint64_t handled = verifier_counters.faults_handled;
    for (uint32_t index = 0; index < 32; index++) {
        expect_status(file, 0x619, index, LAB_IO_DEVICE_ERROR);
    }
    check(verifier_counters.faults_handled - handled == 32,
          "each of 32 faulting reads reached the driver's handler once");
    expect_value(file, 0x611, 31, 0x2200611B);
    lab_close(file);
}

/* A caller that is itself a driver and has pinned its thread finds it pinned as it was. */
static void pinned_caller(void)
{
    static const struct thread_affinity places[] = {{0, 0x4}, {1, 0x8000}, {1, 0xFFFF}};
    if (!load_on("intel-2s", POLICY_USERS)) {
        return;
    }
    struct lab_file *fresh = open_as(CALLER_ADMIN);
    struct lab_file *coarse = open_as(CALLER_USER);
    for (uint32_t i = 0; fresh != NULL && coarse != NULL && i < 3; i++) {
        struct thread *thread = thread_current();
        check(thread_set_affinity(thread, places[i]), "the caller can be pinned there");
        expect_value(fresh, 0x611, 0, 0x1100611A);
        expect_value(fresh, 0x611, 31, 0x2200611B);
        expect_status(fresh, 0x619, 16, LAB_IO_DEVICE_ERROR);
        clock_advance_us(50000);
        expect_value(coarse, 0x611, 31, 0x2200611B);
        thread->affinity.mask = 0;
    }
    if (fresh != NULL) {
        lab_close(fresh);
    }
    if (coarse != NULL) {
        lab_close(coarse);
    }
}

static uint32_t import_number(const char *name)
{
    uint32_t number = 0;
    while (import_row(number) != NULL && strcmp(import_row(number)->name, name) != 0) {
        number++;
    }
    return number;
}

/* The same caller, and the processor has just gone: there is nothing to go back from. */
static void pinned_caller_refused(void)
{
    struct thread *thread = thread_current();
    struct lab_file *file = load_on("intel-2s", POLICY_ADMINS) ? open_as(CALLER_ADMIN) : NULL;
    if (file != NULL) {
        check(thread_set_affinity(thread, (struct thread_affinity){1, 0x8000}), "pinned");
        import_fail_arm(import_number("KeSetSystemGroupAffinityThread"), 1);
        expect_status(file, 0x611, 0, LAB_IO_DEVICE_ERROR);
        check(import_fail_fired(), "the move was refused");
        import_fail_disarm();
        expect_value(file, 0x611, 0, 0x1100611A);
        thread->affinity.mask = 0;
        lab_close(file);
    }
}

static void request_at(struct lab_file *file, uint32_t irql, uint32_t status)
{
    const uint32_t in[2] = {0x611, 0};
    const struct lab_control control = {
        .code = CODE_USUAL, .in = in, .in_size = sizeof(in), .out_size = 8, .irql = irql};
    struct lab_answer answer;
    lab_control(file, &control, &answer);
    check_status("request above PASSIVE_LEVEL", answer.status, status);
}

static void raised_irql(void)
{
    if (!load_on("intel-2s", POLICY_USERS)) {
        return;
    }
    struct lab_file *fresh = open_as(CALLER_ADMIN);
    struct lab_file *coarse = open_as(CALLER_USER);
    if (fresh != NULL && coarse != NULL) {
        const uint64_t read = verifier_counters.rdmsr;
        request_at(fresh, THREAD_DISPATCH_LEVEL, LAB_INVALID_DEVICE_STATE);
        request_at(coarse, THREAD_DISPATCH_LEVEL, LAB_INVALID_DEVICE_STATE);
        check(verifier_counters.rdmsr == read, "nothing was read above APC_LEVEL");
        request_at(fresh, THREAD_APC_LEVEL, LAB_SUCCESS);
        request_at(coarse, THREAD_APC_LEVEL, LAB_SUCCESS);
    }
    if (fresh != NULL) {
        lab_close(fresh);
    }
    if (coarse != NULL) {
        lab_close(coarse);
    }
}

/*
 * Processors that come after the driver was loaded: an index that is now valid is read there, the
 * last one is where too large ones go. A coarse caller may be told that the new package is not in
 * the copy, but never another package's numbers.
 */
static void added_processors(void)
{
    uint64_t value = 0;
    machine_select("intel-2s");
    machine_activate(16);
    registry_reset();
    registry_set_dword("AccessPolicy", POLICY_USERS);
    check_status("load with one socket active", lab_load(), LAB_SUCCESS);
    if (lab_state() != LAB_RUNNING) {
        return;
    }
    struct lab_file *fresh = open_as(CALLER_ADMIN);
    struct lab_file *coarse = open_as(CALLER_USER);
    if (fresh != NULL && coarse != NULL) {
        expect_value(fresh, 0x611, 31, 0x1100611A);
        machine_activate(32);
        expect_value(fresh, 0x611, 15, 0x1100611A);
        expect_value(fresh, 0x611, 16, 0x2200611B);
        expect_value(fresh, 0x611, 0xFFFFFFFF, 0x2200611B);
        expect_status(fresh, 0x619, 31, LAB_IO_DEVICE_ERROR);
        expect_status(fresh, 0x639, 31, LAB_IO_DEVICE_ERROR);
        const uint32_t status = read_register(coarse, 0x611, 31, &value);
        check((status == LAB_SUCCESS && value == 0x2200611B) || status == LAB_IO_DEVICE_ERROR,
              "a coarse read of an added package gives that package's value or an error");
        expect_value(coarse, 0x611, 0, 0x1100611A);
    }
    if (fresh != NULL) {
        lab_close(fresh);
    }
    if (coarse != NULL) {
        lab_close(coarse);
    }
}

const struct scenario scenarios_processors[] = {
    {"processors-256-in-4-groups", every_processor_of_256},
    {"processors-both-sockets", both_sockets},
    {"processors-hybrid", hybrid},
    {"processors-affinity-after-faults", affinity_after_faults},
    {"processors-pinned-caller", pinned_caller},
    {"processors-pinned-caller-refused", pinned_caller_refused},
    {"processors-raised-irql", raised_irql},
    {"processors-added-after-load", added_processors},
    {NULL, NULL},
};
