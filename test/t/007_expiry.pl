# The moment of lapse, under load: everybody acts on holds that end right now.
# A payment, an extension, a release and a take-over meet on each seat; one of
# them wins, and nobody gets what another has.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('expiry');
make_event($node, 'e', 1, 60);

my $rounds = 3;
for my $round (1 .. $rounds)
{
	forget_records($node);
	# every second seat in a hold of its own, the rest in pairs
	$node->safe_psql('postgres', q{
		SELECT count(c.ok) FROM generate_series(1, 29, 2) n, seatlock.claim('e', 'A-' || n, 'owner ' || n, 1) c;
		SELECT count(c.ok) FROM generate_series(31, 59, 2) n, seatlock.claim('e', ARRAY['A-' || n, 'A-' || n + 1], 'owner ' || n, 1) c});
	my %tokens = map { split /\|/ } split /\n/, $node->safe_psql('postgres',
		q{SELECT substr(holder, 7), token FROM seatlock.holds WHERE event = 'e' AND status = 'held'});

	# Each client hammers its seats from before the lapse to after it.
	my $until = $node->safe_psql('postgres', q{SELECT max(expires_at) + interval '100 ms' FROM seatlock.holds});
	my @scripts;
	my $client = 0;
	for my $seat (sort { $a <=> $b } keys %tokens)
	{
		for my $kind ('take', 'take', $seat % 3 ? 'confirm' : $seat % 2 ? 'extend' : 'release')
		{
			my $group = $client++ % 45;
			my $call =
			    $kind eq 'take' ? "claim('e', 'A-$seat', 'taker $client')"
			  : $kind eq 'extend' ? "extend('e', '$tokens{$seat}', 1)"
			  : "$kind('e', '$tokens{$seat}')";

			$scripts[$group] .= <<"SQL";
DO \$\$
DECLARE
	outcome text;
BEGIN
	WHILE clock_timestamp() < '$until' LOOP
		SELECT c.outcome INTO outcome FROM seatlock.$call c;
		EXIT WHEN outcome IN ('held', 'booked', 'released');
		COMMIT;
	END LOOP;
END
\$\$;
SQL
		}
	}
	nobody_failed(run_crowd($node, \@scripts), "round $round");
	history_is_sound($node, "round $round");
	no_locks_left($node, "round $round");

	# who paid has all the seats of the hold, or was told that it had expired
	is( $node->safe_psql('postgres', q{
			SELECT h.token, h.state, h.seats FROM seatlock.hold h
			 WHERE h.state = 'b' AND (SELECT count(*) FROM seatlock.seat_state s
				WHERE s.event_id = h.event_id AND s.token = h.token AND s.status = 'b') <> cardinality(h.seats)}),
		'', "round $round: sales are whole");
	$node->safe_psql('postgres', q{
		SELECT seatlock.cancel('e', token) FROM seatlock.holds WHERE status = 'booked';
		SELECT seatlock.release('e', token) FROM seatlock.holds WHERE status = 'held'});
	is($node->safe_psql('postgres', q{SELECT num_free FROM seatlock.availability('e')}), '60', "round $round: all is free again");
}

# A hold is safe to its last millisecond and free from then on: the answers of
# one session, asked again and again, change over once, at expires_at.
$node->safe_psql('postgres', q{SELECT ok FROM seatlock.claim('e', 'A-1', 'edge', 1)});
my $edge = $node->safe_psql('postgres', q{
	CREATE TABLE edge (asked timestamptz, answered timestamptz, status text, outcome text);
	DO $$
	DECLARE
		ends timestamptz := (SELECT expires_at FROM seatlock.holds WHERE holder = 'edge');
		edge text := (SELECT token FROM seatlock.holds WHERE holder = 'edge');
		row edge;
	BEGIN
		WHILE clock_timestamp() < ends + interval '20 ms' LOOP
			row.asked := clock_timestamp();
			row.status := (SELECT status FROM seatlock.seat_map('e') WHERE label = 'A-1');
			row.outcome := (SELECT outcome FROM seatlock.hold('e', edge));
			row.answered := clock_timestamp();
			INSERT INTO edge VALUES (row.*);
			COMMIT;
		END LOOP;
	END
	$$;
	SELECT count(*) FILTER (WHERE answered < h.expires_at AND (status <> 'held' OR outcome <> 'held')),
	       count(*) FILTER (WHERE asked >= h.expires_at AND (status <> 'free' OR outcome <> 'expired')),
	       count(*) FILTER (WHERE answered < h.expires_at) > 0, count(*) FILTER (WHERE asked >= h.expires_at) > 0
	  FROM edge, seatlock.hold h WHERE h.holder = 'edge'});
is($edge, '0|0|t|t', 'held until expires_at, free from expires_at on');

# One clock, read after the lock: a transaction that began long before the lapse
# sees it, and one that waited for a lock while a hold expired takes the seat.
my ($old, $holder) = sessions($node, 2);
in_session($old, 'BEGIN; SELECT now()');
$node->safe_psql('postgres', q{SELECT ok FROM seatlock.claim('e', 'A-2', 'short', 1)});
$node->safe_psql('postgres', q{SELECT t.wait_expiry('e')});
is(in_session($old, q{SELECT outcome FROM seatlock.claim('e', 'A-2', 'old')}), 'held', 'an old transaction sees the lapse');
in_session($old, 'COMMIT');

$node->safe_psql('postgres', q{SELECT ok FROM seatlock.claim('e', 'A-3', 'short', 1)});
in_session($holder, q{BEGIN; SELECT locked FROM seatlock.lock('e', 'A-3')});
$old->{stdin} .= qq{SET seatlock.lock_wait = 60000;\nSELECT outcome FROM seatlock.claim('e', '{A-3,A-4}', 'waiter');\n\\echo answered\n};
$old->{run}->pump until $old->{stdout} =~ /answered/;
like($old->{stdout}, qr/^taken$/m, 'a live hold is refused at once, whatever the wait');
$old->{stdout} = '';
$node->safe_psql('postgres', q{SELECT t.wait_expiry('e')});
$old->{stdin} .= qq{SELECT outcome FROM seatlock.claim('e', '{A-3,A-4}', 'waiter');\n\\echo answered\n};
$old->{run}->pump_nb;
in_session($holder, 'COMMIT');
$old->{run}->pump until $old->{stdout} =~ /answered/;
like($old->{stdout}, qr/^held$/m, 'who waited for the lock finds the seat free');
$_->quit for $old, $holder;

history_is_sound($node, 'at the end');
log_is_clean($node, 'expiry');
$node->stop;
done_testing();
