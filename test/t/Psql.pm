# A database of a test's own, asked through psql for lines of CSV, and dropped at the end.
package Psql;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(create_database database psql query value);
my $database;

sub create_database
{
	my $name = "naloxone_kpi_$_[0]_$$";

	system('createdb', $name) == 0 or die "cannot create database $name\n";
	$database = $name;
}

sub database
{
	return $database;
}

END
{
	my $status = $?;    # dropdb must not change what prove is told
	system('dropdb', $database) if defined $database;
	$? = $status;
}

# Runs psql with these arguments; returns its exit status and what it printed, errors included.
sub psql
{
	my @command = ('psql', '-X', '-q', '-d', $database, @_);

	# Compiling takes longer than these queries do.
	local $ENV{PGOPTIONS} = '-c client_min_messages=warning -c jit=off';
	my $process = open(my $output, '-|') // die "cannot fork: $!";
	if ($process == 0)
	{
		open(STDERR, '>&', \*STDOUT);
		exec(@command) or exit 127;
	}
	my @lines = <$output>;
	close $output;
	chomp @lines;
	return ($? >> 8, @lines);
}

# The rows of a query as CSV lines.
sub query
{
	my ($status, @lines) = psql('--csv', '-t', '-v', 'ON_ERROR_STOP=1', '-c', $_[0]);

	die join("\n", "query failed: $_[0]", @lines) . "\n" if $status != 0;
	return @lines;
}

# The same as one text.
sub value { return join("\n", query($_[0])); }

1;
