#!/usr/bin/perl
# A deployment goes through pg_upgrade as any tables and views do. Between clusters of one version, which is what can be had here:
# the catalogue is written anew all the same.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use Test::More;

my $bin = `@{[ $ENV{PG_CONFIG} // 'pg_config' ]} --bindir`;
chomp $bin;
plan(skip_all => "there is no pg_upgrade in $bin") unless -x "$bin/pg_upgrade";

# The clusters are these tests' own: what was set for another one must not lead there.
delete $ENV{$_} foreach grep { /^PG/ && $_ ne 'PG_CONFIG' } keys %ENV;

# A server does not run as root. It is told a port and listens to no network, so the port need only be free in its directory.
my $dir = tempdir('nkpi_upgrade_XXXXXX', TMPDIR => 1);
my $port = 50432;
my @as;
if ($> == 0)
{
	my (undef, undef, $uid, $gid) = getpwnam('postgres') or plan(skip_all => 'root cannot run a server, and there is no user postgres');
	chown $uid, $gid, $dir;
	@as = ('setpriv', "--reuid=$uid", "--regid=$gid", '--clear-groups');
}
$ENV{TZ} = 'UTC';
my $running;

sub run
{
	my (@command) = @_;
	my $status = system("cd '$dir' && " . join(' ', map { "'" . s/'/'\\''/gr . "'" } @as, @command) . " >>'$dir/log' 2>&1");
	if ($status != 0)
	{
		diag("exit status $status: @command");
		diag(`tail -40 '$dir/log'`);
	}
	return $status == 0;
}

sub start
{
	my ($cluster) = @_;
	run("$bin/pg_ctl", '-D', "$dir/$cluster", '-l', "$dir/$cluster.log", '-w', '-o', "-p $port -k $dir -c listen_addresses= -c fsync=off -c jit=off", 'start')
	  or die "$cluster did not start\n";
	$running = $cluster;
}

sub stop
{
	run("$bin/pg_ctl", '-D', "$dir/$running", '-w', '-m', 'fast', 'stop') if defined $running;
	undef $running;
}

sub sql
{
	my ($statements, $role) = @_;

	open my $psql, '-|', @as, "$bin/psql", '-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', $dir, '-p', $port, '-U', $role // 'nkpi_superuser',
	  '-d', 'postgres', '-c', 'SET client_min_messages = warning', '-c', $statements or die "psql: $!";
	my $out = do { local $/; <$psql> } // '';
	close $psql or die "failed: " . substr($statements =~ s{\s+}{ }gr, 0, 200) . "\n";
	chomp $out;
	return $out;
}

