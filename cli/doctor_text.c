/* SPDX-License-Identifier: Apache-2.0
 *
 * One page: how it is, what to do about it, and what that was judged from.
 */
#include "cli/doctor.h"

#include <rapl/abi.h>

#include "cli/meters.h"

#define BOLD   "\x1b[1m"
#define RED    "\x1b[31m"
#define GREEN  "\x1b[32m"
#define YELLOW "\x1b[33m"
#define PLAIN  "\x1b[0m"

#define WIDTH 96u

static const char *severity_colour(uint32_t severity)
{
    switch (severity) {
    case DOCTOR_PROBLEM:
        return RED;
    case DOCTOR_WARNING:
        return YELLOW;
    default:
        return "";
    }
}

static size_t word_length(const char *text)
{
    size_t length = 0;

    while (text[length] != '\0' && text[length] != ' ') {
        length++;
    }
    return length;
}

/* Sentences under each other, broken between words, each line after `indent` spaces. */
static void add_wrapped(struct text *out, const char *label, const char *sentences)
{
    const size_t indent = 11;
    size_t column = indent;

    if (sentences[0] == '\0') {
        return;
    }
    text_printf(out, "%*s%-5s", 6, "", label);
    while (*sentences != '\0') {
        const size_t length = word_length(sentences);

        if (column + length > WIDTH && column > indent) {
            text_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            text_add(out, " ");
            column++;
        }
        text_add_bytes(out, sentences, length);
        column += text_columns(sentences, length);
        sentences += length;
        while (*sentences == ' ') {
            sentences++;
        }
    }
    text_add(out, "\n");
}

static void show_finding(struct text *out, uint32_t number, const struct doctor_finding *finding,
                         bool colour)
{
    text_printf(out, "%3u.  %s%s%s  (%s)\n", (unsigned)number,
                colour ? severity_colour(finding->severity) : "",
                doctor_severity_name(finding->severity), colour ? PLAIN : "", finding->id);
    add_wrapped(out, "what", finding->what);
    add_wrapped(out, "why", finding->why);
    add_wrapped(out, "fix", finding->fix);
}

static const char *truth_word(uint32_t truth)
{
    switch (truth) {
    case RAPL_TRUTH_YES:
        return "on";
    case RAPL_TRUTH_NO:
        return "off";
    default:
        return "unknown";
    }
}

static const char *windows_caller(const struct doctor_caller *caller)
{
    if (caller->elevated == RAPL_TRUTH_YES) {
        return "elevated";
    }
    if (caller->administrator == RAPL_TRUTH_YES) {
        return "administrator, not elevated";
    }
    return caller->log_user == RAPL_TRUTH_YES ? "Performance Log User" : "normal user";
}

static void show_windows(struct text *out, const struct doctor_facts *facts)
{
    const struct doctor_windows *const windows = &facts->windows;
    const struct doctor_driver *const driver = &facts->driver;
    static const char *const policies[] = {"admins", "users", "unrestricted"};

    text_printf(out, "  Windows    %u.%u build %u%s\n", (unsigned)windows->major,
                (unsigned)windows->minor, (unsigned)windows->build,
                windows->is_server == RAPL_TRUTH_YES ? ", Server" : "");
    text_printf(out, "  integrity  Secure Boot %s, test signing %s, HVCI %s, driver blocklist %s\n",
                truth_word(windows->secure_boot), truth_word(windows->test_signing),
                truth_word(windows->hvci), truth_word(windows->blocklist));
    text_printf(out, "  driver     %s", rapl_service_state_name(driver->state.service));
    if (driver->state.service != RAPL_SERVICE_ABSENT) {
        text_printf(out, ", version %s, %s%s",
                    driver->state.file_version[0] != '\0' ? driver->state.file_version : "unknown",
                    driver->is_pnp == RAPL_TRUTH_YES ? "installed as a device"
                                                     : "installed as a service",
                    driver->state.simulated == RAPL_TRUTH_YES ? ", SIMULATED" : "");
        text_printf(out, "\n  file       %s",
                    driver->state.image_path[0] != '\0' ? driver->state.image_path : "unknown");
        text_printf(out, "\n  policy     %s",
                    driver->has_policy == RAPL_TRUTH_YES ? policies[driver->policy]
                                                         : "none: admins");
    }
    text_printf(out, "\n  caller     %s\n", windows_caller(&facts->caller));
}

static const char *powercap_state(const struct doctor_linux *linux_)
{
    if (linux_->zones == RAPL_TRUTH_YES) {
        return "has RAPL zones";
    }
    return linux_->powercap == RAPL_TRUTH_YES ? "has no RAPL zone" : "is not there";
}

static void show_linux(struct text *out, const struct doctor_facts *facts)
{
    const struct doctor_linux *const linux_ = &facts->linux_;

    text_printf(out, "  Linux      %u.%u%s\n", (unsigned)linux_->major, (unsigned)linux_->minor,
                linux_->container == RAPL_TRUTH_YES ? ", in a container" : "");
    text_printf(out, "  powercap   %s\n", powercap_state(linux_));
    text_printf(out, "  caller     %s\n",
                facts->caller.elevated == RAPL_TRUTH_YES ? "root" : "normal user");
}

static const char *hypervisor_suffix(const struct rapl_cpu *cpu)
{
    if (!cpu->hypervisor) {
        return "";
    }
    return cpu->hyperv_root ? ", root of Hyper-V" : ", virtual machine";
}

static void show_machine(struct text *out, const struct doctor_facts *facts)
{
    text_printf(out, "  CPU        %s, %s family %u model %u, row: %s%s\n",
                facts->brand[0] != '\0' ? facts->brand : "unnamed",
                rapl_vendor_name(facts->cpu.vendor), facts->cpu.family, facts->cpu.model,
                facts->has_row ? facts->model_name : "none", hypervisor_suffix(&facts->cpu));
    if (facts->system == DOCTOR_SYSTEM_WINDOWS) {
        show_windows(out, facts);
    } else if (facts->system == DOCTOR_SYSTEM_LINUX) {
        show_linux(out, facts);
    }
}

static void show_sources(struct text *out, const struct doctor_facts *facts)
{
    for (uint32_t i = 0; i < facts->source_count; i++) {
        const struct doctor_source *const source = &facts->sources[i];

        text_printf(out, "  %-9s  ", source->info.name);
        if (source->info.status == RAPL_OK) {
            text_printf(out, "%s%s: %u domains, %u of %u packages have energy\n",
                        source->info.title,
                        (source->info.flags & RAPL_FLAG_SIMULATED) != 0 ? ", SIMULATED" : "",
                        (unsigned)source->domain_count, (unsigned)source->package_live_count,
                        (unsigned)source->package_count);
        } else {
            text_printf(out, "no: %s\n",
                        source->info.reason[0] != '\0' ? source->info.reason
                                                       : rapl_error_message(source->info.status));
        }
    }
}

void doctor_show(struct text *out, const struct doctor_facts *facts,
                 const struct doctor_report *report, bool colour)
{
    static const char *const colours[] = {GREEN, YELLOW, RED};

    text_printf(out, "rapl doctor: %s%s%s%s\n\n", colour ? colours[report->health] : "",
                colour ? BOLD : "", doctor_health_name(report->health), colour ? PLAIN : "");
    show_machine(out, facts);
    text_add(out, "\nSources\n");
    show_sources(out, facts);
    text_add(out, report->count == 0 ? "\nNothing to fix.\n" : "\nFindings\n");
    for (uint32_t i = 0; i < report->count; i++) {
        show_finding(out, i + 1, &report->findings[i], colour);
    }
}
