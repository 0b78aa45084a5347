/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the zones, reads what they are, and leaves out what is there twice.
 */
#include "lib/backend/powercap_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rapl/rapl.h>

static const char *const controls[] = {"intel-rapl", "intel-rapl-mmio"};
#define CONTROL_COUNT 2u

/* Numbers of sockets and dies, so that one more still fits. */
#define NUMBER_MAX 0xFFFFu

struct search {
    struct powercap_tree *tree;
    const char *folder; /* that is being listed */
    const char *parent; /* only zones below this one; NULL: only top ones */
    bool control[CONTROL_COUNT];
};

/* How many numbers "intel-rapl:0:1" has, of the control type `*control`; 0: not a zone's name. */
static uint32_t zone_depth(const char *name, uint32_t *control)
{
    for (uint32_t i = 0; i < CONTROL_COUNT; i++) {
        const size_t length = strlen(controls[i]);
        const char *at = name + length;
        uint32_t depth = 0;

        if (strncmp(name, controls[i], length) != 0) {
            continue;
        }
        while (*at == ':' && at[1] >= '0' && at[1] <= '9') {
            at += 1 + strspn(at + 1, "0123456789");
            depth++;
        }
        if (*at == '\0' && depth > 0 && depth <= 2) {
            *control = i;
            return depth;
        }
    }
    return 0;
}

