# How long a call waits for somebody else's open transaction: lock_wait for
# claims, at least a second for payments, never longer, and no longer than
# needed.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;
use Time::HiRes qw(time);

my $node = seatlock_node('lock_wait');
make_event($node, 'e', 4, 50);
my ($blocker, $waiter) = sessions($node, 2);

# Milliseconds by the server's clock, and the outcome.
sub timed
{
	my ($call) = @_;
	my $out = in_session($waiter, qq{
		SELECT clock_timestamp() AS t0 \\gset
		SELECT outcome FROM seatlock.$call;
		SELECT round(extract(epoch FROM clock_timestamp() - :'t0') * 1000)});
	return split /\n/, $out;
}

my %seats = (confirm => 'B-1', extend => 'B-2', release => 'B-3');
my %holds = map { $_ => $node->safe_psql('postgres', "SELECT token FROM seatlock.claim('e', '$seats{$_}', '$_')") } keys %seats;
$holds{cancel} = $node->safe_psql('postgres', q{SELECT token FROM seatlock.book('e', 'B-20', 'cancel')});

in_session($blocker, q{BEGIN; SELECT outcome FROM seatlock.claim('e', 'A-1', 'blocker')});
in_session($blocker, q{SELECT count(*) FILTER (WHERE locked) FROM seatlock.lock('e', (SELECT array_agg('B-' || n)::text FROM generate_series(1, 30) n))});

# claims wait for lock_wait, whatever holds them up
for my $wait (0, 50, 1000)
{
	in_session($waiter, "SET seatlock.lock_wait = $wait");
	for my $call (q{claim('e', 'A-1', 'w')}, q{claim('e', '{C-1,A-1}', 'w')}, q{book('e', 'A-1', 'w')}, q{block('e', 'A-1')})
	{
		my ($outcome, $ms) = timed($call);

		is($outcome, 'busy', "lock_wait $wait: $call is busy");
		cmp_ok($ms, '>=', $wait, "lock_wait $wait: $call waited as long as it was told");
		# a slow machine may add, but not a multiple of the longest wait
		cmp_ok($ms, '<', $wait + 900, "lock_wait $wait: and no longer") if $wait < 1000;
	}
}

# confirm, extend, release, cancel wait a second, however short lock_wait is
in_session($waiter, 'SET seatlock.lock_wait = 0');
for my $call ("confirm('e', '$holds{confirm}')", "extend('e', '$holds{extend}', 2000)",
	"release('e', '$holds{release}')", "cancel('e', '$holds{cancel}')")
{
	my ($outcome, $ms) = timed($call);

	is($outcome, 'busy', "$call is busy while the lock stays");
	cmp_ok($ms, '>=', 1000, "$call waited at least a second");
}
in_session($waiter, 'SET seatlock.lock_wait = 1500');
my ($outcome, $ms) = timed("confirm('e', '$holds{confirm}')");
cmp_ok($ms, '>=', 1500, 'a longer lock_wait holds for confirm too');

# A losing buyer's short lock never refuses a payment: it goes, and the payment
# is done as soon as it has gone.  (The wait is long here for slow machines' sake.)
in_session($waiter, 'SET seatlock.lock_wait = 60000');
for my $verb (qw(confirm extend release cancel))
{
	my $extra = $verb eq 'extend' ? ', 2000' : '';

	$waiter->{stdout} = '';
	$waiter->{stdin} .= "SELECT outcome FROM seatlock.$verb('e', '$holds{$verb}'$extra);\n\\echo answered\n";
	$waiter->{run}->pump_nb;
	$node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%seatlock.$verb(%' AND pid <> pg_backend_pid()");
	in_session($blocker, 'COMMIT');
	$waiter->{run}->pump until $waiter->{stdout} =~ /answered/;
	my %done = (confirm => 'booked', extend => 'extended', release => 'released', cancel => 'cancelled');
	like($waiter->{stdout}, qr/^$done{$verb}$/m, "$verb is done once the lock has gone");
	in_session($blocker, q{BEGIN; SELECT count(*) FILTER (WHERE locked) FROM seatlock.lock('e', (SELECT array_agg('B-' || n)::text FROM generate_series(1, 30) n))});
}

# claims too are done as soon as they can be
in_session($waiter, 'SET seatlock.lock_wait = 60000');
$waiter->{stdout} = '';
$waiter->{stdin} .= "SELECT outcome FROM seatlock.claim('e', '{B-29,B-30}', 'w');\n\\echo answered\n";
$waiter->{run}->pump_nb;
$node->poll_query_until('postgres',
	q{SELECT count(*) = 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%B-29,B-30%' AND pid <> pg_backend_pid()});
in_session($blocker, 'COMMIT');
$waiter->{run}->pump until $waiter->{stdout} =~ /answered/;
like($waiter->{stdout}, qr/^held$/m, 'a claim gets what was given back while it waited');

# Two transactions that wait for each other, each for longer than
# deadlock_timeout: busy for one of them, and no deadlock is ever reported.
in_session($blocker, q{SET seatlock.lock_wait = 2500; BEGIN; SELECT outcome FROM seatlock.claim('e', 'D-1', 'one')});
in_session($waiter, q{SET seatlock.lock_wait = 2500; BEGIN; SELECT outcome FROM seatlock.claim('e', 'D-2', 'two')});
for my $pair ([ $blocker, 'D-2' ], [ $waiter, 'D-1' ])
{
	my ($session, $seat) = @$pair;

	$session->{stdout} = $session->{stderr} = '';
	$session->{stdin} .= "SELECT outcome FROM seatlock.claim('e', '$seat', 'both');\n\\echo answered\n";
	$session->{run}->pump_nb;
}
for my $session ($blocker, $waiter)
{
	$session->{run}->pump until $session->{stdout} =~ /answered/;
}
# only now that both are answered: one that still waits would find its seat taken
for my $session ($blocker, $waiter)
{
	like($session->{stdout}, qr/^busy$/m, 'crossed transactions: busy');
	is($session->{stderr}, '', 'crossed transactions: no error');
	in_session($session, 'COMMIT');
}
$_->quit for $blocker, $waiter;
history_is_sound($node, 'at the end');
log_is_clean($node, 'waits');
$node->stop;
done_testing();
