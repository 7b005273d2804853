#!/usr/bin/perl
# Over postgres_fdw the servers that have the rows compute the states, and only states travel: for a rollup of what two servers
# hold, and for a partitioned table whose partitions are theirs. The result is what the same rows give in one place.
#
# Connects as psql does by default, as a superuser; works in two databases of its own.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Psql;
use Test::More;

# Each type that an aggregate makes and rollup() adds up: calls over the columns of the table below, and an accessor.
my %calls = (
	duration_dist => { states => [ 'duration_dist(seconds)', 'duration_dist(duration)', 'duration_dist(seconds, n)' ],
		accessor => 'percentile(%s, 0.9)' },
	funnel => { states => [ 'funnel(stage, at, hour)', 'funnel(name, at, hour, stages)' ], accessor => 'furthest_stage(%s)' },
	life_table => { states => [ 'life_table(seconds, stage)', 'life_table(seconds, stage, n)', 'life_table(seconds, stage, unit)',
		'life_table(seconds, stage, n, unit)', 'life_table(day, day_ended, stage)', 'life_table(at, at_ended, stage, unit)' ],
		accessor => 'percentile(%s, 0.5)' },
	time_series => { states => [ 'time_series(i, seconds)', 'time_series(i, seconds, n)', 'time_series(day, seconds)', 'time_series(day, seconds, n)' ],
		accessor => 'num_values(%s)' },
	# These are a few numbers, whatever they are of.
	proportion_counts => { states => [ 'proportion_counts(n, seconds)' ], accessor => 'proportion_interval(%s)', length => 5 },
	rate_counts => { states => [ 'rate_counts(n, seconds)' ], accessor => 'rate_interval(%s)', length => 5 },
	sample_sums => { states => [ 'sample_sums(seconds)' ], accessor => 'mean_interval(%s)', length => 5 },
);

my $rows = "SELECT division, i, CASE WHEN h % 17 <> 0 THEN seconds END AS seconds, make_interval(secs => seconds) AS duration, h % 5 + 1 AS n,
		(h % 3 + 1)::integer AS stage, 'stage ' || (h % 3 + 1) AS name, '{stage 1,stage 2,stage 3}'::text[] AS stages,
		timestamptz '2025-01-01 00:00Z' + make_interval(secs => i) AS at, interval '1 hour' AS hour,
		timestamptz '2025-01-01 00:00Z' + make_interval(secs => i + h % 100000) AS at_ended, 'minute' AS unit,
		date '2025-01-01' + i % 365 AS day, date '2025-01-01' + i % 365 + (h % 1000)::integer AS day_ended
	FROM unnest('{C,E,N,V}'::text[]) AS division CROSS JOIN generate_series(1, 2500) AS i
	CROSS JOIN LATERAL (SELECT ('x' || substr(md5(division || i), 1, 8))::bit(32)::bigint & 2147483647 AS h) AS h
	CROSS JOIN LATERAL (SELECT (CASE WHEN i % 100 < 98 THEN 120 + h % 1300 ELSE h END)::integer AS seconds) AS s";
my $columns = 'division text, i integer, seconds integer, duration interval, n bigint, stage integer, name text, stages text[],
	at timestamptz, hour interval, at_ended timestamptz, unit text, day date, day_ended date';
my %divisions = (1 => "'C', 'E'", 2 => "'N', 'V'");

create_database('here');
my $there = value('SELECT current_database()') =~ s/here/there/r;

# The other servers' database; psql takes the last -d.
sub there
{
	my ($status, @output) = psql('-d', $there, '-v', 'ON_ERROR_STOP=1', '-c', $_[0]);

	die join("\n", @output) . "\n" if $status != 0;
}

sub result_of { return value("SET search_path = naloxone_kpi, public; SET enable_partitionwise_aggregate = on; $_[0]"); }

sub plan_of { return result_of("EXPLAIN (VERBOSE, COSTS OFF) $_[0]"); }

