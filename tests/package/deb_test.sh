#!/usr/bin/env bash
# Packs the files of a build for Debian and runs the program from the unpacked package, while the source tree is hidden.
# Checks the contents, the fields, and what lintian says. debian_test.sh installs the package on a bare Debian.
# Usage: deb_test.sh BUILD_DIR WORK_DIR
set -euo pipefail
build=$(readlink -f "$1")
source=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$build/CMakeCache.txt")
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")
work=$(realpath -m "$2")
rm -rf "$work"
mkdir -p "$work"
for tool in cpack dpkg-deb dpkg-shlibdeps; do
  command -v "$tool" >/dev/null || { echo "skipped: there is no $tool"; exit 77; }
done

fail() {
  echo "$1"
  exit 1
}

# Packing for users takes xz, which needs ten times as long.
(cd "$build" && cpack -G DEB -B "$work" -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip) >"$work/cpack.log" || fail "$(<"$work/cpack.log")"
deb=$work/offcut_$version-1_amd64.deb
[ -f "$deb" ] || fail "there is no $deb, but: $(ls "$work")"

# Outside of the source tree, which is hidden below.
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
dpkg-deb -x "$deb" "$place/root"
share=$place/root/usr/share
for file in usr/bin/offcut usr/share/offcut/scenarios/{quickstart.yaml,catalogue/devices.yaml} \
  usr/share/offcut/models/data/digits/digits_cnn.onnx usr/share/offcut/analysis/plots/draw.py \
  usr/share/doc/offcut/{copyright,changelog.gz,changelog.Debian.gz,README.md,CITATION.cff,docs/README.md}; do
  [ -s "$place/root/$file" ] || fail "the package lacks $file"
done
unwanted=$(find "$place/root" -name '*.h' -o -name '*.a' -o -name '*.cmake' -o -name __pycache__ -o -name '*.so' \
  -o -path '*/scenarios/invalid')
[ -z "$unwanted" ] || fail "the package has development files, or files of tests: $unwanted"
! grep -rlF -e "$build" -e "$source/" "$share" || fail "the files above name folders of this machine"
[ "$(zcat "$share/doc/offcut/changelog.gz" | head -1)" = "# Changelog" ] || fail "changelog.gz is not the changelog"
[[ "$(zcat "$share/doc/offcut/changelog.Debian.gz" | head -1)" == "offcut ($version-1) "* ]] ||
  fail "cmake/debian/changelog has another version than CMakeLists.txt: $version"

field() { dpkg-deb -f "$deb" "$1"; }
[ "$(field Package) $(field Version) $(field Section)" = "offcut $version-1 science" ] || fail "$(dpkg-deb -f "$deb")"
for library in libsimgrid libdnnl libonnx libyaml-cpp; do  # From dpkg-shlibdeps.
  [[ "$(field Depends)" == *$library*\(\>=* ]] || fail "Depends lacks $library: $(field Depends)"
done
[[ "$(field Depends)" != *openmpi* ]] || fail "MPI is a dependency of the program: $(field Depends)"
[[ "$(field Recommends)" == *python3-matplotlib*python3-pandas* ]] || fail "Recommends: $(field Recommends)"

# An empty folder covers the source tree in a mount namespace of its own.
cat >"$place/run.sh" <<'RUN'
set -eu
mkdir "$2/empty" "$2/user"
[ "$3" = shown ] || mount --bind "$2/empty" "$3"
[ "$3" = shown ] || [ ! -e "$3/scenarios" ]
cd "$2/user"
export PATH="$2/root/usr/bin:/usr/bin:/bin" HOME="$2/user"
offcut run "$1/offcut/scenarios/quickstart.yaml" --set stop.requests=200 >run.log
offcut run "$1/offcut/scenarios/digits.yaml" --set stop.requests=5 >digits.log  # Its model and images are data of the package.
if /usr/bin/python3 -c 'import matplotlib, pandas' 2>/dev/null; then
  offcut plot results/quickstart --kind latency-cdf --format svg >plot.log
  test -s results/quickstart/plots/latency-cdf.svg
fi
test -s results/quickstart/summary.csv
RUN
run=(unshare -m)
[ "$(id -u)" = 0 ] || run=(unshare -rm)
hidden=$source
if ! "${run[@]}" true 2>/dev/null; then
  echo "the source tree is not hidden: unshare may not mount here"
  run=() hidden=shown
fi
"${run[@]}" sh "$place/run.sh" "$share" "$place" "$hidden" || fail "the program from the package fails: $(cat "$place"/user/*.log)"

if ! command -v lintian >/dev/null; then
  echo "lintian is not installed: its part is skipped"
  exit 0
fi
# A package that is in no archive closes no bug there.
lintian --allow-root --suppress-tags initial-upload-closes-no-bugs --fail-on error "$deb" >"$work/lintian.log" 2>&1 ||
  fail "$(<"$work/lintian.log")"
cat "$work/lintian.log"
