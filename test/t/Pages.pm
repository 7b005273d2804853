# The documentation's pages, and their blocks of SQL with the answers that they show.
package Pages;

use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);

our @EXPORT = qw(pages blocks trimmed);
my $top = abs_path(dirname(__FILE__) . '/../..');

# README.md and the pages of doc, as paths from the top.
sub pages
{
	return ('README.md', map { s/^\Q$top\E\///r } sort glob("$top/doc/*.md"));
}

# The blocks of a page that are marked so: where each stands, its SQL, and the answer that is shown, undefined if none is.
sub blocks
{
	my ($page, $mark) = @_;
	my (@blocks, $info, $text, $line);
	open(my $in, '<:raw', "$top/$page") or die "$page: $!";
	while (<$in>)
	{
		if (defined $info)
		{
			if (!/^```\s*$/)
			{
				$text .= $_;
				next;
			}
			if ($info eq $mark) { push @blocks, { name => "$page line $line", sql => $text, follows => 1 } }
			elsif ($info eq 'text' && @blocks && $blocks[-1]{follows})
			{
				$blocks[-1]{answer} = $text;
				$blocks[-1]{follows} = 0;
			}
			elsif (@blocks) { $blocks[-1]{follows} = 0 }
			undef $info;
		}
		elsif (/^```\s*(.*?)\s*$/) { ($info, $text, $line) = ($1, '', $.) }
		# Only the very next thing on the page is the answer.
		elsif (/\S/ && @blocks) { $blocks[-1]{follows} = 0 }
	}
	die "$page line $line: the block does not end\n" if defined $info;
	return @blocks;
}

sub trimmed
{
	my ($text) = @_;
	$text =~ s/[ \t]+$//mg;
	$text =~ s/\s+\z//;
	return $text;
}

1;
