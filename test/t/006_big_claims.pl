# Claims of 20,000 seats, and 20,000 claims in one transaction, with the
# server's lock table at its default size: they work, and meanwhile others
# connect and claim as if nothing were.
# Passes: preloaded, since a claim looks at the board and then takes the same way.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('big');
is($node->safe_psql('postgres', 'SHOW max_locks_per_transaction'), '64', 'the lock table has its default size');

make_event($node, 'e', 200, 100);
make_event($node, 'small', 2, 100);
my $half = q{(SELECT jsonb_agg(label)::text FROM seatlock.seat_map('e') WHERE row_label < 'M')};
my ($big, $other) = sessions($node, 2, timeout => 600);

# how many entries of the lock table our locks take
my $num_locks = q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'};
# 32 on seats and names, the stripes of names of one event, and a few more
my $is_bounded = q{SELECT count(*) <= 32 + 2 * 128 + 12 FROM pg_locks WHERE locktype IN ('advisory', 'tuple', 'transactionid')};

# Others connect, claim and are refused properly while the big one is open.
sub others_live_on
{
	my ($when, $busy_seat, $free_seat) = @_;

	is($node->safe_psql('postgres', $is_bounded), 't', "$when: the number of locks is bounded");
	is($node->safe_psql('postgres', "SELECT outcome FROM seatlock.claim('e', '$busy_seat', 'eve')"),
		'busy', "$when: its seats are busy for others") if $busy_seat;
	is($node->safe_psql('postgres', "SELECT outcome FROM seatlock.claim('e', '$free_seat', 'bob')"),
		'held', "$when: other seats of the event are on sale") if $free_seat;
	is($node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim_best('small', 1, 'bob')}),
		'held', "$when: other events are on sale");
}

# 1. one call for 20,000 seats
in_session($big, 'BEGIN');
is( in_session($big, q{SELECT outcome, jsonb_array_length(seats) FROM seatlock.claim('e',
		(SELECT array_agg(label) FROM seatlock.seat_map('e')), 'big')}),
	'held|20000', 'one claim of 20,000 seats');
others_live_on('one claim', 'M-7');
# 40 more at once, each on a new connection
my $crowd = run_crowd($node, [ map { my $c = $_; join '', map { claim_op($c, $_, 'small', [ "B-$_" ]) } 1 .. 50 } 1 .. 40 ]);
nobody_failed($crowd, '40 connections meanwhile');
in_session($big, 'COMMIT');
is($node->safe_psql('postgres', q{SELECT num_held FROM seatlock.availability('e')}), '20000', 'all are held');
is($node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim('e', 'A-1', 'eve')}), 'taken', 'and taken for others');
my $token = token_of($node, 'e', 'big');
is( $node->safe_psql('postgres', qq{SELECT outcome, jsonb_array_length(seats) FROM seatlock.extend('e', '$token', 3000)}),
	'extended|20000', 'extended');
is($node->safe_psql('postgres', qq{SELECT outcome FROM seatlock.confirm('e', '$token', 'group')}), 'booked', 'confirmed');
is($node->safe_psql('postgres', qq{SELECT outcome FROM seatlock.cancel('e', '$token')}), 'cancelled', 'cancelled');
history_is_sound($node, 'one claim of 20,000 seats');

# 2. the same again, rolled back
in_session($big, q{BEGIN; SELECT outcome FROM seatlock.claim('e',
	(SELECT array_agg(label) FROM seatlock.seat_map('e')), 'big')});
in_session($big, 'ROLLBACK');
is($node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim('e', 'A-1', 'eve')}), 'held', 'a rolled-back giant leaves nothing');
my $eve = token_of($node, 'e', 'eve');
$node->safe_psql('postgres', qq{SELECT seatlock.release('e', '$eve')});

