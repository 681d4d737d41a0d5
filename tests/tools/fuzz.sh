#!/bin/bash
# Runs every fuzz target for some seconds, from the corpus in the repository;
# what is new and worth keeping is left in BUILD/corpus/ (a finding: there too).
# usage: fuzz.sh BUILD SECONDS
set -euo pipefail
build=$1 seconds=$2
for program in "$build"/tests/fuzz/fuzz_*; do
	case $program in *.o | *.d) continue ;; esac
	name=${program##*/fuzz_}
	mkdir -p "$build/corpus/$name" "tests/fuzz/corpus/$name"
	echo "== $name, $seconds s"
	"$program" -max_total_time="$seconds" -max_len=65536 -timeout=5 \
		-rss_limit_mb=1024 -verbosity=0 -print_final_stats=1 \
		-artifact_prefix="$build/corpus/$name-" \
		"$build/corpus/$name" "tests/fuzz/corpus/$name" 2>&1 |
		{ grep -E '^stat::(number|average|new)|ERROR|Test unit|==|#[0-9]+ 0x' || true; }
done
