# What comes from outside has a bound, which is looked at before anything is
# made of it: no text, number, list or plan makes a call need more memory than a
# small multiple of what was passed.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

# What any call may need; what it may need for each byte that it was given; and
# for each seat that it names, since the answer says of each why it is refused.
my ($base_kb, $multiple, $seat_bytes) = (8192, 24, 1100);

my $node = seatlock_node('bounds', conf => "shared_preload_libraries = 'seatlock'\nautovacuum = off\nwork_mem = 64MB");
make_event($node, 'e', 10, 10);
random_seed();
my ($session) = sessions($node, 1);
my $pid = in_session($session, 'SELECT pg_backend_pid()');

sub status_kb { return slurp_file("/proc/$pid/status") =~ /^\Q$_[0]\E:\s+(\d+) kB/m ? $1 : die "no $_[0] of $pid" }

# Run a statement; how many kB more than before it needed at its peak, and what it said.
sub peak_of
{
	my ($statement) = @_;

	# the peak begins anew
	open my $refs, '>', "/proc/$pid/clear_refs" or die "clear_refs: $!";
	print $refs "5\n" or die "clear_refs: $!";
	close $refs or die "clear_refs: $!";
	my $before = status_kb('VmRSS');
	my $output = in_session($session, $statement);
	return (status_kb('VmHWM') - $before, $output);
}

# An argument waits in a table, so that the client and the parser of SQL have no part in it.
in_session($session, 'CREATE TEMP TABLE argument (t text); CREATE TEMP TABLE plan (p jsonb)');
sub store_argument
{
	in_session($session, "TRUNCATE argument; INSERT INTO argument SELECT $_[0]");
	return in_session($session, 'SELECT octet_length(t) FROM argument');
}

# The error, if there was one, is 22023: nothing else may come out of bad input.
sub sqlstate_is_of_input { return $_[0] !~ /ERROR/ || $_[0] =~ /ERROR: 22023/ }
in_session($session, '\set VERBOSITY sqlstate');

my %verbs = (
	claim => q{seatlock.claim('e', t, 'h')},
	claim_array => q{seatlock.claim('e', ARRAY[t], 'h')},
	book => q{seatlock.book('e', t, 'h')},
	block => q{seatlock.block('e', t)},
	unblock => q{seatlock.unblock('e', t)},
	release => q{seatlock.release('e', 'x', t)},
	cancel => q{seatlock.cancel('e', 'x', t)});

