#!/bin/sh
# Installs what the tests use of the machine, where apt-get may and it is missing. Where it may
# not, the tests that need it are skipped and say so; CI counts such a skip as a failure.
set -u
missing=""
need() { command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || missing="$missing $2"; }
need /usr/bin/chromium chromium
need /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc fonts-noto-cjk
need /usr/sbin/postfix postfix
need /usr/bin/swaks swaks
need /usr/sbin/slapd slapd
need /usr/bin/strace strace
need /usr/lib/postgresql/*/bin/initdb postgresql
need /usr/bin/gcc "gcc libc6-dev"
need /usr/bin/7z p7zip-full
need /usr/bin/bsdtar libarchive-tools
need /usr/bin/genisoimage genisoimage
need /usr/bin/jlha jlha-utils
ldconfig -p 2>/dev/null | grep -q libarchive.so.13 || missing="$missing libarchive13"
# Next hops that cannot be installed beside Postfix: unpacked, and run from there (tests/e2e/unpacked.py).
unpacked="${XDG_CACHE_HOME:-$HOME/.cache}/sekisho-mta"
unpack() {
  [ -x "$unpacked/usr/sbin/smtpd" ] && [ -x "$unpacked/usr/sbin/exim4" ] && return
  mkdir -p "$unpacked" && cd "$unpacked" || return
  apt-get download -q exim4-daemon-light libidn12 opensmtpd >/dev/null 2>&1
  for each in ./*.deb; do dpkg -x "$each" . && rm -f "$each"; done
}
command -v apt-get >/dev/null 2>&1 && unpack
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "not here:$missing (the tests that need them will be skipped)" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# a package must not start its server on this machine
policy=/usr/sbin/policy-rc.d
[ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' > "$policy"; chmod +x "$policy"; made=1; }
apt-get -o DPkg::Lock::Timeout=900 update -q >/dev/null
# shellcheck disable=SC2086
apt-get -o DPkg::Lock::Timeout=900 install -q -y --no-install-recommends $missing >/dev/null
[ -z "${made:-}" ] || rm -f "$policy"
