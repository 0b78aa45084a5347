#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The simulated driver imports nothing that Wine's kernel would abort in.

usage: wine_test.py IMAGE

First the detector is shown to tell stubs from functions, on exports whose nature is known.
"""
import sys

from import_checks import Wine
from pe import Image

STUBS = ["SeAccessCheck", "IoValidateDeviceIoControlAccess", "SeTokenIsAdmin",
         "SeCaptureSubjectContext", "ExAcquireRundownProtection", "ObSetSecurityObjectByPointer"]
MISSING = ["KeGetProcessorNumberFromIndex", "KeQueryInterruptTimePrecise", "KeIpiGenericCall"]
WORKING = ["IoCreateDevice", "ZwClose", "DbgPrint", "memcpy", "KeSetTimerEx", "IofCompleteRequest",
           "KeInsertQueueDpc"]
# A stub in some versions of Wine and absent from others: either way it cannot be called.
STUB_OR_MISSING = ["KeSetSystemGroupAffinityThread", "KeRemoveQueueDpc"]


def check_detector(wine):
    problems = []
    for names, expected in ((STUBS, "is a stub"), (MISSING, "does not export"),
                            (STUB_OR_MISSING, "")):
        for name in names:
            fault = wine.fault("ntoskrnl.exe", name)
            if fault is None or expected not in fault:
                problems.append(f"detector: {name}: {fault or 'nothing'} found, not '{expected}'")
    for dll, names in (("ntoskrnl.exe", WORKING), ("HAL.dll", ["KeQueryPerformanceCounter"])):
        for name in names:
            fault = wine.fault(dll, name)
            if fault is not None:
                problems.append(f"detector: {fault}, although it works")
    return problems


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    wine = Wine()
    problems = check_detector(wine)
    imports = Image.load(sys.argv[1]).imports()
    for entry in imports:
        fault = wine.fault(entry.dll, entry.name)
        if fault is not None:
            problems.append(f"{sys.argv[1]} imports {entry.name}: {fault}")
    for problem in problems:
        print(f"problem: {problem}")
    exports = wine.module("ntoskrnl.exe")[1]
    stubs = sum("is a stub" in (wine.fault("ntoskrnl.exe", name) or "") for name in exports)
    print(f"{wine.folder}: {stubs} of {len(exports)} exports of ntoskrnl.exe are stubs; "
          f"{len(imports)} imports looked up, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
