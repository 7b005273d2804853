#!/usr/bin/perl
# Real records as forms: Pennsylvania's overdose responses, staged as text and ingested; every record that comes of them, and why
# others do not, is compared with what test/pennsylvania/staged.py works out from the file on its own.
#
# NALOXONE_KPI_SHARED names the directory that has data/pennsylvania/overdose_responses.csv; default: shared beside the
# project's own directory. Connects as psql does by default, as a superuser; works in a database of its own.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Psql;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my $shared = $ENV{NALOXONE_KPI_SHARED} // "$top/../shared";
my $file = "$shared/data/pennsylvania/overdose_responses.csv";

plan skip_all => "no $file: set NALOXONE_KPI_SHARED to the directory that has data/pennsylvania" unless -r $file;

my %expected;
open(my $computed, '-|', 'python3', "$top/test/pennsylvania/staged.py", $file) or die "cannot run staged.py: $!";
while (my $line = <$computed>)
{
	chomp $line;
	my ($name, $rest) = split(/,/, $line, 2);
	push @{ $expected{$name} }, $rest;
}
ok(close($computed), 'staged.py succeeds');

create_database('ingest');
query(q{CREATE EXTENSION naloxone_kpi CASCADE});
query(q{SELECT naloxone_kpi.deploy('pennsylvania')});
# How Pennsylvania writes: month first, its own time zone, ages in bands of ten years too, U for not known.
query(q{UPDATE pennsylvania.setting SET time_zone = 'America/New_York', form_date_order = 'MDY', fiscal_first_month = 7});
query(q{DELETE FROM pennsylvania.form_value WHERE field = 'age'});
query(q{INSERT INTO pennsylvania.form_value VALUES ('survival', 'u', 'not_known')});
query(q{CREATE TABLE response (incident_id text, incident_date text, incident_time text, county text, county_lat text, county_lon text,
	person_id text, gender text, age_range text, naloxone_administered text, revival_time text, survived text, suspected_drugs text)});
my ($status, @output) = psql('-c', "\\copy response FROM '$file' WITH (FORMAT csv, HEADER MATCH)");
is($status, 0, 'the file is copied') or BAIL_OUT(join("\n", @output));

my $stage = q{INSERT INTO pennsylvania.administration_form (form_id, incident_id, incident_division_code, occurred_at, sex, age, substances, survival)
	SELECT person_id, incident_id, county, incident_date || ' ' || incident_time, gender, age_range, nullif(suspected_drugs, 'NA'), survived
	FROM response WHERE naloxone_administered = 'Y'};
my $last_run = q{SELECT rows_in, accepted, joined, replaced, already_present, rejected FROM pennsylvania.ingest_run ORDER BY run DESC LIMIT 1};
my $records = q{SELECT administration_id, incident_id, incident_division_code, to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
	coalesce(sex, ''), coalesce(age_band, ''), coalesce(survival, ''), coalesce(array_to_string(substances, ';'), '')
	FROM pennsylvania.administration};

# Neither the session's zone nor its DateStyle may matter.
($status, @output) = psql('-c', "SET TimeZone = 'Asia/Tokyo'", '-c', "SET DateStyle = 'SQL, DMY'", '-c', $stage, '-c', "CALL naloxone_kpi.ingest('pennsylvania')");
is($status, 0, 'forms are ingested') or BAIL_OUT(join("\n", @output));
is(value($last_run), $expected{run}[0], "rows in = rows accounted for: $expected{run}[0]");
is(join("\n", sort(query(q{SELECT field, rule, count(*) FROM pennsylvania.rejected_row GROUP BY 1, 2}))), join("\n", sort @{ $expected{rejected} // [] }),
	'rejected for these reasons');
is(value(q{SELECT count(*) FROM pennsylvania.form_finding WHERE rule = 'hour_occurs_twice'}), $expected{twice}[0], "$expected{twice}[0] in an hour that came twice");
is(value(q{SELECT count(*) FROM pennsylvania.unresolved_form}), $expected{unresolved}[0], "$expected{unresolved}[0] may be another form's person");
my %found = map { s/""//gr => 1 } query($records);
my @missing = grep { !$found{$_} } @{ $expected{record} };
ok(@{ $expected{record} } > 7000 && @missing == 0 && keys %found == @{ $expected{record} }, 'every record: ' . @{ $expected{record} })
  or diag(join("\n", @missing[0 .. ($#missing > 4 ? 4 : $#missing)], (sort keys %found)[0 .. 2]));
is(join("\n", query(q{SELECT person_in_incident, count(*) FROM pennsylvania.administration GROUP BY 1 ORDER BY 1})), join("\n", @{ $expected{number} }),
	'people are numbered in their incidents');

# Again.
my $digest = q{SELECT md5(string_agg(a::text, '' ORDER BY administration_id)) FROM pennsylvania.administration_record a};
my $before = value($digest);
query($stage);
query(q{CALL naloxone_kpi.ingest('pennsylvania')});
my ($rows_in, $accepted, undef, undef, undef, $rejected) = split(/,/, $expected{run}[0]);
is(value($last_run), "$rows_in,0,0,0,$accepted,$rejected", 'the same file again: all are there');
is(value($digest), $before, 'and nothing changes');

# As every client calls it: in one string with another statement, in a transaction, as a function's statement.
foreach my $call (q{SELECT 1; CALL naloxone_kpi.ingest('pennsylvania')}, q{BEGIN; CALL naloxone_kpi.ingest('pennsylvania'); CALL naloxone_kpi.ingest('pennsylvania'); COMMIT},
	q{DO $$ BEGIN CALL naloxone_kpi.ingest('pennsylvania'); END $$})
{
	($status, @output) = psql('-v', 'ON_ERROR_STOP=1', '-c', $call);
	is($status, 0, "it works as $call") or diag(join("\n", @output));
}

# With form_date_order as it comes, every date is ambiguous: none is guessed.
query(q{UPDATE pennsylvania.setting SET form_date_order = 'YMD'});
query($stage);
query(q{CALL naloxone_kpi.ingest('pennsylvania')});
is(value($last_run), "$rows_in,0,0,0,0,$rows_in", 'a date that may be one of two is rejected');
is(value($digest), $before, 'and what was accepted stays');

query(q{INSERT INTO pennsylvania.source_coverage_record SELECT DISTINCT 'administration', county, date '2018-01-01', date '2020-01-15', NULL::timestamptz FROM response});
query(q{INSERT INTO pennsylvania.division_record (division_code, division_name, valid_from) SELECT DISTINCT county, county, date '2018-01-01' FROM response});
query(q{CALL naloxone_kpi.refresh('pennsylvania', '2020-01-31')});
is(value(q{SELECT sum(administrations) FROM pennsylvania_bi.kpi_doses_by_division}), $accepted, 'all are counted in the KPIs');
is(value(q{SELECT found FROM pennsylvania_bi.kpi_data_quality_finding_period WHERE period_key = 'fiscal_year 2018-07' AND area_key = 'force' AND finding = 'late'}),
	0, 'when they were recorded is not known, so none is late');

done_testing();
