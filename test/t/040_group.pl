# claim_now and claim_best_now: the answers of claim and claim_best, decided by
# one worker for many buyers in one commit, whatever the caller's transaction does.
# Passes: one faults, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('group', conf => "shared_preload_libraries = 'seatlock'");
make_event($node, 'e', 10, 40);
$node->safe_psql('postgres', 'CREATE ROLE shop LOGIN; GRANT USAGE ON SCHEMA seatlock TO shop; GRANT EXECUTE ON FUNCTION
	seatlock.claim_now(text, text, text, bigint, text, text, text) TO shop');

sub worker_pid { return $node->safe_psql('postgres', q{SELECT pid FROM seatlock.stat_worker WHERE database = 'postgres'}) }
sub counter { return $node->safe_psql('postgres', "SELECT $_[0] FROM seatlock.stat_worker WHERE database = 'postgres'") }
sub show { return $node->safe_psql('postgres', "SELECT t.show(c) FROM seatlock.$_[0] c") }

# The answers.
is(show(q{claim_now('e', 'A-1', 'ann')}), 'ok held A-1', 'one seat');
is(show(q{claim_now('e', '{A-1,A-2}', 'bob')}), 'no taken | A-1 held', 'a taken seat');
is(show(q{claim_now('e', ARRAY['A-3','A-2'], 'bob')}), 'ok held A-2,A-3', 'an array');
is(show(q{claim_now('e', 'Z-9', 'bob')}), 'no taken | Z-9 unknown_seat', 'an unknown seat');
is(show(q{claim_best_now('e', 4, 'cat', adjacency => 'require')}), 'ok held A-19,A-20,A-21,A-22 (together)', 'the best');
is(show(q{claim_best_now('e', 500, 'cat')}), 'no sold_out', 'too many');
is(show(q{claim_now('e', 'A-5', 'dan', 60, NULL, 'key 1')}), 'ok held A-5', 'with a key');
is(show(q{claim_now('e', 'A-5', 'dan', 90, NULL, 'key 1')}), 'ok held A-5 (replayed)', 'the same again');
is(show(q{claim_now('e', 'A-6', 'dan', 60, NULL, 'key 1')}), 'no key_reused', 'another under the key');
is(show(q{claim('e', 'A-5', 'dan', 60, NULL, 'key 1')}), 'ok held A-5 (replayed)', 'the same by claim');
my $token = token_of($node, 'e', 'dan');
is(show("claim_now('e', 'A-7', 'dan', NULL, '$token')"), 'ok held A-5,A-7', 'added to a hold');
is(show("claim_now('e', 'A-8', 'eve', NULL, '$token')"), 'no not_found', 'added to another\'s hold');
is(show("claim_now('e', 'A-8', 'eve', NULL, repeat('x', 255))"), 'no not_found', 'added to nonsense');

# A guid travels to the worker as a label does.
$node->safe_psql('postgres', q{SELECT seatlock.create_venue('guids', '{"categories": [{"name": "c"}], "zones": [{"name": "S", "rows": [{"row_number": "A", "seats": [
	{"seat_number": "1", "seat_guid": "x1", "position": {"x": 0, "y": 0}}, {"seat_number": "2", "uuid": "x2", "position": {"x": 25, "y": 0}}]}]}]}'),
	seatlock.create_event('guids', 'guids')});
is(show(q{claim_now('guids', '[{"guid": "x2"}, "A-2"]', 'ann')}), 'ok held A-2', 'a seat by its guid');
is(show(q{claim_now('guids', '[{"guid": "x1"}, {"guid": "x2"}, {"guid": "x3"}]', 'bob')}), 'no taken | {"guid": "x3"} unknown_seat, A-2 held', 'a taken seat, and a guid that none has');

