# Events come onto the board by the worker's work, in small pieces: no buyer's
# call reads a house for it, and no claim_now waits for a load.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $num_seats = 60_000;
my $node = seatlock_node('load', conf => "shared_preload_libraries = 'seatlock'");
make_event($node, 'small', 10, 40, 'max_seats_per_holder => 1000');
make_event($node, 'big', 200, $num_seats / 200, 'max_seats_per_holder => 1000');
$node->safe_psql('postgres', 'VACUUM ANALYZE');

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub worker_pid { return sql(q{SELECT pid FROM seatlock.stat_worker WHERE database = 'postgres'}) }
sub is_on_board { return sql(qq{SELECT count(*) FROM seatlock.stat_board WHERE event = '$_[0]'}) eq '1' }

# Asked for now and then, since a load that met a reset is not made up for by itself.
sub comes_to_board
{
	my $asks = 0;

	return wait_until('the event is on the board', sub { heat_event($node, 'big') if $asks++ % 50 == 10; is_on_board('big') }, 60);
}

# Blocks that a call of a new session touched.
sub blocks_of
{
	my ($call) = @_;
	my ($plan) = sql("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) SELECT * FROM seatlock.$call") =~ /"Shared Hit Blocks": (\d+)/;
	return $plan;
}

# What a call costs has nothing to do with the size of a house that is not loaded.
for my $call (q{claim('big', 'A-1', 'ann')}, q{claim('big', 'A-1', 'bob')}, q{claim_now('big', 'A-2', 'ann')}, q{claim_now('big', 'A-2', 'bob')})
{
	ok(comes_to_board(), 'on the board') if $call =~ /bob/;
	sql(q{SELECT seatlock.board_reset('big')});
	cmp_ok(blocks_of($call), '<', 2000, "$call reads no house");
}
ok(comes_to_board(), 'yet the event comes onto the board');
ok(wait_until('a refusal comes from there', sub {
		sql(q{SELECT seatlock.claim('big', 'A-1', 'bob'); SELECT seatlock.claim('big', 'A-1', 'bob')});
		sql(q{SELECT sum(refused_by_board) > 0 FROM seatlock.stat_claims WHERE event = 'big'}) eq 't' }, 60), 'and refuses');
for my $read ('seat_map_compact', 'availability')
{
	sql(q{SELECT seatlock.board_reset('big')});
	sql("SELECT count(*) FROM seatlock.$read('big')");
	ok(comes_to_board(), "$read has it loaded");
}

# The worker serves while it loads: many claims are answered before it has done.
sql(q{SELECT seatlock.board_reset('big')});
sql('CREATE TABLE answered (n bigint)');
sql(q{DO $$
DECLARE
	n bigint := 0;
BEGIN
	PERFORM seatlock.seat_map_compact('big');
	WHILE NOT EXISTS (SELECT FROM seatlock.stat_board WHERE event = 'big') AND n < 100000 LOOP
		PERFORM seatlock.claim_now('small', 'A-1', 'ann');
		n := n + 1;
	END LOOP;
	INSERT INTO answered VALUES (n);
END $$});
my $answered = sql('SELECT n FROM answered');
note "$answered claims were answered during the load";
cmp_ok($answered, '>', 20, 'claims are answered while the worker loads');
cmp_ok($answered, '<', 100_000, 'and the load ends under a stream of claims');

# A worker that goes in the middle of a load leaves nothing that the next one waits for.
for my $round (1 .. 3)
{
	my $pid = worker_pid();

	sql(q{SELECT seatlock.board_reset('big')});
	sql(qq{SELECT seatlock.availability('big'); SELECT pg_terminate_backend($pid)});
	ok(wait_until('another worker is there', sub { my $new = worker_pid(); $new ne '' && $new ne $pid }, 60), "round $round: a worker was sent away");
	heat_event($node, 'big');
	ok(comes_to_board(), "round $round: the next one loads the event");
}

# A table that somebody has locked is not waited for, and the load is made up for.
my ($locker) = sessions($node, 1);
sql(q{SELECT seatlock.board_reset('big')});
in_session($locker, 'BEGIN; LOCK TABLE seatlock.request IN ACCESS EXCLUSIVE MODE');
is(sql(q{SELECT outcome FROM seatlock.claim('big', 'A-1', 'bob')}), 'taken', 'a table that a load would need is locked');
is(sql(q{SELECT outcome FROM seatlock.claim_now('small', 'B-1', 'bob')}), 'busy', 'the worker does not stand before it');
in_session($locker, 'ROLLBACK');
ok(wait_until('the event is loaded', sub { heat_event($node, 'big'); is_on_board('big') }, 60), 'later it is loaded');

# What a session loads of an event through an older snapshot, it does not keep.
my ($reader) = sessions($node, 1);
in_session($reader, q{BEGIN; DECLARE c CURSOR FOR SELECT * FROM seatlock.availability('later')});
sql(q{SELECT seatlock.create_event('later', 'hall of small'); SELECT seatlock.claim('later', 'A-1', 'ann')});
ok(wait_until('it is on the board', sub { heat_event($node, 'later'); in_session($reader, q{SELECT seatlock.claim('later', 'A-1', 'bob')}); is_on_board('later') }, 60), 'an event made after a cursor was opened');
is(in_session($reader, q{SELECT outcome FROM seatlock.claim('later', 'A-1', 'bob')}), 'taken', 'is known to the session');
like(in_session($reader, 'FETCH c'), qr/^S\|Standard\|400\|399\|/, 'and to the cursor, which tells what is now');
is(in_session($reader, q{COMMIT; SELECT outcome FROM seatlock.claim_best('later', 2, 'bob')}), 'held', 'so a search finds its seats');

all_is_sound($node, 'at the end');
$node->stop;
done_testing();
