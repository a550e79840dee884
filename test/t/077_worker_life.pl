# What must not take the worker away for good, what must not stop its work, and
# what it must not tell: cancels, dropped extensions, broken holds, no room.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('life', init => { allows_streaming => 1 }, conf => "shared_preload_libraries = 'seatlock'\nseatlock.group_limit = '60s'\nlog_min_messages = warning");
make_event($node, 'e', 4, 20, 'hold_seconds => 600');

sub sql { return $node->safe_psql($_[1] // 'postgres', $_[0]) }
sub workers { return sql("SELECT coalesce(string_agg(pid::text, ','), '') FROM pg_stat_activity WHERE backend_type = 'seatlock worker' AND datname = '$_[0]'") }
sub has_worker { my ($db, $not) = @_; return wait_until("$db has a worker", sub { my $pid = workers($db); $pid ne '' && $pid ne ($not // '') }, 60) }

# Nobody hears of a claim that no standby has: a cancel does not end the wait for one.
is(sql(q{SELECT outcome FROM seatlock.claim_now('e', 'A-1', 'ann')}), 'held', 'the worker serves');
my $worker = workers('postgres');
my ($caller) = sessions($node, 1);
sql(q{ALTER SYSTEM SET synchronous_standby_names = 'nobody'; SELECT pg_reload_conf()});
ok(wait_until('it is known', sub { sql('SHOW synchronous_standby_names') eq 'nobody' }, 60), 'a standby that is not there');
my $waits = qq{SELECT wait_event = 'SyncRep' FROM pg_stat_activity WHERE pid = $worker};
my $asked = 0;
# commits do not wait before the checkpointer has heard of it: then again
ok(wait_until('the worker waits', sub {
		if ($asked == 0 || $caller->{stdout} =~ /answered $asked$/m)
		{
			$asked++;
			$caller->{stdout} = '';
			$caller->{stdin} .= "SELECT outcome FROM seatlock.claim_now('e', 'D-$asked', 'ann');\n\\echo answered $asked\n";
		}
		$caller->{run}->pump_nb;
		sql($waits) eq 't' }, 60), 'the worker waits for it');
my $still = 0;
for (1 .. 30)
{
	sql("SELECT pg_cancel_backend($worker)");
	$still++ if sql($waits) eq 't';
}
is($still, 30, 'and goes on when it is cancelled');
$caller->{run}->pump_nb;
unlike($caller->{stdout}, qr/answered $asked/, 'its caller has no answer');
sql(q{ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf()});
ok(wait_until('the caller is answered', sub { $caller->{run}->pump_nb; $caller->{stdout} =~ /answered $asked/ }), 'nothing is missing any more');
like($caller->{stdout}, qr/^held$/m, 'and the caller is answered');
is(workers('postgres'), $worker, 'from the same worker');
unlike(slurp_file($node->logfile), qr/canceling wait for synchronous replication/, 'no wait was ended');

sql("SELECT pg_cancel_backend($worker)");
is(sql(q{SELECT outcome FROM seatlock.claim_now('e', 'A-3', 'ann')}), 'held', 'it serves after a cancel');

# DROP EXTENSION that did not happen.
for my $case ('BEGIN; DROP EXTENSION seatlock CASCADE; ROLLBACK', 'BEGIN; SAVEPOINT s; DROP EXTENSION seatlock CASCADE; ROLLBACK TO s; COMMIT',
	q{BEGIN; DROP EXTENSION seatlock CASCADE; PREPARE TRANSACTION 'drop'; ROLLBACK PREPARED 'drop'}, q{DO $$BEGIN DROP EXTENSION seatlock CASCADE; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN END$$})
{
	my $before = workers('postgres');
	sql($case =~ s/; (PREPARE|ROLLBACK PREPARED)/;\n$1/gr);
	ok(has_worker('postgres', $before), "another worker runs after $case");
}
# Nor does a worker come while one of them is open, whoever asks: it would be in the way.
sql('CREATE ROLE keeper SUPERUSER; CREATE DATABASE kept');
sql(q{SET ROLE keeper; CREATE EXTENSION seatlock; SELECT seatlock.create_grid('h', 'S', 2, 9, 'c'); SELECT seatlock.create_event('e', 'h'); SELECT seatlock.claim_now('e', 'A-1', 'ann')}, 'kept');
my ($dropper, $asker) = map { $node->background_psql('kept', on_error_stop => 0) } 1, 2;
# a call that has the worker started, and looks at no table; nobody listens there
sql(q{ALTER SYSTEM SET seatlock.redis_url = 'redis://127.0.0.1:1'});
sql(q{SELECT pg_reload_conf()});
for my $drop ('DROP EXTENSION seatlock', 'DROP SCHEMA seatlock CASCADE', 'DROP OWNED BY keeper', q{DO $$BEGIN DROP TABLE IF EXISTS n; EXECUTE 'DROP EXTENSION seatlock'; END$$})
{
	ok(has_worker('kept'), 'a worker runs');
	is(in_session($dropper, "BEGIN; $drop"), '', $drop);
	is(workers('kept'), '', 'takes the worker away');
	is(join('', map { $asker->query('SELECT connected FROM seatlock.redis_status()') . workers('kept') } 1 .. 20), 'f' x 20, 'and none comes, whoever asks');
	in_session($dropper, 'ROLLBACK');
	ok(has_worker('kept'), 'when it is taken back, one is there');
}
$_->quit for $dropper, $asker;
sql('DROP DATABASE kept');
sql(q{ALTER SYSTEM RESET seatlock.redis_url});
sql(q{SELECT pg_reload_conf()});
sql(q{SELECT seatlock.claim_now('e', 'A-4', 'ann', 1)});
ok(wait_until('the lapse is recorded', sub { sql(q{SELECT count(*) FROM seatlock.change WHERE action = 'expired'}) eq '1' }, 60), 'and records lapses');

# A hold that contradicts its seats costs the others nothing.
my ($locker) = sessions($node, 1);
in_session($locker, 'BEGIN; LOCK TABLE seatlock.request IN SHARE MODE');
sql("SELECT ok FROM seatlock.claim('e', 'B-$_', 'lapse $_', 1)") for 1 .. 9;
# all at one moment, so that they are recorded together
sql(q{WITH moment AS (SELECT date_trunc('milliseconds', clock_timestamp()) + interval '2 s' AS at),
	held AS (UPDATE seatlock.hold SET expires_at = at FROM moment WHERE holder LIKE 'lapse%' RETURNING token, at)
	UPDATE seatlock.seat_state s SET expires_at = at FROM held WHERE s.token = held.token;
	UPDATE seatlock.hold SET seats = '{999}' WHERE holder = 'lapse 5'});
in_session($locker, 'ROLLBACK');
ok(wait_until('the others are recorded', sub { sql(q{SELECT count(*) FROM seatlock.hold WHERE holder LIKE 'lapse%' AND state = 'l'}) eq '8' }, 60),
	'eight of nine lapses are recorded, one hold is broken');
is(sql(q{SELECT holder FROM seatlock.hold WHERE holder LIKE 'lapse%' AND state = 'h'}), 'lapse 5', 'that one is not');
like(sql('SELECT last_error FROM seatlock.stat_worker'), qr/seat 999/, 'and the view tells of it');
sql(q{SELECT ok FROM seatlock.claim('e', 'C-1', 'late', 1)});
ok(wait_until('it is recorded', sub { sql(q{SELECT state FROM seatlock.hold WHERE holder = 'late'}) eq 'l' }, 60), 'so is the next one');

# Once mended by hand it is recorded soon, not when the worker reads the whole table
# again, which it has done when it begins.
my $first_pid = workers('postgres');
sql("SELECT pg_terminate_backend($first_pid)");
ok(has_worker('postgres', $first_pid), 'another worker');
sql(q{SELECT ok FROM seatlock.claim('e', 'C-2', 'later', 1)});
ok(wait_until('it is recorded', sub { sql(q{SELECT state FROM seatlock.hold WHERE holder = 'later'}) eq 'l' }, 60), 'has read all holds, and met the broken one');
sql(q{UPDATE seatlock.hold SET seats = (SELECT array_agg(seat_no) FROM seatlock.seat WHERE label = 'B-5') WHERE holder = 'lapse 5'});
my $until = time + 30;
ok(wait_until('the mended one is recorded', sub { time > $until || sql(q{SELECT state FROM seatlock.hold WHERE holder = 'lapse 5'}) eq 'l' }) && time <= $until, 'one that was mended by hand is recorded soon');
is(sql('SELECT last_error LIKE \'%seat 999%\' FROM seatlock.stat_worker'), 't', 'the view still tells of what was');
is(sql(q{SELECT outcome FROM seatlock.claim('e', 'B-5', 'next')}), 'held', 'and its seat is free');

# A database that lets nobody in has its worker, and the log is not filled.
sql('CREATE DATABASE closed');
sql(q{CREATE EXTENSION seatlock; SELECT seatlock.create_grid('h', 'S', 2, 9, 'c'); SELECT seatlock.create_event('e', 'h'); SELECT seatlock.claim_now('e', 'A-1', 'ann')}, 'closed');
sql('ALTER DATABASE closed ALLOW_CONNECTIONS false');
my $pid = workers('closed');
sql("SELECT pg_terminate_backend($pid)");
ok(has_worker('closed', $pid), 'a database that allows no connections has a worker again');
unlike(slurp_file($node->logfile), qr/not currently accepting connections/, 'which was not turned away');
is(sqlstate($node, 'ALTER DATABASE closed RENAME TO shut'), 'none', 'and goes when it must');
sql('ALTER DATABASE shut ALLOW_CONNECTIONS true');

# What one database's worker did is no other's business.
is(sql('SELECT count(*), max(database) FROM seatlock.stat_worker'), '1|postgres', 'stat_worker shows the own database');
is(sql('SELECT count(*), max(database) FROM seatlock.stat_worker', 'shut'), '1|shut', 'here too');
is(sql('SELECT count(*) FROM seatlock.stat_redis', 'shut'), '0', 'stat_redis as well');
sql('DROP DATABASE shut');
sql('CREATE DATABASE fresh');
sql('ALTER DATABASE fresh RENAME TO idle');
is(sql('CREATE EXTENSION seatlock; SELECT count(*) FROM seatlock.stat_worker', 'idle'), '0', 'who was to stay away, and had never come, has no row');
sql('DROP DATABASE idle');

# Triggers that a restore of data alone leaves as they should not be.
is(sql('SELECT * FROM seatlock.check_board()'), '', 'check_board() is content');
for my $table ('event', 'seat', 'seat_state')
{
	sql("ALTER TABLE seatlock.$table DISABLE TRIGGER ALL; ALTER TABLE seatlock.$table ENABLE TRIGGER ALL");
	is(sql('SELECT board FROM seatlock.check_board()'), join("\n", map { "trigger $_ of table $table does not fire for replication" } 'board_row', 'board_table'),
		"$table: as pg_restore --disable-triggers leaves them");
	sql("ALTER TABLE seatlock.$table DISABLE TRIGGER board_row, ENABLE ALWAYS TRIGGER board_table");
	is(sql('SELECT board FROM seatlock.check_board()'), "trigger board_row of table $table is disabled", 'a disabled one is told');
	sql("ALTER TABLE seatlock.$table ENABLE ALWAYS TRIGGER board_row");
}
# with the lines of the manual
my ($lines) = slurp_file("$ENV{SEATLOCK_TOP}/README.md") =~ /((?:ALTER TABLE seatlock\.\w+ +ENABLE ALWAYS[^;]+;\n)+)/;
sql(join ';', map { "ALTER TABLE seatlock.$_ DISABLE TRIGGER ALL; ALTER TABLE seatlock.$_ ENABLE TRIGGER ALL" } 'event', 'seat', 'seat_state');
sql($lines);
is(sql('SELECT * FROM seatlock.check_board()'), '', 'the lines of the manual mend them all');
all_is_sound($node, 'at the end');

# No place for a worker: the log and the view name the setting.
$node->append_conf('postgresql.conf', 'max_worker_processes = 1');
$node->restart;
is(sql(q{SELECT outcome FROM seatlock.claim('e', 'C-9', 'ann')}), 'held', 'a claim needs no worker');
is(sql('SELECT last_error FROM seatlock.stat_worker'), 'no free worker slot: increase max_worker_processes', 'stat_worker says what is missing');
like(slurp_file($node->logfile), qr/no free worker slot.*Increase max_worker_processes/s, 'so does the log');
$node->stop;
done_testing();
