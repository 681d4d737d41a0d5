#!/bin/sh
# Every header compiles alone. usage: headers.sh COMPILER FLAG...
set -eu
find base proto daemon client tests -name '*.h' -not -path '*/node_modules/*' |
	sort | xargs -r -P "$(nproc)" -n 4 sh -c '
	for arg; do case $arg in *.h) headers="${headers-} $arg" ;; esac; done
	for header in $headers; do
		printf "#include \"%s\"\n" "$header" |
			$COMPILE -fsyntax-only -x c - ||
			{ echo "$header does not compile alone"; exit 255; }
	done' _
