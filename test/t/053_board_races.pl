# The rules that keep a stale "taken" from the board, each in the one order of
# events that would break it: a claim stops, by seatlock.debug_fault = park_warm,
# after it has read a row and before the row warms the board; meanwhile the seat
# is given back.  Whoever asks next must get it.  And a search stops, by park_layout,
# before it looks at the layout of an event that grows meanwhile.
# Needs fault points.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('races', conf => "shared_preload_libraries = 'seatlock'");
make_event($node, 'e', 4, 20);
my ($gate, $parked, $other, $eve) = sessions($node, 4);
my $park_pid = in_session($parked, 'SET seatlock.debug_fault = park_warm; SELECT pg_backend_pid()');

sub show { return $node->safe_psql('postgres', "SELECT t.show(c) FROM seatlock.$_[0] c") }
sub eve_claims { return in_session($eve, "SELECT t.show(c) FROM seatlock.claim('e', '$_[0]', 'eve') c") }
sub num_warm { return $node->safe_psql('postgres', q{SELECT num_warm FROM seatlock.stat_board WHERE event = 'e'}) }

# A seat that ann holds and of which the board knows nothing: COMMIT PREPARED
# tells nobody.
sub hold_unknown_seat
{
	my ($seat) = @_;

	in_session($other, "BEGIN; SELECT seatlock.claim('e', '$seat', 'ann of $seat'); PREPARE TRANSACTION 'hold'; COMMIT PREPARED 'hold'");
	return token_of($node, 'e', "ann of $seat");
}

