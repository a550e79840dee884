# Many connections send the same request under the same key, or buy for the same
# holder: one grant per key, and never more than the cap.
# Needs fault points.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $num_clients = 32;
my $node = seatlock_node('keys_and_limits');

for my $fault ('none', 'no_seat_lock')
{
	my $setup = "SET seatlock.debug_fault = '$fault';";
	my $with = $fault eq 'none' ? '' : ' without seat locks';

	# 1. the same 40 requests from all; some name seats, some take the best
	make_event($node, "keys $fault", 4, 25);
	my $crowd = run_crowd($node, [ map { my $client = $_;
		join '', map {
			my $call = $_ % 2 ? "claim('keys $fault', '{A-" . ($_ % 20 + 1) . ",B-$_}', 'ann', request_key => 'key $_')"
			  : "claim_best('keys $fault', 2, 'ann', request_key => 'key $_')";
			"SELECT $_, outcome, token, replayed, seats FROM seatlock.$call;\n"
		} 1 .. 20 } 1 .. $num_clients ], setup => $setup);
	nobody_failed($crowd, "same keys$with");

	my (%tokens, %first, %seats, %outcomes);
	for my $client (@$crowd)
	{
		for (split /\n/, slurp_file($client->{out}))
		{
			my ($key, $outcome, $token, $replayed, $seats) = split /,/, $_, 5;
			next if $key !~ /^\d+$/;
			$outcomes{$outcome}++;
			next if $outcome ne 'held';
			$tokens{$key}{$token}++;
			$seats{$key}{$seats}++;
			$first{$key}++ if $replayed eq 'f';
		}
	}
	is_deeply([ grep { keys %{ $tokens{$_} } != 1 } keys %tokens ], [], "one token per key$with");
	is_deeply([ grep { keys %{ $seats{$_} } != 1 } keys %seats ], [], "the same seats in each replay$with");
	is_deeply([ grep { ($first{$_} // 0) != 1 } keys %tokens ], [], "one answer per key is the first$with");
	is_deeply([ grep { !/^(held|taken|busy)$/ } keys %outcomes ], [], "a held, a replay, taken or busy$with");
	cmp_ok(scalar keys %tokens, '>=', 10, "every key that could won$with");
	is($node->safe_psql('postgres', "SELECT count(*) FROM seatlock.hold JOIN seatlock.event USING (event_id) WHERE name = 'keys $fault'"),
		scalar keys %tokens, "as many holds as keys$with");

	# 2. all for the same three holders, at most 5 seats each
	make_event($node, "limit $fault", 4, 25, 'max_seats_per_holder => 5');
	$crowd = run_crowd($node, [ map { my $client = $_;
		join '', map {
			my $seat = ($client * 7 + $_ * 3) % 24 + 1;
			my $holder = 'holder ' . $_ % 3;
			my @calls = ("claim('limit $fault', '{A-$seat,B-$seat}', '$holder')", "claim_best('limit $fault', 2, '$holder')",
				"claim('limit $fault', 'C-$seat', '$holder')");
			"SELECT outcome FROM seatlock.$calls[int($_ / 3) % 3];\n"
		} 1 .. 30 } 1 .. $num_clients ], setup => $setup);
	nobody_failed($crowd, "same holders$with");
	is( $node->safe_psql('postgres', "SELECT holder, sum(cardinality(seats)) FROM seatlock.holds WHERE event = 'limit $fault'
			GROUP BY holder HAVING sum(cardinality(seats)) > 5"),
		'', "no holder has more than the cap$with");
	is( $node->safe_psql('postgres', "SELECT count(DISTINCT holder) FROM seatlock.holds WHERE event = 'limit $fault'"),
		'3', "every holder has some$with");
	history_is_sound($node, "keys and limits$with");
	no_locks_left($node, "keys and limits$with");
}

# 3. all add seats to one hold: each seat once, and the countdown goes on
make_event($node, 'cart', 1, 64);
my $cart = $node->safe_psql('postgres', q{SELECT token FROM seatlock.claim('cart', 'A-64', 'ann', 1000)});
my $ends = $node->safe_psql('postgres', qq{SELECT expires_at FROM seatlock.hold('cart', '$cart')});
my $crowd = run_crowd($node, [ map { my $client = $_;
	join '', map { my $seat = ($client + $_) % 63 + 1;
		"SELECT outcome, expires_at = '$ends' FROM seatlock.claim('cart', 'A-$seat', 'ann', 5000, '$cart');\n" } 1 .. 20 } 1 .. $num_clients ]);
nobody_failed($crowd, 'adding to one hold');
my %answers;
for my $client (@$crowd)
{
	$answers{$_}++ for grep { /^[a-z_]+,/ } split /\n/, slurp_file($client->{out});
}
is_deeply([ grep { !/^(held|busy|taken),t$/ } keys %answers ], [], 'everybody adds or is told busy; the end stays');
is( $node->safe_psql('postgres', qq{SELECT count(*) = count(DISTINCT seat) AND count(*) > 10 FROM jsonb_array_elements_text(
		(SELECT seats FROM seatlock.hold('cart', '$cart'))) AS seat}), 't', 'the hold has each seat once');
is( $node->safe_psql('postgres', qq{SELECT expires_at = '$ends' FROM seatlock.hold('cart', '$cart')}), 't', 'the countdown went on');
history_is_sound($node, 'adding to one hold');

# 4. one open transaction has more names than its bound on locks: others meet it
# only under the few names that share a stripe with one of these
make_event($node, 'many names', 20, 10, 'max_seats_per_holder => 50');
my ($many) = sessions($node, 1);
in_session($many, 'BEGIN');
is(in_session($many, q{SELECT count(*) FILTER (WHERE ok) FROM generate_series(1, 60) n,
	LATERAL seatlock.claim('many names', chr(64 + 1 + n / 10) || '-' || (1 + n % 10), 'many ' || n, request_key => 'many ' || n) c}), '60', 'many names: one transaction claims under 60 keys and holders');
my ($held, $busy) = split /\|/, $node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE outcome = 'held'), count(*) FILTER (WHERE outcome = 'busy') FROM generate_series(1, 100) n,
	LATERAL seatlock.claim('many names', chr(64 + 9 + n / 10) || '-' || (1 + n % 10), 'other ' || n, request_key => 'other ' || n) c});
is($held + $busy, 100, 'many names: others are told held or busy');
cmp_ok($held, '>', 50, "many names: most of them held ($held)");
in_session($many, 'ROLLBACK');

# more of them, in several events, than it may lock stripes: one lock covers all
# names of an event from there on
make_event($node, "booth $_", 1, 2) for 1 .. 4;
in_session($many, 'BEGIN');
is(in_session($many, qq{SELECT count(*) FILTER (WHERE again.ok) FROM generate_series(1, 3) n, LATERAL seatlock.claim('booth ' || n, 'A-1', 'ann') c,
	generate_series(1, 400) key, LATERAL seatlock.claim('booth ' || n, 'A-1', 'ann', token => c.token, request_key => 'key ' || key) again}),
	'1200', 'many names: one transaction claims under 400 keys in each of three events');
is(in_session($many, q{SELECT outcome FROM seatlock.claim('booth 4', 'A-1', 'ann', request_key => 'key 1')}), 'held', 'and in a fourth');
is($node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim('booth 4', 'A-2', 'bob', request_key => 'other')}), 'busy', 'which has one lock over all keys');
is($node->safe_psql('postgres', q{BEGIN; SELECT outcome FROM seatlock.claim('booth 4', 'A-2', 'bob'); ROLLBACK}), 'held', 'not over claims without a key');
in_session($many, 'ROLLBACK');
my ($single) = sessions($node, 1);
in_session($single, q{BEGIN; SELECT outcome FROM seatlock.claim('booth 4', 'A-2', 'bob', request_key => 'other')});
in_session($many, 'BEGIN');
in_session($many, q{SELECT count(*) FROM generate_series(1, 3) n, LATERAL seatlock.claim('booth ' || n, 'A-1', 'ann') c,
	generate_series(1, 400) key, LATERAL seatlock.claim('booth ' || n, 'A-1', 'ann', token => c.token, request_key => 'key ' || key) again});
is(in_session($many, q{SELECT outcome FROM seatlock.claim('booth 4', 'A-1', 'ann', request_key => 'key 1')}), 'busy', 'and cannot be had while another has one of them');
in_session($_, 'ROLLBACK') for $single, $many;
$_->quit for $single, $many;
no_locks_left($node, 'many names');
log_is_clean($node, 'keys and limits');
$node->stop;
done_testing();
