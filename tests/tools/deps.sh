#!/bin/sh
# Installs the Debian packages of the named purposes that are missing.
# usage: deps.sh PURPOSE...    (the list: tests/tools/packages)
set -eu
list=$(dirname "$0")/packages

wanted=
for purpose; do
	while read -r what package program; do
		[ "$what" = "$purpose" ] || continue
		[ -n "$program" ] && command -v "$program" >/dev/null && continue
		wanted="$wanted $package"
	done <"$list"
done
[ -n "$wanted" ] || exit 0

missing=
# shellcheck disable=SC2086
have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted \
	2>/dev/null || true)
for package in $wanted; do
	printf '%s\n' "$have" | grep -qxF "$package installed" ||
		missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		echo "deps: missing:$missing; install them as root" >&2
		exit 1
	}
	as_root=sudo
fi
echo "deps: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
{
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update &&
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq \
			--no-install-recommends install $missing
} >"$log" 2>&1 </dev/null || {
	cat "$log" >&2
	echo "deps: apt-get failed" >&2
	exit 1
}
