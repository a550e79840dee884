# One old snapshot held open anywhere keeps every version of every seat.  Claims
# on the same seats must not pay for it by looking at all of them: after 3,500
# changes of 20 seats a change touches at most twice the blocks that it touches
# without such a snapshot.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('old_snapshot', conf => 'autovacuum = off');
make_event($node, 'e', 1, 20);

sub blocks
{
	return $node->safe_psql('postgres', q{SELECT sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)
		FROM pg_statio_user_tables WHERE schemaname = 'seatlock'});
}

# Claim and release that many seats, one after the other; blocks a change.
sub change
{
	my ($times) = @_;
	my $before = blocks();

	$node->safe_psql('postgres', join('', map { <<"SQL" } 1 .. $times) . 'SELECT pg_stat_force_next_flush()');
SELECT token FROM seatlock.claim('e', 'A-@{[ 1 + $_ % 20 ]}', 'ann') \\gset
SELECT outcome FROM seatlock.release('e', :'token') \\gset
SQL
	return (blocks() - $before) / (2 * $times);
}

change(200);
my $usual = change(200);
my ($old) = sessions($node, 1);
in_session($old, 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM seatlock.seat_state');
change(1500);
my $dear = change(250);
note "blocks a change: $usual, with an old snapshot $dear";
cmp_ok($dear, '<', 2 * $usual, 'a change costs little more while an old snapshot is held open');
cmp_ok($usual, '>', 5, 'blocks were counted');
my ($query) = slurp_file("$ENV{SEATLOCK_TOP}/README.md") =~ /^(SELECT 'session'.*?;)$/ms;
my $pid = in_session($old, 'SELECT pg_backend_pid()');
like($node->safe_psql('postgres', $query), qr/^session\|$pid\|[3-9]\d\d\d\|idle in transaction\|/, "the manual's query shows who holds it, first");
in_session($old, 'COMMIT');
is($node->safe_psql('postgres', q{VACUUM seatlock.seat_state; SELECT count(*) FROM seatlock.seat_map('e') WHERE status = 'free'}), '20', 'and all is well afterwards');
history_is_sound($node, 'old snapshot');
$old->quit;
done_testing();
