#!/usr/bin/env bash
# Installs into a fresh prefix, builds the consumer against it, and runs the installed program from another folder.
# Usage: test.sh BUILD_DIR CONSUMER_DIR WORK_DIR
set -euo pipefail
build=$(readlink -f "$1")
consumer=$(readlink -f "$2")
work=$3
rm -rf "$work"
mkdir -p "$work"
cd "$work"
cmake --install "$build" --prefix "$work/prefix" >install.log
cmake -S "$consumer" -B consumer -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix" \
  ${CONSUMER_FLAGS:+-DCMAKE_CXX_FLAGS="$CONSUMER_FLAGS"} >configure.log
cmake --build consumer >build.log || { cat build.log; exit 1; }
printed=$(./consumer/consumer)
expected=$'conv: device\npool: device\ndense: cloud\n56 ms'
[ "$printed" = "$expected" ] || { echo "the consumer printed: $printed"; exit 1; }

prefix/bin/offcut run prefix/share/offcut/scenarios/digits.yaml --set stop.requests=50 --out out >run.log
grep -q '^fixed .* 100.00 %\|^fixed .* 9[0-9]\.[0-9]* %' run.log || { cat run.log; exit 1; }
test -s out/summary.csv
prefix/bin/offcut plot out --format png >plot.log
test -s out/plots/latency-cdf.png
prefix/bin/offcut init --out mine.yaml >init.log
schema=$(sed -n '1s/^# yaml-language-server: $schema=//p' mine.yaml)
[ "$schema" = "$(readlink -f prefix)/share/offcut/schemas/scenario.json" ] || { head -1 mine.yaml; exit 1; }
prefix/bin/offcut schema | cmp - "$schema"
if ! prefix/bin/offcut page out >page.log 2>&1; then
  grep -q "built without d3" page.log || { cat page.log; exit 1; }
else
  test -s out/report.html
fi
for page in man1/offcut.1 man1/offcut-run.1 man5/offcut-scenario.5; do
  zcat "prefix/share/man/$page.gz" | grep '^.TH' >/dev/null
done
for script in bash-completion/completions/offcut zsh/vendor-completions/_offcut fish/vendor_completions.d/offcut.fish; do
  grep -q '__complete' "prefix/share/$script"
done
if grep -rl "$build" prefix/share; then
  echo "the installed data names the build folder"
  exit 1
fi
