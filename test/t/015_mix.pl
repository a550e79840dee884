# Everything at once: all verbs, short and long holds, transactions that commit
# and that roll back, a seller who blocks, for some seconds on few seats.  The
# judges read the history and the clients' own records afterwards.
# Needs fault points.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $num_clients = 24;
my $node = seatlock_node('mix');
random_seed();

sub any { return $_[ rand @_ ] }

# One client's life.  \gset keeps the last token; a verb on it may come too late.
sub life
{
	my ($client, $event, $seats) = @_;
	my $script = "\\set token none\n";
	my $first = any(@$seats);

	# while the house is empty, so that some are sure to succeed
	$script .= "SELECT outcome AS o FROM seatlock.block('$event', '$first') \\gset\n"
	  . "SELECT outcome AS o FROM seatlock.unblock('$event', '$first') \\gset\n";

	for my $op (1 .. 200)
	{
		my @wanted = map { any(@$seats) } 1 .. 1 + int rand 4;
		my $list = '[' . join(',', map { "\"$_\"" } @wanted) . ']';
		my $dice = rand;
		my $step =
		    $dice < 0.30 ? claim_op($client, $op, $event, \@wanted, ", ${\any(1, 1, 60)}")
		  : $dice < 0.45 ? "SELECT coalesce(token, :'token') AS token FROM seatlock.claim('$event', '$list', 'h $client', ${\any(1, 2, 60)}) \\gset\n"
		  : $dice < 0.52 ? "SELECT coalesce(token, :'token') AS token FROM seatlock.claim_best('$event', ${\any(1, 2, 3)}, 'h $client', ttl_seconds => ${\any(1, 60)}) \\gset\n"
		  : $dice < 0.58 ? "SELECT outcome AS o FROM seatlock.claim('$event', '$list', 'h $client', NULL, :'token') \\gset\n"
		  : $dice < 0.70 ? "SELECT outcome AS o FROM seatlock.confirm('$event', :'token', 'order $op') \\gset\n"
		  : $dice < 0.76 ? "SELECT outcome AS o FROM seatlock.extend('$event', :'token', ${\any(1, 2, 30)}) \\gset\n"
		  : $dice < 0.84 ? "SELECT outcome AS o FROM seatlock.release('$event', :'token'" . any('', ", '$wanted[0]'") . ") \\gset\n"
		  : $dice < 0.92 ? "SELECT outcome AS o FROM seatlock.cancel('$event', :'token') \\gset\n"
		  : $dice < 0.94 ? "SELECT outcome AS o FROM seatlock.set_holder('$event', :'token', 'h $client b') \\gset\n"
		  : $dice < 0.96 ? "SELECT outcome AS o FROM seatlock.block('$event', '$wanted[0]') \\gset\n"
		  : $dice < 0.98 ? "SELECT outcome AS o FROM seatlock.unblock('$event', '$wanted[0]') \\gset\n"
		  : "SELECT coalesce(token, :'token') AS token FROM seatlock.book('$event', '$list', 'h $client') \\gset\n";

		# records of what was rolled back would be no records
		$step = "BEGIN;\n$step" . ($dice >= 0.30 && rand() < 0.5 ? "ROLLBACK;\n" : "COMMIT;\n") if rand() < 0.2;
		$script .= $step;
	}
	return $script;
}

for my $fault ('none', 'no_seat_lock')
{
	my $event = "mix $fault";
	my $name = $fault eq 'none' ? 'mix' : 'mix without seat locks';

	forget_records($node);
	make_event($node, $event, 3, 20, 'hold_seconds => 5, max_hold_seconds => 5');
	my @seats = split /\n/, $node->safe_psql('postgres', "SELECT label FROM seatlock.seat_map('$event')");
	my @setup = (setup => "SET seatlock.debug_fault = '$fault';");
	my $crowd = run_crowd($node, [ map { life($_, $event, \@seats) } 1 .. $num_clients ], @setup);

	nobody_failed($crowd, $name);
	load_records($node, $crowd);
	# a machine may be through with all that before the first hold expires: the
	# second half begins when one has
	ok($node->poll_query_until('postgres',
			"SELECT EXISTS (SELECT FROM seatlock.hold h WHERE h.event_id = e.event_id AND state = 'h' AND expires_at <= clock_timestamp())
			     OR EXISTS (SELECT FROM seatlock.change c WHERE c.event_id = e.event_id AND action = 'expired')
			   FROM seatlock.event e WHERE name = '$event'"), "$name: a hold has expired");
	$crowd = run_crowd($node, [ map { life($num_clients + $_, $event, \@seats) } 1 .. $num_clients ], @setup);
	nobody_failed($crowd, "$name, second half");
	load_records($node, $crowd);
	# other verbs grant too, and their clients keep no records
	records_are_sound($node, $name, 1);
	history_is_sound($node, $name);
	no_locks_left($node, $name);

	my $verbs = $node->safe_psql('postgres', "SELECT string_agg(DISTINCT action, ' ' ORDER BY action) FROM t.history WHERE event = '$event'");
	is($verbs, 'blocked booked cancelled expired extended held released unblocked', "$name: every kind of change happened");
}
log_is_clean($node, 'mix');
$node->stop;
done_testing();
