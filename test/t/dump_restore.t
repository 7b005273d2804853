#!/usr/bin/perl
# A deployment is ordinary objects: dumped, restored and renamed, it holds the same rows, views the same figures and refreshes.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

my $root     = abs_path(dirname(__FILE__) . '/../..');
my $bin      = `@{[ $ENV{PG_CONFIG} // 'pg_config' ]} --bindir`;
chomp $bin;
my $prefix   = "nkpi_dump_$$";
my $owner    = "${prefix}_owner";
my $password = $ENV{PGPASSWORD} // 'unused';
my $dir      = tempdir(CLEANUP => 1);
my $as_of    = '2025-12-31';
my @databases = map { "${prefix}_$_" } qw(first second third fourth);

# Compiling these statements takes far longer than running them.
$ENV{PGOPTIONS} = '-c jit=off';

# Runs statements as the superuser, or as another role; what they print. Dies where one fails.
sub sql
{
	my ($database, $statements, $role) = @_;
	my @as = defined $role ? ('-U', $role) : ();

	open my $psql, '-|', "$bin/psql", '-XAtq', '-v', 'ON_ERROR_STOP=1', @as, '-d', $database, '-c', "SET client_min_messages = warning",
	  '-c', $statements or die "psql: $!";
	my $out = do { local $/; <$psql> } // '';
	close $psql or die "failed in $database: " . substr($statements =~ s{\s+}{ }gr, 0, 200) . "\n";
	chomp $out;
	return $out;
}

sub run
{
	my ($command) = @_;
	my $status = system('bash', '-o', 'pipefail', '-c', $command);
	diag("exit status $status: $command") if $status != 0;
	return $status == 0;
}

