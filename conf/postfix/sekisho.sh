#!/bin/sh
# Puts Sekisho into the way out of a Postfix, and takes it out again.
#
#   sekisho.sh pilot HOST:PORT FILE   senders in FILE (an address or @domain a line) go by Sekisho
#   sekisho.sh all HOST:PORT          everything that leaves goes by Sekisho
#   sekisho.sh bypass                 mail leaves as before Sekisho, until pilot or all is said again
#   sekisho.sh undo                   as before Sekisho, and nothing of it is left
#   sekisho.sh status
#
# Only relayhost and sender_dependent_relayhost_maps are touched; what they were stands in
# sekisho.before beside main.cf. MAIL_CONFIG names another folder than /etc/postfix.
set -eu
etc=$(postconf -h config_directory)
before="$etc/sekisho.before"
senders="$etc/sekisho.senders"
ours="texthash:$senders"

usage() {
  sed -n 's/^#   //p' "$0" >&2
  exit 2
}

keep() {
  [ -e "$before" ] || postconf relayhost sender_dependent_relayhost_maps > "$before"
}

was() {
  sed -n "s/^$1 = *//p" "$before"
}

restore() {
  [ -e "$before" ] || return 0
  postconf -e "relayhost = $(was relayhost)"
  postconf -e "sender_dependent_relayhost_maps = $(was sender_dependent_relayhost_maps)"
}

hop() {
  case "$1" in
    \[*\]) printf '%s:25' "$1" ;;
    \[*) printf '%s' "$1" ;;
    *:*) printf '[%s]:%s' "${1%:*}" "${1##*:}" ;;
    *) printf '[%s]:25' "$1" ;;
  esac
}

case "${1:-}" in
  pilot)
    [ $# -eq 3 ] || usage
    [ -r "$3" ] || { echo "sekisho.sh: $3 cannot be read; nothing is changed" >&2; exit 2; }
    keep
    restore
    sed "s|^[[:space:]]*||; s|[[:space:]]*\$||; /^\$/d; /^#/d; s|\$| $(hop "$2")|" "$3" > "$senders"
    old=$(was sender_dependent_relayhost_maps)
    postconf -e "sender_dependent_relayhost_maps = $ours${old:+, $old}"
    ;;
  all)
    [ $# -eq 2 ] || usage
    keep
    restore
    postconf -e "relayhost = $(hop "$2")"
    ;;
  bypass) restore ;;
  undo)
    restore
    rm -f "$before" "$senders"
    ;;
  status) ;;
  *) usage ;;
esac
[ "$1" = status ] || postfix reload
postconf relayhost sender_dependent_relayhost_maps
