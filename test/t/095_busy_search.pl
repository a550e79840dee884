# claim_best where no pick could be had: the event's row, the holder's name or every
# seat is busy.  It waits like a claim of named seats, and does not search the
# whole house for what is not there; in a group it is busy at once.
# Passes: plain preloaded
# Alone: it compares milliseconds of two calls, much of which is waiting.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $preloaded = ($ENV{SEATLOCK_PASS} // 'plain') eq 'preloaded';
my $node = seatlock_node('busy_search', conf => "seatlock.lock_wait = 20\n");
make_event($node, 'e', 200, 100, 'max_seats_per_holder => 1000');
my ($locker, $buyer) = sessions($node, 2);

# milliseconds of the fastest of five calls, all of which must have this outcome
in_session($buyer, q{
CREATE FUNCTION pg_temp.fastest(call text, expected text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE began timestamptz; outcome text; best numeric := 'infinity';
BEGIN
    FOR i IN 1 .. 5 LOOP
        began := clock_timestamp();
        EXECUTE 'SELECT outcome FROM seatlock.' || call INTO outcome;
        best := least(best, extract(epoch FROM clock_timestamp() - began) * 1000);
        IF outcome <> expected THEN RAISE EXCEPTION '% was %', call, outcome; END IF;
    END LOOP;
    RETURN best;
END $$});
sub fastest { return in_session($buyer, "SELECT pg_temp.fastest(" . join(', ', map { "\$q\$$_\$q\$" } @_) . ')') }

# the first loads the house
in_session($buyer, q{BEGIN; SELECT seatlock.claim_best('e', 2, 'warm'); ROLLBACK});

sub waits_as_named
{
	my ($what, $holder, $search) = @_;
	# milliseconds that one search of the house may take, and a busy machine
	my $more = $search // 20;
	my $named = fastest("claim('e', 'A-1', '$holder')", 'busy');
	my $best = fastest("claim_best('e', 2, '$holder')", 'busy');

	cmp_ok($best, '<', 6 * $named + $more, "$what: claim_best waits as claim does ($best and $named ms)");
	return unless $preloaded;
	$named = fastest("claim_now('e', 'A-1', '$holder')", 'busy');
	$best = fastest("claim_best_now('e', 2, '$holder')", 'busy');
	cmp_ok($best, '<', 6 * $named + $more, "$what: claim_best_now is busy as claim_now is ($best and $named ms)");
	return;
}

in_session($locker, q{BEGIN; SELECT seatlock.alter_event('e', hold_seconds => 800)});
waits_as_named('an open alter_event', 'ann');
in_session($locker, 'ROLLBACK');

in_session($locker, q{BEGIN; SELECT seatlock.claim('e', 'B-1', 'ann')});
waits_as_named('an open claim of the holder', 'ann');
is(in_session($buyer, q{SELECT outcome FROM seatlock.claim_best('e', 2, 'bob')}), 'held', 'others are not concerned');
in_session($locker, 'ROLLBACK');

# An own hold that another transaction is at work on.
my $token = in_session($buyer, q{SELECT token FROM seatlock.claim('e', 'C-1', 'cat')});
in_session($locker, "BEGIN; SELECT seatlock.extend('e', '$token', 1000)");
my $named = fastest("claim('e', 'A-1', 'cat', NULL, '$token')", 'busy');
my $best = fastest("claim_best('e', 2, 'cat', token => '$token')", 'busy');
cmp_ok($best, '<', 6 * $named + 20, "a busy hold: claim_best waits as claim does ($best and $named ms)");
if ($preloaded)
{
	$named = fastest("claim_now('e', 'A-1', 'cat', NULL, '$token')", 'busy');
	$best = fastest("claim_best_now('e', 2, 'cat', token => '$token')", 'busy');
	cmp_ok($best, '<', 6 * $named + 20, "a busy hold: claim_best_now is busy as claim_now is ($best and $named ms)");
}
in_session($locker, 'ROLLBACK');

# An own hold that others change all the time: who finds that it is not as it was looks at it again.
$token = in_session($buyer, q{SELECT token FROM seatlock.claim('e', 'F-1', 'eve')});
my $crowd = run_crowd($node, [
	(map { my $row = $_; join '', map { "SELECT seatlock.claim('e', '$row-$_', 'eve', NULL, '$token');\nSELECT seatlock.release('e', '$token', '$row-$_');\n" } 1 .. 100 } 'G', 'H', 'I'),
	("SET statement_timeout = '30s';\n" . "SELECT seatlock.claim_best('e', 1, 'eve', token => '$token');\n" x 60) x 2 ]);
nobody_failed($crowd, 'a hold that changes');
is(in_session($buyer, "SELECT outcome FROM seatlock.release('e', '$token')"), 'released', 'and it is given back whole');

# Every seat of the house is locked by somebody's row locks; only the first quarter.
in_session($locker, q{BEGIN; SELECT count(*) FROM (SELECT FROM seatlock.seat_state FOR UPDATE) s});
# every chunk is tried there, until the bound: 50 ms
waits_as_named('all rows locked', 'dan', 300);
in_session($locker, 'ROLLBACK');
# A board that knows all seats says nothing of who is at work on them.
warm_board($node, 'e') if $preloaded;
in_session($locker, q{BEGIN; SELECT count(*) FROM (SELECT FROM seatlock.seat_state WHERE seat_no <= 5000 FOR UPDATE) s});
ok(wait_until('it is found', sub { in_session($buyer, q{SELECT outcome FROM seatlock.claim_best('e', 2, 'eve')}) eq 'held' }, 10), 'what is free behind the locked ones is found');
in_session($locker, 'ROLLBACK');
$_->quit for $locker, $buyer;
history_is_sound($node, 'at the end');
$node->stop;
done_testing();
