/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports: callback objects, of which there is one: \Callback\PowerState.
 */
#include "tests/harness/call.h"
#include "tests/harness/failing.h"
#include "tests/harness/host.h"
#include "tests/harness/imports.h"
#include "tests/harness/kernel.h"
#include "tests/harness/registry.h"
#include "tests/harness/thread.h"
#include "tests/harness/verifier.h"

#define CALLBACKS_MAX 8u

static int power_object; /* only its address is used */
static uint32_t references;
static uint32_t running;

static struct registration {
    PCALLBACK_FUNCTION function;
    void *context;
} registrations[CALLBACKS_MAX];

void power_state_changes(bool leaving, uint32_t irql)
{
    struct thread *thread = thread_current();
    for (uint32_t i = 0; i < CALLBACKS_MAX; i++) {
        host_lock();
        const struct registration one = registrations[i];
        running++;
        host_unlock();
        if (one.function != NULL) {
            struct driver_call call = {
                .doing = leaving ? "PowerState, leaving" : "PowerState, back",
                .function = (const void *)(ULONG_PTR)one.function,
                .argument = {one.context, (const void *)(ULONG_PTR)PO_CB_SYSTEM_STATE_LOCK,
                             (const void *)(ULONG_PTR)(leaving ? 0 : 1)}};
            verifier_add(&verifier_counters.callbacks);
            thread_set_irql(thread, irql);
            driver_call(&call);
            thread_set_irql(thread, THREAD_PASSIVE_LEVEL);
        }
        host_lock();
        running--;
        host_wake();
        host_unlock();
    }
}

bool callback_dereference(const void *object, LONG_PTR *left)
{
    if (object != &power_object) {
        return false;
    }
    host_lock();
    if (references == 0) {
        verifier_report(FINDING_ARGUMENT, "ObfDereferenceObject(callback): no reference is held");
    } else {
        references--;
    }
    *left = references;
    host_unlock();
    return true;
}

void callback_report_left(const char *when)
{
    for (uint32_t i = 0; i < CALLBACKS_MAX; i++) {
        if (registrations[i].function != NULL) {
            verifier_report(FINDING_CALLBACK_LEFT, "%s: a callback is registered", when);
            registrations[i].function = NULL;
        }
    }
    if (references != 0) {
        verifier_report(FINDING_REFERENCE_LEFT, "%s: %u references to a callback object are left",
                        when, references);
    }
    references = 0;
}

/* ---- Imports -------------------------------------------------------------------------------- */

static NTSTATUS do_ExCreateCallback(PCALLBACK_OBJECT *object, POBJECT_ATTRIBUTES attributes,
                                    BOOLEAN create, BOOLEAN multiple)
{
    static const WCHAR name[] = L"\\Callback\\PowerState";
    UNREFERENCED_PARAMETER(multiple);
    if (create) {
        verifier_report(FINDING_ARGUMENT, "ExCreateCallback: creating one is not modelled");
    }
    if (attributes->ObjectName == NULL ||
        !names_equal(name, name_length(name), attributes->ObjectName->Buffer,
                     attributes->ObjectName->Length / sizeof(WCHAR))) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    host_lock();
    references++;
    host_unlock();
    *object = (PCALLBACK_OBJECT)&power_object;
    return STATUS_SUCCESS;
}

static PVOID do_ExRegisterCallback(PCALLBACK_OBJECT object, PCALLBACK_FUNCTION function,
                                   PVOID context)
{
    if ((const void *)object != &power_object || references == 0) {
        verifier_report(FINDING_ARGUMENT, "ExRegisterCallback: not a callback object");
        return NULL;
    }
    host_lock();
    struct registration *slot = registrations;
    while (slot < registrations + CALLBACKS_MAX && slot->function != NULL) {
        slot++;
    }
    if (slot == registrations + CALLBACKS_MAX) {
        host_fatal("more than %u callbacks", CALLBACKS_MAX);
    }
    *slot = (struct registration){function, context};
    host_unlock();
    return slot;
}

static VOID do_ExUnregisterCallback(PVOID registration)
{
    struct registration *slot = registration;
    host_lock();
    if (slot < registrations || slot >= registrations + CALLBACKS_MAX || slot->function == NULL) {
        verifier_report(FINDING_ARGUMENT, "ExUnregisterCallback: not a registration");
        host_unlock();
        return;
    }
    slot->function = NULL;
    while (running != 0) {
        host_wait(20);
    }
    host_unlock();
}

static const struct import rows[] = {
    IMPORT_FUNCTION(ExCreateCallback, IMPORT_KERNEL, BUILD_2000, 0, 1, fail_no_resources),
    IMPORT_FUNCTION(ExRegisterCallback, IMPORT_KERNEL, BUILD_2000, 0, 1, fail_null),
    IMPORT_FUNCTION(ExUnregisterCallback, IMPORT_KERNEL, BUILD_2000, 0, 1, NULL),
};

IMPORT_PART(imports_callback, rows);
