# What an event's past costs: nothing, but where it is asked for.  Reads and
# prune are measured on an event with a short history and again when it is long.
# Costs are buffers touched, so a busy machine does not matter.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use List::Util qw(min);
use SeatlockTest;
use Test::More;

my $short = 100;
my $long = 10_000;
# pages that a longer history may add to a call: an index grows a level, of which each look takes note
my $spare = 12;
my $taller = 1.1;

my $node = seatlock_node('long_history', conf => 'autovacuum = off');
$node->safe_psql('postgres', q{
	CREATE FUNCTION t.buffers(call text) RETURNS bigint LANGUAGE plpgsql AS $$
	DECLARE plan json;
	BEGIN
		EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT JSON) ' || call INTO plan;
		RETURN (plan->0->'Plan'->>'Shared Hit Blocks')::bigint + (plan->0->'Plan'->>'Shared Read Blocks')::bigint;
	END $$;
	-- claims that are given back, each in a transaction of its own, on all rows but the first
	CREATE PROCEDURE t.grow(name text, pairs int) LANGUAGE plpgsql AS $$
	DECLARE taken record;
	BEGIN
		FOR i IN 1 .. pairs LOOP
			SELECT * INTO taken FROM seatlock.claim(name, format('B-%s', 1 + i % 10), 'ann', request_key => format('%s of %s', i, clock_timestamp()));
			COMMIT;
			PERFORM seatlock.release(name, taken.token);
			COMMIT;
		END LOOP;
	END $$});

# The least of some measurements: the first finds catalogs and dead entries.
sub buffers
{
	my ($call, $around) = @_;
	my @sql = ("SELECT 'buffers', t.buffers(\$call\$SELECT * FROM $call\$call\$)") x 4;

	@sql = map { "BEGIN; $_; ROLLBACK" } @sql if defined $around;
	return min(map { /^buffers\|(\d+)$/ ? $1 : () } split /\n/, $node->safe_psql('postgres', join(";\n", @sql)));
}

my %calls = (
	'holds' => q{seatlock.holds},
	'holds of an event' => q{seatlock.holds WHERE event = 'old'},
	'check_integrity of another event' => q{seatlock.check_integrity('young')},
	'a prune that removes nothing' => q{seatlock.prune('old', now() - interval '30 days')},
);

sub measure { return map { $_ => buffers($calls{$_}) } keys %calls }

for my $event ('young', 'old')
{
	make_event($node, $event, 2, 10);
	$node->safe_psql('postgres', qq{SELECT seatlock.book('$event', '["A-1", "A-2"]', 'bob'), seatlock.claim('$event', '["A-4", "A-9"]', 'eve')});
	$node->safe_psql('postgres', "CALL t.grow('$event', $short)");
}
my %before = measure();
$node->safe_psql('postgres', "CALL t.grow('old', $long)");
my %after = measure();

# Let the first changes, with their holds and requests, be so many days old.
sub age
{
	my ($event, $changes, $days) = @_;

	$node->safe_psql('postgres', qq{
		CREATE TEMP TABLE aged AS SELECT event_id, seq, token FROM seatlock.change JOIN seatlock.event e USING (event_id)
			WHERE e.name = '$event' ORDER BY seq LIMIT $changes;
		UPDATE seatlock.change c SET changed_at = changed_at - interval '$days days' FROM aged a WHERE a.event_id = c.event_id AND a.seq = c.seq;
		UPDATE seatlock.hold h SET created_at = created_at - interval '$days days', ended_at = ended_at - interval '$days days'
			FROM (SELECT DISTINCT event_id, token FROM aged) a WHERE a.event_id = h.event_id AND a.token = h.token;
		UPDATE seatlock.request r SET created_at = created_at - interval '$days days'
			FROM (SELECT DISTINCT event_id, token FROM aged) a WHERE a.event_id = r.event_id AND a.token = r.token});
	return;
}

for my $name (sort keys %calls)
{
	cmp_ok($before{$name}, '>', 3, "$name: buffers are counted");
	cmp_ok($after{$name}, '<=', $taller * $before{$name} + $spare, "$name: a long history costs no more than a short one");
}

is($node->safe_psql('postgres', q{SELECT holder, status, seats, expires_at IS NULL FROM seatlock.holds WHERE event = 'old' ORDER BY holder}),
	"bob|booked|{A-1,A-2}|t\neve|held|{A-4,A-9}|f", 'the holds that live are all there');
# A prune that removes a little, from a history that is long and from one that is short.
my $first = 2 + 2 * $short;
my %removal;
for my $event ('young', 'old')
{
	age($event, $first, 90);
	$removal{$event} = buffers("seatlock.prune('$event', now() - interval '60 days')", 'roll back');
}
cmp_ok($removal{young}, '>', $short, 'a prune that removes: buffers are counted');
cmp_ok($removal{old}, '<', 1.5 * $removal{young} + $spare, 'a prune costs what it removes');

# And one that removes most.
sub rows
{
	return $node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM seatlock.change JOIN seatlock.event e USING (event_id) WHERE e.name = 'old'),
		(SELECT count(*) FROM seatlock.hold JOIN seatlock.event e USING (event_id) WHERE e.name = 'old'),
		(SELECT count(*) FROM seatlock.request JOIN seatlock.event e USING (event_id) WHERE e.name = 'old')});
}
$node->safe_psql('postgres', "CALL t.grow('old', $short)");
my $num_old = $short + $long;
is(rows(), join('|', 2 + 2 * ($num_old + $short), 2 + $num_old + $short, $num_old + $short), 'the history is long');
age('old', 2 + 2 * $num_old, 30);
$node->safe_psql('postgres', q{SELECT seatlock.prune('old', now() - interval '20 days')});
is(rows(), join('|', 2 * $short, 2 + $short, $short), 'a prune removes what is older, and no hold that lives');
is($node->safe_psql('postgres', 'SELECT * FROM seatlock.check_integrity()'), '', 'integrity');
log_is_clean($node, 'end');
done_testing();
