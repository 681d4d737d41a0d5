#!/bin/bash
# The whole way once, with the real programs: make a service, load a network,
# book one expert for two partners that want the same hour, an operation, a place
# in a clinic and a bed, survive kill -9. Leaves nothing behind.
# usage: demo.sh [BUILD]
set -eu -o pipefail
cd "$(dirname "$0")/../.."
build=$PWD/${1:-build/release}
network=$PWD/examples/liaoyang.json

work=$(mktemp -d "${TMPDIR:-/tmp}/teleconsult-demo.XXXXXX")
state=$work/state log=$work/log daemon='' step='the beginning'
export XDG_CONFIG_HOME=$work/config
unset TELECONSULT_SERVER TELECONSULT_PROFILE NOTIFY_SOCKET LISTEN_FDS

clean_up() {
	code=$?
	if [ -n "$daemon" ]; then
		kill -9 "$daemon" 2>/dev/null || true
		wait "$daemon" 2>/dev/null || true
	fi
	if [ $code -ne 0 ]; then
		echo "demo: failed at: $step" >&2
		[ ! -s "$log" ] || tail -n 5 "$log" >&2
	fi
	rm -rf "$work"
	exit $code
}
trap clean_up EXIT
trap 'exit 130' INT TERM

say() {
	step=$1
	printf '\n== %s\n' "$step"
}
fail() {
	echo "$1" >&2
	exit 1
}
start() {
	: >"$log"
	"$build/teleconsultd" --config "$state/teleconsultd.conf" 2>"$log" &
	daemon=$!
	for _ in $(seq 300); do
		grep -q event=ready "$log" && break
		kill -0 "$daemon" 2>/dev/null || fail "the daemon ended"
		sleep 0.1
	done
	grep -q event=ready "$log" || fail "the daemon is not ready"
	echo "teleconsultd serves https://localhost:$partners"
}
# Two ports that are free: the service is to be found there again later.
ports() {
	python3 -c 'import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(s.getsockname()[1] for s in held))'
}
# tc PROFILE COMMAND...
tc() {
	profile=$1
	shift
	"$build/teleconsult" --profile "$profile" "$@"
}
# enroll PROFILE, with the invitation on standard input
enroll() {
	echo "-- $1"
	tc "$1" enroll -
}
# The n-th time that a refusal in JSON offers instead.
nearest() {
	python3 -c 'import json, sys
print(json.load(sys.stdin)["nearest"][0]["from"])'
}

say "a service of its own: authority, certificate, keys, database, an invitation"
read -r partners people < <(ports)
"$build/teleconsultd" init --state "$state" --name "Anzhen Hospital" \
	--host localhost --listen "127.0.0.1:$partners" \
	--listen-people "127.0.0.1:$people" | tee "$work/init"

say "the daemon starts"
start

say "the administrator enrols: the key is made here, and never leaves"
grep -o "tci1_[0-9a-f]*" "$work/init" | enroll default

say "and loads the network"
tc default admin import "$network"

say "invitations for a lead coordinator and those of two partners"
tc default admin invite --name "Anzhen desk" \
	--role lead-coordinator --site anzhen | enroll anzhen
tc default admin invite --name "Liaoyang desk" \
	--role site-coordinator --site liaoyang-central | enroll liaoyang
tc default admin invite --name "Second partner's desk" \
	--role site-coordinator --site cooperating-2 >"$work/second"
tc default admin users
enroll second <"$work/second"

say "both partners ask for the same expert"
printf '%s\n' '{"local_id": "L-1001", "name": "张三", "summary": "NSTEMI"}' |
	tc liaoyang submit remote-consultation --site liaoyang-central \
		--specialty coronary --reason "chest pain, ST changes" \
		--patient - >"$work/one"
printf '%s\n' '{"local_id": "C-77", "name": "李四", "summary": "angina"}' |
	tc second submit remote-consultation --site cooperating-2 \
		--specialty coronary --reason "angina at rest" \
		--patient - >"$work/two"
one=$(cat "$work/one") two=$(cat "$work/two")
echo "$one of liaoyang-central, $two of cooperating-2"

say "the lead accepts both"
tc anzhen accept "$one" --expert coronary-1
tc anzhen accept "$two" --expert coronary-1

