#!/bin/sh
# Installs the Debian or Ubuntu packages that are missing, and prints the path of the pg_config to build with.
#
#     PG_CONFIG=$(sh test/setup.sh demo)    what the demonstration needs
#     PG_CONFIG=$(sh test/setup.sh test)    what the tests need too (the default)
#     PG_CONFIG=$(sh test/setup.sh bench)   what the measurements need
#
# The server is of the major version that PG_CONFIG, or the pg_config on the PATH, belongs to; without one, or where that
# version has no packages here, the distribution's own. What it says goes to standard error.
set -eu
LC_ALL=C.UTF-8
export LC_ALL

say()
{
	echo "setup: $*" >&2
}

die()
{
	say "$*"
	exit 1
}

suite=${1:-test}
case $suite in
	demo | test | bench) ;;
	*) die "\"$suite\" is not one of demo, test, bench" ;;
esac
command -v apt-get >/dev/null ||
	die "this sets up Debian and Ubuntu only; elsewhere install PostgreSQL 15 or later with PostGIS, then run make and make install"

if [ "$(id -u)" = 0 ]; then
	as_root=
else
	as_root=sudo
fi

log=
dropin=
made_dropin_dir=
tidy()
{
	if [ -n "$dropin" ]; then
		$as_root rm -f "$dropin"
		[ -z "$made_dropin_dir" ] || $as_root rmdir -p --ignore-fail-on-non-empty "${dropin%/*}" 2>/dev/null || :
		dropin=
	fi
	[ -z "$log" ] || rm -f "$log"
}
trap tidy EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# One step of apt-get; what it prints is shown only if it fails.
apt()
{
	[ -z "$as_root" ] || command -v sudo >/dev/null ||
		die "packages are missing and there is no sudo: run as root, or let root run: sh test/setup.sh $suite"
	[ -n "$log" ] || log=$(mktemp)
	# Reading from /dev/null: nothing may ask a question. (sudo asks for a password at the terminal itself.)
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null || {
		tail -n 30 "$log" >&2
		die "apt-get $1 failed"
	}
}

updated=
update_once()
{
	[ -z "$updated" ] || return 0
	updated=yes
	say "updating the package lists (apt-get update)"
	apt update
}

is_installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

is_available()
{
	apt-cache policy "$1" 2>/dev/null | grep '^  Candidate: ' | grep -qv '(none)'
}

# Which server.

major=
for pg_config in ${PG_CONFIG:+"$PG_CONFIG"} pg_config; do
	command -v "$pg_config" >/dev/null || {
		[ "$pg_config" = pg_config ] || die "PG_CONFIG is $pg_config, which cannot be run"
		continue
	}
	found=$("$pg_config" --version 2>/dev/null | sed -n 's/^PostgreSQL \([0-9]*\).*/\1/p')
	[ -n "$found" ] || continue
	is_installed "postgresql-$found" || is_available "postgresql-$found" || update_once
	if is_installed "postgresql-$found" || is_available "postgresql-$found"; then
		major=$found
	else
		say "$pg_config is of PostgreSQL $found, which has no packages here: taking the distribution's own version"
	fi
	break
done
if [ -z "$major" ]; then
	is_available postgresql || update_once
	major=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/^ *Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1)
	[ -n "$major" ] || die "the package lists name no PostgreSQL server"
fi
[ "$major" -ge 15 ] ||
	die "PostgreSQL 15 or later is needed, and this is $major: add the packages of https://apt.postgresql.org and set PG_CONFIG"

# What is missing.

wanted="gcc libc6-dev make postgresql-common postgresql-$major postgresql-client-$major postgresql-server-dev-$major
	postgresql-$major-postgis-3"
if [ "$suite" = test ]; then
	wanted="$wanted clang perl python3 python3-pyodbc unixodbc odbc-postgresql postgresql-$major-pgtap
		libtap-parser-sourcehandler-pgtap-perl postgresql-$major-cron"
	# The fuzzer is in a package of clang's version; in older distributions it comes with clang itself.
	is_installed clang || is_available clang || update_once
	clang=$(apt-cache depends clang 2>/dev/null | sed -n 's/^ *Depends: clang-\([0-9][0-9]*\)$/\1/p' | head -n 1)
	if ! dpkg-query -L "libclang-common-$clang-dev" 2>/dev/null | grep -q 'libclang_rt\.fuzzer'; then
		is_installed "libclang-rt-$clang-dev" || is_available "libclang-rt-$clang-dev" || update_once
		! is_available "libclang-rt-$clang-dev" || wanted="$wanted libclang-rt-$clang-dev"
	fi
elif [ "$suite" = bench ]; then
	wanted="$wanted perl postgresql-$major-tdigest r-base-core r-cran-surveillance"
fi
missing=
for package in $wanted; do
	is_installed "$package" || missing="$missing $package"
done

if [ -n "$missing" ]; then
	update_once
	say "installing (this may take some minutes):$missing"
	# Installing a server makes and starts a cluster: not here, nobody asked for one.
	if ! is_installed "postgresql-$major"; then
		dropin=/etc/postgresql-common/createcluster.d/naloxone_kpi-setup.conf
		[ -d "${dropin%/*}" ] || made_dropin_dir=yes
		$as_root mkdir -p "${dropin%/*}"
		echo 'create_main_cluster = false' | $as_root tee "$dropin" >/dev/null
	fi
	# shellcheck disable=SC2086	# one word a package
	apt install -y --no-install-recommends $missing
	say "installed"
fi

pg_config=/usr/lib/postgresql/$major/bin/pg_config
[ -x "$pg_config" ] || die "$pg_config is not there, although postgresql-server-dev-$major is installed"
echo "$pg_config"
