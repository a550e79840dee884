# What a transaction does to seats that the board knows: given back and claimed
# again, rolled back to a savepoint, prepared and ended elsewhere, also after a
# crash.  The board keeps up with what was committed, and with nothing else.
# Passes: one faults, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('board_transactions', conf => "shared_preload_libraries = 'seatlock'\nseatlock.lock_wait = 0\n");
random_seed();
my ($me, $other, $buyer) = sessions($node, 3);

sub sql { return in_session($buyer, $_[0]) }
sub outcome { return sql("SELECT outcome FROM seatlock.$_[0]") }
sub i_get { return in_session($me, "SELECT outcome FROM seatlock.$_[0]") }
sub token { return sql("SELECT token FROM seatlock.claim('e', '$_[0]', '$_[1]')") }

# Within one transaction, all seats on the board.
make_event($node, 'e', 10, 20);
my %mine = map { $_ => token($_, 'me') } qw(A-1 A-2 A-3 A-4 A-5);
warm_board($node, 'e', 'one transaction: warm');
in_session($me, 'BEGIN');
is(i_get("release('e', '$mine{'A-1'}')"), 'released', 'given back');
is(i_get(q{claim('e', 'A-1', 'me')}), 'held', 'and claimed again in the same transaction');
is(i_get(q{claim('e', 'A-1', 'me')}), 'taken', 'but once');
is(outcome(q{claim('e', 'A-1', 'other')}), 'taken', 'not by others meanwhile');
in_session($me, 'COMMIT');

# Above READ COMMITTED the board answers nobody; claim_now is decided in the
# worker's own transaction.
sub board_refusals { return sql(q{SELECT sum(refused_by_board) FROM seatlock.stat_claims WHERE verb <> 'claim_now'}) }
my $refusals = board_refusals();
is(outcome(q{claim('e', 'A-3', 'x')}), 'taken', 'READ COMMITTED: taken');
is(board_refusals(), $refusals + 1, 'READ COMMITTED: the board said so');
for my $level ('REPEATABLE READ', 'SERIALIZABLE')
{
	sql("BEGIN ISOLATION LEVEL $level");
	is(outcome(q{claim('e', 'A-3', 'x')}), 'taken', "$level: claim");
	is(outcome(q{claim('e', ARRAY['A-3'], 'x')}), 'taken', "$level: claim of an array");
	is(outcome(q{claim_now('e', 'A-3', 'x')}), 'taken', "$level: claim_now");
	is(outcome(q{claim_best('e', 1, 'x')}), 'held', "$level: claim_best");
	sql('ROLLBACK');
	is(board_refusals(), $refusals + 1, "$level: the board told this session nothing");
}
is(sql(q{SELECT count(*) FROM seatlock.holds WHERE 'A-1' = ANY (seats)}), '1', 'one owner');

# Labels that this transaction has changed by SQL, while the board has those of before.
make_event($node, 'swap', 1, 4);
my $of_swap = q{layout_id = (SELECT layout_id FROM seatlock.event WHERE name = 'swap')};
in_session($me, "BEGIN; UPDATE seatlock.seat SET label = '?' WHERE label = 'A-1' AND $of_swap; UPDATE seatlock.seat SET label = 'A-1' WHERE label = 'A-2' AND $of_swap");
warm_board($node, 'swap', 'labels changed meanwhile: warm');
is(i_get(q{claim('swap', 'A-1', 'me')}), 'held', 'a label that was another seat\'s before');
is(in_session($me, "SELECT seat_no FROM seatlock.seat_state JOIN seatlock.event USING (event_id) WHERE name = 'swap' AND status = 'h'"), '2', 'is the seat that has it now');
in_session($me, 'ROLLBACK');

# What this transaction itself has written, the board is told when it commits.
my $check = 'SELECT seat FROM seatlock.check_board()';
warm_board($node, 'e', 'check_board: warm');
in_session($me, 'BEGIN; SAVEPOINT s');
is(i_get(q{claim('e', '["J-1", "J-2"]', 'me')}), 'held', 'claimed, not committed');
is(i_get("confirm('e', '$mine{'A-4'}')"), 'booked', 'sold, not committed');
is(in_session($me, $check), '', 'check_board() does not report what its own transaction wrote');
is(sql($check), '', 'nor what is not committed elsewhere');
in_session($me, 'ROLLBACK TO s');
is(in_session($me, $check), '', 'nor what was rolled back');
in_session($me, 'ROLLBACK');
is(sql($check), '', 'all as before');

