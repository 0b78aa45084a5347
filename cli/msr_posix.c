/* SPDX-License-Identifier: Apache-2.0
 *
 * Registers on Linux: /dev/cpu/N/msr of the module msr, where the offset is the register's number.
 */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/msr.h"
#include "lib/clock.h"

/* Opened when first read: a machine has hundreds, and packages are read on one processor each. */
struct files {
    uint32_t count;
    int *descriptor; /* -1: not open yet */
};

static void cpuid_here(void *context, uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    (void)context;
    __cpuid_count(leaf, subleaf, out->eax, out->ebx, out->ecx, out->edx);
}

static bool visit(void *context, uint32_t processor, struct rapl_cpuid *cpuid)
{
    cpu_set_t set;

    (void)context;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0) {
        return false;
    }
    *cpuid = (struct rapl_cpuid){.read = cpuid_here};
    return true;
}

static bool build_host(struct rapl_host *out)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    const struct rapl_host_reader reader = {
        .processor_count = count > 0 && count <= CPU_SETSIZE ? (uint32_t)count : 0,
        .visit = visit,
    };
    cpu_set_t before;
    bool built;

    if (sched_getaffinity(0, sizeof(before), &before) != 0) {
        return false;
    }
    built = rapl_host_build(&reader, out);
    sched_setaffinity(0, sizeof(before), &before);
    return built;
}

static int open_processor(struct files *files, uint32_t processor)
{
    char path[64];

    if (processor >= files->count) {
        errno = EINVAL;
        return -1;
    }
    if (files->descriptor[processor] < 0) {
        snprintf(path, sizeof(path), "/dev/cpu/%u/msr", (unsigned)processor);
        files->descriptor[processor] = open(path, O_RDONLY | O_CLOEXEC);
    }
    return files->descriptor[processor];
}

static uint32_t read_msr(void *context, uint32_t msr, uint32_t processor,
                         struct rapl_register_value *out)
{
    int descriptor = open_processor(context, processor);
    uint64_t before_ns;
    uint64_t value;
    ssize_t size;

    if (descriptor < 0) {
        return (uint32_t)errno;
    }
    before_ns = rapl_clock_now_ns();
    size = pread(descriptor, &value, sizeof(value), (off_t)msr);
    if (size != (ssize_t)sizeof(value)) {
        return (uint32_t)(size < 0 ? errno : EIO);
    }
    out->value = value;
    out->time_100ns = (before_ns + rapl_clock_now_ns()) / 200;
    return 0;
}

static uint64_t now_100ns(void *context)
{
    (void)context;
    return rapl_clock_now_ns() / 100;
}

static void sleep_100ns(void *context, uint64_t duration_100ns)
{
    (void)context;
    rapl_clock_sleep_ns(duration_100ns * 100);
}

static int refuse(struct cli *cli, int error)
{
    cli_complain(cli, "/dev/cpu/0/msr cannot be read: %s.", strerror(error));
    if (error == EACCES || error == EPERM) {
        text_add(&cli->err, "Next: run it as root (sudo rapl record -o FILE); it only reads.\n");
        return EXIT_CODE_DENIED;
    }
    text_add(&cli->err, "Next: load the module (sudo modprobe msr). In a virtual machine there is "
                        "nothing to record.\n");
    return EXIT_CODE_UNAVAILABLE;
}

int msr_open(struct cli *cli, struct msr *out)
{
    struct msr msr = {.clock = {.now_100ns = now_100ns, .sleep_100ns = sleep_100ns}};
    struct files *files = calloc(1, sizeof(*files));

    if (files == NULL || !build_host(&msr.host)) {
        free(files);
        cli_complain(cli, "the processors of this machine cannot be told apart.");
        return EXIT_CODE_OS;
    }
    msr.state = files;
    files->count = msr.host.processor_count;
    files->descriptor = malloc(files->count * sizeof(*files->descriptor));
    if (files->descriptor == NULL) {
        files->count = 0;
        msr_close(&msr);
        return EXIT_CODE_OS;
    }
    memset(files->descriptor, 0xFF, files->count * sizeof(*files->descriptor));
    if (open_processor(files, 0) < 0) {
        int code = refuse(cli, errno);

        msr_close(&msr);
        return code;
    }
    msr.device = (struct rapl_device){.context = files, .read = read_msr};
    *out = msr;
    return EXIT_CODE_OK;
}

void msr_close(struct msr *msr)
{
    struct files *files = msr->state;

    for (uint32_t i = 0; i < files->count; i++) {
        if (files->descriptor[i] >= 0) {
            close(files->descriptor[i]);
        }
    }
    free(files->descriptor);
    free(files);
    rapl_host_free(&msr->host);
    memset(msr, 0, sizeof(*msr));
}
