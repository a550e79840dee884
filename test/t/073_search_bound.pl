# claim_best where others have locked a great many single seats: it passes by a
# few of them, but does not try them all, or one call would keep a group's worker
# for as long as there are locks.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $preloaded = ($ENV{SEATLOCK_PASS} // 'plain') eq 'preloaded';
my $node = seatlock_node('search_bound', conf => "max_prepared_transactions = 70\nseatlock.lock_wait = 0");
make_event($node, 'e', 40, 100);

sub best { return $node->safe_psql('postgres', "BEGIN; SELECT t.show(c) FROM seatlock.$_[0]('e', 1, 'ann') c; ROLLBACK") }

# Locks that no row tells of, 30 seats each, from the best seat on.
sub lock_seats
{
	my ($from, $to) = @_;

	$node->safe_psql('postgres', join '', map { my $part = $_; <<"SQL" } $from .. $to);
BEGIN;
SELECT count(*) FROM seatlock.lock('e', (SELECT jsonb_agg(label)::text FROM seatlock.seat WHERE seat_no BETWEEN 30 * $part + 1 AND 30 * $part + 30));
PREPARE TRANSACTION 'part $part';
SQL
	return;
}
my @verbs = ('claim_best', $preloaded ? 'claim_best_now' : ());

$node->safe_psql('postgres', q{BEGIN; SELECT seatlock.lock('e', (SELECT jsonb_agg('A-' || n)::text FROM generate_series(40, 54) n)); PREPARE TRANSACTION 'few'});
like(best($_), qr/^ok held/, "$_ passes by a few seats that are locked") for @verbs;
$node->safe_psql('postgres', q{ROLLBACK PREPARED 'few'});
$node->safe_psql('postgres', q{SELECT seatlock.release('e', token::text) FROM seatlock.hold});
lock_seats(0, 63);
is(best($_), 'no busy', "$_ does not try each of 1,900 locked seats") for @verbs;
$node->safe_psql('postgres', join ';', map { "ROLLBACK PREPARED 'part $_'" } 0 .. 63);
like(best($_), qr/^ok held/, "$_ takes one when they are free") for @verbs;
no_locks_left($node, 'at the end');
history_is_sound($node, 'at the end');
$node->stop;
done_testing();
