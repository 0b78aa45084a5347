#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the watts of one domain of the last interval that `rapl read --json` printed on stdin.

usage: watts.py PACKAGE DOMAIN; exit status 1 if that domain has none.
"""
import json
import sys


def main():
    package, domain = int(sys.argv[1]), sys.argv[2]
    last = json.loads(sys.stdin.read().splitlines()[-1])
    for reading in last["domains"]:
        if ((reading["package"], reading["domain"]) == (package, domain) and
                reading["power_w"] is not None):
            print(reading["power_w"])
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
