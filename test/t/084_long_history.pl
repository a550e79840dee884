# What an event's past costs: nothing, but where it is asked for.  Reads and
# prune are measured on an event with a short history and again when it is long.
# Costs are buffers touched, so a busy machine does not matter.
# Passes: plain, since history is in tables.
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
	'seat_history of a seat that nobody has had' => q{seatlock.seat_history('old', 'A-10')},
	'seat_history of a seat that was sold at first' => q{seatlock.seat_history('old', 'A-1')},
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

# A seat that was had only of late costs what has happened since.
my $late = q{seatlock.seat_history('old', 'A-7')};
$node->safe_psql('postgres', q{SELECT seatlock.book('old', 'A-7', 'dan'); SELECT seatlock.claim('old', 'A-8', 'dan')});
cmp_ok(buffers($late), '<=', $spare + $before{'seat_history of a seat that was sold at first'}, 'seat_history of a seat that was sold last: a long history costs nothing');

# Whatever it leaves out to read, it shows all: compared with plain SQL, seat by seat.
sub histories_are_right
{
	my ($event, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return is($node->safe_psql('postgres', qq{
		SELECT label, seq, action, version, n FROM
			(SELECT true AS told, s.label::text, c.seq, c.action, u.version, row_number() OVER (PARTITION BY s.label ORDER BY c.seq) AS n
			   FROM seatlock.event e JOIN seatlock.change c USING (event_id),
				ROWS FROM (unnest(c.seats), unnest(c.versions)) AS u (seat_no, version), seatlock.seat s
			  WHERE e.name = '$event' AND s.layout_id = e.layout_id AND s.seat_no = u.seat_no) w
			FULL JOIN
			(SELECT true AS shown, m.label, h.seq, h.action, h.version, h.n
			   FROM seatlock.seat_map('$event') m, seatlock.seat_history('$event', m.label)
				WITH ORDINALITY AS h (seq, changed_at, action, status, version, token, holder, actor, n)) h
			USING (label, seq, action, version, n)
		 WHERE told IS NULL OR shown IS NULL ORDER BY 1, 2 LIMIT 5}), '', "$name: seat_history shows every change of every seat, in order");
}
histories_are_right('old', 'a long history');

# The two ends know the version before the release and the one after it, long
# before they meet; the extension in between has no version of its own.
make_event($node, 'gap', 2, 10);
my $cart = $node->safe_psql('postgres', q{SELECT token FROM seatlock.claim('gap', 'A-1', 'ann')});
$node->safe_psql('postgres', "CALL t.grow('gap', 20); SELECT seatlock.extend('gap', '$cart', 3000); CALL t.grow('gap', 20); SELECT seatlock.release('gap', '$cart')");
histories_are_right('gap', 'an extension long after its claim');

# All that can happen to seats, some of it alone and some of it together, at
# random; then the oldest part of it goes.
make_event($node, 'mix', 2, 5, 'max_hold_seconds => 100000');
random_seed();
my @mix;
for my $i (1 .. 400)
{
	my @seats = map { (qw(A B))[ int rand 2 ] . '-' . (1 + int rand(4)) } 0 .. int rand 3;
	my $list = '[' . join(',', map { "\"$_\"" } @seats) . ']';
	my $token = q{(SELECT token FROM seatlock.holds WHERE event = 'mix' AND status = '%s' ORDER BY md5(token || } . $i . q{) LIMIT 1)};
	my $held = sprintf($token, 'held');
	my $booked = sprintf($token, 'booked');

	push @mix, (
		"claim('mix', '$list', 'ann')", "claim('mix', '$list', 'bob')", "book('mix', '$list', 'box')", "block('mix', '$list')", "unblock('mix', '$list')",
		"confirm('mix', coalesce($held, 'none'))", "release('mix', coalesce($held, 'none'))", "release('mix', coalesce($held, 'none'))",
		"extend('mix', coalesce($held, 'none'), 1000 + $i)", "extend('mix', coalesce($held, 'none'), 2000 + $i)",
		"set_holder('mix', coalesce($held, 'none'), 'carl')", "cancel('mix', coalesce($booked, 'none'))", "cancel('mix', coalesce($booked, 'none'))")[ int rand 13 ];
}
my @stops = (30, 100, 200, 400);
for my $n (0 .. $#stops)
{
	my $from = $n == 0 ? 0 : $stops[ $n - 1 ];

	$node->safe_psql('postgres', join(";\n", map { "SELECT outcome FROM seatlock.$_" } @mix[ $from .. $stops[$n] - 1 ]));
	histories_are_right('mix', "$stops[$n] calls at random");
}
is($node->safe_psql('postgres', q{SELECT count(DISTINCT action) FROM seatlock.changes('mix', 0, 10000)}), '7', 'all sorts of changes were among them');
$node->safe_psql('postgres', q{DELETE FROM seatlock.change c USING seatlock.event e WHERE e.name = 'mix' AND c.event_id = e.event_id
	AND seq <= (SELECT percentile_disc(0.4) WITHIN GROUP (ORDER BY seq) FROM seatlock.change JOIN seatlock.event USING (event_id) WHERE name = 'mix')});
histories_are_right('mix', 'without the oldest part');

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
	cmp_ok($before{$name}, '>', 1, "$name: buffers are counted");
	cmp_ok($after{$name}, '<=', $taller * $before{$name} + $spare, "$name: a long history costs no more than a short one");
}

is($node->safe_psql('postgres', q{SELECT holder, status, seats, expires_at IS NULL FROM seatlock.holds WHERE event = 'old' ORDER BY holder, status}),
	"bob|booked|{A-1,A-2}|t\ndan|booked|{A-7}|t\ndan|held|{A-8}|f\neve|held|{A-4,A-9}|f", 'the holds that live are all there');
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
is(rows(), join('|', 4 + 2 * ($num_old + $short), 4 + $num_old + $short, $num_old + $short), 'the history is long');
age('old', 2 + 2 * $num_old, 30);
$node->safe_psql('postgres', q{SELECT seatlock.prune('old', now() - interval '20 days')});
is(rows(), join('|', 2 + 2 * $short, 4 + $short, $short), 'a prune removes what is older, and no hold that lives');
is($node->safe_psql('postgres', 'SELECT * FROM seatlock.check_integrity()'), '', 'integrity');
log_is_clean($node, 'end');
done_testing();
