/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever is in the files of a powercap tree: it is refused with a reason, or every domain can be
 * read any number of times without going back.
 *
 * Input: files as "PATH=CONTENT" lines; a line that is only "-" is one sample, what comes after it
 * changes the files. '~' in a content is a newline, "PATH!N" makes the file answer errno N.
 */
#include <stdlib.h>

#include "lib/backend/powercap.h"
#include "lib/backend/powercap_tree.h"
#include "tests/unit/powercap_memory.h"

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void take_error(struct memory_tree *tree, char *path, const char *number)
{
    struct memory_file *file = memory_put(tree, path, "", 0);

    if (file != NULL) {
        file->open_error = number[0] == 'o' ? -(int)(strtol(number + 1, NULL, 10) & 0xFF) : 0;
        file->read_error = number[0] != 'o' ? -(int)(strtol(number, NULL, 10) & 0xFF) : 0;
    }
}

static void take_line(struct memory_tree *tree, char *line)
{
    char *value = strpbrk(line, "=!");

    if (value == NULL) {
        return;
    }
    const char kind = *value;
    *value++ = '\0';
    if (kind == '!') {
        take_error(tree, line, value);
        return;
    }
    for (char *c = value; *c != '\0'; c++) {
        if (*c == '~') {
            *c = '\n';
        }
    }
    (void)memory_put(tree, line, value, strlen(value));
}

struct session {
    struct memory_tree tree;
    void *state;
    uint64_t ticks[POWERCAP_ZONES_MAX];
    bool refused;
};

static void look(struct session *session)
{
    const uint32_t count = backend_powercap.domain_count(session->state);
    struct rapl_machine_info machine = {.size = sizeof(machine)};
    struct rapl_package_info package = {.size = sizeof(package)};

    require(count > 0 && count <= POWERCAP_ZONES_MAX);
    require(backend_powercap.machine(session->state, &machine) == RAPL_OK);
    for (uint32_t i = 0; i < machine.package_count; i++) {
        require(backend_powercap.package(session->state, i, &package) == RAPL_OK);
        require(package.limit_count <= RAPL_POWER_LIMITS);
        package.limit_count = 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct backend_domain domain;
        backend_powercap.domain(session->state, i, &domain);
        require(domain.package == RAPL_NONE || domain.package < machine.package_count);
        require(memchr(domain.label, 0, sizeof(domain.label)) != NULL);
    }
}

static void sample(struct session *session)
{
    static struct backend_reading readings[POWERCAP_ZONES_MAX];
    struct backend_report report = {0};

    session->tree.time_ns += 100000000;
    if (session->state == NULL && !session->refused) {
        const struct powercap_files files = memory_files(&session->tree);
        const int status =
            powercap_open_files(&files, "/t", RAPL_OPEN_CORES, &report, &session->state);
        session->refused = status != RAPL_OK;
        require(!session->refused || report.reason[0] != '\0');
        if (!session->refused) {
            look(session);
        }
    }
    if (session->state == NULL) {
        return;
    }
    (void)backend_powercap.read(session->state, readings);
    for (uint32_t i = 0; i < backend_powercap.domain_count(session->state); i++) {
        if (readings[i].status == RAPL_OK) {
            require(readings[i].energy_ticks >= session->ticks[i]);
            session->ticks[i] = readings[i].energy_ticks;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct session the_session;
    struct session *session = &the_session;
    char *text = malloc(size + 1);

    require(text != NULL);
    session->tree.count = session->tree.open_handles = 0;
    session->tree.time_ns = 0;
    session->state = NULL;
    session->refused = false;
    memset(session->ticks, 0, sizeof(session->ticks));
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *line = text; line != NULL && *line != '\0';) {
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end++ = '\0';
        }
        if (strcmp(line, "-") == 0) {
            sample(session);
        } else {
            take_line(&session->tree, line);
        }
        line = end;
    }
    sample(session);
    if (session->state != NULL) {
        backend_powercap.close(session->state);
    }
    require(session->tree.open_handles == 0);
    free(text);
    return 0;
}
