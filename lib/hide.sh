#!/bin/sh
# Makes a static library one object in which only what is not hidden can be seen from outside.
#
#   hide.sh LINKER OBJCOPY AR LIBRARY
set -eu
linker=$1 objcopy=$2 ar=$3 library=$4

object=$(dirname "$library")/rapl.o
"$linker" -r --whole-archive "$library" -o "$object"
"$objcopy" --localize-hidden "$object"
rm -f "$library"
"$ar" qcD "$library" "$object"
rm -f "$object"
