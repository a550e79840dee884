# What a backend remembers of events and layouts, and each way in which it forgets:
# SQL of others and of its own, rolled back too, what was read through an old
# snapshot, TRUNCATE, rows that have moved, sequences set back, an entry of the
# statistics that is another's, room, DROP EXTENSION; and that forgetting in the
# middle of a search harms nobody.  Without a board, which has numbers of labels too.
# Passes: one, for it says itself what is preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('event_cache', conf => "shared_preload_libraries = 'seatlock'\nautovacuum = off\nseatlock.board_size = 0");
sub sql { return $node->safe_psql('postgres', $_[0]) }
my ($buyer) = sessions($node, 1);
my $pid = in_session($buyer, 'SELECT pg_backend_pid()');
my $num_calls = 0;

# A hall of three sections, in this order.
sub make_hall
{
	my %grid = (R => q{1, 7, 'Other'}, S => q{2, 10, 'Low'}, T => q{1, 10, 'High'});

	sql(join ';', map({ "SELECT seatlock.create_grid('hall', '$_', $grid{$_})" } @_), q{SELECT seatlock.create_event('e', 'hall')});
	return;
}

# The numbers of the seats that the session gets by a call for event e, and gives back.
sub got
{
	my ($call) = @_;

	$num_calls++;
	return in_session($buyer, qq{SELECT token AS t FROM seatlock.$call \\gset
		SELECT string_agg(seat_no::text, ' ' ORDER BY seat_no) FROM seatlock.seat_state WHERE token = :'t';
		DO \$\$ BEGIN PERFORM seatlock.release('e', token::text) FROM seatlock.holds WHERE event = 'e' AND holder = 'ann'; END \$\$});
}
sub claimed { return got("claim('e', '$_[0]', 'ann')") }
sub best { return got("claim_best('e', 1, 'ann', category => '$_[0]')") }

# SQL by which two seats change labels, and one by which the two categories change seats.
sub swap { return join ';', map { "UPDATE seatlock.seat SET label = '$_->[1]' WHERE label = '$_->[0]'" } [ $_[0], '?' ], [ $_[1], $_[0] ], [ '?', $_[1] ] }
my $trade = q{UPDATE seatlock.seat s SET category_no = c.category_no FROM seatlock.layout_category o JOIN seatlock.layout_category c USING (layout_id)
	WHERE s.layout_id = o.layout_id AND s.category_no = o.category_no AND ARRAY[o.name, c.name] IN (ARRAY['Low', 'High'], ARRAY['High', 'Low'])};

make_hall('S', 'T', 'R');
my $numbers = q{SELECT event_id || ' ' || layout_id FROM seatlock.event WHERE name = 'e'};
my $first_numbers = sql($numbers);
is(claimed('S-A-1'), '1', 'a label');
like(best('High'), qr/^(2[1-9]|30)$/, 'a layout');

# SQL of others.
sql(swap('S-A-1', 'S-A-2'));
is(claimed('S-A-1'), '2', 'a label: changed by SQL of another session');
sql($trade);
like(best('High'), qr/^(\d|1\d|20)$/, 'a layout: changed by SQL of another session');

# The same in the middle of a transaction, which takes no new lock on a table.
sql(q{SELECT seatlock.create_grid('small hall', 'S', 1, 4, 'c'), seatlock.create_event('small', 'small hall')});
in_session($buyer, q{SELECT outcome FROM seatlock.release('small', (SELECT token FROM seatlock.claim('small', 'A-2', 'ann')))});
in_session($buyer, q{BEGIN});
in_session($buyer, q{SELECT outcome FROM seatlock.claim('small', 'A-1', 'ann')});
sql('BEGIN;' . swap('A-2', 'A-3') . ';COMMIT');
in_session($buyer, q{SELECT outcome FROM seatlock.claim('small', 'A-2', 'ann')});
in_session($buyer, q{COMMIT});
is(sql(q{SELECT string_agg(label, ' ' ORDER BY label) FROM seatlock.seat_map('small') WHERE status = 'held'}), 'A-1 A-2', 'a label: changed by SQL of another session in mid-transaction');

# SQL of its own, that comes to nothing.
for my $undo ([ 'BEGIN', 'ROLLBACK' ], [ 'BEGIN; SAVEPOINT s', 'ROLLBACK TO s; COMMIT' ])
{
	in_session($buyer, "$undo->[0]; " . swap('S-A-1', 'S-A-2') . "; $trade");
	is(claimed('S-A-1'), '1', "a label: changed by SQL of its own ($undo->[1])");
	like(best('High'), qr/^(2[1-9]|30)$/, "a layout: changed by SQL of its own ($undo->[1])");
	in_session($buyer, $undo->[1]);
	is(claimed('S-A-1'), '2', "a label: $undo->[1]");
	like(best('High'), qr/^(\d|1\d|20)$/, "a layout: $undo->[1]");
}

