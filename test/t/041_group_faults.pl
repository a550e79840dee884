# What can go wrong around the group worker: callers who give up, a worker that
# is stopped, killed or in the way, locks of others.  No request is decided
# twice, and none is answered by an error that lies.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;
use Time::HiRes qw(time);

my $node = seatlock_node('faults', init => { allows_streaming => 1 }, conf => "shared_preload_libraries = 'seatlock'\nseatlock.databases = 'postgres, no_such_db'\nrestart_after_crash = on");
make_event($node, 'e', 20, 40);

sub stat_of { return $node->safe_psql('postgres', "SELECT $_[0] FROM seatlock.stat_worker WHERE database = 'postgres'") }
sub show { return $node->safe_psql('postgres', ($_[1] // '') . "SELECT t.show(c) FROM seatlock.$_[0] c") }
sub holders { return $node->safe_psql('postgres', "SELECT count(*) FROM seatlock.holds WHERE holder = '$_[0]'") }
sub worker_runs { return wait_until('the worker runs', sub { stat_of('pid') ne '' }) }

# A call in a session of its own that is not waited for.
sub start_call
{
	my ($call, $settings) = @_;
	my ($session) = sessions($node, 1);

	$session->{pid} = in_session($session, ($settings // '') . '; SELECT pg_backend_pid()');
	$session->{stdin} .= "SELECT t.show(c) FROM seatlock.$call c;\n\\echo answered\n";
	$session->{run}->pump_nb;
	$node->poll_query_until('postgres',
		"SELECT query LIKE '%_now(%' AND (state = 'idle' OR wait_event = 'Extension') FROM pg_stat_activity WHERE pid = $session->{pid}");
	return $session;
}

sub answer_of
{
	my ($session, $stays) = @_;
	my $answer;

	$session->{run}->pump until $session->{stdout} =~ /answered/;
	$answer = $session->{stderr} =~ /ERROR: +(.*)/ ? "ERROR: $1" : $session->{stdout} =~ s/\s*answered\s*//r;
	$session->{stdout} = $session->{stderr} = '';
	$session->quit unless $stays;
	return $answer;
}

sub gone
{
	my ($session) = @_;
	my $gone = $node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $session->{pid}");

	eval { $session->{run}->finish };
	return $gone;
}

$node->restart;
ok(wait_until('started', sub { $node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'seatlock worker'}) eq '1' }),
	'seatlock.databases has its worker from the start');
is(show(q{claim_now('e', 'A-1', 'first')}), 'ok held A-1', 'which serves');

# Stopped before it takes the request: withdrawn.
my $pid = stat_of('pid');
kill STOP => $pid;
my $began = time;
is(show(q{claim_now('e', 'A-2', 'nobody')}), 'no busy', 'a stopped worker: busy');
cmp_ok(time - $began, '<', 2, 'within seatlock.group_wait');
cmp_ok($node->safe_psql('postgres', q{SELECT retry_after_ms FROM seatlock.claim_now('e', 'A-2', 'nobody')}), '>', 0, 'with retry_after_ms');
is(show(q{claim('e', 'A-3', 'plain')}), 'ok held A-3', 'plain claims go on');
my $long = 'SET seatlock.group_wait = 60000';
my $call = start_call(q{claim_now('e', 'A-2', 'nobody')}, $long);
$node->safe_psql('postgres', "SELECT pg_cancel_backend($call->{pid})");
is(answer_of($call), 'ERROR: canceling statement due to user request', 'cancelled before it is taken');
$call = start_call(q{claim_now('e', 'A-2', 'nobody')}, $long);
$node->safe_psql('postgres', "SELECT pg_terminate_backend($call->{pid})");
ok(gone($call), 'terminated before it is taken');
like(answer_of(start_call(q{claim_now('e', 'A-2', 'nobody')}, "$long; SET statement_timeout = 200")),
	qr/canceling statement due to statement timeout/, 'timed out before it is taken');
kill CONT => $pid;
is(show(q{claim_now('e', 'A-2', 'next')}), 'ok held A-2', 'none of them left a hold');
is(holders('nobody'), '0', 'none at all');
cmp_ok(stat_of('withdrawn'), '>=', 2, 'withdrawn requests are counted');

# Taken and unanswered: the commit waits for a standby that does not exist.
my $probe;
sub standby_wait
{
	my ($on) = @_;
	my $names = $on ? 'nobody' : '';
	my $probe_pid;

	if ($on)
	{
		($probe) = sessions($node, 1);
		$probe_pid = in_session($probe, 'CREATE TABLE IF NOT EXISTS public.probe (); SELECT pg_backend_pid()');
	}
	$node->safe_psql('postgres', "ALTER SYSTEM SET synchronous_standby_names = '$names'; SELECT pg_reload_conf()");
	if (!$on)
	{
		answer_of($probe);
		return;
	}
	# the checkpointer tells all others, some time: until a commit has to wait
	wait_until('commits wait', sub {
		$probe->{stdin} .= "ALTER TABLE public.probe SET (fillfactor = 50);\n\\echo answered\n";
		wait_until('the probe waits or is done', sub {
			$probe->{run}->pump_nb;
			$probe->{stdout} =~ /answered/ || $node->safe_psql('postgres', "SELECT wait_event FROM pg_stat_activity WHERE pid = $probe_pid") eq 'SyncRep';
		});
		return 1 if $probe->{stdout} !~ /answered/;
		$probe->{stdout} = '';
		return 0;
	});
	return;
}
my $syncrep = q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'seatlock worker' AND wait_event = 'SyncRep'};

standby_wait(1);
my %taken = (
	answered => start_call(q{claim_now('e', 'B-1', 'answered')}),
);
ok($node->poll_query_until('postgres', $syncrep), 'no answer before the commit is as durable as the server wants it');
$taken{limit} = start_call(q{claim_now('e', 'B-2', 'limit', NULL, NULL, 'key b')}, 'SET seatlock.group_wait = 60000');
standby_wait(0);
is(answer_of($taken{answered}), 'ok held B-1', 'the answer comes when the wait is over');
is(answer_of($taken{limit}), 'ok held B-2', 'and that of the next group');

standby_wait(1);
my $limit = start_call(q{claim_now('e', 'B-3', 'limit', NULL, NULL, 'key c')}, '\set VERBOSITY verbose
	SET seatlock.group_limit = 500');
like(answer_of($limit, 1), qr/08007: the outcome of the claim is unknown/, 'no answer within seatlock.group_limit: 08007');
my $waiting = start_call(q{claim_now('e', 'B-4', 'waiting')}, 'SET seatlock.group_wait = 60000');
is(show(q{claim_now('e', 'B-5', 'late')}), 'no busy', 'others are withdrawn meanwhile');
is(in_session($limit, q{SELECT t.show(c) FROM seatlock.claim_now('e', 'B-5', 'limit') c}), 'no busy', 'so is he who gave up: his slot is still the worker\'s');
standby_wait(0);
is(answer_of($waiting), 'ok held B-4', 'the worker goes on');
$limit->quit;
is(show(q{claim_now('e', 'B-3', 'limit', NULL, NULL, 'key c')}), 'ok held B-3 (replayed)', 'the same request key tells what was decided');

standby_wait(1);
my $timed = start_call(q{claim_now('e', 'B-6', 'timed')}, 'SET statement_timeout = 300');
ok($node->poll_query_until('postgres', $syncrep), 'taken');
$node->poll_query_until('postgres', "SELECT clock_timestamp() > query_start + interval '600 ms' FROM pg_stat_activity WHERE pid = $timed->{pid}");
is($node->safe_psql('postgres', "SELECT state FROM pg_stat_activity WHERE pid = $timed->{pid}"), 'active', 'a statement timeout waits for the answer of a taken request');
standby_wait(0);
like(answer_of($timed), qr/statement timeout|ok held B-6/, 'then it may be raised');
is(holders('timed'), '1', 'and the hold stays');

standby_wait(1);
my $killed = start_call(q{claim_now('e', 'B-8', 'killed')});
ok($node->poll_query_until('postgres', $syncrep), 'taken');
$node->safe_psql('postgres', "SELECT pg_terminate_backend($killed->{pid})");
ok(gone($killed), 'a terminated caller does not wait for the worker');
standby_wait(0);
ok($node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM seatlock.holds WHERE holder = 'killed'}), 'the worker finishes his request');
is(show(q{claim_now('e', 'B-9', 'next')}), 'ok held B-9', 'and the slot is free again');

# The worker is told to go while its commit waits: nobody knows what holds.
standby_wait(1);
my $lost = start_call(q{claim_now('e', 'C-1', 'lost', NULL, NULL, 'key l')}, "\\set VERBOSITY verbose\n");
ok($node->poll_query_until('postgres', $syncrep), 'taken');
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM seatlock.stat_worker});
like(answer_of($lost), qr/08007/, 'the worker leaves in its commit: 08007 at once');
standby_wait(0);
ok(worker_runs(), 'the worker comes back');
like(show(q{claim_now('e', 'C-1', 'lost', NULL, NULL, 'key l')}), qr/^ok held C-1/, 'the request key settles it');

