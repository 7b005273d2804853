#!/usr/bin/perl
# Whatever a client sends as a value of one of the extension's types is either refused, with an error that says so, or a value that
# text and binary keep and every function of it bears. Changed texts go through the input function, changed bytes through a binary
# COPY.
#
# HOSTILE_ROUNDS is how many changes each type sees in each form, by default 2000. Connects as psql does by default, as a
# superuser; works in a database of its own.

use strict;
use warnings;
use File::Temp;
use FindBin;
use lib $FindBin::RealBin;
use Psql;
use Test::More;

my $rounds = $ENV{HOSTILE_ROUNDS} // 2000;
my $seed = 20251122;
my $batch = 250;

# What to change: texts of every type that has input functions of its own.
my %samples = (
	direct_standardisation => [ '{}', '{71/16791*5000, 12^20/3000.5*5500}', '{0/0*0, 9223372036854775807/1e-300*1.7976931348623157e+308}',
		'{' . join(', ', map { ($_ % 7) . '^' . ($_ % 7) ** 2 . '/' . $_ * 100.25 . '*' . (5000 + $_) } 1 .. 60) . '}' ],
	duration_dist => [ '{}', '{120:3, 131:1}', '{0:1, 65535:2, 65536:3, 2147483647:4}', '{3:9223372036854775807}',
		'{' . join(', ', map { $_ * 7 . ':' . ($_ % 5 + 1) } 0 .. 99) . '}', '{' . join(', ', map { "$_:1000" } 300 .. 399) . '}' ],
	first_aid => [ '{}', '{recovery_position: yes, rescue_breaths: no}', '{woken_verbally: yes, head_tilted: no, pulse_checked: yes}' ],
	fiscal_year => [ '2024/25', '2024/25 (October)', '2024 (January)', '0001 (January)', '9998/99 (December)', '1999/00' ],
	funnel => [ '{within: 1 day, events: {}}', '{within: 1 day 12:00:00, events: {2024-01-03 10:00:00.25+00 1, 2024-01-04 10:00:00+00 2}}',
		'{within: 30 days, events: {2025-01-01 00:17:00+00 1, 2025-01-01 00:34:00+00 2, 2025-01-01 00:34:00+00 3}}' ],
	indirect_standardisation => [ '{}', '{1/9800:310/1240000, 3/8200.5:1180/1390000}', '{0/0:0/0, 9223372036854775807/5e-324:9223372036854775807/1e+308}',
		'{' . join(', ', map { ($_ % 7) . '/' . $_ * 100.25 . ':' . $_ * 3 . '/' . (5000 + $_) } 1 .. 60) . '}' ],
	life_table => [ '{unit: second}', '{unit: day, censored: {3:2, 9:1}, 1: {2:5}, 2: {4:1}, open: {2024-01-03:2}}',
		'{unit: day, 32: {0:1, 2147483647:9223372036854775806}}', '{unit: minute, open: {2024-01-03T05:07Z:1, 2024-02-29T23:59Z:3}}',
		'{unit: second, 1: {100:7}, open: {2000-01-01T00:00:00Z:1, 2068-01-19T03:14:07Z:1}}' ],
	time_series => [ '{}', '{2019:1901, 2020:1862/5463300, 2021.25:2451}', '{-1e100:0/0, 1e-100:5e-324/1e-100, 1:1e100}',
		'{' . join(', ', map { "$_:" . $_ * 7 % 5 } 0 .. 99) . '}' ],
	naloxone_dose => [ '2 x 1800 mcg intranasal', '1 x unknown', '3 x 400 mcg', '1000 x 100000 mcg intramuscular' ],
);

# Errors that input deserves: malformed, out of range, a bad value, too large, not in the encoding.
my $refusals = "'{22P02,22P03,22003,22008,22023,54000,22021}'";

# ---------------------------------------------------------------- changing

sub any { return int(rand $_[0]); }

sub one_of { return $_[ any(scalar @_) ]; }