# Every relation of the deployment: rows, and a digest of them in order.
sub contents
{
	my %contents;

	foreach my $relation (split /\n/, sql("SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'v', 'm')
		AND relnamespace::regnamespace::text IN ('kpi', 'kpi_bi', 'kpi_public')"))
	{
		$contents{$relation} = sql("SELECT count(*) || ' rows ' || coalesce(md5(string_agg(md5(t::text), ''
			ORDER BY md5(t::text) COLLATE \"C\")), '') FROM $relation t", 'nkpi_owner');
	}
	return \%contents;
}

sub findings
{
	return sql("SELECT * FROM naloxone_kpi.check_deployment('kpi')", 'nkpi_owner') . sql("SELECT * FROM naloxone_kpi.bi_check('kpi')", 'nkpi_owner');
}

sub test
{
	foreach my $cluster ('old', 'new')
	{
		run("$bin/initdb", '-D', "$dir/$cluster", '-U', 'nkpi_superuser', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync')
		  or die "no cluster\n";
	}
	start('old');
	sql('CREATE EXTENSION naloxone_kpi CASCADE');
	sql('CREATE ROLE nkpi_owner LOGIN; CREATE ROLE nkpi_analyst LOGIN; GRANT CREATE ON DATABASE postgres TO nkpi_owner');
	sql("SELECT naloxone_kpi.deploy('kpi')", 'nkpi_owner');
	sql("SELECT naloxone_kpi.grant_reader('kpi', 'nkpi_analyst', ARRAY['G'])", 'nkpi_owner');

	# Every type of the extension in rows of the owner's: in contracts, and stored states in a table of their own.
	sql(q{
		INSERT INTO kpi.division_record (division_code, division_name, region, valid_from, boundary)
		VALUES ('G', 'Greater Glasgow', 'West', '2013-04-01',
				public.ST_GeomFromText('MULTIPOLYGON(((0 0, 1000 0, 1000 1000, 0 1000, 0 0)))', 27700)),
			   ('A', 'North East', 'North', '2013-04-01', NULL);
		INSERT INTO kpi.population_record (area_type, area_code, year, people) VALUES ('division', 'G', 2024, 826400), ('division', 'A', 2024, 582000);
		INSERT INTO kpi.source_coverage_record (source, division_code, covered_from)
		SELECT source, division, '2025-07-01' FROM unnest(ARRAY['administration', 'referral_event', 'direct_measure', 'recorded_crime']) source,
			unnest(ARRAY['G', 'A']) division;
		INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key, doses, first_aid,
			substances, outcome, survival, call_source, ambulance_category_first, ambulance_category_last, clock, ambulance_clock_started_at,
			ambulance_attended, ambulance_arrived_at)
		SELECT 'a' || n, 'i' || n, CASE n % 3 WHEN 0 THEN 'A' ELSE 'G' END, t, 'p' || n % 20, '{2 x 1800 mcg intranasal}', '{rescue_breaths: yes}',
			'{heroin}', 'conscious_responsive', 'survived', 'public', 'Purple', 'Red', 'acuity_assigned', t, true, t + n * interval '20 s'
		FROM generate_series(1, 60) n, LATERAL (SELECT timestamptz '2025-07-02 10:00+00' + n * interval '2 days 7 hours') o (t);
		INSERT INTO kpi.referral_event_record (person_key, administration_id, stage, occurred_at)
		SELECT person_key, administration_id, 'referred', occurred_at + interval '1 day' FROM kpi.administration_record WHERE administration_id LIKE '%1';
		INSERT INTO kpi.direct_measure_record (measure_id, division_code, issued_on, offence, kind, drug_class)
		SELECT 'm' || n, 'G', date '2025-07-01' + n, 'drug_possession', 'recorded_police_warning', 'B' FROM generate_series(1, 90) n;
		CREATE TABLE kpi.own_state AS SELECT naloxone_kpi.duration_dist(ambulance_arrived_at - ambulance_clock_started_at) AS response,
			naloxone_kpi.fiscal_year(date '2025-07-01') AS fiscal_year, 'infinity'::date AS never FROM kpi.administration_record;
	}, 'nkpi_owner');
	# A few of every source, so that no view is empty.
	open my $records, '<', dirname(abs_path(__FILE__)) . '/../every_source.sql' or die "every_source.sql: $!";
	sql(do { local $/; <$records> }, 'nkpi_owner');
	# A force's own partitions and column.
	sql(q{
		CREATE SCHEMA own;
		CREATE TABLE own.kit (LIKE kpi.kit_movement_record) PARTITION BY RANGE (moved_at);
		CREATE TABLE own.kit_july PARTITION OF own.kit FOR VALUES FROM ('2025-07-01') TO ('2025-08-01');
		CREATE TABLE own.kit_rest PARTITION OF own.kit DEFAULT;
		INSERT INTO own.kit (division_code, moved_at, movement, kits) SELECT 'G', timestamptz '2025-07-01 12:00+00' + n * interval '1 day', 'issued', n FROM generate_series(1, 40) n;
		ALTER TABLE kpi.administration_record ADD COLUMN own_reference text;
		UPDATE kpi.administration_record SET own_reference = 'case ' || administration_id;
	}, 'nkpi_owner');
	sql('CREATE OR REPLACE VIEW kpi.kit_movement AS SELECT ' . sql("SELECT string_agg(attname, ', ' ORDER BY attnum)
		FROM pg_attribute WHERE attrelid = 'kpi.kit_movement'::regclass AND attnum > 0") . ' FROM own.kit', 'nkpi_owner');
	sql(q{SELECT naloxone_kpi.track_changes('kpi', 'kit_movement', 'own.kit',
		$$ SELECT day_of(moved_at) AS day, coalesce(division_code, 'UNKNOWN') AS division_code FROM changed $$)}, 'nkpi_owner');
	sql("CALL naloxone_kpi.refresh('kpi', '2025-12-31')", 'nkpi_owner');
	# Marks that wait, though of what changes no figure.
	sql("UPDATE kpi.direct_measure_record SET measure_id = measure_id; UPDATE own.kit_july SET kits = kits", 'nkpi_owner');
	my $before = contents();
	my $marks = sql('SELECT count(*) FROM kpi.mark');
	cmp_ok($marks, '>', 0, 'marks wait');
	is(join(' ', sort grep { /^kpi_bi\./ && $before->{$_} =~ /^0 rows/ } keys %$before), '', 'every view has rows to compare');
	my $seen = sql('SELECT count(*) FROM kpi_bi.kpi_doses_by_division', 'nkpi_analyst');
	cmp_ok($seen, '>', 0, 'an analyst sees some of them');
	stop();

	ok(run("$bin/pg_upgrade", '-b', $bin, '-B', $bin, '-d', "$dir/old", '-D', "$dir/new", '-s', $dir, '-p', $port, '-P', $port + 1,
			'-U', 'nkpi_superuser'), 'pg_upgrade');
	start('new');
	is_deeply(contents(), $before, 'every relation has the same rows');
	is(sql('SELECT count(*) FROM kpi_bi.kpi_doses_by_division', 'nkpi_analyst'), $seen, 'the analyst sees as much as before');
	is(sql("SELECT count(*) FROM pg_class WHERE relkind = 'm' AND NOT relispopulated"), '0', 'every materialised view is populated');
	is(findings(), '', 'nothing is wrong with the deployment');
	is(sql('SELECT count(*) FROM kpi.mark'), $marks, 'marks still wait');
	is(sql('SELECT count(own_reference) FROM kpi.administration_record'), '63', 'a column added holds what it did, in the 60 records above and the 3 of every source');
	is(sql("SELECT * FROM naloxone_kpi.untracked_tables('kpi')"), '', 'what was tracked is');
	sql("UPDATE own.kit_july SET moved_at = moved_at + interval '2 days' WHERE kits = 5", 'nkpi_owner');
	is(sql("SELECT count(*) FROM kpi.mark"), $marks + 2, 'changes of a partition by its name are marked');
	sql("UPDATE own.kit SET moved_at = moved_at - interval '2 days' WHERE kits = 5", 'nkpi_owner');

	sql("INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, occurred_at) VALUES ('new', 'new', 'G', '2025-12-30 12:00+00')", 'nkpi_owner');
	sql("CALL naloxone_kpi.refresh('kpi', '2025-12-31')", 'nkpi_owner');
	is(sql("SELECT failed_steps FROM kpi.refresh_run ORDER BY run DESC LIMIT 1"), '0', 'it refreshes');
	is(sql("SELECT * FROM naloxone_kpi.verify('kpi')"), '', 'and nothing differs');
	my $after = contents();
	isnt($after->{'kpi_bi.kpi_doses_by_division'}, $before->{'kpi_bi.kpi_doses_by_division'}, 'to what was inserted since');
	sql("DELETE FROM kpi.administration_record WHERE administration_id = 'new'", 'nkpi_owner');
	sql("CALL naloxone_kpi.refresh('kpi', '2025-12-31')", 'nkpi_owner');
	$after = contents();
	delete @{$_}{qw(kpi.mark kpi.marked kpi.marked_day kpi.marked_person kpi.everything kpi.refresh_run kpi.refresh_log kpi_bi.kpi_refresh_status)} foreach $before, $after;
	is_deeply($after, $before, 'and back to the same figures');
	is(findings(), '', 'nothing is wrong with it');
}

local $SIG{INT} = local $SIG{TERM} = sub { die "stopped\n" };
eval { test(); 1 } or fail("it went on: $@");
stop();
remove_tree($dir);
done_testing();