static bool is_known(const struct powercap_tree *tree, const char *label)
{
    for (uint32_t i = 0; i < tree->count; i++) {
        if (strcmp(tree->zones[i].label, label) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_below(const char *label, const char *parent)
{
    const size_t length = strlen(parent);

    return strncmp(label, parent, length) == 0 && label[length] == ':';
}

static bool take_name(void *to, const char *name)
{
    struct search *search = to;
    struct powercap_tree *tree = search->tree;
    uint32_t control = 0;

    for (uint32_t i = 0; i < CONTROL_COUNT && search->folder[0] == '\0'; i++) {
        search->control[i] = search->control[i] || strcmp(name, controls[i]) == 0;
    }
    if (zone_depth(name, &control) == 0 || strlen(name) >= POWERCAP_LABEL_MAX ||
        (search->parent != NULL && !is_below(name, search->parent)) || is_known(tree, name)) {
        return true;
    }
    if (tree->count == POWERCAP_ZONES_MAX) {
        return false;
    }
    struct powercap_zone *zone = &tree->zones[tree->count];
    memset(zone, 0, sizeof(*zone));
    memcpy(zone->label, name, strlen(name) + 1);
    zone->mmio = control == 1;
    const int length = snprintf(zone->path, sizeof(zone->path), "%s%s%s", search->folder,
                                search->folder[0] != '\0' ? "/" : "", name);
    if (length > 0 && (size_t)length < sizeof(zone->path)) {
        tree->count++;
    }
    return true;
}

/* sysfs lists every zone in the class folder; a tree of folders has them one below the other. */
static int find_zones(const struct powercap_files *files, struct powercap_tree *tree)
{
    struct search search = {.tree = tree, .folder = ""};
    const int error = files->list(files->context, "", take_name, &search);

    if (error != 0) {
        return error;
    }
    for (uint32_t i = 0; i < CONTROL_COUNT && tree->count == 0; i++) {
        if (search.control[i]) {
            struct search below = {.tree = tree, .folder = controls[i]};
            (void)files->list(files->context, controls[i], take_name, &below);
        }
    }
    for (uint32_t i = 0; i < tree->count; i++) {
        uint32_t control = 0;
        if (zone_depth(tree->zones[i].label, &control) == 1) {
            struct search below = {
                .tree = tree, .folder = tree->zones[i].path, .parent = tree->zones[i].label};
            (void)files->list(files->context, below.folder, take_name, &below);
        }
    }
    return 0;
}

/* "-die-3" after the prefix: the number, and what comes after it. */
static bool take_number(const char **text, const char *prefix, uint32_t *out)
{
    const size_t length = strlen(prefix);
    uint32_t value = 0;

    if (strncmp(*text, prefix, length) != 0) {
        return false;
    }
    const char *at = *text + length;
    if (*at < '0' || *at > '9') {
        return false;
    }
    for (; *at >= '0' && *at <= '9'; at++) {
        value = value * 10 + (uint32_t)(*at - '0');
        if (value > NUMBER_MAX) {
            return false;
        }
    }
    *text = at;
    *out = value;
    return true;
}

static bool is_printable(const char *name)
{
    for (; *name != '\0'; name++) {
        if (*name < '!' || *name > '~') {
            return false;
        }
    }
    return true;
}

/* What the kernel calls it decides what it is; a name nobody knows is a meter of its own. */
static bool understand(struct powercap_zone *zone, const struct powercap_rules *rules)
{
    static const struct {
        const char *name;
        uint32_t domain;
    } below[] = {
        {"core", RAPL_DOMAIN_PP0}, {"uncore", RAPL_DOMAIN_PP1}, {"dram", RAPL_DOMAIN_DRAM}};
    const char *at = zone->name;

    zone->domain = RAPL_DOMAIN_METER;
    zone->socket = zone->die = RAPL_NONE;
    if (*at == '\0' || !is_printable(at)) {
        return false;
    }
    if (strncmp(at, "package", strlen("package")) == 0) {
        zone->domain = RAPL_DOMAIN_PACKAGE;
        const bool numbered = take_number(&at, "package-", &zone->socket);
        (void)take_number(&at, "-die-", &zone->die);
        return numbered && *at == '\0';
    }
    if (strncmp(at, "psys", strlen("psys")) == 0) {
        zone->domain = RAPL_DOMAIN_PSYS;
        zone->socket = 0;
        at += strlen("psys");
        return *at == '\0' || (take_number(&at, "-", &zone->socket) && *at == '\0');
    }
    for (uint32_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
        if (strcmp(at, below[i].name) == 0) {
            zone->domain = below[i].domain;
        }
    }
    if (zone->domain == RAPL_DOMAIN_PP0 && rules->core_is_one) {
        zone->domain = RAPL_DOMAIN_CORE;
    }
    return true;
}

static void note(struct powercap_problem *problem, const struct powercap_zone *zone,
                 const char *file, int error)
{
    if (problem->path[0] == '\0') {
        problem->error = error == -E2BIG ? 0 : error;
        problem->garbage = problem->error == 0;
        (void)snprintf(problem->path, sizeof(problem->path), "%s/%s", zone->path, file);
    }
}

/*
 * The range: energy_uj is a 32-bit count times the unit, and max_energy_range_uj is the largest
 * such value; the counter begins again one count after it.
 */
static uint64_t range_of(uint64_t max_uj)
{
    const uint64_t count_uj = (max_uj + UINT32_MAX / 2) / UINT32_MAX;

    return max_uj <= UINT64_MAX - count_uj - UINT32_MAX ? max_uj + count_uj : 0;
}

static bool describe(const struct powercap_files *files, const struct powercap_rules *rules,
                     struct powercap_zone *zone, struct powercap_problem *problem)
{
    char path[POWERCAP_PATH_MAX + 32];
    char text[POWERCAP_TEXT_MAX];
    uint64_t max_uj = 0;

    (void)snprintf(path, sizeof(path), "%s/name", zone->path);
    int error = powercap_load_text(files, path, text);
    if (error != 0 || strlen(text) >= sizeof(zone->name)) {
        note(problem, zone, "name", error);
        return false;
    }
    memcpy(zone->name, text, strlen(text) + 1);
    if (!understand(zone, rules)) {
        note(problem, zone, "name", 0);
        return false;
    }
    (void)snprintf(path, sizeof(path), "%s/max_energy_range_uj", zone->path);
    error = powercap_load_text(files, path, text);
    if (error != 0 || !powercap_number(text, &max_uj) || range_of(max_uj) == 0) {
        note(problem, zone, "max_energy_range_uj", error);
        return false;
    }
    zone->range_uj = range_of(max_uj);
    return true;
}

/* A subzone belongs to its parent's package. */
static void inherit(struct powercap_tree *tree)
{
    for (uint32_t i = 0; i < tree->count; i++) {
        struct powercap_zone *zone = &tree->zones[i];
        for (uint32_t j = 0; j < tree->count && zone->socket == RAPL_NONE; j++) {
            const struct powercap_zone *parent = &tree->zones[j];
            if (is_below(zone->label, parent->label)) {
                zone->socket = parent->socket;
                zone->die = parent->die;
            }
        }
    }
}

static bool is_same(const struct powercap_zone *a, const struct powercap_zone *b)
{
    return a->domain == b->domain && a->socket == b->socket && a->die == b->die &&
           (a->domain != RAPL_DOMAIN_METER || strcmp(a->name, b->name) == 0);
}

/* Whether another zone is the same counter, and the one to keep. */
static bool is_double(const struct powercap_tree *tree, const struct powercap_zone *zone,
                      const struct powercap_rules *rules)
{
    for (uint32_t i = 0; i < tree->count; i++) {
        const struct powercap_zone *other = &tree->zones[i];
        if (zone->mmio && !other->mmio && is_same(zone, other)) {
            return true;
        }
        if (rules->core_is_one && zone->socket == other->socket && zone->die != RAPL_NONE &&
            other->die < zone->die && zone->domain == other->domain) {
            return true;
        }
    }
    return zone->domain == RAPL_DOMAIN_CORE && !rules->cores;
}

static void drop_doubles(struct powercap_tree *tree, const struct powercap_rules *rules)
{
    bool drop[POWERCAP_ZONES_MAX];
    uint32_t kept = 0;

    for (uint32_t i = 0; i < tree->count; i++) {
        drop[i] = is_double(tree, &tree->zones[i], rules);
    }
    for (uint32_t i = 0; i < tree->count; i++) {
        if (!drop[i]) {
            tree->zones[kept++] = tree->zones[i];
        }
    }
    tree->count = kept;
}

static int compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

/* RAPL_NONE + 1 is 0: a package without dies comes before its dies. */
static int by_place(const void *left, const void *right)
{
    const struct powercap_zone *a = left;
    const struct powercap_zone *b = right;
    int order = compare_numbers(a->socket, b->socket);

    order = order != 0 ? order : compare_numbers(a->die + 1, b->die + 1);
    order = order != 0 ? order : compare_numbers(a->domain, b->domain);
    return order != 0 ? order : strcmp(a->label, b->label);
}

static int by_package(const void *left, const void *right)
{
    const struct powercap_zone *a = left;
    const struct powercap_zone *b = right;
    int order = compare_numbers(a->package, b->package);

    order = order != 0 ? order : compare_numbers(a->domain, b->domain);
    return order != 0 ? order : strcmp(a->label, b->label);
}

/* Packages are numbered in order; psys, which names no die, goes to its socket's first. */
static void number_packages(struct powercap_tree *tree)
{
    qsort(tree->zones, tree->count, sizeof(tree->zones[0]), by_place);
    for (uint32_t i = 0; i < tree->count; i++) {
        if (tree->zones[i].domain == RAPL_DOMAIN_PACKAGE) {
            tree->zones[i].package = tree->package_count++;
        }
    }
    for (uint32_t i = 0; i < tree->count; i++) {
        struct powercap_zone *zone = &tree->zones[i];
        bool found = zone->domain == RAPL_DOMAIN_PACKAGE;
        for (uint32_t j = 0; j < tree->count && !found; j++) {
            const struct powercap_zone *package = &tree->zones[j];
            if (package->domain == RAPL_DOMAIN_PACKAGE && package->socket == zone->socket &&
                (package->die == zone->die || zone->die == RAPL_NONE)) {
                zone->package = package->package;
                found = true;
            }
        }
        if (!found) {
            zone->package = RAPL_NONE;
        }
    }
    qsort(tree->zones, tree->count, sizeof(tree->zones[0]), by_package);
}

bool powercap_tree_read(const struct powercap_files *files, const struct powercap_rules *rules,
                        struct powercap_tree *tree, struct powercap_problem *problem)
{
    memset(tree, 0, sizeof(*tree));
    memset(problem, 0, sizeof(*problem));
    problem->error = find_zones(files, tree);
    if (problem->error != 0) {
        return false;
    }
    const uint32_t found = tree->count;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < found; i++) {
        if (describe(files, rules, &tree->zones[i], problem)) {
            tree->zones[kept++] = tree->zones[i];
        }
    }
    tree->count = kept;
    if (kept == 0) {
        problem->masked = found > 0 && problem->error == -ENOENT;
        return false;
    }
    inherit(tree);
    drop_doubles(tree, rules);
    number_packages(tree);
    return tree->count > 0;
}
