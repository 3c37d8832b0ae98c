#!/bin/sh
# What `make bench` compares Sekisho with, beside the Postfix that scripts/machine.sh installs:
# rspamd, unpacked from its Debian package, and Haraka from npm. Neither is installed into the
# machine, and what cannot be had is left out of the comparison, which says so.
set -u
peers="${XDG_CACHE_HOME:-$HOME/.cache}/sekisho-peers"
rspamd() {
  [ -x "$peers/rspamd/usr/bin/rspamd" ] && return
  mkdir -p "$peers/rspamd" && cd "$peers/rspamd" || return
  apt-get download -q rspamd libhyperscan5 libluajit-5.1-2 libluajit-5.1-common >/dev/null 2>&1
  for each in ./*.deb; do
    case $each in ./rspamd_*) dpkg-deb -f "$each" Version > version ;; esac
    dpkg -x "$each" . && rm -f "$each"
  done
}
haraka() {
  [ -e "$peers/haraka/node_modules/Haraka/bin/haraka" ] && return
  mkdir -p "$peers/haraka" && cd "$peers/haraka" || return
  echo '{"name": "peer", "private": true}' > package.json
  # optional parts and scripts are left out; the date keeps to what works with Node 20
  npm install --silent --no-audit --no-fund --omit=dev --omit=optional --ignore-scripts \
    --before=2026-09-01 Haraka >/dev/null 2>&1
}
command -v apt-get >/dev/null 2>&1 && (rspamd)
command -v npm >/dev/null 2>&1 && (haraka)
exit 0
