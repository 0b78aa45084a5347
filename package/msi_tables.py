# SPDX-License-Identifier: Apache-2.0
"""The MSI's tables that are the same whatever is shipped. package/make_msi.py adds files,
components and directories. Column types are Windows Installer's: s text, l localizable text, i
number, v stream; upper case may be empty.

The order of the execute sequence is what makes a rollback whole. RaplRestore comes before anything
that changes the driver, so that in a rollback, which runs backwards, it comes after everything. An
older version is removed within the same transaction (RemoveExistingProducts after
InstallInitialize): if the new one fails, the older one comes back.
"""

# Attribute bits of CustomAction.Type
DLL_IN_BINARY = 1
ROLLBACK = 0x100
COMMIT = 0x200
DEFERRED = 0x400
AS_SYSTEM = 0x800

REMOVING = 'REMOVE="ALL"'
STAYING = 'NOT (REMOVE="ALL")'

ACTIONS = [  # name, function, type, condition, number in the sequence
    ("RaplPrepare", "RaplPrepare", 0, "", 1050),
    ("RaplRestore", "RaplRestore", DEFERRED | ROLLBACK | AS_SYSTEM, "", 1520),
    ("RaplSave", "RaplSave", DEFERRED | AS_SYSTEM, "", 1530),
    ("RaplRemove", "RaplRemove", DEFERRED | AS_SYSTEM, REMOVING, 1710),
    ("RaplInstall", "RaplLoader", DEFERRED | AS_SYSTEM, STAYING, 5800),
    ("RaplStart", "RaplLoader", DEFERRED | AS_SYSTEM, STAYING + ' AND START="1"', 5810),
    ("RaplForget", "RaplForget", DEFERRED | COMMIT | AS_SYSTEM, "", 6410),
]

STANDARD_EXECUTE = [
    ("FindRelatedProducts", 25), ("LaunchConditions", 100), ("ValidateProductID", 700),
    ("CostInitialize", 800), ("FileCost", 900), ("CostFinalize", 1000),
    ("MigrateFeatureStates", 1200), ("InstallValidate", 1400), ("InstallInitialize", 1500),
    ("RemoveExistingProducts", 1510), ("ProcessComponents", 1600), ("UnpublishFeatures", 1700),
    ("RemoveRegistryValues", 2600), ("RemoveEnvironmentStrings", 3300), ("RemoveFiles", 3500),
    ("InstallFiles", 4000), ("WriteRegistryValues", 5000), ("WriteEnvironmentStrings", 5200),
    ("RegisterUser", 6000), ("RegisterProduct", 6100), ("PublishFeatures", 6300),
    ("PublishProduct", 6400), ("InstallFinalize", 6600),
]
STANDARD_UI = [
    ("FindRelatedProducts", 25), ("LaunchConditions", 100), ("ValidateProductID", 700),
    ("CostInitialize", 800), ("FileCost", 900), ("CostFinalize", 1000),
    ("MigrateFeatureStates", 1200), ("ExecuteAction", 1300),
]
STANDARD_ADMIN = [
    ("CostInitialize", 800), ("FileCost", 900), ("CostFinalize", 1000), ("InstallValidate", 1400),
    ("InstallInitialize", 1500), ("InstallAdminPackage", 3900), ("InstallFiles", 4000),
    ("InstallFinalize", 6600),
]

SEQUENCE = (["Action", "Condition", "Sequence"], ["s72", "S255", "I2"], ["Action"])


def _sequence(actions):
    return SEQUENCE + (sorted(actions, key=lambda row: (row[2], row[0])),)


def fixed_tables(version):
    """{table: (columns, types, keys, rows)}"""
    return {
        "CustomAction": (
            ["Action", "Type", "Source", "Target", "ExtendedType"],
            ["s72", "i2", "S72", "S255", "I4"], ["Action"],
            [(name, DLL_IN_BINARY | kind, "RaplActions", function, "")
             for name, function, kind, _, _ in ACTIONS]),
        "InstallExecuteSequence": _sequence(
            [(name, "", number) for name, number in STANDARD_EXECUTE] +
            [(name, condition, number) for name, _, _, condition, number in ACTIONS]),
        "InstallUISequence": _sequence([(name, "", number) for name, number in STANDARD_UI]),
        "AdminExecuteSequence": _sequence([(name, "", number) for name, number in STANDARD_ADMIN]),
        "ActionText": (
            ["Action", "Description", "Template"], ["s72", "L0", "L0"], ["Action"],
            [("RaplSave", "Keeping the driver's state for a rollback", ""),
             ("RaplInstall", "Installing the driver", ""),
             ("RaplStart", "Starting the driver", ""),
             ("RaplRemove", "Stopping and removing the driver", "")]),
        "LaunchCondition": (
            ["Condition", "Description"], ["s255", "l255"], ["Condition"],
            [("VersionNT64", "[ProductName] needs 64-bit Windows."),
             ("NOT RAPL_NEWER", "A newer version of [ProductName] is installed. To have this one, "
                                "uninstall it first.")]),
        "Upgrade": (
            ["UpgradeCode", "VersionMin", "VersionMax", "Language", "Attributes", "Remove",
             "ActionProperty"],
            ["s38", "S20", "S20", "S255", "i4", "S255", "s72"],
            ["UpgradeCode", "VersionMin", "VersionMax", "Language", "Attributes"],
            # 0x100, 0x200: bounds included; 0x2: only found, not removed. The same version again,
            # in another build, is replaced as well.
            [("@UPGRADE@", "0.0.0", version, "", 0x300, "", "RAPL_OLDER"),
             ("@UPGRADE@", version, "", "", 0x2, "", "RAPL_NEWER")]),
        "Environment": (
            ["Environment", "Name", "Value", "Component_"], ["s72", "l255", "L255", "s72"],
            ["Environment"],
            # = set, - removed again, * of the machine; appended to what is there
            [("RaplPath", "=-*PATH", "[~];[INSTALLDIR]", "Settings")]),
        "Registry": (
            ["Registry", "Root", "Key", "Name", "Value", "Component_"],
            ["s72", "i2", "l255", "L255", "L0", "s72"], ["Registry"],
            [(f"Setting{name}", 2, "SOFTWARE\\windows-rapl-driver", name, value, "Settings")
             for name, value in (("InstallDir", "[INSTALLDIR]"), ("Access", "[ACCESS]"),
                                 ("Start", "[START]"))]),
        "Media": (
            ["DiskId", "LastSequence", "DiskPrompt", "Cabinet", "VolumeLabel", "Source"],
            ["i2", "i4", "L64", "S255", "S32", "S72"], ["DiskId"], "@MEDIA@"),
    }
