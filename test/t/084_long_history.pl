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
# pages of the tables that a longer history may add to any call: an index grows a level
my $spare = 12;

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
);

sub measure { return map { $_ => buffers($calls{$_}) } keys %calls }

make_event($node, 'old', 2, 10);
$node->safe_psql('postgres', q{SELECT seatlock.book('old', '["A-1", "A-2"]', 'bob'), seatlock.claim('old', '["A-4", "A-9"]', 'eve')});
$node->safe_psql('postgres', "CALL t.grow('old', $short)");
my %before = measure();
$node->safe_psql('postgres', "CALL t.grow('old', $long)");
my %after = measure();

for my $name (sort keys %calls)
{
	cmp_ok($before{$name}, '>', 3, "$name: buffers are counted");
	cmp_ok($after{$name}, '<=', $before{$name} + $spare, "$name: a long history costs no more than a short one");
}

is($node->safe_psql('postgres', q{SELECT holder, status, seats, expires_at IS NULL FROM seatlock.holds ORDER BY holder}),
	"bob|booked|{A-1,A-2}|t\neve|held|{A-4,A-9}|f", 'the holds that live are all there');
history_is_sound($node, 'end');
log_is_clean($node, 'end');
done_testing();
