# What a call costs does not grow with what is over: holds of a holder that
# have ended are not counted again by each later claim of his, and a house that
# claim_best has read is not read again, though many are sold in turn.  Costs are
# buffers touched, so a busy machine does not matter.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('flat_costs');

# Buffers that one claim of this holder touches; the seat is given back.
sub claim_buffers
{
	my ($event, $holder) = @_;
	my $buffers = $node->safe_psql('postgres', qq{
		CREATE FUNCTION pg_temp.buffers() RETURNS bigint LANGUAGE plpgsql AS \$\$
		DECLARE plan json;
		BEGIN
			EXECUTE \$q\$EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT JSON)
				SELECT * FROM seatlock.claim('$event', 'A-1', '$holder')\$q\$ INTO plan;
			RETURN (plan->0->'Plan'->>'Shared Hit Blocks')::bigint + (plan->0->'Plan'->>'Shared Read Blocks')::bigint;
		END \$\$;
		SELECT count(*) FILTER (WHERE outcome IS NULL) FROM seatlock.claim('$event', 'A-2', '$holder warms up');
		SELECT pg_temp.buffers();
		DO \$\$ BEGIN PERFORM seatlock.release('$event', token::text) FROM seatlock.holds WHERE event = '$event'; END \$\$;
	});
	return (split /\n/, $buffers)[1];
}

# Claim and give up, many times, each time in a transaction of its own.
sub claim_and_end
{
	my ($event, $holder, $times, $how) = @_;

	$node->safe_psql('postgres', qq{DO \$\$
		DECLARE taken record;
		BEGIN
			FOR i IN 1 .. $times LOOP
				SELECT * INTO taken FROM seatlock.$how->[0]('$event', 'A-1', '$holder');
				COMMIT;
				PERFORM seatlock.$how->[1]('$event', taken.token);
				COMMIT;
			END LOOP;
		END \$\$});
	return;
}

for my $how ([ 'claim', 'release' ], [ 'book', 'cancel' ])
{
	my $event = "night of $how->[0]";

	make_event($node, $event, 2, 10, 'max_seats_per_holder => 4');
	claim_and_end($event, 'ann', 20, $how);
	my $before = claim_buffers($event, 'ann');

	claim_and_end($event, 'ann', 2000, $how);
	claim_buffers($event, 'ann'); # the first to pass marks what is dead
	my $after = claim_buffers($event, 'ann');

	cmp_ok($before, '>', 5, "buffers are counted ($how->[1])");
	cmp_ok($after, '<', 2 * $before, "a claim costs the same after 2,000 holds that ended by $how->[1]");
}

# What the index leaves out costs no update of a live hold its cheapness.
make_event($node, 'updates', 4, 25, 'max_seats_per_holder => 100');
my $updates = $node->safe_psql('postgres', q{
	CREATE TEMP TABLE held AS SELECT n, c.token FROM generate_series(1, 25) n, seatlock.claim('updates', 'A-' || n, 'ann', 60) c;
	BEGIN;
	SELECT count(*) FILTER (WHERE NOT c.ok) FROM held, seatlock.extend('updates', token, 600 + n) c;
	SELECT count(*) FILTER (WHERE NOT c.ok) FROM held, seatlock.confirm('updates', token) c WHERE n > 10;
	SELECT pg_stat_get_xact_tuples_updated('seatlock.hold'::regclass), pg_stat_get_xact_tuples_hot_updated('seatlock.hold'::regclass);
	COMMIT});
is((split /\n/, $updates)[-1], '40|40', 'extend and confirm of capped holds are heap-only');

# A session that sells many houses in turn reads each of them once.
my $num_houses = 40;
my @buffers = split /\n/, $node->safe_psql('postgres', qq{
	SELECT count(seatlock.create_grid('house ' || n, 'S', 25, 40, 'Standard')) IS NULL FROM generate_series(1, $num_houses) n;
	SELECT count(seatlock.create_event('in house ' || n, 'house ' || n)) IS NULL FROM generate_series(1, $num_houses) n;
	CREATE FUNCTION pg_temp.buffers_of_round() RETURNS bigint LANGUAGE plpgsql AS \$\$
	DECLARE
		plan json;
		total bigint = 0;
	BEGIN
		FOR n IN 1 .. $num_houses LOOP
			EXECUTE format('EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT JSON)
				SELECT * FROM seatlock.claim_best(%L, 1, %L)', 'in house ' || n, 'ann') INTO plan;
			total = total + (plan->0->'Plan'->>'Shared Hit Blocks')::bigint + (plan->0->'Plan'->>'Shared Read Blocks')::bigint;
		END LOOP;
		RETURN total;
	END \$\$;
	SELECT pg_temp.buffers_of_round();
	SELECT pg_temp.buffers_of_round();
	SELECT pg_temp.buffers_of_round()});
note "buffers of claim_best in $num_houses houses, first to third round: @buffers[-3 .. -1]";
cmp_ok($buffers[-1], '<', 0.65 * $buffers[-3], 'a session that claims in many houses in turn reads each once');

is($node->safe_psql('postgres', 'SELECT count(*) FROM seatlock.check_integrity()'), '0', 'integrity');

done_testing();
