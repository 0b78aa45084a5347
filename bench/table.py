#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the tables of `make bench` from the lines its parts print.

usage: table.py < LINES

A line is a kind and key=value words; `name=` takes the rest of the line. Kinds: wine (timed), image
and image-pool (counted on the production driver), counts (in core), driver and pool (sizes),
instructions or not-measured. A kind that is missing is an error, not an empty table; so is a count
in which two of them differ. Times are never judged.
"""
import sys

WAYS = ["legacy-open-per-read", "legacy-held", "snapshot-open-per-read", "snapshot-held"]
KIB = 1024
PAGE = 4096


def parse(lines):
    found = {}
    for line in lines:
        kind, _, rest = line.strip().partition(" ")
        head, _, name = rest.partition("name=")
        values = dict(word.split("=", 1) for word in head.split())
        if name:
            values["name"] = name
        found.setdefault(kind, []).append(values)
    return found


def print_table(rows):
    """The first row is the heading; the first column is text, the others are numbers."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  ".join(cells).rstrip())
    print()


def differing_counts(found):
    """Where the image does not do what core asks for: a move is a wait and a cross-call in one."""
    core = {(row["packages"], row["way"]): row for row in found["counts"]}
    for image in found["image"]:
        row = core[image["packages"], image["way"]]
        moves = int(image["moves"])
        if (int(image["waits"]) + moves, int(image["dpcs"]) + moves, image["rdmsr"]) != \
                (int(row["waits"]), int(row["cross_calls"]), row["rdmsr"]):
            yield f"{image['packages']} x 5 {image['way']}: image {image}, core {row}"


def requests_table(found):
    counts = {(row["packages"], row["way"]): row for row in found["image"]}
    times = {(row["packages"], row["way"]): row for row in found["wine"]}
    rows = [["all energy, once", "opens", "requests", "waits", "DPCs", "moves", "rdmsr",
             "bytes", "us", "min..max us", "/ held", "/ opened"]]
    for packages in sorted({key[0] for key in times}, key=int):
        held = float(times[packages, "snapshot-held"]["us"])
        opened = float(times[packages, "snapshot-open-per-read"]["us"])
        for way in WAYS:
            time = times[packages, way]
            count = counts[packages, way.split("-")[0]]
            us = float(time["us"])
            rows.append([f"{packages} x {time['domains']}  {way}", time["opens"], time["requests"],
                         count["waits"], count["dpcs"], count["moves"], count["rdmsr"],
                         str(int(time["in_bytes"]) + int(time["out_bytes"])), f"{us:.0f}",
                         f"{float(time['us_min']):.0f}..{float(time['us_max']):.0f}",
                         f"{us / held:.1f}", f"{us / opened:.1f}"])
    print_table(rows)
    sample = found["wine"][0]
    print(f"""\
us       Wine's request cost, not Windows': median of {sample['runs']} runs, each the mean of
         {sample['rounds']} rounds in which the ways take turns, all of Wine on one processor;
         driver and hardware are simulated
/ held   us of this way by that of the snapshot on a held handle; / opened: by the one opened anew
opens, requests, bytes (in and out): counted by the client
waits, DPCs, moves (of the thread to another processor), rdmsr: counted in the harness on the
         production image; core, counted apart, asks for the same""")
    print()


def instructions_table(found):
    for row in found.get("not-measured", []):
        print(f"instructions in core: not measured: {row['name']}\n")
    if "instructions" not in found:
        return
    rows = [["instructions in core", "items", "per answer", "per item"]]
    for row in found["instructions"]:
        items = int(row["packages"]) * 5
        each = (int(row["all"]) - int(row["platform"])) / int(row["times"])
        rows.append([f"{row['packages']} x 5  {row['way']}", str(items), f"{each:.0f}",
                     f"{each / items:.0f}"])
    print_table(rows)
    tool = found["instructions"][0]["tool"]
    print(f"Counted by {tool}, user mode; what the fake platform takes is subtracted. An answer of")
    print("`legacy` is all its requests together.")
    print()


def round_up(size, unit):
    return (size + unit - 1) // unit * unit


def taken(size):
    """Bytes in Windows' pool: a header and steps of 16, whole pages where it passes a page."""
    small = round_up(size, 16) + 16
    return round_up(size, PAGE) if small > PAGE else small


def pool_rows(found):
    """(name, bytes of each allocation)"""
    driver = found["driver"][0]
    for row in found["pool"]:
        yield row["name"], [int(row["inventory"]), int(row["processors"]),
                            min(int(row["jobs"]), int(driver["slots_max"])) *
                            int(driver["slot_bytes"]),
                            int(driver["driver_bytes"])]


def differing_pool(found):
    computed = {name: sum(map(taken, parts)) for name, parts in pool_rows(found)}
    for row in found["image-pool"]:
        if computed.get(row["name"]) != int(row["bytes"]):
            yield f"pool of {row['name']}: image {row['bytes']}, computed {computed}"


def pool_table(found):
    rows = [["bytes of nonpaged pool", "inventory", "processors", "DPC slots", "driver", "asked",
             "taken", "KiB"]]
    for name, parts in pool_rows(found):
        total = sum(map(taken, parts))
        rows.append([name, *map(str, parts), str(sum(parts)), str(total), f"{total / KIB:.1f}"])
    print_table(rows)
    print(f"""\
asked    from the functions and structures that the driver allocates by; a request takes none
taken    the four allocations, each rounded as Windows' pool does; the harness counts the same on
         the production image for: {'; '.join(row['name'] for row in found['image-pool'])}
Not in it: what Windows keeps for its own objects (two devices, a work item, links).
""")


def main():
    found = parse(sys.stdin)
    missing = {"counts", "image", "image-pool", "wine", "driver", "pool"} - found.keys()
    if not {"instructions", "not-measured"} & found.keys():
        missing.add("instructions")
    if missing:
        print(f"table.py: nothing was measured for: {', '.join(sorted(missing))}", file=sys.stderr)
        return 1
    differing = [*differing_counts(found), *differing_pool(found)]
    if differing:
        print("table.py: two ways of counting differ:", *differing, sep="\n  ", file=sys.stderr)
        return 1
    requests_table(found)
    instructions_table(found)
    pool_table(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
