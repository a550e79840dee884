# kill -9 of the postmaster and all its children in the middle of an on-sale,
# synchronous_commit on: whatever a client was told is there afterwards, and
# nothing is there twice.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $num_clients = 16;
my $node = seatlock_node('crash', conf => "synchronous_commit = on\n");

is($node->safe_psql('postgres', 'SHOW synchronous_commit'), 'on', 'synchronous_commit is on');

# All claim, and every third one pays.
sub buyer
{
	my ($client, $event, $seats) = @_;
	my $script = '';

	for my $op (1 .. 3000)
	{
		my @wanted = map { $seats->[ int rand @$seats ] } 0 .. int rand 3;

		$script .= claim_op($client, 2 * $op, $event, \@wanted);
		next if $client % 3;
		$script .= "SELECT coalesce(max(token::text), 'none') AS token FROM seatlock.hold"
		  . " WHERE holder = 'holder $client' AND state = 'h' \\gset\n"
		  . SeatlockTest::record_op($client, 2 * $op + 1, $event, 'confirm', '', "seatlock.confirm('$event', :'token')");
	}
	return $script;
}

for my $round (1 .. 3)
{
	my $event = "sale $round";

	forget_records($node);
	# all nights of one layout
	make_event($node, $event, 40, 50) if $round == 1;
	$node->safe_psql('postgres', "SELECT seatlock.create_event('$event', 'hall of sale 1')") if $round > 1;
	my @seats = split /\n/, $node->safe_psql('postgres', "SELECT label FROM seatlock.seat_map('$event')");
	my $crowd = start_crowd($node, [ map { buyer($_, $event, \@seats) } 1 .. $num_clients ]);

	# well into the sale, and well before its end
	ok( $node->poll_query_until('postgres',
			"SELECT count(*) > " . 200 * $round . " FROM seatlock.seat_state s JOIN seatlock.event e USING (event_id)
			  WHERE e.name = '$event' AND s.status <> 'f'"),
		"round $round: the sale is running");
	cmp_ok(kill_all($node), '>', $num_clients, "round $round: the server and its children were killed");
	finish_crowd($crowd);
	$node->start;

	cmp_ok(load_records($node, $crowd), '>', 200 * $round, "round $round: clients have their own records");
	is($node->safe_psql('postgres', 'SELECT * FROM t.sold_twice'), '', "round $round: no seat has two winners");
	is( $node->safe_psql('postgres', q{
			SELECT a.client, a.op, a.seats FROM t.audit a
			 WHERE a.ok AND NOT EXISTS (
				SELECT FROM seatlock.hold h JOIN seatlock.event e USING (event_id)
				 WHERE e.name = a.event AND h.token = a.token
				   AND h.state = CASE WHEN a.verb = 'confirm' THEN 'b' ELSE h.state END)}),
		'', "round $round: every acknowledged answer is there");
	records_are_sound($node, "round $round", 1);
	history_is_sound($node, "round $round");
	no_locks_left($node, "round $round");

	# and the sale goes on where it was
	my $free = $node->safe_psql('postgres', "SELECT label FROM seatlock.seat_map('$event') WHERE status = 'free' LIMIT 1");
	is($node->safe_psql('postgres', "SELECT outcome FROM seatlock.claim('$event', '$free', 'next')"),
		'held', "round $round: the sale goes on");
	my $gone = $node->safe_psql('postgres', 'SELECT seats->>0 FROM t.audit WHERE ok LIMIT 1');
	is($node->safe_psql('postgres', "SELECT outcome FROM seatlock.claim('$event', '$gone', 'next')"),
		'taken', "round $round: what was sold stays sold");
}

$node->stop;
done_testing();
