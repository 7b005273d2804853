#!/bin/sh
# make bench: from a bare Debian or Ubuntu machine to a table of naloxone_kpi measured beside its peers. bench/README.md
#
#     BENCH_ROWS     administrations (20,000,000)
#     BENCH_PEOPLE   people with referral events, about five each (1,000,000)
#     BENCH_RUNS     how often each query is measured (5)
#
# Everything happens in a throwaway cluster, which is removed at the end. What stays are the packages and the installed
# extension.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
cd "$(dirname "$0")/.."

# The second half, run by pg_virtualenv with the cluster up. It can be run by itself against any server that psql finds by its
# environment and whose processes are on this machine: it makes the database naloxone_bench there, and leaves it.
if [ "${1:-}" = measure ]; then
	PGOPTIONS='-c client_min_messages=warning'
	export PGOPTIONS
	psql='psql -Xq -v ON_ERROR_STOP=1'

	$psql -d postgres -c 'CREATE DATABASE naloxone_bench'
	PGDATABASE=naloxone_bench
	export PGDATABASE
	# A day is 24 hours in UTC, so that every contestant counts the same 30 days.
	$psql -c 'CREATE EXTENSION naloxone_kpi CASCADE' -c 'CREATE EXTENSION tdigest' -c 'CREATE EXTENSION pg_prewarm' \
		-c 'ALTER DATABASE naloxone_bench SET search_path = public, naloxone_kpi' \
		-c "ALTER DATABASE naloxone_bench SET work_mem = '256MB'" \
		-c "ALTER DATABASE naloxone_bench SET TimeZone = 'UTC'" \
		-c 'ALTER DATABASE naloxone_bench SET jit = off' \
		-c 'ALTER DATABASE naloxone_bench SET max_parallel_workers_per_gather = 0'
	echo "Making ${BENCH_ROWS:=20000000} administrations and the referrals of ${BENCH_PEOPLE:=1000000} people ..."
	$psql -v rows="$BENCH_ROWS" -v people="$BENCH_PEOPLE" -f bench/data.sql
	# Nothing is left to write or to read from disk while the queries are timed.
	$psql -o /dev/null -c "SELECT pg_prewarm(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace" \
		-c CHECKPOINT
	perl bench/measure.pl
	$psql -v runs="${BENCH_RUNS:-5}" -f bench/interval.sql
	$psql -f bench/control_chart.sql
	echo "Measuring beside R's surveillance package ..."
	perl bench/surveillance.pl
	echo "Making a deployment of the same administrations ..."
	$psql -o /dev/null -f bench/refresh.sql
	perl bench/marking.pl
	perl bench/refresh.pl
	exit
fi

# make's own settings are not for the makes below.
unset MAKEFLAGS MFLAGS MAKELEVEL
PG_CONFIG=$(sh test/setup.sh bench)
started=$(date +%s)
echo "Building for $("$PG_CONFIG" --version) ..."
make -s -j2 PG_CONFIG="$PG_CONFIG"
if [ -w "$("$PG_CONFIG" --pkglibdir)" ]; then as_root=; else as_root=sudo; fi
$as_root make -s install PG_CONFIG="$PG_CONFIG" >/dev/null

major=$("$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
# Whatever other clusters the machine has, only the throwaway one is meant.
unset PGHOST PGHOSTADDR PGPORT PGUSER PGPASSWORD PGDATABASE PGSERVICE PGOPTIONS PG_CONFIG
# -t: its files go to a temporary directory, also where root runs it.
pg_virtualenv -t -v "$major" -c '--locale=C.UTF-8 --encoding=UTF8' \
	-o shared_buffers=12GB -o max_wal_size=32GB -o checkpoint_timeout=1h -o autovacuum=off -o fsync=off \
	sh bench/bench.sh measure

echo
echo "That took $(($(date +%s) - started)) seconds."
