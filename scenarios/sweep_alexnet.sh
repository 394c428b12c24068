#!/bin/bash
# Run neurosurgeon-alexnet.yaml over a range of uplinks; everything is in one CSV afterwards. See --help.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scenario=$here/neurosurgeon-alexnet.yaml
for offcut in "${OFFCUT:-}" "$here/../build/release/offcut" "$here/../../../bin/offcut"; do
  [[ ! -x $offcut ]] || break  # Of the source tree, or of the prefix into which both are installed.
done

usage() {
  cat <<'HELP'
Usage: sweep_alexnet.sh OUT [MBIT...]

Run neurosurgeon-alexnet.yaml at every uplink bandwidth MBIT (in Mbit/s; default: 28 from 0.5 to 256, three
per doubling) and join the summaries into OUT/sweep.csv: uplink_bit_per_s, the columns of summary.csv, and
cut_after, the last layer that the row's plan has on the device ("input": none). The downlink stays as it is
in the scenario: only the answer of 4 kB takes it.

The results of a bandwidth are in OUT/<bit/s>/. Those that are there already and newer than the scenario and
the program are not made again: a sweep that was stopped goes on where it was.

OFFCUT names the program (default: build/release/offcut, or the installed one).

Example: sweep_alexnet.sh results/sweep-alexnet && analysis/plots/latency_over_bandwidth.py \
           results/sweep-alexnet/sweep.csv latency.png
HELP
}

fail() {  # MESSAGE [EXIT_CODE]
  echo "sweep_alexnet.sh: $1" >&2
  exit "${2:-2}"
}

# The bandwidths in bit/s, each once, in rising order.
bandwidths() {
  if (($# == 0)); then
    awk 'BEGIN { for (i = 0; i < 28; ++i) printf "%.0f\n", sprintf("%.3g", 0.5 * 2 ^ (i / 3)) * 1e6 }'
  else
    printf '%s\n' "$@" | awk '{ printf "%.0f\n", $1 * 1e6 }' | sort -n -u
  fi
}

# summary.csv of DIR with the two columns more, its header only if WITHOUT_HEADER is 0. A record (RFC 4180) ends
# where its quotes are closed.
summary_with_cut() {  # BIT_PER_S DIR WITHOUT_HEADER
  (cd "$2" && awk -v bandwidth="$1" -v without_header="$3" '
    function split_record(text, to,    n, at, quoted, c) {
      n = 1; to[1] = ""
      for (at = 1; at <= length(text); ++at) {
        c = substr(text, at, 1)
        if (c == "\"" && quoted && substr(text, at + 1, 1) == "\"") { to[n] = to[n] c; ++at }
        else if (c == "\"") quoted = !quoted
        else if (c == "," && !quoted) to[++n] = ""
        else to[n] = to[n] c
      }
      return n
    }
    function quote(text) {
      if (text !~ /[,"\n]/) return text
      gsub(/"/, "\"\"", text)
      return "\"" text "\""
    }
    FNR == 1 { head = 1; record = "" }
    { record = record == "" ? $0 : record "\n" $0 }
    gsub(/"/, "\"", record) % 2 { next }
    {
      n = split_record(record, field)
      if (head) for (i = 1; i <= n; ++i) column[FILENAME, field[i]] = i
      algorithm = field[column[FILENAME, "algorithm"]]
      if (FILENAME == "plan.csv") {
        if (!(algorithm in cut)) cut[algorithm] = "input"
        if (field[column[FILENAME, "tier"]] == "device") cut[algorithm] = field[column[FILENAME, "layer"]]
      } else if (!head || !without_header) {
        print (head ? "uplink_bit_per_s" : bandwidth) "," record "," (head ? "cut_after" : quote(cut[algorithm]))
      }
      head = 0; record = ""
    }' plan.csv summary.csv)
}

if [[ ${1-} == --help || ${1-} == -h ]]; then
  usage
  exit 0
fi
[[ $# -ge 1 && $1 != -* ]] || fail "needs a folder for the results; see --help"
out=$1
shift
for mbit in "$@"; do
  [[ $mbit =~ ^[0-9]+(\.[0-9]+)?$ && $mbit =~ [1-9] ]] || fail "'$mbit' is no bandwidth in Mbit/s, such as 5.85"
done
[[ -x $offcut ]] || fail "no program $offcut: build it, or say in OFFCUT where it is"

mkdir -p "$out"
partial=$out/.partial-$$
trap 'rm -rf "$partial"' EXIT
mapfile -t points < <(bandwidths "$@")

progress() {
  if [[ -t 2 ]]; then
    printf '\r\033[K%s' "$1" >&2
  fi
}

point=0
for bandwidth in "${points[@]}"; do
  result=$out/$bandwidth/summary.csv
  progress "$((++point)) of ${#points[@]}: uplink $bandwidth bit/s"
  if [[ $result -nt $scenario && $result -nt $offcut ]]; then
    continue
  fi
  mkdir "$partial"
  said=$("$offcut" run "$scenario" --set "network.device-cloud.up=$bandwidth bit/s" --out "$partial/run" 2>&1) ||
    fail "the run at $bandwidth bit/s failed: $said" $?
  rm -rf "${out:?}/$bandwidth"
  mv -T "$partial/run" "$out/$bandwidth"
  rmdir "$partial"
done

mkdir "$partial"
joined=0
for bandwidth in "${points[@]}"; do
  summary_with_cut "$bandwidth" "$out/$bandwidth" "$((joined++))"
done >"$partial/sweep.csv"
mv "$partial/sweep.csv" "$out/sweep.csv"
progress "$out/sweep.csv: ${#points[@]} bandwidths"$'\n'