# Locks of others: busy, never waited for.
my ($other) = sessions($node, 1);
for my $lock ('LOCK TABLE seatlock.hold IN ACCESS EXCLUSIVE MODE', q{SELECT seatlock.board_reset('e'); LOCK TABLE seatlock.seat_state IN ACCESS EXCLUSIVE MODE}, 'LOCK TABLE seatlock.seat_state IN SHARE MODE',
	'TRUNCATE seatlock.request', q{ALTER INDEX seatlock.hold_holder_idx SET TABLESPACE pg_default; REINDEX INDEX seatlock.hold_pkey},
	q{SELECT seatlock.lock('e', 'D-1')}, q{SELECT seatlock.claim('e', 'D-1', 'open')}, q{SELECT FROM seatlock.seat_state WHERE event_id = 1 AND seat_no = 121 FOR UPDATE},
	q{SELECT seatlock.alter_event('e', hold_seconds => 100)})
{
	in_session($other, 'BEGIN');
	unlike(in_session($other, $lock), qr/ERROR/, $lock);
	$began = time;
	like(show(q{claim_now('e', 'D-1', 'meets a lock')}), qr/^no busy/, 'makes claim_now busy');
	cmp_ok(time - $began, '<', 3, 'soon');
	is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_locks JOIN seatlock.stat_worker USING (pid) WHERE NOT granted}), '0', 'and the worker waits for no lock');
	in_session($other, 'ROLLBACK');
}
is(show(q{claim_now('e', 'D-1', 'meets no lock')}), 'ok held D-1', 'then it is free');