sub list_needs_little
{
	my ($verb, $sql, $what, $num_seats) = @_;
	my $length = store_argument($sql);
	my ($peak, $output) = peak_of("SELECT outcome FROM argument, $verbs{$verb}");

	note "$what to $verb: $length bytes, $peak kB";
	return $peak <= $base_kb + ($multiple * $length + $seat_bytes * ($num_seats // 0)) / 1024 && sqlstate_is_of_input($output);
}

# What once was worst: nine bytes that stand for 131 kB, and the like.
my %hostile = (
	'numbers with exponents' => q{'[' || repeat('1e131071,', 4000) || '1]'},
	'numbers with decimals' => q{'[' || repeat('1e-16383,', 4000) || '1]'},
	'numbers' => q{'[' || repeat('1,', 300000) || '1]'},
	'different numbers' => q{(SELECT '[' || string_agg(n::text, ',') || ']' FROM generate_series(1, 100000) n)},
	'different elements' => q~(SELECT '{' || string_agg(n::text, ',') || '}' FROM generate_series(1, 100000) n)~,
	'escapes' => q{'[' || repeat('"\u0041",', 100000) || '1]'},
	'guids' => q{'[' || repeat('{"guid":"x"},', 300000) || '1]'},
	'different guids' => q~(SELECT '[' || string_agg(format('{"guid":"%s"}', n), ',') || ']' FROM generate_series(1, 100000) n)~,
	'a long guid' => q{'[{"guid": "' || repeat('x', 6000000) || '"}]'},
	'long labels' => q{'["' || repeat('x', 6000000) || '"]'},
	'a long label' => q{repeat('x', 6000000)},
	'deep nesting' => q{repeat('[', 1000000)},
	'deep arrays' => q~repeat('{', 1000000)~,
	'elements' => q~'{' || repeat('1,', 300000) || '1}'~,
	'too many elements' => q~'{' || repeat(',', 6000000) || '}'~,
	'too many numbers' => q{'[' || repeat('1,', 3000000) || '1]'},
	'blanks' => q{repeat(' ', 6000000) || 'A-1'});
for my $what (sort keys %hostile)
{
	for my $verb ($what =~ /numbers with/ ? sort keys %verbs : 'claim')
	{
		ok(list_needs_little($verb, $hostile{$what}, $what, $what =~ /different/ ? 100_000 : 1), "$what to $verb: a small multiple of its length");
	}
}

# Any text at all.
my @atoms = ('[', ']', '{', '}', ',', '"', '\\\\', '\u0041', '\ud800', '\u0000', 'null', 'NULL', 'true', ' ', "\t", '-', '.', '1', '1e131071',
	'1e-16383', '1E99999999999', 'A-1', '"A-1"', 'é', '漢', ':', 'repeat');
my $num_bad = 0;
for (1 .. 300)
{
	my $text = join '', map { $atoms[ rand @atoms ] x (rand() < 0.1 ? 1 + rand 2000 : 1) } 1 .. 1 + rand 12;
	my $verb = (sort keys %verbs)[ rand keys %verbs ];
	$text = (rand() < 0.5 ? '[' : '{') . $text if rand() < 0.7;
	$text =~ s/'/''/g;
	$num_bad++ if !list_needs_little($verb, "\$fuzz\$$text\$fuzz\$", 'fuzz');
}
is($num_bad, 0, 'any text needs little, and errs with 22023 alone');

# Plans: a number is a few bytes of jsonb, whatever it is.
sub plan_needs_little
{
	my ($sql, $what) = @_;
	in_session($session, "TRUNCATE plan; INSERT INTO plan SELECT $sql");
	my $length = in_session($session, q{SELECT pg_column_size(p || '{}') FROM plan});
	my ($peak, $output) = peak_of("BEGIN; SELECT seatlock.create_venue('v', p) FROM plan; ROLLBACK");

	note "$what: $length bytes, $peak kB";
	return $peak <= $base_kb + $multiple * $length / 1024 && sqlstate_is_of_input($output);
}
my $seats = q{(SELECT jsonb_agg(jsonb_build_object('seat_number', n::text, 'category', 'C', 'position', jsonb_build_object('x', %s::numeric, 'y', 0))) FROM generate_series(1, 5000) n)};
my $plan = q{jsonb_build_object('categories', '[{"name": "C"}]'::jsonb, 'zones', jsonb_build_array(jsonb_build_object('name', 'Z',
	'rows', jsonb_build_array(jsonb_build_object('row_number', 'A', 'seats', %s)), 'areas', %s)))};
for my $number ('n', "'1e-16383'", "'1e131071'", "'-1e131071'", "'1e-100'", "'1e7'")
{
	ok(plan_needs_little(sprintf($plan, sprintf($seats, $number), "'[]'::jsonb"), "positions of $number"),
		"a plan with positions of $number: a small multiple of its length");
}
ok( plan_needs_little(
		sprintf($plan, sprintf($seats, 'n'), q{jsonb_build_array(jsonb_build_object('name', repeat('x', 10000000)))}), 'a long name'),
	'a plan with a long name: a small multiple of its length');

# Every text argument of every function: what is too long is never fetched.
in_session($session, q{CREATE TEMP TABLE big AS SELECT repeat('x', 70000000) AS t, ARRAY[repeat('x', 70000000)] AS a});
my %plain = (event => "'e'", venue => "'v'", seats => "'A-1'", holder => "'h'", section => "'S'", category => "'Standard'",
	token => "'x'", before => 'now()', after => '0', seat => "'A-1'", plan => "'{}'", seat_labels => "'{A-1}'");
my @functions = split /\n/, $node->safe_psql('postgres', q{
	SELECT proname || '|' || string_agg(coalesce(arg, '') || ':' || type::regtype, '|' ORDER BY n)
	  FROM pg_proc, unnest(proargtypes::oid[], proargnames) WITH ORDINALITY AS a (type, arg, n)
	 WHERE pronamespace = 'seatlock'::regnamespace AND type IS NOT NULL AND type <> 0
	 GROUP BY pg_proc.oid, proname ORDER BY 1});
my $num_arguments = 0;
for my $function (@functions)
{
	my ($name, @arguments) = split /\|/, $function;

	for my $long (0 .. $#arguments)
	{
		my ($argument, $type) = split /:/, $arguments[$long];

		next if $type !~ /^text/;
		my @values = map {
			my ($other, $of) = split /:/, $arguments[$_];
			$_ == $long ? ($of eq 'text' ? 't' : 'a') : $plain{$other} // ($of eq 'bigint' && $other ne 'max_holds_per_holder' ? ($other eq 'hold_window_seconds' ? '3600' : '1') : "NULL::$of");
		} 0 .. $#arguments;
		my ($peak, $output) = peak_of("SELECT x.* FROM big, LATERAL seatlock.$name(" . join(', ', @values) . ') x');
		my $error = $output =~ /ERROR: (\w+)/ ? $1 : 'none';

		$num_arguments++;
		# what is not built yet is refused whatever it is
		is($error, $argument =~ /^(channel|wishes)$/ ? '0A000' : '22023', "$name: $argument is refused when it is too long")
		  or diag(substr $output, 0, 500);
		cmp_ok($peak, '<', $base_kb, "$name: $argument is not fetched when it is too long");
	}
}
cmp_ok($num_arguments, '>', 60, 'functions with texts were found');
$session->quit;
all_is_sound($node, 'afterwards');
$node->stop;
done_testing();
