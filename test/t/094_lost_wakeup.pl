# A request that is rung while the worker's commit of a lapse waits for a standby:
# that wait resets the worker's latch, and the request must not be slept through.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('wakeup', init => { allows_streaming => 1 }, conf => <<'CONF');
shared_preload_libraries = 'seatlock'
seatlock.group_wait = '5s'
wal_sender_timeout = 0
CONF
my $dir = PostgreSQL::Test::Utils::tempdir;
my $receiver = IPC::Run::start([ $node->installed_command('pg_receivewal'), '-D', $dir, '--synchronous', '-s', '1',
		'-d', $node->connstr('postgres') . ' application_name=receiver' ], '>', "$dir/out", '2>', "$dir/err");
make_event($node, 'e', 1, 9);
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_replication WHERE application_name = 'receiver'}) or die 'no receiver';
$node->safe_psql('postgres', q{ALTER SYSTEM SET synchronous_standby_names = 'receiver'; SELECT pg_reload_conf()});
$node->poll_query_until('postgres', q{SELECT sync_state = 'sync' FROM pg_stat_replication WHERE application_name = 'receiver'}) or die 'not synchronous';
is($node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim_now('e', 'A-1', 'first')}), 'held', 'the worker serves, and commits wait for the receiver');

for my $round (1 .. 3)
{
	my ($caller) = sessions($node, 1);
	my $pid = in_session($caller, 'SELECT pg_backend_pid()');

	is($node->safe_psql('postgres', "SELECT outcome FROM seatlock.claim_now('e', 'A-2', 'short', 1)"), 'held', "round $round: a short hold");
	$receiver->signal('STOP');
	ok($node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'seatlock worker' AND wait_event = 'SyncRep'}),
		"round $round: its lapse waits for the receiver");
	$caller->{stdin} .= "SELECT outcome FROM seatlock.claim_now('e', 'A-3', 'caller', 1);\n\\echo answered\n";
	ok(wait_until('the request is handed in', sub {
		$caller->{run}->pump_nb;
		$node->safe_psql('postgres', "SELECT wait_event_type = 'Extension' FROM pg_stat_activity WHERE pid = $pid") eq 't' }), "round $round: a request waits for the worker");
	$receiver->signal('CONT');
	ok(wait_until('the caller is answered', sub { $caller->{run}->pump_nb; $caller->{stdout} =~ /answered/ }), "round $round: answered");
	like($caller->{stdout}, qr/^held$/m, "round $round: by the worker, which did not sleep through it");
	$caller->{stdout} = '';
	$caller->quit;
	ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM seatlock.hold WHERE state = 'h' AND holder <> 'first'}), "round $round: all lapses are recorded");
}
$receiver->signal('TERM');
$node->safe_psql('postgres', q{ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf()});
$receiver->finish;
all_is_sound($node, 'at the end');
$node->stop;
done_testing();
