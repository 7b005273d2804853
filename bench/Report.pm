# What a script of measurements writes: a line at once, and a table of ratios and goals at the end.
package Report;

use strict;
use warnings;
use Exporter 'import';
use List::Util qw(max);

our @EXPORT = qw(median report print_table);
my @table = (['measured', 'goal', 'ours', 'peer', 'ratio', '']);

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}

# Ours and the peer's in seconds; met: whether the goal was reached, undef where there is none.
sub report
{
	my ($what, $goal, $ours, $peer, $ratio, $met) = @_;
	my @seconds = map { $_ < 0.1 ? sprintf('%.3f ms', 1000 * $_) : sprintf('%.3f s', $_) } $ours, $peer;

	push @table, [$what, $goal, @seconds, sprintf('%.2f', $ratio), !defined $met ? '' : $met ? 'met' : 'MISSED'];
	printf "  %s: %s beside %s, %.2f\n", $what, @seconds, $ratio;
}

sub print_table
{
	my @width = map { my $column = $_; max(map { length $_->[$column] } @table) } 0 .. 5;

	print "\n";
	foreach my $line (@table)
	{
		print join('  ', map { sprintf "%-$width[$_]s", $line->[$_] } 0 .. 5), "\n";
	}
}

1;