# Misuse is an error here as there, and harms nobody else.
for my $case (
	[ q{claim_now('nowhere', 'A-1', 'ann')} => '42704' ], [ q{claim_best_now('e', 1, 'ann', 'nowhere')} => '42704' ],
	[ q{claim_best_now('e', 1, 'ann', NULL, 'nothing')} => '42704' ], [ q{claim_now('e', '[', 'ann')} => '22023' ],
	[ q{claim_now(NULL, 'A-1', 'ann')} => '22023' ], [ q{claim_best_now('e', 0, 'ann')} => '22023' ],
	# with a key, or the board may know that some are taken
	[ q{claim_now('e', (SELECT jsonb_agg(label)::text FROM seatlock.seat_map('e')), 'ann', 60, NULL, 'key 0')} => '54000' ])
{
	is(sqlstate($node, "SELECT * FROM seatlock.$case->[0]"), $case->[1], "$case->[0] is error $case->[1]");
}
is(sqlstate($node, q{BEGIN READ ONLY; SELECT * FROM seatlock.claim_now(NULL, NULL, NULL)}), '25006', 'read-only comes first');
is(sqlstate($node, q{SET ROLE shop; SELECT * FROM seatlock.claim_best_now('e', 1, 'ann')}), '42501', 'EXECUTE is the privilege');

# Any transaction: it is neither needed nor waited for, and who asked is told.
my ($caller) = sessions($node, 1);
in_session($caller, 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
is(show(q{claim_now('e', 'B-1', 'other')}), 'ok held B-1', 'another buyer after the snapshot');
is(in_session($caller, q{SELECT t.show(c) FROM seatlock.claim_now('e', '{B-1}', 'me') c}), 'no taken | B-1 held', 'sees what is committed now');
is(in_session($caller, q{SELECT t.show(c) FROM seatlock.claim_now('e', '{B-2}', 'me') c}), 'ok held B-2', 'works in REPEATABLE READ');
is(in_session($caller, q{SELECT t.show(c) FROM seatlock.claim('e', '{B-3}', 'me') c}), 'ok held B-3', 'a plain claim beside it');
is(in_session($caller, q{SELECT t.show(c) FROM seatlock.claim_now('e', '{B-3,B-4}', 'me') c}), 'no busy | B-3 busy', 'does not see the caller\'s own, and does not wait');
in_session($caller, 'ROLLBACK');
is($node->safe_psql('postgres', q{SELECT seats FROM seatlock.holds WHERE holder = 'me'}), '{B-2}', 'the hold survives the rollback');
in_session($caller, 'SET ROLE shop');
in_session($caller, q{SELECT seatlock.claim_now('e', 'B-5', 'shopper')});
in_session($caller, 'RESET ROLE');
is($node->safe_psql('postgres', q{SELECT actor FROM seatlock.changes('e', 0, 1000) WHERE holder = 'shopper'}), 'shop', 'actor is the caller');

# While the worker is stopped requests gather; then they are one commit.
sub gather
{
	my (@calls) = @_;
	my $pid = worker_pid();
	my @sessions = sessions($node, scalar @calls);
	my @answers;

	in_session($_, 'SET seatlock.group_wait = 60000') for @sessions;
	kill STOP => $pid;
	for my $i (0 .. $#calls)
	{
		$sessions[$i]{stdin} .= "SELECT t.show(c) FROM seatlock.$calls[$i] c;\n\\echo answered\n";
		$sessions[$i]{run}->pump_nb;
		# a place in the worker's order is no promise: only that all have asked
		$node->poll_query_until('postgres',
			"SELECT count(*) = $i + 1 FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'Extension' AND query LIKE '%_now(%' AND pid <> pg_backend_pid()");
	}
	kill CONT => $pid;
	for my $session (@sessions)
	{
		$session->{run}->pump until $session->{stdout} =~ /answered/;
		push @answers, $session->{stderr} =~ /ERROR: +(.*)/ ? "ERROR: $1" : $session->{stdout} =~ s/\s*answered\s*//r;
		$session->{stdout} = $session->{stderr} = '';
		$session->quit;
	}
	return @answers;
}
$node->safe_psql('postgres', 'SELECT seatlock.stat_reset()');
my @answers = gather(map { "claim_now('e', '{C-$_,C-20}', 'group $_')" } 1 .. 8);
is(scalar(grep { /^ok held C-\d,C-20$/ } @answers), 1, 'of eight who want one seat, one gets it');
is(scalar(grep { /^no taken \| C-20 held$/ } @answers), 7, 'and seven hear that it is taken');
@answers = gather(map { "claim_now('e', 'D-$_', 'group d')" } 1 .. 8);
is_deeply(\@answers, [ map { "ok held D-$_" } 1 .. 8 ], 'eight seats for eight buyers');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT xmin::text) FROM seatlock.change WHERE holder = 'group d'}), '8|1', 'in one commit');
is(counter('groups, requests, largest_group, retried, last_error'), '2|16|8|0|', 'and the statistics say so');

