#!/usr/bin/env bash
# Runs partition/examples/small_problem.cpp and sees that it is linked with neither SimGrid nor yaml-cpp.
# Usage: example_test.sh PROGRAM
set -euo pipefail
got=$("$1")
expected='best: conv on device, pool on device, dense on cloud, 56.04 ms
next: conv on device, pool on device, dense on device, 111.00 ms
up to 353107 B/s: conv on device, pool on device, dense on device
up to 12000000 B/s: conv on device, pool on device, dense on cloud
up to 100000000 B/s: conv on cloud, pool on cloud, dense on cloud'
[ "$got" = "$expected" ] || { echo "the example printed: $got"; exit 1; }
if ldd "$1" | grep -E 'simgrid|yaml'; then
  echo "the example needs more than the partition library"
  exit 1
fi