# Every relation of a deployment's three schemas, as their owner sees it: rows, and a digest of them in order.
sub contents
{
	my ($database, @schemas) = @_;
	my $names = join ', ', map { "'$_'" } @schemas;
	my %contents;

	foreach my $relation (split /\n/, sql($database, "SELECT array_position(ARRAY[$names], n.nspname::text) || '.' || c.relname || ' '
		|| format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN ($names) AND c.relkind IN ('r', 'v', 'm')"))
	{
		my ($key, $name) = split / /, $relation, 2;

		# Their regclass columns are what a rename changes in how they read.
		my $row = { '1.deployment' => 't.model_version', '1.tracked_table' => 'row(t.source, t.days, t.keys)::text' }->{$key} // 't::text';
		$contents{$key} = sql($database, "SELECT count(*) || ' rows ' || coalesce(md5(string_agg(md5($row), ''
			ORDER BY md5($row) COLLATE \"C\")), '') FROM $name t", $owner);
	}
	return \%contents;
}

# The same without what another refresh adds to.
sub figures
{
	my ($contents) = @_;
	my %figures = %$contents;

	delete @figures{ '1.refresh_run', '1.refresh_log', '2.kpi_refresh_status' };
	return \%figures;
}

sub findings
{
	my ($database, $deployment) = @_;
	return sql($database, "SELECT * FROM naloxone_kpi.check_deployment('$deployment')", $owner)
	  . sql($database, "SELECT * FROM naloxone_kpi.bi_check('$deployment')", $owner);
}

sub refresh
{
	my ($database, $deployment) = @_;
	return sql($database, "CALL naloxone_kpi.refresh('$deployment', '$as_of')", $owner) . sql($database,
		"SELECT failed_steps FROM $deployment.refresh_run ORDER BY run DESC LIMIT 1", $owner);
}

# The text of a dump, without the lines whose key is random.
sub plain_dump
{
	my ($database) = @_;
	my $file = "$dir/$database.sql";

	run("'$bin/pg_dump' '$database' | sed -E -e '/^\\\\(un)?restrict /d' > '$file'") or die;
	return $file;
}

sub same_text
{
	my ($one, $other) = @_;
	return run("diff '$one' '$other' >&2");
}

sub clean_up
{
	system("$bin/psql", '-XAtq', '-d', 'postgres', (map { ('-c', "DROP DATABASE IF EXISTS $_") } @databases),
		'-c', "DROP ROLE IF EXISTS $owner");
}

sub test
{
	my ($first, $second, $third, $fourth) = @databases;

	sql('postgres', "CREATE ROLE $owner LOGIN PASSWORD '$password'");
	sql('postgres', "CREATE DATABASE $_ TEMPLATE template0") for @databases;
	sql($first, 'CREATE EXTENSION naloxone_kpi CASCADE');
	sql('postgres', "GRANT CREATE ON DATABASE $first TO $owner");
	is(sql($first, "SELECT rolsuper FROM pg_roles WHERE rolname = '$owner'"), 'f', 'the owner is no superuser');
	sql($first, "SELECT naloxone_kpi.deploy('kpi')", $owner);
	run("'$bin/psql' -Xq -U $owner -d $first -f '$root/demo/warehouse.sql'") or die;

	# One year will do, and takes less time; of deaths, which are few, one that is settled too, so that divisions are compared; and in V not even one a month,
	# so that the time between them is drawn.
	sql($first, "DELETE FROM kpi.administration_record WHERE occurred_at < '2025-04-01';
		DELETE FROM kpi.ambulance_activation_record WHERE clock_started_at < '2025-04-01';
		DELETE FROM kpi.overdose_incident_record WHERE occurred_at < '2025-04-01';
		DELETE FROM kpi.kit_movement_record WHERE moved_at < '2025-04-01';
		DELETE FROM kpi.direct_measure_record WHERE issued_on < '2025-04-01';
		DELETE FROM kpi.recorded_crime_record WHERE recorded_on < '2025-04-01';
		DELETE FROM kpi.published_count_record WHERE period_from < '2025-04-01';
		DELETE FROM kpi.drug_death_record WHERE died_on < '2024-04-01' OR division_code = 'V' AND extract(day FROM died_on) % 2 = 0;
		DELETE FROM kpi.substance_signal_record WHERE observed_on < '2025-04-01';
		DELETE FROM kpi.survey_response_record WHERE answered_on < '2025-04-01';
		INSERT INTO kpi.published_count_record (indicator, period_from, period_to, value, source) VALUES ('recorded_police_warnings', '2025-04-01', '2025-04-30', 480, 'invented');
		UPDATE kpi.source_coverage_record SET covered_from = CASE source WHEN 'drug_death' THEN date '2024-04-01' ELSE '2025-04-01' END WHERE covered_from < '2025-04-01'", $owner);
	is(refresh($first, 'kpi'), '0', 'the owner refreshes');
	my @schemas = qw(kpi kpi_bi kpi_public);
	my $before = contents($first, @schemas);
	cmp_ok(scalar(grep { /^2\.kpi_/ } keys %$before), '>=', 10, 'there are views to compare');
	is_deeply([ sort grep { /^2\.kpi_/ && $before->{$_} =~ /^0 rows/ } keys %$before ], [], 'and none of them is empty');
	is(findings($first, 'kpi'), '', 'nothing is wrong with the deployment');

	# Dump and restore.
	ok(run("'$bin/pg_dump' -Fc $first | '$bin/pg_restore' -1 --exit-on-error -d $second"), 'pg_dump -Fc | pg_restore -1 --exit-on-error');
	is_deeply(contents($second, @schemas), $before, 'every relation has the same rows');
	is(sql($second, "SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind = 'm' AND NOT relispopulated"), '', 'every materialised view is populated');
	is(sql($second, "SELECT string_agg(DISTINCT relowner::regrole::text, ' ') FROM pg_class
		WHERE relnamespace::regnamespace::text IN ('kpi', 'kpi_bi', 'kpi_public')"), $owner, 'everything has its owner');
	is(sql($second, "SELECT * FROM naloxone_kpi.deployment_schemas('kpi')", $owner), "kpi|kpi_bi|kpi_public|$owner", 'it knows its schemas and its owner');
	ok(same_text(plain_dump($first), plain_dump($second)), 'a plain dump of it is the same text');
	is(findings($second, 'kpi'), '', 'nothing is wrong with it');
	is(refresh($second, 'kpi'), '0', 'it refreshes');
	is_deeply(figures(contents($second, @schemas)), figures($before), 'to the same figures');

	# Marks that wait are dumped too, and so are a force's own partitions and columns, with the triggers that mark their changes.
	sql('postgres', "GRANT CREATE ON DATABASE $second TO $owner");
	sql($second, q{
		CREATE SCHEMA own;
		CREATE TABLE own.kit (LIKE kpi.kit_movement_record) PARTITION BY RANGE (moved_at);
		CREATE TABLE own.kit_may PARTITION OF own.kit FOR VALUES FROM ('2025-05-01') TO ('2025-06-01');
		CREATE TABLE own.kit_rest PARTITION OF own.kit DEFAULT;
		INSERT INTO own.kit (division_code, moved_at, movement, kits) SELECT 'G', timestamptz '2025-05-01 12:00+00' + n * interval '1 day', 'issued', n FROM generate_series(1, 40) n;
		INSERT INTO kpi.source_coverage_record (source, division_code, covered_from) VALUES ('kit_movement', 'G', '2025-05-01');
		ALTER TABLE kpi.administration_record ADD COLUMN own_reference text;
		UPDATE kpi.administration_record SET own_reference = 'case ' || administration_id}, $owner);
	sql($second, 'CREATE OR REPLACE VIEW kpi.kit_movement AS SELECT ' . sql($second, "SELECT string_agg(attname, ', ' ORDER BY attnum)
		FROM pg_attribute WHERE attrelid = 'kpi.kit_movement'::regclass AND attnum > 0") . ' FROM own.kit', $owner);
	sql($second, q{SELECT naloxone_kpi.track_changes('kpi', 'kit_movement', 'own.kit',
		$$ SELECT day_of(moved_at) AS day, coalesce(division_code, 'UNKNOWN') AS division_code FROM changed $$)}, $owner);
	is(refresh($second, 'kpi'), '0', 'with partitions of its own, it refreshes');
	sql($second, q{
		UPDATE own.kit SET moved_at = '2025-07-09 12:00+00' WHERE kits = 1;
		INSERT INTO own.kit_may (division_code, moved_at, movement, kits) VALUES ('G', '2025-05-31 12:00+00', 'issued', 100);
		DELETE FROM kpi.direct_measure_record WHERE measure_id = (SELECT max(measure_id) FROM kpi.direct_measure_record)}, $owner);
	my $waiting = contents($second, @schemas);
	like($waiting->{'1.mark'}, qr/^[1-9]/, 'marks wait');
	ok(run("'$bin/pg_dump' -Fc $second | '$bin/pg_restore' -1 --exit-on-error -d $fourth"), 'it is dumped and restored');
	is_deeply(contents($fourth, @schemas), $waiting, 'every relation has the same rows, marks and the column added among them');
	is(sql($fourth, 'SELECT count(own_reference) = count(*) AND count(*) > 0 FROM kpi.administration_record', $owner), 't', 'the column holds what it did');
	is(sql($fourth, "SELECT * FROM naloxone_kpi.untracked_tables('kpi')", $owner), '', 'what was tracked is');
	is(sql($fourth, "SELECT count(*) > 0 AND bool_and(finding = 'pending') FROM naloxone_kpi.verify('kpi')", $owner), 't', 'what marks wait for is pending');
	sql($fourth, q{INSERT INTO own.kit_rest (division_code, moved_at, movement, kits) VALUES ('G', '2025-08-08 12:00+00', 'issued', 100);
		UPDATE kpi.direct_measure_record SET issued_on = '2025-08-08' WHERE measure_id = (SELECT min(measure_id) FROM kpi.direct_measure_record)}, $owner);
	is(sql($fourth, "SELECT string_agg(DISTINCT source, ' ' ORDER BY source) FROM kpi.mark WHERE day = '2025-08-08'", $owner), 'direct_measure kit_movement', 'triggers mark there');
	is(refresh($fourth, 'kpi'), '0', 'it refreshes');
	is(sql($fourth, "SELECT * FROM naloxone_kpi.verify('kpi')", $owner), '', 'and nothing differs');
	is(findings($fourth, 'kpi'), '', 'nothing is wrong with it');

	# Rename.
	sql($first, "SELECT naloxone_kpi.rename_deployment('kpi', 'other')", $owner);
	@schemas = qw(other other_bi other_public);
	is_deeply(contents($first, @schemas), $before, 'renamed, every relation has the same rows');
	is(sql($first, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'kpi%'"), '0', 'nothing is left under the old name');
	is(refresh($first, 'other'), '0', 'renamed, it refreshes');
	is_deeply(figures(contents($first, @schemas)), figures($before), 'to the same figures');
	is(findings($first, 'other'), '', 'nothing is wrong with it');

	# Whoever renames the schemas one by one, to whatever, loses nothing either; a name that needs quotes least of all.
	@schemas = ('Station "9"', 'analysts', 'releases');
	sql($first, 'ALTER SCHEMA other RENAME TO "Station ""9"""; ALTER SCHEMA other_bi RENAME TO analysts;
		ALTER SCHEMA other_public RENAME TO releases', $owner);

	# The least that has a row in every view keeps the rest short.
	sql($first, 'SET search_path = "Station ""9"""; UPDATE source_coverage_record SET covered_from = \'2025-10-01\';
		DELETE FROM overdose_incident_record WHERE occurred_at < \'2025-10-01\';
		DELETE FROM published_count_record; DELETE FROM direct_measure_record WHERE issued_on < \'2025-10-01\';
		DELETE FROM ambulance_activation_record WHERE clock_started_at < \'2025-10-01\';
		DELETE FROM administration_record WHERE occurred_at < \'2025-10-01\'; DELETE FROM recorded_crime_record WHERE recorded_on < \'2025-10-01\';
		DELETE FROM drug_death_record WHERE died_on < \'2025-10-01\'; DELETE FROM substance_signal_record WHERE observed_on < \'2025-10-01\';
		DELETE FROM survey_response_record WHERE answered_on < \'2025-10-01\'; DELETE FROM kit_movement_record WHERE moved_at < \'2025-10-01\'', $owner);
	is(sql($first, qq{CALL naloxone_kpi.refresh('Station "9"', '$as_of')}, $owner), '', 'renamed by ALTER SCHEMA, it refreshes');
	is(findings($first, 'Station "9"'), '', 'nothing is wrong with it');
	my $renamed = contents($first, @schemas);
	is_deeply([ sort keys %$renamed ], [ sort keys %$before ], 'it has the same relations');
	isnt($renamed->{'2.kpi_doses_by_division'}, $before->{'2.kpi_doses_by_division'}, 'and shows what changed');

	# A renamed one is dumped and restored as any.
	ok(run("'$bin/pg_dump' -Fc $first | '$bin/pg_restore' -1 --exit-on-error -d $third"), 'renamed, it is dumped and restored');
	is_deeply(contents($third, @schemas), $renamed, 'every relation has the same rows');
	ok(same_text(plain_dump($first), plain_dump($third)), 'a plain dump of it is the same text');
	is(sql($third, qq{CALL naloxone_kpi.refresh('Station "9"', '$as_of')}, $owner), '', 'it refreshes');
	is(findings($third, 'Station "9"'), '', 'nothing is wrong with it');
	sql('postgres', "GRANT CREATE ON DATABASE $third TO $owner");
	sql($third, q{SELECT naloxone_kpi.rename_deployment('Station "9"', 'kpi')}, $owner);
	is_deeply(figures(contents($third, qw(kpi kpi_bi kpi_public))), figures($renamed), 'renamed back, it has the same figures');
}

local $SIG{INT} = local $SIG{TERM} = sub { die "stopped\n" };
eval { test(); 1 } or fail("it went on: $@");
clean_up();
done_testing();
