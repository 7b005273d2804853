# A psql kept open on one backend, and what that backend used: time, processor time, memory. Linux only: it reads /proc.
package Session;

use strict;
use warnings;
use IPC::Open2;
use Time::HiRes qw(time);

my $end = '-- end --';

# A new connection, in which these settings (a hash of name and value) are made.
sub new
{
	my ($class, %settings) = @_;
	my $self = bless {}, $class;

	$self->{psql} = open2($self->{output}, $self->{input}, 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1');
	($self->{backend}) = $self->query('SELECT pg_backend_pid()');
	$self->processor > 0 or die "the kernel does not count processor time\n";
	$self->set(%settings);
	return $self;
}

sub close
{
	my ($self) = @_;

	CORE::close($self->{input});
	CORE::close($self->{output});
	waitpid($self->{psql}, 0);
}

sub send
{
	my ($self, $text) = @_;

	# psql has then said why it ended.
	local $SIG{PIPE} = sub { die "psql ended\n" };
	print { $self->{input} } "$text\n\\echo $end\n";
	$self->{input}->flush;
}

sub receive
{
	my ($self) = @_;
	my @lines;

	while (defined(my $line = readline($self->{output})))
	{
		chomp $line;
		return @lines if $line eq $end;
		push @lines, $line;
	}
	die "psql ended\n";
}

# The first of the lines that a statement prints.
sub value
{
	my ($self, $sql) = @_;
	my ($first) = $self->query($sql);

	return $first;
}

# The lines that a statement prints, columns separated by |.
sub query
{
	my ($self, $sql) = @_;

	$self->send("$sql;");
	return $self->receive;
}

sub set
{
	my ($self, %settings) = @_;

	$self->query("SET $_ = '$settings{$_}'") foreach sort keys %settings;
}

# Processor time of the backend so far, in milliseconds: the kernel counts nanoseconds, user and system together.
sub processor
{
	my ($self) = @_;

	open(my $file, '<', "/proc/$self->{backend}/schedstat") or die "process $self->{backend} of the server is not to be read: $!\n";
	my ($nanoseconds) = split ' ', readline($file);
	return $nanoseconds / 1e6;
}

# Memory that the backend has for itself, in kB: what it reads of shared_buffers is not counted.
sub memory
{
	my ($self) = @_;

	open(my $file, '<', "/proc/$self->{backend}/status") or die "process $self->{backend} of the server is not to be read: $!\n";
	while (my $line = readline($file))
	{
		return $1 if $line =~ /^RssAnon:\s+(\d+) kB/;
	}
	die "the kernel does not tell RssAnon\n";
}

# Runs a query, its rows fetched and thrown away. Returns how long the client waited, and the backend's processor time (that
# of parallel workers is not in it), both in milliseconds.
sub timed
{
	my ($self, $sql) = @_;
	my $processor = $self->processor;
	my $started = time;

	$self->send("$sql \\g /dev/null");
	$self->receive;
	my $elapsed = 1000 * (time() - $started);
	return ($elapsed, $self->processor - $processor);
}

# Runs a query likewise and returns how far its memory rose above what the backend had before, in kB. The memory is looked at
# every two milliseconds; a hash table only grows while rows are read, and is whole while its groups are sent.
sub peak_memory
{
	my ($self, $sql) = @_;
	my $before = $self->memory;
	my $peak = $before;
	my $arrived = '';

	vec($arrived, fileno($self->{output}), 1) = 1;
	$self->send("$sql \\g /dev/null");
	while (select(my $ready = $arrived, undef, undef, 0.002) == 0)
	{
		my $now = $self->memory;
		$peak = $now if $now > $peak;
	}
	$self->receive;
	return $peak - $before;
}

1;
