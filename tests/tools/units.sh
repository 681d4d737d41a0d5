#!/bin/sh
# Every unit in systemd/ is accepted in silence by systemd-analyze, and the
# daemon's exposure is within its bounds: behind sockets, and with its own.
# Programs must exist for it: the units are read with another's path.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
	echo "$1"
	exit 1
}

quietly() {
	said=$("$@" 2>&1) || fail "$said"
	[ -z "$said" ] || fail "$said"
}

# usage: exposure WHAT UNIT BOUND
exposure() {
	figure=$(systemd-analyze security --offline=yes --no-pager "$2" |
		sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p')
	[ -n "$figure" ] || fail "no exposure level is known for $2"
	echo "exposure $1: $figure (bound $3)"
	awk "BEGIN { exit !($figure <= $3) }" || fail "that is too much"
}

for unit in systemd/*.service systemd/*.socket systemd/*.timer; do
	[ -e "$unit" ] || continue
	sed 's|^\(Exec[A-Za-z]*=[-@:+!]*\)/usr/s\?bin/teleconsultd\?|\1/bin/true|' \
		"$unit" >"$work/${unit#systemd/}"
done
quietly systemd-analyze verify --man=no "$work"/*
exposure "of nightly backups" "$work/teleconsult-backup.service" 1.3
exposure "behind sockets" "$work/teleconsultd.service" 0.3

mkdir "$work/teleconsultd.service.d"
cp systemd/sealed-keys.conf "$work/teleconsultd.service.d"
quietly systemd-analyze verify --man=no "$work/teleconsultd.service"
cp systemd/own-sockets.conf "$work/teleconsultd.service.d"
quietly systemd-analyze verify --man=no "$work/teleconsultd.service"
exposure "with its own sockets" "$work/teleconsultd.service" 1.1