warm_board($node, 'e', 'savepoint: warm');
in_session($me, 'BEGIN; SAVEPOINT s');
is(i_get(q{claim('e', 'B-1', 'me')}), 'held', 'claimed');
is(i_get("release('e', '$mine{'A-2'}')"), 'released', 'and given back');
in_session($me, 'ROLLBACK TO s');
is(outcome(q{claim('e', 'B-1', 'other')}), 'held', 'rolled back to the savepoint: another gets it');
is(i_get(q{claim('e', 'B-1', 'me')}), 'taken', 'so it is taken');
is(i_get(q{claim('e', 'A-2', 'me')}), 'taken', 'and what was given back is not');
in_session($me, 'COMMIT');

in_session($me, 'BEGIN; SAVEPOINT a');
i_get("release('e', '$mine{'A-2'}')");
in_session($me, 'SAVEPOINT b');
is(i_get(q{claim('e', 'A-2', 'me again')}), 'held', 'nested: given back and claimed');
in_session($me, 'ROLLBACK TO b');
is(i_get(q{claim('e', 'A-2', 'once more')}), 'held', 'nested: the inner one rolled back');
in_session($me, 'RELEASE a; COMMIT');
is(sql(q{SELECT holder FROM seatlock.holds WHERE 'A-2' = ANY (seats)}), 'once more', 'nested: what was committed counts');
is(outcome(q{claim('e', 'A-2', 'other')}), 'taken', 'nested: for others');