# One request key twice, one cap for all, in one group.
$node->safe_psql('postgres', q{SELECT seatlock.create_event('capped', 'hall of e', max_seats_per_holder => 2)});
@answers = gather((map { "claim_now('capped', 'A-$_', 'greedy')" } 1 .. 3), (q{claim_now('e', 'D-20', 'twice', NULL, NULL, 'key d')}) x 2);
is_deeply([ sort map { s/A-\d/A-n/r } @answers ], [ sort 'ok held A-n', 'ok held A-n', 'no limit', 'ok held D-20', 'ok held D-20 (replayed)' ], 'limits and keys hold within a group');

# A member that fails spoils neither the others nor the worker: an index that
# cannot take one holder's row raises in the middle of the group's work.
$node->safe_psql('postgres', q{CREATE FUNCTION public.picky(holder text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
	$$BEGIN IF holder = 'bad' THEN RAISE 'not him' USING ERRCODE = 'P0001'; END IF; RETURN holder; END$$;
	CREATE INDEX picky ON seatlock.hold (public.picky(holder))});
$node->safe_psql('postgres', 'SELECT seatlock.stat_reset()');
@answers = gather(q{claim_now('e', 'E-1', 'good')}, q{claim_now('e', '{E-2,E-3}', 'bad')}, q{claim_now('nowhere', 'E-1', 'lost')}, q{claim_now('e', '{E-4}', 'good too')});
is_deeply(\@answers, [ 'ok held E-1', 'ERROR: not him', 'ERROR: event "nowhere" does not exist', 'ok held E-4' ], 'each member gets its own answer');
is(show(q{claim_now('e', '{E-2,E-3}', 'good three')}), 'ok held E-2,E-3', 'what failed has taken nothing');
is(counter('groups, requests, retried, last_error'), '2|5|4|not him', 'the group was decided again, one by one');
$node->safe_psql('postgres', 'DROP INDEX seatlock.picky; SELECT seatlock.stat_reset()');
@answers = gather(q{claim_now('nowhere', 'E-1', 'lost')}, q{claim_now('e', 'E-5', 'good')}, q{claim_best_now('e', 1, 'lost', 'nowhere')});
is_deeply(\@answers, [ 'ERROR: event "nowhere" does not exist', 'ok held E-5', 'ERROR: section "nowhere" of event "e" does not exist' ], 'names that do not exist');
is(counter('retried'), '0', 'cost no group its commit');

# A crowd, half by claim_now and half by claim, on few seats: nothing is sold twice.
forget_records($node);
make_event($node, 'rush', 10, 20);
my @seats = split /\n/, $node->safe_psql('postgres', q{SELECT label FROM seatlock.seat_map('rush')});
my $crowd = run_crowd($node, [ map { my $c = $_;
	join '', map { my $asked = '[' . join(',', map { "\"$_\"" } map { $seats[ rand @seats ] } 1 .. 1 + int rand 3) . ']';
		SeatlockTest::record_op($c, $_, 'rush', 'claim', $asked,
			'seatlock.' . ($c % 3 ? 'claim_now' : 'claim') . "('rush', '$asked', 'holder $c')") } 1 .. 60 } 1 .. 24 ]);
nobody_failed($crowd, 'the rush');
load_records($node, $crowd);
is($node->safe_psql('postgres', 'SELECT * FROM t.sold_twice'), '', 'no seat has two winners');
records_are_sound($node, 'the rush');
cmp_ok(counter('largest_group'), '>', 1, 'claims were committed together');

$caller->quit;
no_locks_left($node, 'at the end');
history_is_sound($node, 'at the end');

# What could not be answered is not decided: the row of the answer has a column more.
make_event($node, 'other row', 1, 9);
$node->safe_psql('postgres', 'ALTER TYPE seatlock.claim_result ADD ATTRIBUTE note text');
is(sqlstate($node, "SELECT seatlock.claim_now('other row', 'A-1', 'x')"), '55000', 'an answer of another shape is refused');
is(sqlstate($node, "SELECT seatlock.claim_best_now('other row', 1, 'x')"), '55000', 'by claim_best_now too');
is($node->safe_psql('postgres', q{SELECT count(*) FROM seatlock.holds WHERE event = 'other row'}), '0', 'and nothing was decided');
log_is_clean($node, 'claims in groups');
$node->stop;
done_testing();