my %fragments = (
	binary => [ map { pack('H*', $_) } qw(00 01 7f 80 ff 0000 7fff 8000 ffff 00000000 7fffffff 80000000 ffffffff 7fffffffffffffff ffffffffffffffffff01) ],
	text => [ ' ', "\t", "\n", "\0", "\xc3\xa9", "\xff", qw({ } { } : / - + . ' " \\ ( ) 0 1 9 e x %s NaN NULL), ',', '2147483647', '2147483648',
		'9223372036854775807', '9223372036854775808', '18446744073709551616', '0' x 40, '1' x 400 ],
);

sub change
{
	my ($bytes, $form, @others) = @_;
	my $at = any(length($bytes) + 1);
	my $size = any(length($bytes) - $at + 1);
	my $kind = any(8);

	if ($kind <= 1 && $bytes ne '') { vec($bytes, any(8 * length $bytes), 1) ^= 1 }
	elsif ($kind == 2) { substr($bytes, $at) = '' }
	elsif ($kind == 3) { $bytes .= join('', map { chr any(256) } 0 .. any(9)) }
	elsif ($kind == 4) { my $other = one_of(@others); $bytes = substr($bytes, 0, $at) . substr($other, any(length($other) + 1)) }
	elsif ($kind == 5) { substr($bytes, $at, $size) = substr($bytes, $at, $size) x one_of(0, 2, 2, 3, 50) }
	elsif ($kind == 6) { substr($bytes, $at, any(2) ? 0 : $size) = one_of(@{ $fragments{$form} }) }
	elsif ($form eq 'text') { $bytes =~ s/(\d+)/any(3) ? $1 : one_of($1 + 1, $1 - 1, "0$1", $1 . any(10), any(3000))/ge }
	elsif ($bytes ne '') { substr($bytes, any(length $bytes), 1) = chr any(256) }
	return substr($bytes, 0, 20000);
}

# ---------------------------------------------------------------- trying

# One value in its text or binary form: what became of it.
my $try = <<'END';
CREATE TEMP TABLE received (value TYPE);
CREATE FUNCTION pg_temp.verdict(step text, state text, message text) RETURNS text LANGUAGE sql AS
	$$ SELECT CASE WHEN state = ANY (REFUSALS::text[]) THEN 'refused' ELSE format('%s: %s %s', step, state, regexp_replace(message, '\s+', ' ', 'g')) END $$;
CREATE FUNCTION pg_temp.try(form text, bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	file text := 'FILE';
	large_object oid;
	step text := 'input';
	same boolean;
	accessor regproc;
	verdict text;
BEGIN
	DELETE FROM received;
	IF form = 'binary' THEN
		large_object := lo_from_bytea(0, '\x5047434f50590aff0d0a00'::bytea || '\x0000000000000000'::bytea || '\x0001'::bytea
			|| int4send(length(bytes)) || bytes || '\xffff'::bytea);
		PERFORM lo_export(large_object, file), lo_unlink(large_object);
	END IF;
	BEGIN
		IF form = 'binary' THEN
			EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
		ELSE
			EXECUTE format('INSERT INTO received VALUES (%L)', convert_from(bytes, 'UTF8'));
		END IF;
	EXCEPTION WHEN OTHERS THEN
		RETURN pg_temp.verdict('input', SQLSTATE, SQLERRM);
	END;

	-- It is a value: once more by way of text, and of binary, the same; and nothing that reads it finds anything wrong.
	BEGIN
		step := 'binary output and input';
		EXECUTE format('COPY received TO %L (FORMAT binary)', file);
		EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
		step := 'text output and input';
		INSERT INTO received SELECT value::text::TYPE FROM received LIMIT 1;
		SELECT count(*) = 3 AND count(DISTINCT SEND(value)) = 1 AND count(DISTINCT value::text) = 1 INTO same FROM received;
		IF NOT same THEN
			RETURN 'another value after output and input';
		END IF;
	EXCEPTION WHEN OTHERS THEN
		RETURN format('%s: %s %s', step, SQLSTATE, regexp_replace(SQLERRM, '\s+', ' ', 'g'));
	END;
	FOR accessor IN
		SELECT p.oid FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
		JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
		WHERE e.extname = 'naloxone_kpi' AND p.proargtypes[0] = 'TYPE'::regtype AND p.pronargs - p.pronargdefaults = 1
	LOOP
		BEGIN
			EXECUTE format('SELECT %s(value) FROM received', accessor);
		EXCEPTION WHEN OTHERS THEN
			-- 55000: a life table has open durations, which is nothing wrong with it.
			verdict := pg_temp.verdict(accessor::text, SQLSTATE, SQLERRM);
			IF verdict <> 'refused' AND SQLSTATE <> '55000' THEN
				RETURN verdict;
			END IF;
		END;
	END LOOP;
	RETURN 'accepted';
END $$;
END

# Tries several in one session; what is wrong with any of them, and how many were accepted and refused.
sub try_all
{
	my ($type, $send, $file, $form, @mutants) = @_;
	my $script = File::Temp->new;
	my %count = (accepted => 0, refused => 0);
	my @wrong;

	print $script $try =~ s/\bTYPE\b/naloxone_kpi.$type/gr =~ s/\bSEND\b/$send/gr =~ s/\bFILE\b/$file/gr =~ s/\bREFUSALS\b/$refusals/gr;
	print $script "SELECT pg_temp.try('$form', '\\x", unpack('H*', $_), "');\n" foreach @mutants;
	$script->flush;
	my ($status, @verdicts) = psql('-At', '-v', 'ON_ERROR_STOP=1', '-c', q(SET statement_timeout = '10s'), '-f', "$script");
	foreach my $mutant (@mutants)
	{
		my $verdict = shift @verdicts // "no answer: psql's exit status is $status";
		$count{$verdict}++, next if exists $count{$verdict};
		push @wrong, "$type, $form \\x" . unpack('H*', $mutant) . ": $verdict";
		last if $status != 0;    # the rest of what psql says is not verdicts
	}
	return (\@wrong, $count{accepted}, $count{refused});
}

# ---------------------------------------------------------------- every type

srand $seed;
diag("seed $seed, $rounds rounds for each type and form");
create_database('hostile');
value('CREATE EXTENSION naloxone_kpi CASCADE');
my $file = value(q(SELECT current_setting('data_directory') || '/' || current_database()));

my @types = query("SELECT t.typname, t.typsend FROM pg_type t
	JOIN pg_depend d ON d.objid = t.oid AND d.classid = 'pg_type'::regclass AND d.deptype = 'e'
	JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
	JOIN pg_depend input ON input.objid = t.typinput AND input.classid = 'pg_proc'::regclass AND input.deptype = 'e' AND input.refobjid = e.oid
	WHERE e.extname = 'naloxone_kpi' AND t.typreceive <> 0 ORDER BY 1");
is_deeply([ map { s/,.*//r } @types ], [ sort keys %samples ], 'every type has samples');

foreach (@types)
{
	my ($type, $send) = split /,/;
	my %originals = (text => $samples{$type},
		binary => [ map { pack('H*', value("SELECT encode($send('$_'::naloxone_kpi.$type), 'hex')")) } @{ $samples{$type} } ]);

	foreach my $form (qw(text binary))
	{
		my @originals = @{ $originals{$form} };
		my ($wrong, $accepted, $refused) = try_all($type, $send, $file, $form, @originals);
		is("@$wrong", '', "$type, $form: the samples are values");
		is($accepted, scalar @originals, "... and accepted");

		my ($all_accepted, $all_refused, @all_wrong) = (0, 0);
		for (my $left = $rounds; $left > 0 && @all_wrong < 10; $left -= $batch)
		{
			my @mutants;
			foreach (1 .. ($left < $batch ? $left : $batch))
			{
				my $mutant = one_of(@originals);
				$mutant = change($mutant, $form, @originals) for 0 .. any(1 + any(4));
				push @mutants, $mutant;
			}
			($wrong, $accepted, $refused) = try_all($type, $send, $file, $form, @mutants);
			push @all_wrong, @$wrong;
			$all_accepted += $accepted;
			$all_refused += $refused;
		}
		is(join("\n", @all_wrong), '', "$type, $form: $all_accepted changed values accepted, $all_refused refused, nothing else");
		cmp_ok($all_accepted, '>', 0, '... some accepted');
		cmp_ok($all_refused, '>', 0, '... some refused');
	}
}

done_testing();

END
{
	my $status = $?;
	psql('-c', "COPY (SELECT 1) TO PROGRAM 'rm -f $file'") if defined $file;
	$? = $status;
}