# The worker's end.
kill TERM => stat_of('pid');
ok(wait_until('restarted', sub { show(q{claim_now('e', 'E-1', 'after term')}) =~ /^ok held E-1/ || holders('after term') eq '1' }), 'SIGTERM: another comes');
ok(worker_runs(), 'and stays');
kill KILL => stat_of('pid');
ok(wait_until('recovered', sub { my ($ret, $out) = $node->psql('postgres', q{SELECT outcome FROM seatlock.claim_now('e', 'E-2', 'after kill')}); $ret == 0 && $out eq 'held' }),
	'kill -9: the server recovers, and claim_now works again');
$node->restart;
is(show(q{claim_now('e', 'E-3', 'after restart')}), 'ok held E-3', 'after a restart');

# Commands that need a database to themselves.
$node->safe_psql('postgres', 'CREATE DATABASE shop');
my $use = q{SELECT outcome FROM seatlock.claim_now('e', 'A-1', 'ann')};
my $make = q{CREATE EXTENSION seatlock; SELECT seatlock.create_grid('h', 'S', 2, 9, 'c'); SELECT seatlock.create_event('e', 'h')};
my $runs_in_shop = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'seatlock worker' AND datname LIKE 'shop%'};
$node->safe_psql('shop', $make);
is($node->safe_psql('shop', $use), 'held', 'a second database has its own worker');
is($node->safe_psql('postgres', $runs_in_shop), '1', 'which is running');
$began = time;
for my $command ('CREATE DATABASE shop_copy TEMPLATE shop', 'ALTER DATABASE shop RENAME TO shop2', 'ALTER DATABASE shop2 RENAME TO shop')
{
	is(sqlstate($node, $command), 'none', "$command goes through");
	ok($node->poll_query_until('postgres', $runs_in_shop, '1'), 'and the worker is called back');
}
like($node->safe_psql('shop', q{SELECT outcome FROM seatlock.claim_now('e', 'A-2', 'ann')}), qr/held/, 'it still works');
is($node->safe_psql('shop_copy', q{SELECT outcome FROM seatlock.claim_now('e', 'A-2', 'ann')}), 'held', 'in the copy too');
is(sqlstate($node, 'DROP EXTENSION seatlock', 'shop_copy'), 'none', 'DROP EXTENSION goes through');
ok($node->poll_query_until('postgres', $runs_in_shop, '1'), 'and its worker is gone');
$node->safe_psql('shop_copy', $make);
is($node->safe_psql('shop_copy', $use), 'held', 'a new extension works');
$node->safe_psql('postgres', 'CREATE ROLE stranger LOGIN');
sqlstate($node, 'SET ROLE stranger; DROP DATABASE shop');
is($node->safe_psql('postgres', $runs_in_shop), '2', 'a stranger cannot send a worker away');
is(sqlstate($node, 'DROP DATABASE shop'), 'none', 'DROP DATABASE goes through');
is(sqlstate($node, 'DROP DATABASE shop_copy'), 'none', 'and again');
cmp_ok(time - $began, '<', 20, 'all that in little time');

history_is_sound($node, 'at the end');
no_locks_left($node, 'at the end');

# No place for a worker: one warning, and busy.
$node->append_conf('postgresql.conf', "max_worker_processes = 1\nseatlock.databases = ''");
$node->restart;
my ($ret, $out, $err) = $node->psql('postgres', q{SELECT t.show(c) FROM seatlock.claim_now('e', 'F-1', 'ann') c});
is($out, 'no busy', 'without a free worker slot: busy');
like($err, qr/WARNING: .*no free worker slot/, 'with a warning');
($ret, $out, $err) = $node->psql('postgres', q{SELECT t.show(c) FROM seatlock.claim_now('e', 'F-1', 'ann') c});
is("$out$err", 'no busy', 'one warning');

# Not preloaded.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->restart;
is(sqlstate($node, q{SELECT * FROM seatlock.claim_now('e', 'F-1', 'ann')}), '55000', 'not preloaded: 55000');
is(sqlstate($node, q{SELECT * FROM seatlock.claim_best_now('e', 1, 'ann')}), '55000', 'for both');
is(sqlstate($node, q{SELECT * FROM seatlock.stat_worker}), '55000', 'and for the statistics');
is(sqlstate($node, q{BEGIN READ ONLY; SELECT * FROM seatlock.claim_now('e', 'F-1', 'ann')}), '25006', 'read-only comes first');
is(show(q{claim('e', 'F-1', 'ann')}), 'ok held F-1', 'claim needs nothing');
$node->stop;
done_testing();