# What the servers are asked, one statement each.
sub remote_statements { return $_[0] =~ /Remote SQL: (.*?)"?$/mg; }

value("CREATE DATABASE $there");
there('CREATE EXTENSION naloxone_kpi CASCADE');
there("CREATE TABLE shard_$_ AS SELECT * FROM ($rows) AS r WHERE division IN ($divisions{$_})") for sort keys %divisions;

value('CREATE EXTENSION naloxone_kpi CASCADE');
value('CREATE EXTENSION postgres_fdw');
value("CREATE TABLE local_copy AS $rows");
value("CREATE TABLE record ($columns) PARTITION BY LIST (division)");
my $host = $ENV{PGHOST} // (split /,\s*/, value('SHOW unix_socket_directories'))[0];
my $port = value('SHOW port');
my $password = defined $ENV{PGPASSWORD} ? ", password '$ENV{PGPASSWORD}'" : '';
for my $shard (sort keys %divisions)
{
	# Far away, a row costs more than it does on this machine.
	value("CREATE SERVER server_$shard FOREIGN DATA WRAPPER postgres_fdw
		OPTIONS (host '$host', port '$port', dbname '$there', extensions 'naloxone_kpi', fdw_tuple_cost '0.2')");
	value("CREATE USER MAPPING FOR CURRENT_USER SERVER server_$shard OPTIONS (user '" . value('SELECT current_user') . "'$password)");
	value("CREATE FOREIGN TABLE shard_$shard PARTITION OF record FOR VALUES IN ($divisions{$shard})
		SERVER server_$shard OPTIONS (schema_name 'public', table_name 'shard_$shard')");
}
value('ANALYZE');
is(value('SELECT count(*) FROM record'), value('SELECT count(*) FROM local_copy'), 'the servers have the rows');

is_deeply([ query("SELECT typname FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_type t ON t.oid = p.proargtypes[0]
	WHERE p.proname = 'rollup' AND p.pronamespace = 'naloxone_kpi'::regnamespace ORDER BY 1") ], [ sort keys %calls ], 'every type is tried');

for my $type (sort keys %calls)
{
	for my $state (@{ $calls{$type}{states} })
	{
		# Two servers compute a state each.
		my $rollup = "SELECT rollup(state) FROM (SELECT $state AS state FROM shard_1 UNION ALL SELECT $state FROM shard_2) AS s";
		my @remote = remote_statements(plan_of($rollup));
		is(scalar @remote, 2, "rollup of $state: both servers are asked");
		like($_, qr/^SELECT naloxone_kpi\.\Q$type\E\([\w, ]+\) FROM public\.shard_\d$/, '... for its state') for @remote;
		my $expected = result_of("SELECT $state FROM local_copy");
		cmp_ok(length $expected, '>', $calls{$type}{length} // 1000, '... the result is no small one');
		is(result_of($rollup), $expected, '... and what the rows give in one place');

		# A state a group, rolled up once more here.
		my $by_division = "SELECT division, rollup(state) FROM (SELECT division, $state AS state FROM shard_1 WHERE i > 100 GROUP BY division
			UNION ALL SELECT division, $state FROM shard_2 WHERE i > 100 GROUP BY division) AS s GROUP BY division ORDER BY division COLLATE \"C\"";
		@remote = remote_statements(plan_of($by_division));
		is(scalar(grep { /^SELECT division, naloxone_kpi\.\Q$type\E\([\w, ]+\) FROM public\.shard_\d WHERE \(\(i > 100\)\) GROUP BY 1$/ } @remote), 2,
			"rollup of $state by division: both servers group") or diag(@remote);
		$expected = result_of("SELECT division, $state FROM local_copy WHERE i > 100 GROUP BY division ORDER BY division COLLATE \"C\"");
		is(result_of($by_division), $expected, '... and the result is what the rows give in one place');

		# A partitioned table: the planner divides the work itself.
		my $partitioned = "SELECT division, $state FROM record WHERE i > 100 GROUP BY division ORDER BY division COLLATE \"C\"";
		@remote = remote_statements(plan_of($partitioned));
		is(scalar(grep { /^SELECT division, naloxone_kpi\.\Q$type\E\([\w, ]+\) FROM public\.shard_\d WHERE \(\(i > 100\)\) GROUP BY 1\b/ } @remote), 2,
			"$state of a partitioned table by division: both servers group") or diag(plan_of($partitioned));
		is(result_of($partitioned), $expected, '... and the result is what the rows give in one place');

		# An accessor goes where the state is made.
		my $read = sprintf($calls{$type}{accessor}, $state);
		my ($far, $near) = map { "SELECT division, $read FROM $_ GROUP BY division ORDER BY division COLLATE \"C\"" } qw(record local_copy);
		@remote = remote_statements(plan_of($far));
		is(scalar(grep { /\Q$type\E\([\w, ]+\).* GROUP BY / } @remote), 2, "$read: both servers group") or diag(@remote);
		is(result_of($far), result_of($near), '... and the result is what the rows give in one place');
	}
}

done_testing();

END
{
	my $status = $?;
	psql('-c', "DROP DATABASE IF EXISTS $there WITH (FORCE)") if defined $there;
	$? = $status;
}
