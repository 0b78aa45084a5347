/* SPDX-License-Identifier: Apache-2.0
 *
 * harness.exe: runs scenarios against a driver image.
 *
 * Exit codes: 0 every scenario passed, 1 some failed, 2 the harness could not do its work (no such
 * file, no such scenario, an internal error).
 */
#include "tests/harness/call.h"
#include "tests/harness/debug_print.h"
#include "tests/harness/host.h"
#include "tests/harness/scenario.h"

#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct scenario *const ordinary[] = {
    scenarios_itself,
    scenarios_smoke,
    scenarios_matrix,
    scenarios_processors,
    scenarios_access,
    scenarios_coarse,
    scenarios_load,
    scenarios_lifetime,
    scenarios_requests,
    scenarios_failing,
    scenarios_threads,
    scenarios_energy_cost,
    scenarios_energy_counts,
    scenarios_energy_timer,
    scenarios_energy_tiers,
    scenarios_energy_requests,
    scenarios_energy_threads,
    scenarios_energy_device,
    scenarios_energy_machines,
    scenarios_energy_storm,
    scenarios_pnp,
    scenarios_pnp_storm,
    scenarios_pnp_restart,
};

struct options {
    const wchar_t *driver;
    bool list;
    bool evidence;
    bool faulty;
    uint32_t seed;
    uint32_t soak_s;
    int first_name; /* of scenarios, in argv */
};

static const char usage[] =
    "usage: harness [--driver FILE.sys] [--list] [--evidence] [--faulty] [--seed N] [--soak S]\n"
    "               [--verbose] [SCENARIO...]\n"
    "  Runs a driver image in this process against simulated processors and checks every call.\n"
    "  --driver    the image; default: ScaphandreDrv.sys beside this program or in the build tree\n"
    "  --list      prints the scenarios' names\n"
    "  --evidence  ends with the image's hash and what was counted\n"
    "  --faulty    FILE.sys is tests/harness/faulty: every fault must be found\n"
    "  --seed      of the scheduler's wandering, not 0; default 1\n"
    "  --soak      keeps threads busy for S seconds instead of the usual time\n"
    "  --verbose   shows what the driver prints\n"
    "  Exit codes: 0 all passed, 1 some failed, 2 could not run\n";

/* Beside the program, or where the build tree has it. */
static bool default_driver(wchar_t *path, size_t size)
{
    static const wchar_t *const places[] = {L"ScaphandreDrv.sys",
                                            L"..\\..\\driver\\ScaphandreDrv.sys"};
    wchar_t folder[MAX_PATH];
    const DWORD length = GetModuleFileNameW(NULL, folder, MAX_PATH);
    if (length == 0 || length == MAX_PATH) {
        return false;
    }
    *(wcsrchr(folder, L'\\') + 1) = 0;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        _snwprintf(path, size, L"%ls%ls", folder, places[i]);
        path[size - 1] = 0;
        if (GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES) {
            return true;
        }
    }
    return false;
}

static uint32_t soak_s;

uint32_t scenario_soak_s(void)
{
    return soak_s;
}

static bool run_one(const struct scenario *scenario, uint32_t seed)
{
    enum finding kind;
    const char *text;
    verifier_clear();
    use_code(CODE_USUAL);
    thread_seed(seed);
    scenario->run();
    lab_reset();
    verifier_keep();
    if (verifier_total() == 0) {
        printf("ok %s\n", scenario->name);
        fflush(stdout);
        return true;
    }
    for (uint32_t i = 0; (text = verifier_text(i, &kind)) != NULL; i++) {
        printf("FAILED %s: %s: %s\n", scenario->name, finding_name(kind), text);
    }
    printf("FAILED %s: %u findings\n", scenario->name, verifier_total());
    fflush(stdout);
    return false;
}

static bool wanted(const struct scenario *scenario, const struct options *options, int argc,
                   wchar_t **argv, bool *seen)
{
    wchar_t name[64];
    if (options->first_name == argc) {
        return true;
    }
    _snwprintf(name, 64, L"%hs", scenario->name);
    for (int i = options->first_name; i < argc; i++) {
        if (wcscmp(argv[i], name) == 0) {
            seen[i] = true;
            return true;
        }
    }
    return false;
}

