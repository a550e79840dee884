# 64 connections fight for the same seats: on one seat at a time, on overlapping
# sets in opposite orders, and with several claims in one transaction.  One
# winner per seat, and nobody meets an error.  The same with the advisory lock
# switched off: the guarded write alone must hold.  And with the recheck broken
# on purpose the same judges must find the double sale, or they judge nothing.
# Needs fault points.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $num_clients = 64;
my $num_seats = 16;
my $node = seatlock_node('races');
my $round = 0;

# Everybody wants each seat in the same order.
sub one_by_one
{
	my ($client, $event) = @_;
	return join '', map { claim_op($client, $_, $event, ["A-$_"]) } 1 .. $num_seats;
}

# Sets of three that overlap, upwards for one half and downwards for the other.
sub opposite_sets
{
	my ($client, $event) = @_;
	my @starts = $client % 2 ? 1 .. $num_seats - 2 : reverse 1 .. $num_seats - 2;

	return join '', map {
		my @set = map { "A-$_" } $_ .. $_ + 2;
		claim_op($client, $_, $event, [ $client % 2 ? @set : reverse @set ])
	} @starts;
}

# Two claims in one transaction, in opposite orders.
sub opposite_transactions
{
	my ($client, $event) = @_;

	return join '', map {
		my @pair = $client % 2 ? ($_, $_ + 1) : ($_ + 1, $_);
		"BEGIN;\n"
		  . claim_op($client, 2 * $_, $event, ["A-$pair[0]"])
		  . claim_op($client, 2 * $_ + 1, $event, ["A-$pair[1]"])
		  . "COMMIT;\n"
	} grep { $_ % 2 } 1 .. $num_seats - 1;
}

# Run one race on a new event; returns the clients and the event.
sub race
{
	my ($script, $setup) = @_;
	my $event = 'race ' . ++$round;

	forget_records($node);
	make_event($node, $event, 1, $num_seats);
	my $clients = run_crowd($node, [ map { $script->($_, $event) } 1 .. $num_clients ], setup => $setup);
	load_records($node, $clients);
	return ($clients, $event);
}

sub winners
{
	my ($event) = @_;
	return $node->safe_psql('postgres',
		"SELECT count(*), count(DISTINCT seat) FROM t.audit, jsonb_array_elements_text(seats) AS seat
		  WHERE event = '$event' AND ok");
}

sub judge
{
	my ($name, $clients, $event) = @_;

	is($node->safe_psql('postgres', 'SELECT * FROM t.sold_twice'), '', "$name: no seat has two winners");
	records_are_sound($node, $name);
	history_is_sound($node, $name);
	no_locks_left($node, $name);
}

my %races = (
	'one seat at a time' => \&one_by_one,
	'overlapping sets' => \&opposite_sets,
	'transactions in opposite orders' => \&opposite_transactions);

for my $fault ('none', 'no_seat_lock')
{
	for my $kind (sort keys %races)
	{
		my $name = $fault eq 'none' ? $kind : "$kind, without seat locks";
		my ($clients, $event) = race($races{$kind}, "SET seatlock.debug_fault = '$fault';");

		nobody_failed($clients, $name);
		judge($name, $clients, $event);
		if ($kind eq 'one seat at a time')
		{
			is(winners($event), "$num_seats|$num_seats", "$name: every seat has its one winner");
		}
		else
		{
			my ($won, $seats) = split /\|/, winners($event);
			is($won, $seats, "$name: no seat was won twice");
			cmp_ok($seats, '>', 0, "$name: somebody won");
		}
	}
}

# Above READ COMMITTED a claim may fail with 40001, and with nothing else.
for my $level ('repeatable read', 'serializable')
{
	my ($clients, $event) = race(\&one_by_one, "SET default_transaction_isolation = '$level';");
	my $errors = SeatlockTest::errors_of($clients);

	is_deeply([ grep { !/^40001: / } keys %$errors ], [], "$level: 40001 is the only error");
	judge($level, $clients, $event);
}

# No wait at all: busy instead, and no error either.
my ($impatient, $event) = race(\&one_by_one, 'SET seatlock.lock_wait = 0;');
nobody_failed($impatient, 'no wait');
judge('no wait', $impatient, $event);
log_is_clean($node, 'all races');

# The judges themselves: with the old snapshot and an unguarded write they must
# see red, each of them.  Buyers who never met between look and write prove
# nothing: they meet in one of a few races.
for (1 .. 20)
{
	race(\&one_by_one, "SET seatlock.debug_fault = 'stale_recheck';");
	last if $node->safe_psql('postgres', 'SELECT * FROM t.sold_twice') ne '';
}
isnt($node->safe_psql('postgres', 'SELECT * FROM t.sold_twice'), '',
	'broken on purpose: the clients\' own records show the double sale');
isnt($node->safe_psql('postgres', 'SELECT * FROM t.broken_history()'), '',
	'broken on purpose: so does the history');
isnt($node->safe_psql('postgres', 'SELECT * FROM seatlock.check_integrity()'), '',
	'broken on purpose: so does check_integrity()');

$node->stop;
done_testing();
