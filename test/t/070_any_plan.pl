# No statistics and no planner setting may make a function slow.  Every function
# that reads or writes the tables of an event is called in databases with
# hostile statistics, and with planner settings that a caller may have, on an
# event of 5,000 and on one of 20,000 seats made since.  It must not touch more
# than twice the blocks that it touches after ANALYZE with the settings that
# PostgreSQL comes with; and as a nested loop over rows in memory touches none,
# its time, which is the processor's for the backend, must grow as the event does.
# SEATLOCK_LONG=1 adds a database with 1,000 events.
# Passes: preloaded, since no read is answered by the board at the isolation level
# that is measured.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use List::Util qw(min);
use SeatlockTest;
use Test::More;

my @sizes = (5000, 20000);
my ($small, $large) = @sizes;
my %last_row = ($small => 'AX', $large => 'GR');

# Four times the seats may take so many times as long; all pairs of them would
# take sixteen times.
my $most_growth = 9;

# Blocks that a call may touch besides: catalogs of the call, a cold cache.
my $spare_blocks = 60;

# Times that are too short to be compared, and how much longer the same work may
# take on a machine whose memory and caches others use.
my $spare_ms = 15;
my $noise = 3;

my $node = seatlock_node('plans', conf => "autovacuum = off\nmax_locks_per_transaction = 256");
my $preloaded = ($ENV{SEATLOCK_PASS} // 'plain') eq 'preloaded';

# name => call; the event, its number of seats and its last row are filled in.
# Each runs in a transaction that is rolled back.
my @reads = (
	'seat_map' => q{SELECT count(*) FROM seatlock.seat_map('%1$s')},
	'seat_map_compact' => q{SELECT seatlock.seat_map_compact('%1$s')},
	'availability' => q{SELECT count(*) FROM seatlock.availability('%1$s')},
	'seat_map_svg' => q{SELECT length(seatlock.seat_map_svg('%1$s'))},
	'seat_map_text' => q{SELECT length(seatlock.seat_map_text('%1$s'))},
	'changes' => q{SELECT count(*) FROM seatlock.changes('%1$s', 0, 1000)},
	'seat_history' => q{SELECT count(*) FROM seatlock.seat_history('%1$s', 'A-1')},
	'check_integrity of the event' => q{SELECT count(*) FROM seatlock.check_integrity('%1$s')},
	'live_holds' => q{SELECT sum(cardinality(seats)) FROM seatlock.live_holds('%1$s')},
	'hold' => q{SELECT outcome FROM seatlock.hold('%1$s', (SELECT token::text FROM t.big WHERE event = '%1$s'))},
);
# the caller's own queries, which his settings plan
my @views = (
	'view holds' => q{SELECT sum(cardinality(seats)) FROM seatlock.holds WHERE event = '%1$s'},
	'view events' => q{SELECT sum(num_seats) FROM seatlock.events WHERE event = '%1$s'},
	'view venues' => q{SELECT sum(num_seats) FROM seatlock.venues WHERE venue = 'hall of %1$s'},
	'view locks' => q{SELECT seatlock.claim('%1$s', '["%3$s-2", "%3$s-4", "%3$s-6"]', 'ann'); SELECT count(seat) FROM seatlock.locks},
	$preloaded
	? ( 'view stat_board' => q{SELECT count(*) FROM seatlock.stat_board},
		'view stat_claims' => q{SELECT count(*) FROM seatlock.stat_claims})
	: ());
# these cost what there is of other events, too
my @views_of_all = (
	'view events, all' => q{SELECT sum(num_seats) FROM seatlock.events},
	'view venues, all' => q{SELECT sum(num_seats) FROM seatlock.venues},
);
my @writes = (
	# the first of its session
	'claim_best' => q{SELECT outcome FROM seatlock.claim_best('%1$s', 4, 'first')},
	'claim' => q{SELECT outcome FROM seatlock.claim('%1$s', (SELECT array_agg('%3$s-' || n) FROM generate_series(1, 50) n), 'ann')},
	'confirm' => q{SELECT outcome FROM seatlock.confirm('%1$s', (SELECT token::text FROM t.big WHERE event = '%1$s'))},
	'release' => q{SELECT outcome FROM seatlock.release('%1$s', (SELECT token::text FROM t.big WHERE event = '%1$s'))},
	'block' => q{SELECT outcome FROM seatlock.block('%1$s', '["%3$s-2", "%3$s-4"]')},
	'alter_event' => q{SELECT seatlock.alter_event('%1$s', max_seats_per_holder => 100000)},
	'grow_area' => q{SELECT seatlock.create_area('hall of %1$s', 'more', 4, 'c'), seatlock.create_event('new', 'hall of %1$s'); SELECT seatlock.grow_area('new', 'more', 100)},
	'rename_holder' => q{SELECT outcome FROM seatlock.rename_holder('%1$s', 'big', 'small')},
	'prune' => q{SELECT seatlock.prune('%1$s', 'infinity')},
	'create_event' => q{SELECT seatlock.create_event('new', 'hall of %1$s')},
	'create_grid' => q{SELECT seatlock.create_grid('hall of %1$s', 'more', 2, 2, 'c')},
	'create_grid, new' => q{SELECT seatlock.create_grid('new', 'S', %2$d / 100, 100, 'c')},
	'create_area' => q{SELECT seatlock.create_area('hall of %1$s', 'more', 4, 'c')},
	'create_venue' => q{SELECT seatlock.create_venue('new', (SELECT plan FROM t.plan WHERE num_seats = %2$d))},
	'drop_event' => q{SELECT seatlock.drop_event('%1$s', 'yes')},
	'drop_venue' => q{SELECT seatlock.drop_venue('spare of %1$s')},
);
# these look at all events, so their time does not grow with the one
my @whole = (
	'check_integrity' => q{SELECT count(*) FROM seatlock.check_integrity()},
	$preloaded ? ('check_board' => q{SELECT count(*) FROM seatlock.check_board()}) : ());

sub names { my @list = @_; return map { $list[ 2 * $_ ] } 0 .. $#list / 2 }

# A database, as the statistics find it.
sub make_database
{
	my ($db, $before) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, q{
		CREATE EXTENSION seatlock;
		CREATE SCHEMA t;
		CREATE TABLE t.big (event text, token uuid);
		CREATE TABLE t.plan (num_seats int, plan jsonb);
		INSERT INTO t.plan SELECT num_seats, jsonb_build_object('name', 'v', 'categories', '[{"name": "c", "color": "#fff"}]'::jsonb,
			'size', '{"width": 5000, "height": 5000}'::jsonb,
			'zones', jsonb_build_array(jsonb_build_object('name', 'z', 'position', '{"x": 0, "y": 0}'::jsonb, 'rows', (
				SELECT jsonb_agg(jsonb_build_object('row_number', r::text, 'position', jsonb_build_object('x', 0, 'y', 25 * r), 'seats', (
					SELECT jsonb_agg(jsonb_build_object('seat_guid', format('%s/%s', r, n), 'seat_number', n::text, 'category', 'c',
						'position', jsonb_build_object('x', 25 * n, 'y', 0))) FROM generate_series(1, 100) n)))
				  FROM generate_series(1, num_seats / 100) r))))
		  FROM (VALUES (5000), (20000)) AS v (num_seats);
		CREATE FUNCTION t.blocks() RETURNS bigint LANGUAGE sql AS
			$$SELECT sum(pg_stat_get_xact_blocks_fetched(oid)) FROM pg_class WHERE relnamespace = 'seatlock'::regnamespace AND relkind IN ('r', 'i')$$;
		CREATE FUNCTION t.cpu_ms() RETURNS float8 LANGUAGE sql VOLATILE AS
			$$SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::float8 / 1e6$$;
		-- one call, or several: blocks of our tables that it touched, milliseconds of the processor
		CREATE FUNCTION t.measure(call text, OUT blocks bigint, OUT ms float8) LANGUAGE plpgsql AS $$
		DECLARE started float8;
		BEGIN
			blocks := t.blocks();
			started := t.cpu_ms();
			EXECUTE call;
			ms := t.cpu_ms() - started;
			blocks := t.blocks() - blocks;
		END $$;
		-- an event with a history: a hold of a quarter of its seats, and many small ones
		CREATE FUNCTION t.make(made text, num_seats int) RETURNS void LANGUAGE sql AS $$
			SELECT seatlock.create_grid('hall of ' || made, 'S', num_seats / 100, 100, 'Standard');
			SELECT seatlock.create_grid('spare of ' || made, 'S', num_seats / 100, 100, 'Standard');
			SELECT seatlock.create_event(made, 'hall of ' || made);
			INSERT INTO t.big SELECT made, c.token::uuid FROM seatlock.claim(made, (SELECT array_agg(label) FROM seatlock.seat
				WHERE layout_id = (SELECT layout_id FROM seatlock.event WHERE name = made) AND seat_no <= num_seats / 4), 'big') c;
			SELECT count(c.ok) FROM generate_series(1, num_seats / 100) n,
				seatlock.claim(made, (SELECT label::text FROM seatlock.seat
					WHERE layout_id = (SELECT layout_id FROM seatlock.event WHERE name = made) AND seat_no = num_seats / 4 + n), 'holder ' || n) c;
			UPDATE seatlock.change SET changed_at = changed_at - interval '2 days';
		$$});
	$node->safe_psql($db, $before) if $before ne '';
	$node->safe_psql($db, "SELECT t.make('e$_', $_)") for @sizes;
	# what looks at the board finds all of it in every database
	ok( wait_until("the events of $db are on the board", sub {
			$node->safe_psql($db, "SELECT seatlock.seat_map_compact('e$_')") for @sizes;
			return $node->safe_psql($db, q{SELECT count(*) FROM seatlock.stat_board WHERE event ~ '^e[0-9]' AND num_warm = num_seats}) == @sizes; }),
		"the events of $db are on the board") if $preloaded;
	return;
}

# What each call of a list took, in one new session with these settings.
sub measure
{
	my ($db, $settings, $event, $size, @list) = @_;
	my @names = names(@list);
	my %call = @list;
	my %found;
	my $script = "\\pset format unaligned\n\\pset tuples_only on\nSET jit = off;\n$settings;\nSET statement_timeout = '20s';\n";

	for my $i (0 .. $#names)
	{
		my $call = sprintf($call{ $names[$i] }, $event, $size, $last_row{$size});

		# no read comes from the board at this level
		$script .= "BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT 'found', $i, blocks, ms FROM t.measure(\$call\$$call\$call\$);\nROLLBACK;\n";
	}
	my ($ret, $out, $err) = $node->psql($db, $script, on_error_stop => 0);
	note $err if $err ne '';
	for (split /\n/, $out)
	{
		$found{ $names[$1] } = { blocks => $2, ms => $3 } if /^found\|(\d+)\|(\d+)\|(\S+)$/;
	}
	return \%found;
}

# The least of several measurements: the first look at a page costs more than the
# next.
sub least
{
	my ($sum, $found, @list) = @_;

	for my $name (names(@list))
	{
		my $new = $found->{$name} // { blocks => 1e9, ms => 20_000 };
		my $old = $sum->{$name} // $new;

		$sum->{$name} = { map { $_ => min($old->{$_}, $new->{$_}) } qw(blocks ms) };
	}
	return $sum;
}

sub measure_again
{
	my ($sum, $times, $db, $settings, $size, @list) = @_;

	least($sum, measure($db, $settings, "e$size", $size, @list), @list) for 1 .. $times;
	return $sum;
}

my %best;

# What of a list is dearer than it may be, after a few more tries.
sub too_dear
{
	my ($db, $settings, $is_right, $sums, @list) = @_;
	my %call = @list;
	my @bad = grep { !$is_right->($_) } names(@list);

	for (1 .. 4)
	{
		last if !@bad;
		my @again = map { $_ => $call{$_} } @bad;

		measure_again($sums->{$_}, 1, $db, $settings, $_, @again) for keys %$sums;
		@bad = grep { !$is_right->($_) } @bad;
	}
	return @bad;
}

sub show
{
	my ($name, $sums) = @_;
	return join(', ', map { sprintf('%s, %d seats: %d blocks, %.1f ms (best %d, %.1f)', $name, $_,
				$sums->{$_}{$name}{blocks}, $sums->{$_}{$name}{ms}, $best{$_}{$name}{blocks}, $best{$_}{$name}{ms}) } sort keys %$sums);
}

sub is_near_best
{
	my ($sums, $name) = @_;

	for my $size (keys %$sums)
	{
		my ($it, $best) = ($sums->{$size}{$name}, $best{$size}{$name});

		return 0 if $it->{blocks} > 2 * $best->{blocks} + $spare_blocks;
		return 0 if $it->{ms} > $noise * $best->{ms} + $spare_ms;
	}
	return 1;
}

sub grows_with_the_event
{
	my ($sums, $name) = @_;
	return $sums->{$large}{$name}{ms} < $most_growth * $sums->{$small}{$name}{ms} + $spare_ms;
}

# What of a list is dearer than its best, or quadratic, in a database at both sizes.
sub slow_by_statistics
{
	my ($db, @list) = @_;
	my %sums = map { $_ => measure_again({}, 1, $db, 'SELECT', $_, @list) } @sizes;

	return map { show($_, \%sums) }
	  too_dear($db, 'SELECT', sub { is_near_best(\%sums, $_[0]) && grows_with_the_event(\%sums, $_[0]) }, \%sums, @list);
}

sub slow_by_settings
{
	my ($db, $settings, @list) = @_;
	my %sums = ($small => measure_again({}, 1, $db, $settings, $small, @list));

	return map { show($_, \%sums) } too_dear($db, $settings, sub { is_near_best(\%sums, $_[0]) }, \%sums, @list);
}

# What is rolled back stays in the tables: so the calls that write come last,
# and what reads whole tables before them.
sub check_statistics
{
	my ($db, $name) = @_;

	return is_deeply([ slow_by_settings($db, 'SELECT', @whole), slow_by_statistics($db, @reads, @views, @views_of_all), slow_by_statistics($db, @writes) ],
		[], "$name: no function is slow");
}

# The measure: statistics of these very events.
make_database('kind', '');
$node->safe_psql('kind', 'ANALYZE');
$best{$small} = measure_again({}, 2, 'kind', 'SELECT', $small, @whole);
for my $list ([ @reads, @views, @views_of_all ], \@writes)
{
	measure_again($best{$_} //= {}, 2, 'kind', 'SELECT', $_, @$list) for @sizes;
}
cmp_ok($best{$large}{seat_map}{blocks}, '<', 3000, 'seat_map of 20,000 seats touches each page of theirs once or twice');
is_deeply([ grep { $best{$small}{$_}{blocks} == 1e9 } names(@whole, @reads, @views, @views_of_all, @writes) ], [], 'every call was measured');
is_deeply([ map { show($_, \%best) } map { too_dear('kind', 'SELECT', sub { grows_with_the_event(\%best, $_[0]) }, \%best, @$_) } [ @reads, @views, @views_of_all ], \@writes ],
	[], 'with statistics of the event no function is quadratic');

make_database('never', '');
check_statistics('never', 'no statistics');

make_database('empty', 'ANALYZE');
check_statistics('empty', 'statistics of empty tables');

make_database('many', q{SELECT seatlock.create_grid('hall', 'S', 10, 10, 'c');
	SELECT sum(seatlock.create_event('event ' || n, 'hall')) FROM generate_series(1, 100) n;
	SELECT t.make('other', 400); ANALYZE});
check_statistics('many', 'statistics of many small events');

# Settings, where statistics know nothing of the events.
make_database('one_small', q{SELECT t.make('small', 400); ANALYZE});
my @planner = split /\n/, $node->safe_psql('postgres', q{SELECT name FROM pg_settings WHERE name LIKE 'enable\_%' AND vartype = 'bool' ORDER BY name});
my @settings = (
	(map { "SET $_ = off" } @planner), (map { "SET plan_cache_mode = $_" } qw(force_generic_plan force_custom_plan)),
	'SET random_page_cost = 1000', 'SET random_page_cost = 0; SET seq_page_cost = 0', 'SET cpu_tuple_cost = 1000', 'SET cpu_operator_cost = 1000',
	'SET join_collapse_limit = 1; SET from_collapse_limit = 1', 'SET jit = on; SET jit_above_cost = 0', join('; ', map { "SET $_ = off" } @planner));
my %slow = map { $_ => [ slow_by_settings('one_small', $_, @whole, @reads) ] } @settings;

check_statistics('one_small', 'statistics of one small event');
push @{ $slow{$_} }, slow_by_settings('one_small', $_, @writes) for @settings;
is_deeply($slow{$_}, [], "$_: no function is slow") for @settings;

if ($ENV{SEATLOCK_LONG})
{
	make_database('thousand', q{SELECT seatlock.create_grid('hall', 'S', 20, 50, 'c');
		SELECT sum(seatlock.create_event('event ' || n, 'hall')) FROM generate_series(1, 1000) n; ANALYZE});
	is_deeply([ slow_by_statistics('thousand', @reads, @views), slow_by_statistics('thousand', @writes) ], [], 'statistics of 1,000 events: no function is slow');
	is($node->safe_psql('thousand', q{SELECT count(*) FROM seatlock.check_integrity()}), '0', '1,000 events: check_integrity() ends');
}
else
{
	diag 'NOT RUN: statistics of 1,000 events (SEATLOCK_LONG=1 runs it)';
}

done_testing();
