#!/usr/bin/env bash
# Installs the Debian package on a bare Debian 12, made by debootstrap from the mirror of this machine's own apt, and uses
# it there as a normal user: quickstart, plot, man page, completion. Removes it, and looks for what it left.
# It needs root, a network, 2 GB and some minutes: skipped unless OFFCUT_DEBOOTSTRAP=1.
# Usage: debian_test.sh BUILD_DIR WORK_DIR [DEB], where DEB is the package (default: it is packed from the build)
set -euo pipefail

skip() {
  echo "skipped: $1"
  exit 77
}
fail() {
  echo "$1"
  exit 1
}
[ "${OFFCUT_DEBOOTSTRAP:-}" = 1 ] || skip "it takes minutes; OFFCUT_DEBOOTSTRAP=1 in the environment asks for it"
[ "$(id -u)" = 0 ] || skip "debootstrap needs root"
command -v debootstrap >/dev/null || skip "debootstrap is not installed"
command -v cpack >/dev/null || skip "cpack is not installed"
mirror=$(apt-get indextargets --format '$(CODENAME) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
  awk '$1 == "bookworm" && $2 == "Debian" { print $NF; exit }')
[ -n "$mirror" ] || skip "apt knows no mirror of Debian 12"

build=$(readlink -f "$1")
work=$(realpath -m "$2")
root=$work/root
clean() {
  mountpoint -q "$root/proc" && umount "$root/proc"
  rm -rf --one-file-system "$root"
}
trap clean EXIT
clean
mkdir -p "$work"
deb=${3:-}
if [ -z "$deb" ]; then
  (cd "$build" && cpack -G DEB -B "$work" -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip) >"$work/cpack.log" || fail "$(<"$work/cpack.log")"
  deb=$(ls "$work"/offcut_*.deb)
fi

debootstrap --variant=minbase bookworm "$root" "$mirror" >"$work/debootstrap.log" 2>&1 || {
  tail -3 "$work/debootstrap.log"
  skip "debootstrap cannot make a Debian: is there a network?"
}
mount -t proc proc "$root/proc"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/apt/apt.conf.d/*prox* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/fast"
cp "$deb" "$root/tmp/offcut.deb"

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }
user() { chroot --userspec=1000:1000 "$root" env -i PATH=/usr/bin:/bin HOME=/home/user TERM=xterm sh -ec "cd /home/user; $1"; }
logged() { "$@" >>"$work/install.log" 2>&1 || fail "$* failed: $(tail -20 "$work/install.log")"; }

logged inside apt-get update
inside find / -xdev -path /proc -prune -o -print | sort >"$work/before.txt"
! inside dpkg -i /tmp/offcut.deb >>"$work/install.log" 2>&1 || fail "the package has no dependency that a bare Debian lacks?"
logged inside apt-get -f install -y --no-install-recommends
[ "$(inside dpkg-query -W -f '${db:Status-Status}' offcut)" = installed ] || fail "the package is not installed"
inside useradd --create-home --uid 1000 user

# Without the packages that are only recommended.
user 'offcut --version; offcut run /usr/share/offcut/scenarios/quickstart.yaml' >"$work/quickstart.log"
grep -q '^multi-tier: 1.74 times faster than device-only' "$work/quickstart.log" || fail "$(<"$work/quickstart.log")"
! user 'offcut plot results/quickstart' >"$work/plot.log" 2>&1 || fail "it plots without Python"
grep -q python3-matplotlib "$work/plot.log" || fail "the message without Python does not name packages: $(<"$work/plot.log")"

logged inside apt-get install -y --no-install-recommends python3-matplotlib python3-pandas man-db bash-completion
user 'offcut plot results/quickstart --format png; test -s results/quickstart/plots/latency-cdf.png' >"$work/plot.log" 2>&1 ||
  fail "$(<"$work/plot.log")"
if inside test -e /usr/share/man/man1/offcut.1.gz; then
  user 'man offcut' >"$work/man.log"
  grep -q 'offcut' "$work/man.log" || fail "man offcut shows: $(<"$work/man.log")"
else
  echo "the package has no man page"
fi
if inside test -e /usr/share/bash-completion/completions/offcut; then
  # What bash offers after "offcut ru" and the tabulator.
  offered=$(inside bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader offcut
    COMP_WORDS=(offcut ru) COMP_CWORD=1 COMP_LINE="offcut ru" COMP_POINT=9
    function=$(complete -p offcut | sed "s/.*-F \([^ ]*\).*/\1/"); $function offcut ru offcut; echo "${COMPREPLY[*]}"')
  [[ " $offered " == *" run "* ]] || fail "bash offers: $offered"
else
  echo "the package has no completion for bash"
fi

inside dpkg -L offcut | sort >"$work/files.txt"
logged inside dpkg --purge offcut
left=$(while read -r file; do
  # Folders that other packages have, too, stay.
  if [ -e "$root$file" ] && ! grep -qxF "$file" "$work/before.txt" && ! inside dpkg -S "$file" >/dev/null 2>&1; then
    echo "$file"
  fi
done <"$work/files.txt")
[ -z "$left" ] || fail "left after removal: $left"
left=$(inside find / -xdev \( -path /proc -o -path /tmp -o -path /home -o -path /var/log \) -prune -o -name '*offcut*' -print)
[ -z "$left" ] || fail "left after removal: $left"

# The commands with which the Dockerfile installs the package, and its user.
logged inside userdel --remove user
cp "$deb" "$root/tmp/offcut_container.deb"
logged inside sh -ec "$("$(dirname "$0")/../structure/dockerfile_test.py" --last-run)"
container() { chroot --userspec=user:user "$root" env -i PATH=/usr/bin:/bin HOME=/home/user sh -ec "cd /work; $1"; }
container 'offcut run /usr/share/offcut/scenarios/quickstart.yaml --set stop.requests=500; test -s results/quickstart/summary.csv' \
  >"$work/container.log" 2>&1 || fail "$(<"$work/container.log")"
echo "installed, used and removed: $(basename "$deb")"