# 3. a section off sale and back
in_session($big, 'BEGIN');
is(in_session($big, "SELECT outcome FROM seatlock.block('e', $half, 'camera')"), 'blocked', 'half of the house is blocked');
others_live_on('block', 'A-7', 'Z-1');
in_session($big, 'COMMIT');
my $blocked = $node->safe_psql('postgres', q{SELECT num_not_for_sale FROM seatlock.availability('e')});
cmp_ok($blocked, '>', 5000, 'thousands of seats are not for sale');
in_session($big, 'BEGIN');
is(in_session($big, "SELECT outcome FROM seatlock.unblock('e', $half)"), 'unblocked', 'and unblocked');
others_live_on('unblock', undef, 'Z-2');
in_session($big, 'COMMIT');
is($node->safe_psql('postgres', q{SELECT num_not_for_sale FROM seatlock.availability('e')}), '0', 'all is on sale again');
history_is_sound($node, 'block and unblock');

# 4. 20,000 claims in one transaction, of all kinds that take locks: plain, with
# a request key, refused, and repeated on what the transaction has already
$node->safe_psql('postgres', q{SELECT seatlock.create_event('many', 'hall of e', max_seats_per_holder => 100000)});
in_session($big, 'BEGIN');
is( in_session($big, q{
	DO $$
	DECLARE
		seat text;
		outcome text;
		n integer := 0;
	BEGIN
		FOR seat IN SELECT label FROM seatlock.seat_map('many') LOOP
			n := n + 1;
			SELECT c.outcome INTO outcome FROM seatlock.claim('many', seat, 'buyer ' || n % 50,
				request_key => CASE WHEN n % 10 = 0 THEN 'key ' || n END) c;
			IF outcome <> 'held' THEN
				RAISE 'claim % of seat % is %', n, seat, outcome;
			END IF;
			IF n % 5 = 0 THEN
				SELECT c.outcome INTO outcome FROM seatlock.claim('many', seat, 'again') c;
				IF outcome <> 'taken' THEN
					RAISE 'second claim of seat % is %', seat, outcome;
				END IF;
			END IF;
		END LOOP;
	END
	$$;
	SELECT count(*) FROM seatlock.holds WHERE event = 'many'}), '20000', '20,000 claims in one transaction');
is($node->safe_psql('postgres', $is_bounded), 't', '20,000 claims: the number of locks is bounded');
is($node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim('many', 'Z-7', 'eve')}), 'busy', '20,000 claims: busy for others');
is($node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim('e', 'Z-3', 'bob')}), 'held', '20,000 claims: other events are on sale');
in_session($big, 'COMMIT');
history_is_sound($node, '20,000 claims in one transaction');

# 5. lock() on everything, and claims afterwards in the same transaction
in_session($big, 'BEGIN');
is( in_session($big, q{SELECT count(*), count(*) FILTER (WHERE locked) FROM seatlock.lock('e', } . $half . ')'),
	"$blocked|$blocked", 'thousands of seats locked early');
is($node->safe_psql('postgres', $is_bounded), 't', 'lock: the number of locks is bounded');
is($node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim('e', 'L-9', 'eve')}), 'busy', 'lock: busy for others');
is(in_session($big, "SELECT outcome FROM seatlock.claim('e', $half, 'big')"), 'held', 'and claimed');
in_session($big, 'ROLLBACK');

# 6. best available for thousands
is( $node->safe_psql('postgres', q{SELECT outcome, jsonb_array_length(seats) FROM seatlock.claim_best('e', 15000, 'crowd')}),
	'held|15000', 'the best 15,000 seats');

# 7. 200,000 labels in one argument, most of them unknown; then a house of 200,000 seats
is( $node->safe_psql('postgres', q{SELECT outcome, jsonb_array_length(conflicts) FROM seatlock.claim('e',
		(SELECT array_agg('Q-' || n) FROM generate_series(1, 200000) n), 'eve')}),
	'taken|199900', '200,000 labels, 100 of them known');
$node->safe_psql('postgres', q{SELECT seatlock.create_area('field', 'Field', 200000, 'Standing'); SELECT seatlock.create_event('festival', 'field')});
is( $node->safe_psql('postgres', q{SELECT outcome, jsonb_array_length(seats) FROM seatlock.claim('festival',
		(SELECT array_agg('Field-' || n) FROM generate_series(1, 200000) n), 'all')}),
	'held|200000', 'all of 200,000 places in one claim');
history_is_sound($node, 'at the end');
no_locks_left($node, 'at the end');

$_->quit for $big, $other;
log_is_clean($node, 'big claims');
$node->stop;
done_testing();
