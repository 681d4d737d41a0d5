#!/bin/sh
# Lints the OpenAPI document and checks the recorded answers against it.
# The npm packages are installed once per lock file, under build/openapi/.
# usage: run.sh ANSWERS
set -eu
here=$(dirname "$0")
modules=build/openapi
mkdir -p "$modules"
if ! cmp -s "$here/package-lock.json" "$modules/installed"; then
	rm -f "$modules/installed"
	cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" \
		"$modules/"
	npm --prefix "$modules" ci --loglevel=error >&2
	cp "$here/package-lock.json" "$modules/installed"
fi
REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
	exec node "$here/check.cjs" "$modules" "$1"