in_session($me, 'BEGIN');
i_get("release('e', '$mine{'A-3'}')");
in_session($me, 'ROLLBACK');
is(outcome(q{claim('e', 'A-3', 'other')}), 'taken', 'a release that was rolled back');
is(outcome("release('e', '$mine{'A-3'}')"), 'released', 'once more');
is(outcome(q{claim('e', 'A-3', 'other')}), 'held', 'and it is free');
# a snapshot from before must be told so, not lied to
in_session($other, 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
outcome("release('e', '$mine{'A-4'}')");
like(in_session($other, q{SELECT outcome FROM seatlock.claim('e', 'A-4', 'other')}), qr/^held$|could not serialize/, 'a later release under an older snapshot');
in_session($other, 'ROLLBACK');
is(outcome(q{claim('e', 'A-4', 'after')}), 'held', 'is free after all');
board_is_true($node, 'one transaction');

# Prepared, then ended from another connection, the board warm before, and asked
# again in between.
make_event($node, 'p', 10, 20);
my $n = 0;
for my $crash ('', 'a crash in between')
{
	for my $end ('COMMIT', 'ROLLBACK')
	{
		my $row = chr(ord('A') + $n++);
		my $name = "prepared, $end" . ($crash ? ", $crash" : '');
		my %seat = (release => "$row-1", cancel => "$row-2", claim => "$row-3", block => "$row-4", unblock => "$row-5", confirm => "$row-6", move => "$row-7");
		my %token = map { $_ => sql("SELECT token FROM seatlock.claim('p', '$seat{$_}', '$name $_', 5000)") } qw(release cancel confirm move);

		outcome("confirm('p', '$token{cancel}')");
		outcome("block('p', '$seat{unblock}')");
		warm_board($node, 'p', "$name: warm");
		for my $verb ("release('p', '$token{release}')", "cancel('p', '$token{cancel}')", "claim('p', '$seat{claim}', 'prepared', 5000)",
			"block('p', '$seat{block}')", "unblock('p', '$seat{unblock}')", "confirm('p', '$token{confirm}')")
		{
			my ($gid) = $verb =~ /(\w+)/;
			in_session($me, "BEGIN; SELECT outcome FROM seatlock.$verb; PREPARE TRANSACTION '$gid'");
		}
		in_session($me, "BEGIN; SELECT seatlock.release('p', '$token{move}'); SELECT seatlock.claim('p', '$seat{move}', 'moved', 5000); PREPARE TRANSACTION 'move'");
		is(sql('SELECT count(*) FROM pg_prepared_xacts'), '7', "$name: all prepared");
		board_is_true($node, $name);
		if ($crash)
		{
			$_->quit for $me, $other, $buyer;
			kill_all($node);
			$node->start;
			($me, $other, $buyer) = sessions($node, 3);
		}
		for (1 .. 2)
		{
			is_deeply([ grep { !/^(busy|taken)$/ } map { outcome("claim('p', '$_', 'eve')") } sort values %seat ], [], "$name: not for others meanwhile");
			sql("SELECT seatlock.seat_map_compact('p')");
		}
		in_session($other, "$end PREPARED '$_'") for sort keys %seat;
		is(sql('SELECT count(*) FROM pg_prepared_xacts'), '0', "$name: all ended");
		board_is_true($node, "$name, ended");

		my %free = map { $_ => 1 } $end eq 'COMMIT' ? qw(release cancel unblock) : qw(claim block);
		for my $verb (sort keys %seat)
		{
			is(outcome("claim('p', '$seat{$verb}', 'then', 5000)"), $free{$verb} ? 'held' : 'taken', "$name: then a claim after $verb");
		}
		board_is_true($node, "$name, and claimed");
	}
}

# The event's own row.
for my $end ('COMMIT', 'ROLLBACK')
{
	my $event = "window $end";
	my $after = $end eq 'COMMIT' ? 'held' : 'not_on_sale';

	make_event($node, $event, 2, 20);
	outcome("claim('$event', 'A-1', 'ann')");
	sql("SELECT seatlock.alter_event('$event', closes_at => 'yesterday')");
	warm_board($node, $event);
	is(outcome("claim('$event', 'A-2', 'bob')"), 'not_on_sale', "$event: closed");
	in_session($me, "BEGIN; SELECT seatlock.alter_event('$event', closes_at => 'tomorrow'); PREPARE TRANSACTION 'window'");
	for (1 .. 3)
	{
		like(outcome("claim('$event', 'A-2', 'bob')"), qr/^(not_on_sale|busy)$/, "$event: still closed");
		outcome("claim('$event', 'A-1', 'bob')");
	}
	in_session($other, "$end PREPARED 'window'");
	is(outcome("claim('$event', 'A-2', 'bob')"), $after, "$event: $after after $end");
	is(outcome("claim('$event', 'A-2', 'bob')"), $end eq 'COMMIT' ? 'taken' : 'not_on_sale', "$event: and again");
	board_is_true($node, $event);
}

# The sale window, on the board: a seat that is taken is refused for the window all the same.
make_event($node, 'hours', 1, 3);
outcome(q{claim('hours', 'A-1', 'ann')});
for my $hours ([ q{opens_at => 'tomorrow'}, 'not_on_sale' ], [ q{opens_at => '-infinity', closes_at => 'yesterday'}, 'not_on_sale' ],
	[ q{closes_at => 'tomorrow'}, 'taken' ])
{
	my ($window, $expected) = @$hours;

	sql("SELECT seatlock.alter_event('hours', $window)");
	warm_board($node, 'hours', $window);
	is(outcome(q{claim('hours', 'A-1', 'bob')}), $expected, "taken, and $window");
}
# nothing is written when the hour comes: the board's own look at the clock ends the sale
sql(q{SELECT seatlock.alter_event('hours', closes_at => clock_timestamp() + interval '3 s')});
warm_board($node, 'hours', 'closes soon');
ok( wait_until('the sale is over', sub { outcome(q{claim('hours', 'A-1', 'bob')}) eq 'not_on_sale' }, 60), 'closed by the clock alone');

# Random trees of savepoints in several transactions at a time.  Only one
# statement runs at any moment, so each refusal can be checked on the spot.
make_event($node, 'tree', 3, 12);
my @seats = seats_of($node, 'tree');
my @walkers = map { { session => $_, depth => -1, tokens => [] } } sessions($node, 4);
my ($num_taken, @lies, %seen, $num_prepared) = (0);

sub any { return $_[ rand @_ ] }

sub walk
{
	my ($walker) = @_;
	my $session = $walker->{session};
	my ($dice, $seat, $token) = (rand, any(@seats), any(map { @{ $_->{tokens} } } @walkers) // 'none');

	if ($walker->{depth} < 0)
	{
		# half of all calls are transactions of their own
		if (rand() < 0.5) { in_session($session, 'BEGIN'); $walker->{depth} = 0; }
	}
	elsif ($dice < 0.12) { in_session($session, 'SAVEPOINT s' . ++$walker->{depth}); return; }
	elsif ($dice < 0.20 && $walker->{depth} > 0) { in_session($session, "ROLLBACK TO s$walker->{depth}"); return; }
	elsif ($dice < 0.26 && $walker->{depth} > 0) { in_session($session, 'RELEASE s' . $walker->{depth}--); return; }
	elsif ($dice < 0.36)
	{
		in_session($session, any('COMMIT', 'COMMIT', 'ROLLBACK'));
		$walker->{depth} = -1;
		return;
	}
	elsif ($dice < 0.39)
	{
		my $gid = 'tree ' . ++$num_prepared;

		in_session($session, "PREPARE TRANSACTION '$gid'");
		$walker->{depth} = -1;
		warm_some() if rand() < 0.5;
		my ($ender) = any(grep { $_->{depth} < 0 } @walkers);
		in_session($ender->{session}, any('COMMIT', 'ROLLBACK') . " PREPARED '$gid'");
		return;
	}

	my $verb = $dice < 0.70 ? 'claim' : any(qw(release release confirm cancel extend block unblock set_holder claim_best claim_now));
	my $call =
	    $verb =~ /^claim(_now)?$/ ? "$verb('tree', '$seat', 'walker', 3000)"
	  : $verb eq 'claim_best' ? "claim_best('tree', @{[1 + int rand 3]}, 'walker', ttl_seconds => 3000)"
	  : $verb =~ /block/ ? "$verb('tree', '$seat')"
	  : $verb eq 'extend' ? "extend('tree', '$token', 7000)"
	  : $verb eq 'set_holder' ? "set_holder('tree', '$token', 'another')"
	  : "$verb('tree', '$token')";
	my ($outcome, $new) = split /\|/, in_session($session, "SELECT outcome, token FROM seatlock.$call");

	$seen{"$verb $outcome"}++;
	push @lies, "$call: $outcome" if $outcome =~ /ERROR/;
	push @{ $walker->{tokens} }, $new if $new;
	shift @{ $walker->{tokens} } if @{ $walker->{tokens} } > 12;
	return unless $outcome eq 'taken' && $verb =~ /^claim(_now)?$/;
	$num_taken++;
	# by what is committed, or by what this transaction did itself; the worker
	# knows only the former
	my $free = $verb eq 'claim' ? in_session($session, "SELECT count(*) FROM seatlock.seat_map('tree') WHERE label = '$seat' AND status = 'free'")
	  : sql("SELECT count(*) FROM seatlock.seat_map('tree') WHERE label = '$seat' AND status = 'free'");
	push @lies, "$call: taken, yet free" if $free ne '0';
	return;
}

# Somebody looks, which may put on the board what he saw.
sub warm_some
{
	outcome("claim('tree', '[\"" . join('", "', any(@seats), any(@seats), 'no such seat') . "\"]', 'warmer')");
	return;
}

for my $step (1 .. 700)
{
	walk(any(@walkers));
	warm_some() if rand() < 0.1;
	if ($step % 50 == 0)
	{
		my $differ = sql('SELECT * FROM seatlock.check_board()');
		push @lies, "step $step: $differ" if $differ ne '';
	}
}
in_session($_->{session}, any('COMMIT', 'ROLLBACK')) for grep { $_->{depth} >= 0 } @walkers;
is_deeply(\@lies, [], 'random trees: every refusal was true, and the board agreed all along');
note join ', ', map { "$_: $seen{$_}" } sort keys %seen;
cmp_ok($num_taken, '>', 50, 'random trees: many were refused');
cmp_ok($num_prepared // 0, '>', 3, 'random trees: some were prepared');
my %free = map { $_ => 1 } split /\n/, sql(q{SELECT label FROM seatlock.seat_map('tree') WHERE status = 'free'});
is_deeply([ grep { sql("BEGIN; SELECT outcome FROM seatlock.claim('tree', '$_', 'last'); ROLLBACK") ne ($free{$_} ? 'held' : 'taken') } @seats ], [],
	'random trees: then every seat is answered right');
warm_board($node, 'tree');

$_->{session}->quit for @walkers;
$_->quit for $me, $other, $buyer;
all_is_sound($node, 'at the end');
$node->stop;
done_testing();
