#!/bin/sh
# make test: from a bare Debian or Ubuntu machine to every suite's result. The last line is "N passed, N failed": of test files,
# and of the two compilations and the installation.
#
# What needs a server runs in a throwaway cluster, which is removed at the end. What stays are the packages and the installed
# extension. Tests that compare with figures kept beside the project, in ../shared, find them by NALOXONE_KPI_SHARED, and skip
# where they are absent.
#
# FUZZ_SECONDS is for how long each fuzz target runs, by default 20; NALOXONE_LIVE_SECONDS for how long test/t/refresh_live.t has readers,
# writers and refreshers at once, by default 15. test/t/hostile_input.t names its own HOSTILE_ROUNDS, test/t/refresh_killed.t its KILLED_ROUNDS.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
cd "$(dirname "$0")/.."

# One test file: its name, and the command that runs it. Whatever its result, the next one runs.
run()
{
	name=$1
	shift
	echo "--- $name"
	if "$@" </dev/null >"$work/output" 2>&1; then result=passed; else result=FAILED; fi
	cat "$work/output"
	if [ "$result" = passed ] && grep -q '\.\. skipped: ' "$work/output"; then result='skipped (passed)'; fi
	echo "$result: $name" >>"$work/results"
}

regression_test()
{
	make -s installcheck PG_CONFIG="$PG_CONFIG" REGRESS="$1" ISOLATION= || {
		cat regression.diffs
		return 1
	}
}

isolation_test()
{
	make -s installcheck PG_CONFIG="$PG_CONFIG" REGRESS= ISOLATION="$1" || {
		cat output_iso/regression.diffs
		return 1
	}
}

pgtap_test()
{
	createdb -T naloxone_template naloxone_test || return
	status=0
	pg_prove -d naloxone_test "$1" || status=1
	dropdb naloxone_test || status=1
	return $status
}