# More invalidations than are kept for a session that does not listen.
kill 'STOP', $pid;
sql(swap('S-A-1', 'S-A-2') . q{; DO $$ BEGIN FOR i IN 1 .. 1000 LOOP CREATE TEMP TABLE flood (a int); DROP TABLE flood; END LOOP; END $$});
kill 'CONT', $pid;
is(claimed('S-A-1'), '1', 'a label: more invalidations than there is room for');

# What is read through an old snapshot is not remembered, and not answered from memory.
is(claimed('S-B-1'), '11', 'a label that has a history');
in_session($buyer, q{BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1});
sql(swap('S-A-3', 'S-A-4') . ';' . swap('S-B-1', 'S-B-2'));
is(in_session($buyer, q{SELECT count(*) FROM seatlock.seat_history('e', 'S-A-3')}), '0', 'a read through an old snapshot');
is(in_session($buyer, q{SELECT outcome FROM seatlock.claim('e', 'S-B-1', 'bob')}), 'held', 'a claim, that looks at what is now');
is(in_session($buyer, q{SELECT string_agg(action, ' ') FROM seatlock.seat_history('e', 'S-B-1')}), 'held released', 'a read after it, as its snapshot has it');
in_session($buyer, q{ROLLBACK});
is(claimed('S-A-3'), '4', 'a label: not as an old snapshot has it');
is(claimed('S-B-1'), '12', 'a label: nor as it was before');

# Rows that have moved.  Places are learned when seats are asked for again.
is(claimed("S-A-$_"), $_ == 5 ? '5' : '6', 'a place') for (5, 6) x 5;
sql(q{CREATE TABLE states AS SELECT * FROM seatlock.seat_state; DELETE FROM seatlock.seat_state;
	INSERT INTO seatlock.seat_state SELECT * FROM states ORDER BY seat_no DESC});
is(claimed('S-A-5'), '5', 'a place: written anew by SQL');
sql(q{VACUUM FULL seatlock.seat_state});
is(claimed("S-A-$_"), $_ == 5 ? '5' : '6', 'a place: VACUUM FULL') for (5, 6) x 5;
sql(q{TRUNCATE seatlock.seat_state; INSERT INTO seatlock.seat_state SELECT * FROM states ORDER BY seat_no % 7, seat_no});
is(claimed('S-A-5'), '5', 'a place: TRUNCATE');
# two rows that lie in each other's places, beyond the pages that are looked at
sql(q{SELECT seatlock.create_grid('long', 'L', 100, 10, 'Low'), seatlock.create_event('long', 'long');
	CREATE TABLE long_states AS SELECT s.* FROM seatlock.seat_state s JOIN seatlock.event USING (event_id) WHERE name = 'long';
	TRUNCATE seatlock.seat_state;
	INSERT INTO seatlock.seat_state SELECT * FROM long_states ORDER BY CASE seat_no WHEN 900 THEN 901 WHEN 901 THEN 900 ELSE seat_no END;
	INSERT INTO seatlock.seat_state SELECT * FROM states ORDER BY seat_no % 7, seat_no});
my $other = sql(q{SELECT label FROM seatlock.seat JOIN seatlock.event USING (layout_id) WHERE name = 'long' AND seat_no = 900});
in_session($buyer, "SELECT outcome FROM seatlock.claim('long', '$_', 'ann')") for map { "A-$_" } 1 .. 10;
is(in_session($buyer, "SELECT token AS t FROM seatlock.claim('long', '$other', 'bob') \\gset\nSELECT seat_no FROM seatlock.seat_state WHERE token = :'t'"),
	'900', 'a place: another seat lies in it');
sql(q{REINDEX TABLE CONCURRENTLY seatlock.seat_state; REINDEX TABLE CONCURRENTLY seatlock.seat});
is(claimed('S-A-7'), '7', 'an index: REINDEX CONCURRENTLY');
sql(q{SELECT seatlock.alter_event('e', closes_at => '2001-01-01')});
is(in_session($buyer, q{SELECT outcome FROM seatlock.claim('e', 'S-A-5', 'ann')}), 'not_on_sale', 'an event: altered');
sql(q{SELECT seatlock.alter_event('e', closes_at => 'infinity')});
is(claimed('S-A-5'), '5', 'an event: altered again');

# A sequence that begins again with its table, and one that is set back.
my $again = q{SELECT setval('seatlock.change_seq', 1, false)};
sql("TRUNCATE seatlock.change; $again");
is(claimed('S-A-5'), '5', 'changes: TRUNCATE');
sql($again);
like(claimed('S-A-5'), qr/^ERROR: sequence "seatlock.change_seq" is behind the tables/, 'changes: a sequence set back') for 1 .. 3;
is(sql(q{SELECT last_value FROM seatlock.change_seq}), '1', 'changes: only the first call has drawn from it');
sql(q{SELECT seatlock.sync_sequences()});
is(claimed('S-A-5'), '5', 'changes: and set right');

