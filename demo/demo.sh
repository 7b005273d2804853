#!/bin/sh
# make demo: from a bare Debian or Ubuntu machine to the KPIs of a sample warehouse, printed and as a web page.
#
# Everything happens in a throwaway cluster, which is removed at the end. What stays are the packages, the installed
# extension, and demo/report.html.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
cd "$(dirname "$0")/.."

# The second half, run by pg_virtualenv with the cluster up.
if [ "${1:-}" = report ]; then
	PGDATABASE=naloxone_demo
	PGOPTIONS='-c client_min_messages=warning'
	export PGDATABASE PGOPTIONS
	psql='psql -Xq -v ON_ERROR_STOP=1'

	echo "Filling the sample warehouse with invented records ..."
	$psql -d postgres -c "CREATE DATABASE $PGDATABASE"
	$psql -o /dev/null -c 'CREATE EXTENSION naloxone_kpi CASCADE' -c "SELECT naloxone_kpi.deploy('kpi')"
	$psql -f demo/warehouse.sql
	echo "Refreshing the KPI views ..."
	$psql -c "CALL naloxone_kpi.refresh('kpi', '2025-12-31')"
	echo
	$psql -f demo/report.sql

	# What psql writes as HTML, without the attributes that HTML no longer has.
	$psql -v html=on -o demo/report.html.tmp -f demo/report.sql
	{
		cat <<-'HEAD'
		<!DOCTYPE html>
		<html lang="en-GB">
		<head>
		<meta charset="utf-8">
		<meta name="viewport" content="width=device-width, initial-scale=1">
		<title>Police naloxone: the KPIs (synthetic records)</title>
		<style>
		body { font: 1rem/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 62rem; margin: 0 auto; padding: 1rem; }
		h1 { line-height: 1.2; }
		h2 { margin-top: 2.5rem; border-bottom: 1px solid #bbb; }
		.warn { border: 3px solid #a00; padding: 0.5rem 0.8rem; font-weight: bold; }
		.scroll { overflow-x: auto; margin: 1.2rem 0; }
		table { border-collapse: collapse; font-size: 0.9rem; }
		caption { text-align: left; font-weight: bold; padding-bottom: 0.3rem; }
		th, td { padding: 0.2rem 0.6rem; border-bottom: 1px solid #ddd; text-align: left; white-space: nowrap; }
		th { background: #eef1f4; text-align: center; vertical-align: bottom; white-space: normal; }
		th:first-child { text-align: left; }
		td.number { text-align: right; font-variant-numeric: tabular-nums; }
		</style>
		</head>
		<body>
		<h1>Police naloxone: the KPIs</h1>
		HEAD
		sed -e 's/<table border="0">/<div class="scroll"><table>/' -e 's/<table border="0" /<div class="scroll"><table /' \
			-e 's/^<\/table>.*/<\/table><\/div>/' -e 's/ valign="top"//' -e 's/ align="left"//' -e 's/ align="center"//' \
			-e 's/ align="right"/ class="number"/' -e 's/<br \/>/<br>/g' demo/report.html.tmp
		echo '</body>'
		echo '</html>'
	} >demo/report.html.new
	mv -f demo/report.html.new demo/report.html
	rm -f demo/report.html.tmp
	exit
fi

# make's own settings are not for the makes below.
unset MAKEFLAGS MFLAGS MAKELEVEL
trap 'rm -f demo/report.html.tmp demo/report.html.new' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

PG_CONFIG=$(sh test/setup.sh demo)
started=$(date +%s)
echo "Building for $("$PG_CONFIG" --version) ..."
make -s -j2 PG_CONFIG="$PG_CONFIG"
if [ -w "$("$PG_CONFIG" --pkglibdir)" ]; then as_root=; else as_root=sudo; fi
$as_root make -s install PG_CONFIG="$PG_CONFIG" >/dev/null

major=$("$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
# -t: its files go to a temporary directory, also where root runs it.
unset PGHOST PGHOSTADDR PGPORT PGUSER PGPASSWORD PGDATABASE PGSERVICE PGOPTIONS PG_CONFIG
pg_virtualenv -t -v "$major" -c '--locale=C.UTF-8 --encoding=UTF8' sh demo/demo.sh report

echo
echo "The same as a web page: $(pwd)/demo/report.html"
echo "That took $(($(date +%s) - started)) seconds."