# The second half, run by pg_virtualenv with the cluster up.
if [ "${1:-}" = server ]; then
	work=$2
	# The programs of this server's version, wherever a test calls one by name.
	PATH=$("$PG_CONFIG" --bindir):$PATH
	export PATH

	# Debian's ODBC driver logs every connection to /tmp unless it is told not to.
	sed 's/^\(CommLog\|Debug\)=.*/\1=0/' /etc/odbcinst.ini >"$work/odbcinst.ini"
	ODBCSYSINI=$work
	export ODBCSYSINI

	for file in test/sql/*.sql; do
		[ ! -e "$file" ] || run "$file" regression_test "$(basename "$file" .sql)"
	done
	for file in test/specs/*.spec; do
		[ ! -e "$file" ] || run "$file" isolation_test "$(basename "$file" .spec)"
	done

	createdb naloxone_kpi_cron
	createdb naloxone_template
	psql -Xq -d naloxone_template -c 'SET client_min_messages = warning' -c 'CREATE EXTENSION naloxone_kpi CASCADE' \
		-c 'CREATE EXTENSION pgtap SCHEMA public' || echo "FAILED: CREATE EXTENSION" >>"$work/results"
	for file in test/pgtap/*.sql; do
		[ ! -e "$file" ] || run "$file" pgtap_test "$file"
	done
	dropdb naloxone_template

	for file in test/t/*.t; do
		[ ! -e "$file" ] || run "$file" prove "$file"
	done
	exit
fi

# make's own settings are not for the makes below.
unset MAKEFLAGS MFLAGS MAKELEVEL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
: >"$work/results"

PG_CONFIG=$(sh test/setup.sh test)
export PG_CONFIG
unset NALOXONE_KPI_SHARED
if [ -d ../shared ]; then
	NALOXONE_KPI_SHARED=$(cd ../shared && pwd)
	export NALOXONE_KPI_SHARED
fi
started=$(date +%s)
echo "Testing with $("$PG_CONFIG" --version)"

# No compiler warns. In a copy, so that the tree keeps the build that is installed.
objects=$(printf '%s\n' src/*.c src/core/*.c | sed 's/c$/o/')
warnings='-Wall -Wextra -Werror -Wdeclaration-after-statement'
compile()
{
	rm -rf "$work/tree"
	mkdir "$work/tree"
	cp -R Makefile META.json naloxone_kpi.control.in src sql "$work/tree"
	find "$work/tree" -name '*.o' -exec rm {} +
	# shellcheck disable=SC2086	# a word an object
	make -s -C "$work/tree" PG_CONFIG="$PG_CONFIG" "$@" $objects
}
run "compiling with gcc" compile CC=gcc COPT="$warnings"
# Flags of its own: those that the server was built with are gcc's.
run "compiling with clang" compile CC=clang CFLAGS="-O2 -g -fPIC -fno-strict-aliasing -fwrapv $warnings"

# The mathematics, without a server, under the address and undefined-behaviour sanitizers. Where it may, without address space
# randomisation, which some of their versions do not bear.
fixed="setarch $(uname -m) -R"
$fixed true 2>/dev/null || fixed=
core_test()
{
	program=test/core/build/$(basename "$1" .c)
	mkdir -p test/core/build
	# shellcheck disable=SC2086	# a word a flag
	gcc -g -O1 $warnings -ffp-contract=off -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -Isrc \
		-o "$program" "$1" src/core/*.c -lm && prove --exec "$fixed" "$program"
}
for file in test/core/test_*.c; do
	[ ! -e "$file" ] || run "$file" core_test "$file"
done

# The same under a fuzzer, from the seeds in test/core/corpus; what it makes of them is thrown away, but for what fails.
fuzz_test()
{
	target=$(basename "$1" .c)
	mkdir -p test/core/build "$work/$target"
	# shellcheck disable=SC2086	# a word a flag
	clang -g -O1 $warnings -ffp-contract=off -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
		-Isrc -o "test/core/build/$target" "$1" src/core/*.c -lm || return
	$fixed "test/core/build/$target" -max_total_time="${FUZZ_SECONDS:-20}" -seed=1 -timeout=10 -rss_limit_mb=1024 -verbosity=0 \
		-print_final_stats=1 -artifact_prefix="$work/$target." "$work/$target" "test/core/corpus/${target#fuzz_}" && return
	for input in "$work/$target."*; do
		echo "The input, in hexadecimal:"
		od -An -v -tx1 "$input"
	done
	return 1
}
for file in test/core/fuzz_*.c; do
	[ ! -e "$file" ] || run "$file" fuzz_test "$file"
done

build_and_install()
{
	make -s -j2 PG_CONFIG="$PG_CONFIG" || return
	if [ -w "$("$PG_CONFIG" --pkglibdir)" ]; then as_root=; else as_root=sudo; fi
	$as_root make -s install PG_CONFIG="$PG_CONFIG"
}
run "make install" build_and_install

if tail -n 1 "$work/results" | grep -q '^passed'; then
	major=$("$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
	unset PGHOST PGHOSTADDR PGPORT PGUSER PGPASSWORD PGDATABASE PGSERVICE PGOPTIONS
	# -t: its files go to a temporary directory, also where root runs it.
	pg_virtualenv -t -v "$major" -c '--locale=C.UTF-8 --encoding=UTF8' \
		-o max_locks_per_transaction=512 -o shared_preload_libraries=pg_cron -o cron.database_name=naloxone_kpi_cron -o cron.use_background_workers=on \
		sh test/test.sh server "$work" || echo "FAILED: the server, or what runs its suites" >>"$work/results"
else
	echo "Not installed, so what needs the server was not run."
fi

echo
grep -v '^FAILED' "$work/results" || :
grep '^FAILED' "$work/results" || :
passed=$(grep -cv '^FAILED' "$work/results" || :)
failed=$(grep -c '^FAILED' "$work/results" || :)
[ -n "${NALOXONE_KPI_SHARED:-}" ] || echo "There is no ../shared: what compares with the figures there was skipped."
echo "That took $(($(date +%s) - started)) seconds."
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
