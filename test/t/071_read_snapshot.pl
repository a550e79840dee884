# Reads see what the statement that calls them sees: a cursor what was there when
# it was opened, a transaction at REPEATABLE READ what was there at its start.
# The change feed alone answers from now, and what the seat board answers at READ
# COMMITTED.  And they take no more than the reader's
# right to call them.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('snapshot');
make_event($node, 'e', 2, 10);
my $token = $node->safe_psql('postgres', q{SELECT token FROM seatlock.claim('e', 'A-1', 'ann')});
$node->safe_psql('postgres', 'CREATE ROLE reader; GRANT USAGE ON SCHEMA seatlock TO reader;
	GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA seatlock TO reader');

# name => [ a query of one value, what it said at first, what it says afterwards ]
my %reads = (
	'seat_map' => [ q{SELECT string_agg(left(status, 1), '') FROM seatlock.seat_map('e')}, 'hfffffffffffffffffff', 'bbffffffffffffffffff' ],
	'availability' => [ q{SELECT num_free FROM seatlock.availability('e')}, '19', '18' ],
	'seat_map_compact' => [ q{SELECT seats FROM seatlock.seat_map_compact('e')}, 'hfffffffffffffffffff', 'bbffffffffffffffffff' ],
	'seat_map_svg' => [ q{SELECT length(seatlock.seat_map_svg('e')) = (SELECT svg FROM lengths)}, 't', 'f' ],
	'seat_map_text' => [ q{SELECT seatlock.seat_map_text('e') = (SELECT map FROM lengths)}, 't', 'f' ],
	'live_holds' => [ q{SELECT status FROM seatlock.live_holds('e') WHERE holder = 'ann'}, 'held', 'booked' ],
	'seat_history' => [ q{SELECT string_agg(action, ' ') FROM seatlock.seat_history('e', 'A-1')}, 'held', 'held booked' ],
	'hold' => [ "SELECT outcome FROM seatlock.hold('e', '$token')", 'held', 'booked' ]);
my $feed = q{SELECT string_agg(action, ' ') FROM seatlock.changes('e', 0, 10)};
$node->safe_psql('postgres', q{CREATE TABLE lengths AS SELECT length(seatlock.seat_map_svg('e')) AS svg, seatlock.seat_map_text('e') AS map;
	GRANT SELECT ON lengths TO reader});

my %cursors = map { ("c_$_" => $reads{$_}) } keys %reads;
my ($cursors, $old, $strict) = sessions($node, 3);
in_session($_, 'SET ROLE reader') for $cursors, $old, $strict;
in_session($cursors, 'BEGIN READ ONLY; ' . join('; ', map { "DECLARE $_ CURSOR FOR $cursors{$_}[0]" } sort keys %cursors) . "; DECLARE feed CURSOR FOR $feed");
in_session($old, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1');
in_session($strict, 'BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1');
is(in_session($_, $reads{seat_map}[0]), $reads{seat_map}[1], 'a transaction that reads') for $old, $strict;

$node->safe_psql('postgres', "SELECT seatlock.confirm('e', '$token'); SELECT seatlock.book('e', 'A-2', 'bob')");

for my $read (sort keys %reads)
{
	my ($query, $before, $after) = @{ $reads{$read} };

	is(in_session($cursors, "FETCH c_$read"), $before, "$read: a cursor sees what was there when it was opened") unless $read =~ /compact|availability/;
	is(in_session($old, $query), $before, "$read: REPEATABLE READ sees what was there at its start");
	is(in_session($strict, $query), $before, "$read: SERIALIZABLE too");
	is($node->safe_psql('postgres', "SET ROLE reader; $query"), $after, "$read: others see what is there now");
}
is(in_session($cursors, 'FETCH feed'), 'held booked booked', 'the feed answers from now, by a cursor');
is(in_session($old, $feed), 'held booked booked', 'and at REPEATABLE READ');

# An event that is gone, and one that is new, to who looks from before.
$node->safe_psql('postgres', q{SELECT seatlock.drop_event('e', 'yes'); SELECT seatlock.create_event('f', 'hall of e')});
for my $read (sort keys %reads)
{
	my ($query, $before) = @{ $reads{$read} };

	is(in_session($old, $query), $before, "$read: the event that was dropped since is still there");
}
like(in_session($old, q{SAVEPOINT s; SELECT count(*) FROM seatlock.seat_map('f')}), qr/event "f" does not exist/, 'and the one made since is not');
in_session($_, 'ROLLBACK') for $cursors, $old, $strict;
is(in_session($old, q{SELECT count(*) FROM seatlock.seat_map('f')}), '20', 'until the transaction ends');

is($node->safe_psql('postgres', q{SET ROLE reader; SELECT has_table_privilege('seatlock.seat', 'SELECT')}), 'f', 'the reader has no right on the tables');

$_->quit for $cursors, $old, $strict;
log_is_clean($node, 'end');
done_testing();
