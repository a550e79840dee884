# A caller who is cancelled, timed out or terminated at any moment leaves
# nothing behind: no half claim, no lock.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('cancel');
make_event($node, 'e', 20, 100);
my $all = $node->safe_psql('postgres', q{SELECT jsonb_agg(label) FROM seatlock.seat_map('e')});
my $before = $node->safe_psql('postgres', 'SELECT t.digest()');

# A sweep of statement_timeout over a claim of 2,000 seats, from the first
# moment to past its end: each time it happened as a whole or not at all.
my %seen;
my ($timeout, $finished) = (1, 0);
while ($finished < 3)
{
	my ($ret, $out, $err) = $node->psql('postgres', qq{
		SET statement_timeout = $timeout;
		SELECT outcome FROM seatlock.claim('e', '$all', 'sweep')});
	my $seats = $node->safe_psql('postgres', q{SELECT count(*) FROM seatlock.seat_state WHERE status = 'h'});

	if ($out eq 'held')
	{
		$seen{whole}++ if $seats == 2000;
		$finished++;
		$node->safe_psql('postgres', q{SELECT seatlock.release('e', token) FROM seatlock.holds});
		$before = $node->safe_psql('postgres', 'SELECT t.digest()');
	}
	else
	{
		like($err, qr/canceling statement due to/, "timeout of $timeout ms") if !$seen{none};
		$seen{none}++ if $seats == 0 && $node->safe_psql('postgres', 'SELECT t.digest()') eq $before;
		$seen{cancelled}++;
	}
	$timeout = $timeout < 20 ? $timeout + 1 : int($timeout * 1.3);
}
is($seen{whole}, 3, 'claims that were done are whole');
cmp_ok($seen{cancelled}, '>', 0, 'some were cancelled');
is($seen{none}, $seen{cancelled}, 'claims that were cancelled left nothing');
no_locks_left($node, 'after the sweep');
history_is_sound($node, 'after the sweep');

# Waiting callers can be cancelled and terminated at once.
my ($blocker) = sessions($node, 1);
in_session($blocker, q{BEGIN; SELECT outcome FROM seatlock.claim('e', 'A-1', 'blocker')});
my $blocked_token = $node->safe_psql('postgres', q{SELECT token FROM seatlock.claim('e', 'B-1', 'payer')});
for my $how ('pg_cancel_backend', 'pg_terminate_backend')
{
	for my $call (q{claim('e', 'A-1', 'waiter')}, q{lock('e', 'A-1', 60000)},
		q{claim_best('e', 1999, 'waiter')}, q{block('e', 'A-1')})
	{
		# every other way to the seat is closed, so that the waiter waits
		my ($waiter) = sessions($node, 1);
		my $pid = in_session($waiter, 'SET seatlock.lock_wait = 60000; SELECT pg_backend_pid()');

		$waiter->{stdin} .= "SELECT * FROM seatlock.$call;\n\\echo answered\n";
		$waiter->{run}->pump_nb;
		$node->poll_query_until('postgres',
			"SELECT state = 'active' AND query LIKE '%seatlock.%' FROM pg_stat_activity WHERE pid = $pid");
		$node->safe_psql('postgres', "SELECT $how($pid)");
		if ($how eq 'pg_cancel_backend')
		{
			$waiter->{run}->pump until $waiter->{stdout} =~ /answered/;
			like($waiter->{stderr}, qr/canceling statement due to user request/, "$call can be cancelled");
			$waiter->quit;
		}
		else
		{
			ok( $node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid"),
				"$call can be terminated");
			eval { $waiter->{run}->finish };
		}
	}
}
is(in_session($blocker, 'SELECT count(*) FROM seatlock.locks WHERE pid <> pg_backend_pid()'), '0', 'no waiter left a lock');

# A storm of cancels over a crowd at work: whoever got an answer has it.
in_session($blocker, 'ROLLBACK');
forget_records($node);
make_event($node, 'storm', 20, 20);
my @seats = split /\n/, $node->safe_psql('postgres', q{SELECT label FROM seatlock.seat_map('storm')});
my $crowd = start_crowd($node, [ map { my $c = $_;
		join '', map { claim_op($c, $_, 'storm', [ @seats[ map { int rand @seats } 1 .. 3 ] ]) } 1 .. 200 } 1 .. 16 ]);
my $storms = 0;
while ($storms < 400)
{
	last if $node->safe_psql('postgres', q{
		SELECT count(*) = 0, count(pg_cancel_backend(pid)) FILTER (WHERE query LIKE '%seatlock.claim(%' AND state = 'active' AND random() < 0.5)
		  FROM pg_stat_activity WHERE pid <> pg_backend_pid()
		   AND application_name = 'crowd'}) =~ /^t/;
	$storms++;
}
finish_crowd($crowd);
load_records($node, $crowd);
my @strange = grep { !/^57014: canceling statement/ } keys %{ SeatlockTest::errors_of($crowd) };
is_deeply(\@strange, [], 'the storm caused cancelled statements and nothing else');
is($node->safe_psql('postgres', 'SELECT * FROM t.sold_twice'), '', 'after the storm no seat has two winners');
# a cancel can come after the commit and before the answer
records_are_sound($node, 'after the storm', 1);
history_is_sound($node, 'after the storm');
no_locks_left($node, 'after the storm');

# A client that vanishes in the middle of a transaction takes its claims along.
my ($gone) = sessions($node, 1);
in_session($gone, q{BEGIN; SELECT outcome FROM seatlock.claim('e', 'T-1', 'gone')});
$gone->{run}->kill_kill;
ok( $node->poll_query_until('postgres', q{SELECT outcome = 'held' FROM seatlock.claim('e', 'T-1', 'next')}),
	'a vanished client\'s seat comes back');

$blocker->quit;
history_is_sound($node, 'at the end');
log_is_clean($node, 'cancelled callers');
$node->stop;
done_testing();
