/* SPDX-License-Identifier: Apache-2.0
 *
 * Platform table, production: suspension and resumption, from \Callback\PowerState. Modern Standby
 * is not reported there: counters that went back then are told by what is physically possible.
 */
#include "driver/hw.h"

static struct {
    PCALLBACK_OBJECT object;
    PVOID registration;
    void (*changed)(void *context, BOOLEAN leaving);
    void *context;
} power;

static CALLBACK_FUNCTION power_state;

/* wdm.h: argument 1 is what happened, argument 2 for SYSTEM_STATE_LOCK: 0 leaving S0, 1 back. */
static void power_state(PVOID context, PVOID argument_1, PVOID argument_2)
{
    UNREFERENCED_PARAMETER(context);
    if ((ULONG_PTR)argument_1 == PO_CB_SYSTEM_STATE_LOCK) {
        power.changed(power.context, (ULONG_PTR)argument_2 == 0);
    }
}

NTSTATUS hw_power_watch(void (*changed)(void *context, BOOLEAN leaving), void *context)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Callback\\PowerState");
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL,
                               NULL);
    const NTSTATUS status = ExCreateCallback(&power.object, &attributes, FALSE, TRUE);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    power.changed = changed;
    power.context = context;
    power.registration = ExRegisterCallback(power.object, power_state, NULL);
    if (power.registration == NULL) {
        ObDereferenceObject(power.object);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    return STATUS_SUCCESS;
}

void hw_power_unwatch(void)
{
    /* returns when no callback is running any more */
    ExUnregisterCallback(power.registration);
    ObDereferenceObject(power.object);
}