# Let a session's call come to where it waits for the gate.
sub park
{
	my ($session, $pid, $call, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	in_session($gate, 'SELECT pg_advisory_lock(24231)');
	$session->{stdin} .= "SELECT t.show(c) FROM seatlock.$call c;\n\\echo answered\n";
	$session->{run}->pump_nb;
	return ok($node->poll_query_until('postgres', "SELECT wait_event = 'advisory' FROM pg_stat_activity WHERE pid = $pid"), $name);
}

# Let a claim read the seat's row and stop there.
sub park_at
{
	my ($seat) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return park($parked, $park_pid, "claim('e', '$seat', 'bob')", "a claim of $seat has read the row");
}

sub go_on
{
	my ($session) = (@_, $parked);
	my $answer;

	in_session($gate, 'SELECT pg_advisory_unlock(24231)');
	$session->{run}->pump until $session->{stdout} =~ /answered/;
	$answer = $session->{stdout} =~ s/\s*answered\s*//r;
	$session->{stdout} = '';
	return $answer;
}

# The board is filled by the first look, and nothing is parked then.
is(show(q{claim('e', 'D-20', 'first')}), 'ok held D-20', 'a first claim');
is(show(q{claim('e', 'D-20', 'second')}), 'no taken | D-20 held', 'and a refusal');
# a session's first call tells it which event is meant, its second looks at the board
for my $session ($parked, $eve)
{
	in_session($session, q{SELECT seatlock.claim('e', 'D-20', 'bob')}) for 1 .. 2;
}
is(num_warm(), '80', 'all seats are on the board');

# Nothing happens meanwhile: the row warms the board.
hold_unknown_seat('A-1');
is(num_warm(), '79', 'a prepared transaction made its seat unknown');
park_at('A-1');
is(go_on(), 'no taken | A-1 held', 'refused by the row');
is(num_warm(), '80', 'and the board knows it again');
is(eve_claims('A-1'), 'no taken | A-1 held', 'which refuses the next');

# A commit finds the unknown seat, and changes it.
my $token = hold_unknown_seat('A-2');
park_at('A-2');
is(show("release('e', '$token')"), 'ok released', 'the seat is given back');
is(go_on(), 'no taken | A-2 held', 'the parked claim was refused by what it read');
is(eve_claims('A-2'), 'ok held A-2', 'the next gets the seat');

# So does PREPARE, of a seat that is unknown already.
$token = hold_unknown_seat('A-3');
park_at('A-3');
is(in_session($other, "BEGIN; SELECT t.show(c) FROM seatlock.release('e', '$token') c; PREPARE TRANSACTION 'back'"), 'ok released', 'given back by a prepared transaction');
in_session($other, q{COMMIT PREPARED 'back'});
is(go_on(), 'no taken | A-3 held', 'the parked claim was refused by what it read');
is(eve_claims('A-3'), 'ok held A-3', 'the next gets the seat');

# The event is read anew while the one who gives back has not committed.
is(show(q{claim('e', 'A-4', 'ann of A-4')}), 'ok held A-4', 'a seat that is known');
$token = token_of($node, 'e', 'ann of A-4');
is(in_session($other, "BEGIN; SELECT t.show(c) FROM seatlock.release('e', '$token') c"), 'ok released', 'is being given back');
$node->safe_psql('postgres', q{SELECT seatlock.board_reset('e')});
is(eve_claims('D-20'), 'no taken | D-20 held', 'the event is read anew');
is(num_warm(), '79', 'but for that seat');
in_session($other, 'COMMIT');
is(eve_claims('A-4'), 'ok held A-4', 'the next gets it');

# Or after he wrote and before the event is there at all.
is(show(q{claim('e', 'A-5', 'ann of A-5')}), 'ok held A-5', 'another seat');
$token = token_of($node, 'e', 'ann of A-5');
$node->safe_psql('postgres', q{SELECT seatlock.board_reset('e')});
in_session($other, "BEGIN; SELECT seatlock.release('e', '$token')");
is(eve_claims('D-20'), 'no taken | D-20 held', 'read anew, after he wrote');
in_session($other, 'COMMIT');
is(eve_claims('A-5'), 'ok held A-5', 'the next gets it');

# An extension keeps the version: the later lapse is the true one.
is(show(q{claim('e', 'A-6', 'ann of A-6', 2)}), 'ok held A-6', 'a short hold');
$token = token_of($node, 'e', 'ann of A-6');
is(show("extend('e', '$token', 600)"), 'ok extended A-6', 'is extended');
cmp_ok($node->safe_psql('postgres', q{SELECT (conflicts->0->>'seconds_left')::int FROM seatlock.claim('e', 'A-6', 'eve')}), '>', 500, 'and refuses for as long');

# A search has looked at the event, and the event grows before it looks at the layout.
# What the event had before is nobody else's, so that it is gone.
$node->safe_psql('postgres', q{SELECT seatlock.create_area('field', 'Floor', 30, 'Standing'); SELECT seatlock.create_event('f', 'field'); SELECT seatlock.grow_area('f', 'Floor', 10)});
my ($searcher) = sessions($node, 1);
my $search_pid = in_session($searcher, 'SET seatlock.debug_fault = park_layout; SELECT pg_backend_pid()');
sub grow { return $node->safe_psql('postgres', "SELECT seatlock.grow_area('f', 'Floor', $_[0])") }
sub places { return "claim_best('f', $_[0], '$_[1]', 'Floor')" }
park($searcher, $search_pid, places(2, 'bob'), 'a search has looked at the event');
is(grow(5), '5', 'which grows');
is($node->safe_psql('postgres', q{SELECT count(*) FROM seatlock.layout l WHERE NOT EXISTS (SELECT FROM seatlock.event e WHERE e.layout_id = l.layout_id) AND NOT EXISTS (SELECT FROM seatlock.venue v WHERE v.layout_id = l.layout_id)}), '0', 'and its old layout is gone');
like(go_on($searcher), qr/^ok held Floor/, 'the search finds the new one');

# One that knows the layout of before tells nobody that all is sold.
like(show(places(43, 'ann')), qr/^ok held Floor/, 'all is sold');
park($searcher, $search_pid, places(1, 'bob'), 'a search that knows the layout');
is(grow(20), '20', 'the event grows');
warm_board($node, 'f');
like(go_on($searcher), qr/^no sold_out/, 'the search knows of nothing new');
like(in_session($eve, 'SELECT t.show(c) FROM seatlock.' . places(20, 'eve') . ' c'), qr/^ok held Floor/, 'but the next one gets it');
$searcher->quit;

is($node->safe_psql('postgres', 'SELECT * FROM seatlock.check_board()'), '', 'the board says what the tables say');
$_->quit for $gate, $parked, $other, $eve;
history_is_sound($node, 'at the end');
no_locks_left($node, 'at the end');
log_is_clean($node, 'races of the board');
$node->stop;
done_testing();