static void print_evidence(const wchar_t *path, const uint8_t *file, size_t size)
{
    const struct verifier_counters *c = &verifier_counters;
    const wchar_t *slash = wcsrchr(path, L'\\');
    const wchar_t *name = slash != NULL ? slash + 1 : path;
    char hash[65] = "(no SHA-256 on this system)";
    host_sha256(file, size, hash);
    printf("image            %ls, %zu bytes\n", name, size);
    printf("sha256           %s\n", hash);
    printf("loads            %llu\n", c->loads);
    printf("requests         %llu\n", c->requests);
    printf("import calls     %llu, of which made to fail %llu\n", c->import_calls,
           c->imports_failed);
    printf("rdmsr executed   %llu, of which faulted %llu\n", c->rdmsr, c->rdmsr_faulted);
    printf("faults handled   %llu by the driver's own handler\n", c->faults_handled);
    printf("moves            %llu\n", c->moves);
    printf("DPCs             %llu\n", c->dpcs);
    printf("waits            %llu\n", c->waits);
    printf("timers fired     %llu, work items %llu, power callbacks %llu\n", c->timers,
           c->work_items, c->callbacks);
    printf("cpuid executed   %llu\n", c->cpuid);
    printf("cr8 accesses     %llu\n", c->cr8);
    printf("clock reads      %llu\n", c->clock_reads);
    printf("indirect calls   %llu checked against Control Flow Guard's table\n", c->guard_checks);
    printf("stack            %llu bytes of its own, %llu with the harness on top; %u allowed\n",
           c->stack_own, c->stack_all, THREAD_STACK_SIZE);
    printf("leaks            %llu\n", c->leaks);
    printf("findings         %llu\n", c->findings);
}

static int run_all(const struct options *options, int argc, wchar_t **argv)
{
    static const struct scenario *const faulty[] = {scenarios_faulty};
    const struct scenario *const *sets = options->faulty ? faulty : ordinary;
    const size_t set_count = options->faulty ? 1 : sizeof(ordinary) / sizeof(ordinary[0]);
    bool *seen = calloc((size_t)argc + 1, sizeof(*seen));
    uint32_t passed = 0, failed = 0;
    if (seen == NULL) {
        host_fatal("out of memory");
    }
    for (size_t set = 0; set < set_count; set++) {
        for (const struct scenario *scenario = sets[set]; scenario->name != NULL; scenario++) {
            if (!wanted(scenario, options, argc, argv, seen)) {
                continue;
            }
            if (options->list) {
                printf("%s\n", scenario->name);
            } else if (run_one(scenario, options->seed)) {
                passed++;
            } else {
                failed++;
            }
        }
    }
    for (int i = options->first_name; i < argc; i++) {
        if (!seen[i]) {
            host_fatal("no scenario %ls; --list names them", argv[i]);
        }
    }
    free(seen);
    if (!options->list) {
        printf("%u passed, %u failed\n", passed, failed);
    }
    return failed == 0 ? 0 : 1;
}

static bool parse(int argc, wchar_t **argv, struct options *options)
{
    int i = 1;
    for (; i < argc && wcsncmp(argv[i], L"--", 2) == 0; i++) {
        if (wcscmp(argv[i], L"--driver") == 0 && i + 1 < argc) {
            options->driver = argv[++i];
        } else if (wcscmp(argv[i], L"--seed") == 0 && i + 1 < argc) {
            options->seed = (uint32_t)wcstoul(argv[++i], NULL, 0);
        } else if (wcscmp(argv[i], L"--soak") == 0 && i + 1 < argc) {
            options->soak_s = (uint32_t)wcstoul(argv[++i], NULL, 0);
        } else if (wcscmp(argv[i], L"--list") == 0) {
            options->list = true;
        } else if (wcscmp(argv[i], L"--evidence") == 0) {
            options->evidence = true;
        } else if (wcscmp(argv[i], L"--faulty") == 0) {
            options->faulty = true;
        } else if (wcscmp(argv[i], L"--verbose") == 0) {
            debug_print_show(true);
        } else {
            return false;
        }
    }
    options->first_name = i;
    return options->seed != 0;
}

int wmain(int argc, wchar_t **argv);

int wmain(int argc, wchar_t **argv)
{
    struct options options = {.seed = 1};
    wchar_t found[MAX_PATH];
    uint8_t *file = NULL;
    size_t size = 0;
    if (!parse(argc, argv, &options)) {
        fputs(usage, stderr);
        return 2;
    }
    soak_s = options.soak_s;
    if (!options.list) {
        if (options.driver == NULL && default_driver(found, MAX_PATH)) {
            options.driver = found;
        }
        if (options.driver == NULL) {
            host_fatal("no ScaphandreDrv.sys beside this program; name one with --driver");
        }
        file = host_file_read(options.driver, &size);
        if (file == NULL) {
            return 2;
        }
        lab_driver_file(file, size);
        char why[160];
        if (!lab_image_runs(why, sizeof(why))) {
            host_fatal("%ls cannot be run: %s", options.driver, why);
        }
        traps_install();
    }
    const int result = run_all(&options, argc, argv);
    if (options.evidence && file != NULL) {
        print_evidence(options.driver, file, size);
    }
    free(file);
    return result;
}