say "the first partner searches"
monday=$(TZ=Asia/Shanghai date -d 'next monday' +%F)
tc liaoyang slots --request "$one" --from "$monday 09:00" -n 4

say "and books the first of them"
tc liaoyang book "$one" --at "$monday 09:00"

say "the second partner is refused that time, with every reason"
code=0
tc second book "$two" --at "$monday 09:00" 2>&1 || code=$?
[ $code -eq 1 ] || fail "a refusal has exit code 1, not $code"

say "and books the nearest that it was offered"
at=$(tc second -o json book "$two" --at "$monday 09:00" 2>&1 | nearest ||
	true)
[ -n "$at" ] || fail "nothing was offered"
tc second book "$two" --at "$at"

say "a surgical guidance: the operation from 8:00 to 13:00, the expert from 9:30"
printf '%s\n' '{"local_id": "L-2002", "name": "王五", "summary": "left main"}' |
	tc liaoyang submit surgical-guidance --site liaoyang-central \
		--specialty coronary --reason "stent of the left main" \
		--duration 60 --before 90 --after 150 --surgeon chest-pain-1 \
		--patient - >"$work/three"
three=$(cat "$work/three")
wednesday=$(TZ=Asia/Shanghai date -d "$monday + 2 days" +%F)
tc anzhen accept "$three" --expert coronary-1
tc liaoyang slots --request "$three" --from "$wednesday 09:30" -n 2
tc liaoyang book "$three" --at "$wednesday 09:30" \
	--with liaoyang-central/or-2 | tee "$work/guidance"
guidance=$(cut -d' ' -f1 "$work/guidance")
tc liaoyang show "$guidance" | tee "$work/shown"
grep -q "or-2 *operating-room.* 08:00–13:00" "$work/shown" ||
	fail "the operating room is not taken for the operation"

say "a place in the expert's clinic, booked without a request"
tuesday=$(TZ=Asia/Shanghai date -d "$monday + 1 day" +%F)
tc second slots clinic-slot --expert coronary-1 --from "$tuesday" -n 3
printf '%s\n' '{"local_id": "C-88", "name": "赵六", "summary": "follow-up"}' |
	tc second book clinic-slot --expert coronary-1 \
		--at "$tuesday 13:40" --patient - | tee "$work/place"
grep -q "13:40–13:50" "$work/place" || fail "a place is ten minutes long"

say "a referral: the patient of the consultation goes up, to a bed for three days"
printf '%s\n' '{"local_id": "L-1001", "name": "张三", "summary": "NSTEMI"}' |
	tc liaoyang submit referral --site liaoyang-central --to anzhen \
		--of "$one" --specialty coronary --reason "needs a bypass" \
		--patient - >"$work/four"
four=$(cat "$work/four")
tc anzhen accept "$four"
tc anzhen book "$four" --at "$monday 08:00" --bed-days 3
tc liaoyang show "$four" | tee "$work/shown"
grep -q "$one" "$work/shown" || fail "it does not say what it comes from"

say "the expert's week"
tc anzhen schedule coronary-1 --week --from "$monday" | tee "$work/week"
for code in "$one" "$two" "$four"; do
	tc anzhen -o json show "$code" | grep -q '"status":"scheduled"' ||
		fail "$code is not scheduled"
done

say "kill -9, and a new start"
kill -9 "$daemon"
wait "$daemon" 2>/dev/null || true
daemon=
start

say "the same week"
tc anzhen schedule coronary-1 --week --from "$monday" >"$work/again"
cmp "$work/week" "$work/again" || fail "the week is another one"
cat "$work/again"

say "who leaves is let in no more, at once"
left=$(tc default -o csv admin users | sed -n "s/,\"Second partner's desk.*//p")
tc default admin revoke "$left" --reason "left the hospital"
code=0
tc second whoami 2>&1 || code=$?
[ $code -eq 4 ] || fail "who was revoked has exit code 4, not $code"

say "the chain of events is whole"
tc default admin verify-log

say "the daemon stops as it is told"
kill "$daemon"
wait "$daemon" || fail "it did not end well"
daemon=

printf '\ndemo: ok\n'
