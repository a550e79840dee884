# stat_claims: every call is counted once, under its event, verb and outcome,
# whoever answers it, and nothing else is.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('stat', conf => "shared_preload_libraries = 'seatlock'\nseatlock.group_wait = 30s");
make_event($node, 'e', 5, 20);

sub outcome { return $node->safe_psql('postgres', ($_[1] // '') . "SELECT outcome FROM seatlock.$_[0]") }
sub token { return $node->safe_psql('postgres', "SELECT token FROM seatlock.$_[0]") }

# What is not 0 of a row, in the order of the columns.
sub counts
{
	my ($verb, $event, $database) = @_;

	$event //= 'e';
	return $node->safe_psql($database // 'postgres', qq{
		SELECT string_agg(key || ' ' || value, ', ') FROM seatlock.stat_claims s, json_each_text(row_to_json(s))
		 WHERE event = '$event' AND verb = '$verb' AND key NOT IN ('event', 'verb', 'stats_reset') AND value <> '0'});
}

# The same, whoever refused: an event comes onto the board at the worker's pace.
sub answers { return counts(@_) =~ s/, refused_by_board \d+//r }

sub reset_all { return $node->safe_psql('postgres', 'SELECT seatlock.stat_reset()') }

is($node->safe_psql('postgres', 'SELECT count(*) FROM seatlock.stat_claims'), '0', 'without calls no rows');

# The outcomes.
my $paid = token(q{claim('e', '{A-1,A-2}', 'ann')});
is(counts('claim'), 'calls 1, held 1', 'claim: held');
is(outcome(q{claim('e', ARRAY['A-1'], 'bob')}), 'taken', 'an array');
is(answers('claim'), 'calls 2, held 1, taken 1', 'counts as claim: taken');
$node->safe_psql('postgres', q{SELECT seatlock.create_event('capped', 'hall of e', max_seats_per_holder => 1);
	SELECT seatlock.create_event('over', 'hall of e', closes_at => '2001-01-01')});
is(outcome(q{claim('capped', '{A-1,A-2}', 'ann')}), 'limit', 'over the cap');
is(counts('claim', 'capped'), 'calls 1, limit 1', 'limit');
is(outcome(q{claim('over', 'A-1', 'ann')}), 'not_on_sale', 'too late');
is(counts('claim', 'over'), 'calls 1, not_on_sale 1', 'not_on_sale');
is(outcome(qq{claim('e', 'A-3', 'bob', NULL, '$paid')}), 'not_found', 'with another\'s token');
is(outcome(qq{claim('e', 'A-3', 'key', NULL, NULL, 'k')}), 'held', 'with a request key');
is(outcome(qq{claim('e', 'A-3', 'key', NULL, NULL, 'k')}), 'held', 'again');
is(outcome(qq{claim('e', 'A-4', 'key', NULL, NULL, 'k')}), 'key_reused', 'for another seat');
is(answers('claim'), 'calls 6, held 3, taken 1, not_found 1, key_reused 1, replayed 1', 'not_found, key_reused, replayed');
# The worker records no lapse while it finds a table locked, so that verbs do.
my ($locker) = sessions($node, 1);
in_session($locker, 'BEGIN; LOCK TABLE seatlock.request IN SHARE MODE');
my $late = token(q{claim('e', '{E-1,E-2}', 'late', 1)});
my $gone = token(q{claim('e', '{E-3,E-4}', 'gone', 1)});
$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM seatlock.holds WHERE holder IN ('late', 'gone')});
is(outcome(qq{claim('e', 'A-5', 'gone', NULL, '$gone')}), 'expired', 'with an expired token');
is(answers('claim'), 'calls 9, held 5, taken 1, expired 1, not_found 1, key_reused 1, replayed 1', 'expired');

is(outcome(q{claim_best('e', 2, 'best')}), 'held', 'the best');
is(outcome(q{claim_best('e', 1000, 'best')}), 'sold_out', 'too many');
is(outcome(q{claim_best('e', 21, 'best', adjacency => 'require')}), 'not_together', 'too many for a row');
is(counts('claim_best'), 'calls 3, held 1, not_together 1, sold_out 1', 'claim_best');
is(outcome(qq{confirm('e', '$paid', 'order 1')}), 'booked', 'confirmed');
is(outcome(qq{confirm('e', '$paid', 'order 1')}), 'booked', 'again');
is(outcome(qq{confirm('e', 'nonsense')}), 'not_found', 'not confirmed');
is(counts('confirm'), 'calls 3, booked 2, not_found 1, replayed 1', 'confirm');
my $other = token(q{claim('e', '{B-1,B-2}', 'other')});
is(outcome(qq{extend('e', '$other', 3600)}), 'extended', 'extended');
is(outcome(qq{extend('e', '$other', 1000000)}), 'extended', 'to the end of its life');
is(outcome(qq{extend('e', '$other', 1000000)}), 'cannot_extend', 'not beyond');
is(counts('extend'), 'calls 3, extended 2, cannot_extend 1', 'extend');
is(outcome(qq{set_holder('e', '$other', 'else')}), 'held', 'handed over');
is(counts('set_holder'), 'calls 1, held 1', 'set_holder');
is(outcome(q{rename_holder('e', 'else', 'another')}), 'held', 'renamed');
is(counts('rename_holder'), 'calls 1, held 1', 'rename_holder');
is(outcome(qq{release('e', '$other')}), 'released', 'released');
is(counts('release'), 'calls 1, released 1', 'release');
is(outcome(qq{cancel('e', '$paid')}), 'cancelled', 'cancelled');
is(counts('cancel'), 'calls 1, cancelled 1', 'cancel');
is(outcome(q{book('e', 'B-3', 'office')}), 'booked', 'booked');
is(counts('book'), 'calls 1, booked 1', 'book');
is(outcome(q{block('e', 'B-4')}) . outcome(q{block('e', 'B-3')}) . outcome(q{unblock('e', 'B-4')}), 'blockedtakenunblocked', 'off sale and back');
is(counts('block'), 'calls 2, blocked 1, taken 1', 'block');
is(counts('unblock'), 'calls 1, unblocked 1', 'unblock');

# Lapses count for the verb that records them, of each hold once.
reset_all();
is(outcome(q{claim('e', '{E-3}', 'next')}), 'held', 'a seat of an expired hold of two');
is(counts('claim'), 'calls 1, held 1, lapses 1', 'the claim recorded the lapse');
is(outcome(qq{confirm('e', '$late')}), 'booked', 'a late payment');
is(counts('confirm'), 'calls 1, booked 1, lapses 1', 'so did the confirm');
is($node->safe_psql('postgres', q{SELECT count(*) FROM seatlock.change WHERE action = 'expired'}), '2', 'as the history has it');
$locker->quit;

# What is no answer, or no verb, is not counted; what was rolled back is.
reset_all();
is(sqlstate($node, q{SELECT seatlock.claim('e', '[', 'ann')}), '22023', 'an error');
is(sqlstate($node, q{SELECT seatlock.claim_best('e', 1, 'ann', 'nowhere')}), '42704', 'a later one');
$node->safe_psql('postgres', qq{SELECT seatlock.hold('e', '$paid'); SELECT seatlock.lock('e', 'C-1'); SELECT count(*) FROM seatlock.seat_map('e')});
is($node->safe_psql('postgres', 'SELECT count(*) FROM seatlock.stat_claims'), '0', 'errors and reads are not counted');
$node->safe_psql('postgres', q{BEGIN; SELECT seatlock.claim('e', 'C-1', 'ann'); ROLLBACK});
is(counts('claim'), 'calls 1, held 1', 'what was rolled back stays counted');

# Waiting for another transaction, and what became of the seat meanwhile.
sub meet
{
	my ($seat, $wait, $end) = @_;
	my ($first, $second) = sessions($node, 2);
	my $pid = in_session($second, "SET seatlock.lock_wait = '$wait'; SELECT pg_backend_pid()");

	reset_all();
	in_session($first, "BEGIN; SELECT seatlock.claim('e', '$seat', 'first')");
	$second->{stdin} .= "SELECT outcome FROM seatlock.claim('e', '$seat', 'second');\n";
	$second->{run}->pump_nb;
	$node->poll_query_until('postgres', "SELECT wait_event = 'Extension' FROM pg_stat_activity WHERE pid = $pid") if $wait;
	in_session($first, $end) if $wait;
	in_session($second, 'SELECT 1');
	in_session($first, $end);
	my $counts = counts('claim');
	my ($waits) = $counts =~ /lock_waits (\d+)/;
	$counts =~ s/lock_waits \d+/lock_waits n/;
	$_->quit for $first, $second;
	return ($counts, $waits // 0);
}
my ($counts, $waits) = meet('C-2', 60000, 'COMMIT');
is($counts, 'calls 2, held 1, taken 1, refused_by_recheck 1, lock_waits n', 'the other commits: refused at the second look');
cmp_ok($waits, '>=', 1, 'after naps');
($counts, $waits) = meet('C-3', 60000, 'ROLLBACK');
is($counts, 'calls 2, held 2, lock_waits n', 'the other rolls back: held after naps');
($counts, $waits) = meet('C-4', 0, 'COMMIT');
is("$counts", 'calls 2, held 1, busy 1', 'without waiting: busy');
is(outcome(q{claim('e', 'C-4', 'late')}), 'taken', 'when it is committed');
is(answers('claim'), 'calls 3, held 1, taken 1, busy 1', 'the first look refuses');

# Many at once: no call is lost.
reset_all();
my $clients = run_crowd($node, [ ("SELECT outcome FROM seatlock.claim('e', 'C-4', 'x');\n" x 500) x 8 ]);
nobody_failed($clients, 'a crowd');
like(counts('claim'), qr/^calls 4000, taken 4000, refused_by_board \d+$/, 'a crowd of eight is counted exactly');

# claim_now: the worker counts what it decides, the caller what he is told otherwise.
reset_all();
is(outcome(q{claim_now('e', 'D-1', 'ann')}) . outcome(q{claim_now('e', ARRAY['D-1'], 'bob')}) . outcome(q{claim_best_now('e', 1, 'cat')}), 'heldtakenheld', 'by the worker');
is(sqlstate($node, q{SELECT seatlock.claim_now('nowhere', 'A-1', 'ann')}), '42704', 'an error');
is(sqlstate($node, q{SELECT seatlock.claim_best_now('e', 1, 'ann', 'nowhere')}), '42704', 'and another');
is(counts('claim_now'), 'calls 2, held 1, taken 1, refused_by_board 1', 'claim_now');
is(counts('claim_best_now'), 'calls 1, held 1', 'claim_best_now');
is(counts('claim') . counts('claim_best'), '', 'and not as claim and claim_best');
($locker) = sessions($node, 1);
in_session($locker, 'BEGIN; LOCK TABLE seatlock.hold');
is(outcome(q{claim_now('e', 'D-2', 'ann')}), 'busy', 'a table is locked');
in_session($locker, 'ROLLBACK');
is(counts('claim_now'), 'calls 3, held 1, taken 1, busy 1, refused_by_board 1', 'busy, by the worker');
my $worker = $node->safe_psql('postgres', q{SELECT pid FROM seatlock.stat_worker WHERE database = 'postgres'});
kill STOP => $worker;
my $soon = 'SET seatlock.group_wait = 100;';
is(outcome(q{claim_now('e', 'D-2', 'ann')}, $soon) . outcome(q{claim_best_now('e', 1, 'ann')}, $soon), 'busybusy', 'the worker is stopped');
kill CONT => $worker;
is(outcome(q{claim_now('e', 'D-2', 'ann')}), 'held', 'and goes on');
is(counts('claim_now'), 'calls 5, held 2, taken 1, busy 2, refused_by_board 1', 'withdrawn: counted by the caller, once');
is(counts('claim_best_now'), 'calls 2, held 1, busy 1', 'also for claim_best_now');
# an error of the group runs each member once more: only the last run counts
$node->safe_psql('postgres', q{CREATE UNIQUE INDEX picky ON seatlock.hold ((holder)) WHERE holder = 'picky'});
reset_all();
my @callers = sessions($node, 4);
kill STOP => $worker;
for my $i (0 .. 3)
{
	my $holder = $i < 2 ? 'picky' : "fine $i";
	$callers[$i]{stdin} .= "SELECT outcome FROM seatlock.claim_now('e', 'D-" . (10 + $i) . "', '$holder');\n";
	$callers[$i]{run}->pump_nb;
}
$node->poll_query_until('postgres', q{SELECT count(*) = 4 FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'Extension' AND query LIKE '%claim_now(%' AND pid <> pg_backend_pid()});
kill CONT => $worker;
in_session($_, 'SELECT 1') for @callers;
$_->quit for @callers, $locker;
is($node->safe_psql('postgres', q{SELECT retried > 0 FROM seatlock.stat_worker WHERE database = 'postgres'}), 't', 'a group with an error');
is(counts('claim_now'), 'calls 3, held 3', 'its members are counted once, but for the error');
$node->safe_psql('postgres', 'DROP INDEX seatlock.picky');

# The worker's own lapses.
reset_all();
$node->safe_psql('postgres', q{SELECT seatlock.claim('e', 'D-20', 'lapses', 1); SELECT seatlock.claim('e', '{D-18,D-19}', 'lapses', 1)});
wait_until('recorded', sub { counts('expire') =~ /^calls [2-9]/ });
is(counts('expire'), 'calls 2, expired 2, lapses 2', 'lapses that the worker records count under expire');
is(counts('claim'), 'calls 2, held 2', 'and not under claim');

# Another database with the same numbers: apart, also in a reset.
$node->safe_psql('postgres', 'CREATE DATABASE south');
my $make = q{CREATE EXTENSION seatlock; SELECT seatlock.create_grid('h', 'S', 2, 9, 'c'); SELECT seatlock.create_event('e', 'h')};
$node->safe_psql('south', "$make; SELECT seatlock.claim('e', 'A-1', 'ann')");
is($node->safe_psql('south', 'SELECT event_id FROM seatlock.event'), $node->safe_psql('postgres', q{SELECT event_id FROM seatlock.event WHERE name = 'e'}), 'the same event number');
is(counts('claim', 'e', 'south'), 'calls 1, held 1', 'one database');
is(counts('claim'), 'calls 2, held 2', 'and the other');
my $before = $node->safe_psql('south', 'SELECT min(stats_reset) FROM seatlock.stat_claims');
reset_all();
is($node->safe_psql('postgres', 'SELECT count(*) FROM seatlock.stat_claims'), '0', 'after a reset no rows');
is(counts('claim', 'e', 'south'), 'calls 1, held 1', 'the other database is not reset');
outcome(q{claim('e', 'A-1', 'eve')});
is($node->safe_psql('postgres', qq{SELECT every(stats_reset > '$before' AND stats_reset <= clock_timestamp()) FROM seatlock.stat_claims}), 't', 'stats_reset tells when');
is($node->safe_psql('south', 'SELECT min(stats_reset) FROM seatlock.stat_claims'), $before, 'for each its own');

# Dropped events are not shown, nor those of an extension that was there before.
$node->safe_psql('postgres', q{SELECT seatlock.claim('capped', 'B-1', 'ann'); SELECT seatlock.drop_event('capped', 'yes')});
is($node->safe_psql('postgres', 'SELECT string_agg(DISTINCT event, $$ $$) FROM seatlock.stat_claims'), 'e', 'a dropped event is not shown');
$node->safe_psql('south', "DROP EXTENSION seatlock; $make");
is($node->safe_psql('south', 'SELECT count(*) FROM seatlock.stat_claims'), '0', 'nor is what an earlier extension counted');

# More events than there is room for: those counted least recently are forgotten.
sub claim_tiny
{
	my ($first, $last) = @_;
	return $node->safe_psql('south', "
		SELECT count(seatlock.create_event('tiny ' || n, 'tiny')) FROM generate_series($first, $last) n;
		SELECT count(seatlock.claim('tiny ' || n, 'A-1', 'ann')) FROM generate_series($first, $last) n");
}
$node->safe_psql('south', q{SELECT seatlock.create_grid('tiny', 'S', 1, 1, 'c')});
claim_tiny(1, 500);
# recency is kept to the second
$node->safe_psql('postgres', 'SELECT pg_sleep(1.1)');
outcome(q{claim('e', 'A-1', 'eve')});
claim_tiny(501, 540);
is(answers('claim'), 'calls 2, held 1, taken 1', 'an event counted lately is kept');
is(counts('claim', 'tiny 540', 'south'), 'calls 1, held 1', 'a new one is counted');
is(counts('claim', 'tiny 1', 'south'), '', 'an old one is forgotten');
is($node->safe_psql('south', q{SELECT seatlock.claim('tiny 1', 'A-1', 'bob')}) && counts('claim', 'tiny 1', 'south'), 'calls 1, taken 1', 'until it is counted again');

# Who may look: the documented set of grants.
$node->safe_psql('postgres', "CREATE ROLE office;\n\\i $ENV{SEATLOCK_TOP}/doc/grants.sql", extra_params => [ '-v', 'role=office', '-v', 'level=administer' ]);
is(sqlstate($node, 'SET ROLE office; SELECT * FROM seatlock.stat_claims; SELECT seatlock.stat_reset()'), 'none', 'the office may look and reset');
is(sqlstate($node, 'CREATE ROLE nobody; GRANT USAGE ON SCHEMA seatlock TO nobody; SET ROLE nobody; SELECT * FROM seatlock.claim_statistics()'), '42501', 'others may not');

history_is_sound($node, 'at the end');
log_is_clean($node, 'statistics');

# Not preloaded: nothing to see, and no harm done.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->restart;
is(outcome(q{claim('e', 'B-10', 'ann')}), 'held', 'not preloaded: claims go on');
# whatever the manual names says what to set, and by which name it was called
my ($named) = slurp_file("$ENV{SEATLOCK_TOP}/README.md") =~ /^\| 55000 \|.*?\)\. (.*?): seatlock is not preloaded/m;
my %arguments = (claim_now => q{'e', 'B-1', 'ann'}, claim_best_now => q{'e', 1, 'ann'}, board_reset => q{'e'}, redis_resync => q{'e'});
my @names = $named =~ /`(\w+)`/g;
is(scalar @names, 12, 'the manual names what needs preloading');
for my $name (@names)
{
	my $call = $name =~ /^stat_(?!reset)/ ? $name : "$name(" . ($arguments{$name} // '') . ')';
	my ($ret, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT * FROM seatlock.$call");

	like($err, qr/ERROR:  55000: seatlock\.$name(\(\))? needs seatlock in shared_preload_libraries\n.*^HINT:  Add seatlock to shared_preload_libraries in postgresql\.conf, and restart/ms, "$name says what to set");
	like($err, qr/seatlock\.redis_url/, "$name says what else") if $name =~ /redis/;
	like($err, qr/seatlock\.claim(_best)?\(\) works without/, "$name says what works") if $name =~ /^claim/;
}
$node->stop;
done_testing();