# An entry of the statistics that was given to another event.
sub counted { return sql(q{SELECT coalesce(sum(calls), 0) FROM seatlock.stat_claims WHERE event = 'e' AND verb IN ('claim', 'claim_best')}) }
cmp_ok(counted(), '>', 5, 'statistics: counted');
sql(q{SELECT seatlock.create_grid('box', 'S', 1, 2, 'c');
	SELECT count(seatlock.create_event('box ' || n, 'box')) FROM generate_series(1, 512) n;
	SELECT count(outcome) FROM generate_series(1, 512) n, seatlock.claim('box ' || n, 'A-1', 'bob')});
is(counted(), '0', 'statistics: the entry is another event\'s');
claimed('S-A-5');
is(counted(), '1', 'statistics: counted in one of its own again');
is(sql(q{SELECT max(calls) FROM seatlock.stat_claims WHERE event LIKE 'box%'}), '1', 'and not in another\'s');

# Room: 64 layouts, and none that is old.
sub kept { return in_session($buyer, q{SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'seatlock house'}) }
sql(q{SELECT count(seatlock.create_grid('house ' || n, 'S', 1, 3, 'Low')), count(seatlock.create_event('house ' || n, 'house ' || n)) FROM generate_series(1, 70) n});
in_session($buyer, "SELECT count(outcome) FROM generate_series(1, 70) n, seatlock.claim_best('house ' || n, 1, 'bob')");
is(kept(), '64', 'room: so many layouts are kept');
sql(q{UPDATE seatlock.seat SET x = x WHERE label = 'S-A-1'});
is(kept(), '64', 'room: to hear that they are old frees nothing');
like(best('High'), qr/^(\d|1\d|20)$/, 'room: a look');
is(kept(), '1', 'room: the next look frees them');

# In the middle of a search.  The only seats of a category are busy, but for one,
# which is held for some seconds; meanwhile the layout changes, and the session
# hears of it when it opens the table of holds, to see what has expired.  The lock
# on a table keeps the worker from recording that.
sql(q{SELECT seatlock.create_grid('large', 'L', 100, 100, 'Low'), seatlock.create_grid('large', 'M', 1, 3, 'High'), seatlock.create_event('large', 'large')});
my ($locker) = sessions($node, 1);
in_session($buyer, q{SET seatlock.lock_wait = '60s'; SELECT outcome FROM seatlock.claim_best('large', 1, 'ann', category => 'Low')});
in_session($locker, q{SELECT outcome FROM seatlock.claim('large', 'M-A-2', 'cat', 4);
	BEGIN; LOCK TABLE seatlock.request IN SHARE MODE; SELECT count(*) FROM seatlock.lock('large', '{M-A-1,M-A-3}') WHERE locked});
$buyer->{stdin} .= "SELECT outcome FROM seatlock.claim_best('large', 2, 'ann', category => 'High');\n\\echo answered\n";
ok(wait_until('the buyer waits', sub { $buyer->{run}->pump_nb; sql("SELECT wait_event IS NOT NULL AND state = 'active' FROM pg_stat_activity WHERE pid = $pid") eq 't' }),
	'a search waits');
sql(q{UPDATE seatlock.seat SET x = x WHERE label = 'S-A-1'});
ok($node->poll_query_until('postgres', q{SELECT expires_at < clock_timestamp() FROM seatlock.hold WHERE holder = 'cat'}), 'one of the seats expires');
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_locks WHERE pid = $pid AND relation = 'seatlock.hold'::regclass"), 'the search has met it');
in_session($locker, 'ROLLBACK');
ok(wait_until('the buyer is answered', sub { $buyer->{run}->pump_nb; $buyer->{stdout} =~ /answered/ }), 'it is answered');
like($buyer->{stdout}, qr/^held$/m, 'and got its seats');
$buyer->{stdout} = '';

# Numbers that begin again, with the tables emptied and with another extension.
sql(q{DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || string_agg(oid::regclass::text, ', ') FROM pg_class WHERE relnamespace = 'seatlock'::regnamespace AND relkind = 'r'); END $$;
	SELECT setval('seatlock.' || s || '_id_seq', 1, false) FROM unnest('{venue,layout,event}'::text[]) s});
make_hall('R', 'S', 'T');
is(sql($numbers), $first_numbers, 'numbers of before: TRUNCATE');
is(claimed('S-A-1'), '8', 'a label: TRUNCATE');
like(best('High'), qr/^(2[89]|3[0-7])$/, 'a layout: TRUNCATE');
sql(q{SET client_min_messages = warning; DROP EXTENSION seatlock CASCADE; CREATE EXTENSION seatlock_test CASCADE});
make_hall('T', 'R', 'S');
$num_calls = 0;
is(sql($numbers), $first_numbers, 'numbers of before: DROP EXTENSION');
is(claimed('S-A-1'), '18', 'a label: DROP EXTENSION');
like(best('High'), qr/^(\d|10)$/, 'a layout: DROP EXTENSION');
is(counted(), $num_calls, 'statistics: DROP EXTENSION');

$_->quit for $buyer, $locker;
all_is_sound($node, 'at the end');
$node->stop;
done_testing();
