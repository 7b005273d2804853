#!/usr/bin/perl
# What the pages show is what the server answers: every ```sql block of README.md and doc/*.md runs, and where a ```text block
# follows, what psql -qXAt prints is that. A block marked ```sql no-test is left out, and one marked ```sql warehouse is for
# demo_warehouse.t. The blocks of a page share one session and one transaction, which is rolled back.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use lib $FindBin::RealBin;
use Pages;
use Test::More;

my $dir = tempdir(CLEANUP => 1);
my $database = "naloxone_documentation_$$";
my $separator = 'end of block';
$ENV{PGOPTIONS} = '-c client_min_messages=warning';

# Runs psql on a text; what it prints and what it complains of.
sub psql
{
	my ($name, $sql) = @_;
	open(my $in, '>:raw', "$dir/in") or die "$dir/in: $!";
	print $in $sql;
	close $in;
	system("psql -qXAt -d '$name' <'$dir/in' >'$dir/out' 2>'$dir/err'");
	return map { local (@ARGV, $/) = "$dir/$_"; <> // '' } qw(out err);
}

my ($out, $err) = psql('postgres', "CREATE DATABASE $database;\n\\c $database\nCREATE EXTENSION naloxone_kpi CASCADE;");
is($err, '', 'a database with the extension') or BAIL_OUT('no database to try the pages in');

my $tried = 0;
foreach my $page (pages())
{
	my @blocks = blocks($page, 'sql') or next;
	my $session = "\\set ON_ERROR_ROLLBACK on\nBEGIN;\nSET LOCAL search_path = naloxone_kpi, public;\n";
	$session .= "$_->{sql}\n;\n\\echo $separator\n\\warn $separator\n" foreach @blocks;
	my ($answers, $complaints) = psql($database, $session . "ROLLBACK;\n");
	my @answers = split(/^$separator\n/m, $answers, -1);
	my @complaints = split(/^$separator\n/m, $complaints, -1);
	foreach my $block (@blocks)
	{
		my $answer = shift @answers // '';
		my $complaint = shift(@complaints) // "psql did not come to the end of the block";
		$tried++;
		# An error may be what the page shows.
		if (defined $block->{answer}) { is(trimmed($answer . $complaint), trimmed($block->{answer}), "$block->{name}: answers as shown") }
		else { is($complaint, '', "$block->{name}: runs") }
	}
}
cmp_ok($tried, '>', 0, 'the pages have blocks to try');

done_testing();

END
{
	my $status = $?;
	psql('postgres', "DROP DATABASE IF EXISTS $database WITH (FORCE);") if $database;
	$? = $status;
}
