#!/usr/bin/perl
# META.json is what PGXN takes, and META.json, the control file, CHANGELOG.md and the server name one version.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP;
use Test::More;

my $top = abs_path(dirname(__FILE__) . '/../..');
my $semver = qr/^(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z.-]+)?$/;

sub content
{
	my ($name) = @_;
	open(my $in, '<:raw', "$top/$name") or return;
	local $/;
	return <$in>;
}

# PGXN Meta Spec 1.0.0: what is required, and the form of what is there.
my $meta = eval { JSON::PP->new->utf8->decode(content('META.json')) };
is(ref $meta, 'HASH', 'META.json is a JSON object') or BAIL_OUT($@ || 'META.json is something else');

ok(defined $meta->{$_} && !ref $meta->{$_} && length $meta->{$_}, "$_ is a text") foreach qw(name abstract version);
unlike($meta->{name}, qr/[\/\\[:cntrl:]]|^.?$/, 'name has two characters or more, no slash, no control character');
like($meta->{version}, $semver, 'version is a semantic version');
my @maintainers = ref $meta->{maintainer} eq 'ARRAY' ? @{ $meta->{maintainer} } : ($meta->{maintainer});
ok(@maintainers > 0 && !(grep { !defined || ref || !/\S/ } @maintainers), 'maintainer names somebody');
my %license = map { $_ => 1 } qw(agpl_3 apache_1_1 apache_2_0 artistic_1 artistic_2 bsd freebsd gfdl_1_2 gfdl_1_3 gpl_1 gpl_2 gpl_3
	lgpl_2_1 lgpl_3_0 mit mozilla_1_0 mozilla_1_1 openssl perl_5 postgresql qpl_1_0 ssleay sun zlib open_source restricted
	unrestricted unknown);
ok(defined $meta->{license} && $license{ $meta->{license} }, 'license is one of the names that the spec lists');
is($meta->{'meta-spec'}{version}, '1.0.0', 'meta-spec names its version');
like($meta->{'meta-spec'}{url} // 'https://pgxn.org/meta/spec.txt', qr{^https?://pgxn\.org/(?:meta/spec\.txt|spec/1\.0\.0/)$},
	'meta-spec names where the spec is');
like($meta->{release_status} // 'stable', qr/^(?:stable|testing|unstable)$/, 'release_status is one of three');
is_deeply([grep { ref || !length || length > 255 } @{ $meta->{tags} // [] }], [], 'tags are texts of up to 255 characters');

my $provides = $meta->{provides} // {};
ok(exists $provides->{ $meta->{name} }, 'provides has the extension');
foreach my $name (sort keys %$provides)
{
	my $provided = $provides->{$name};
	is($provided->{version}, $meta->{version}, "$name: is of the distribution's version");
	ok(defined $provided->{file} && -f "$top/$provided->{file}", "$name: its file exists");
	ok(!defined $provided->{docfile} || -f "$top/$provided->{docfile}", "$name: its docfile exists");
}

my %phase = map { $_ => 1 } qw(configure build test runtime develop);
my %relation = map { $_ => 1 } qw(requires recommends suggests conflicts);
foreach my $phase (sort keys %{ $meta->{prereqs} // {} })
{
	ok($phase{$phase}, "prereqs: $phase is a phase");
	foreach my $relation (sort keys %{ $meta->{prereqs}{$phase} })
	{
		ok($relation{$relation}, "prereqs, $phase: $relation is a relation");
		my $needs = $meta->{prereqs}{$phase}{$relation};
		ok($needs->{$_} eq '0' || $needs->{$_} =~ $semver, "prereqs, $phase, $relation: $_ has a version") foreach sort keys %$needs;
	}
}

# One version everywhere.
my ($control) = (content('naloxone_kpi.control') // '') =~ /^default_version = '(.*)'$/m;
is($control, $meta->{version}, 'naloxone_kpi.control has the version of META.json');

# Keep a Changelog: the newest entry first, changes not released yet above it without a number.
my @entries = (content('CHANGELOG.md') // '') =~ /^## \[(.*?)\](.*)$/mg;
splice(@entries, 0, 2) if @entries && $entries[0] eq 'Unreleased';
is($entries[0], $meta->{version}, 'the first entry of CHANGELOG.md has the version of META.json');
like($entries[1] // '', qr/^ - \d{4}-\d\d-\d\d$/, '... and a date');

my $answer = `psql -qXAt -d postgres -c "SELECT default_version FROM pg_available_extensions WHERE name = 'naloxone_kpi'" 2>&1`;
is($answer, "$meta->{version}\n", 'the server offers that version');

my $database = "naloxone_version_$$";
$answer = `PGOPTIONS='-c client_min_messages=error' psql -qXAt -d postgres 2>&1 <<'END'
CREATE DATABASE $database;
\\c $database
CREATE EXTENSION naloxone_kpi CASCADE;
SELECT extversion FROM pg_extension WHERE extname = 'naloxone_kpi';
\\c postgres
DROP DATABASE $database WITH (FORCE);
END
`;
is($answer, "$meta->{version}\n", '... and that is what CREATE EXTENSION makes');

done_testing();
