# PREPARE TRANSACTION, a crash in between, COMMIT PREPARED and ROLLBACK PREPARED:
# a prepared claim holds its seats until it is ended, whatever happens meanwhile.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('two_phase');
make_event($node, 'e', 2, 50);
my $sale = $node->safe_psql('postgres', q{SELECT token FROM seatlock.claim('e', 'B-1', 'sale')});

$node->safe_psql('postgres', q{
	BEGIN;
	SELECT outcome FROM seatlock.claim('e', '{A-1,A-2}', 'commit');
	PREPARE TRANSACTION 'will commit';
	BEGIN;
	SELECT outcome FROM seatlock.claim('e', '{A-3,A-4}', 'rollback', request_key => 'k');
	PREPARE TRANSACTION 'will roll back';
	BEGIN;
	SELECT outcome FROM seatlock.claim('e', (SELECT array_agg('A-' || n) FROM generate_series(5, 50) n), 'many');
	PREPARE TRANSACTION 'many';
	BEGIN;
	SELECT outcome FROM seatlock.confirm('e', '} . $sale . q{', 'order');
	SELECT outcome FROM seatlock.book('e', 'B-2', 'sale');
	PREPARE TRANSACTION 'sale';});

sub outcome
{
	my ($call) = @_;
	return $node->safe_psql('postgres', "SET seatlock.lock_wait = 0; SELECT outcome FROM seatlock.$call");
}

sub all_is_held
{
	my ($when) = @_;

	is(outcome("claim('e', 'A-1', 'eve')"), 'busy', "$when: the first claim holds");
	is(outcome("claim('e', 'A-4', 'eve')"), 'busy', "$when: the second claim holds");
	is(outcome("claim('e', 'A-50', 'eve')"), 'busy', "$when: a seat beyond the bound on locks holds");
	is(outcome("claim('e', 'B-2', 'eve')"), 'busy', "$when: the sale holds");
	is(outcome("claim('e', 'B-1', 'eve')"), 'taken', "$when: what was held before stays taken");
	is(outcome("confirm('e', '$sale')"), 'busy', "$when: the hold is being confirmed");
	is(outcome("claim('e', 'B-3', 'eve', request_key => 'k')"), 'busy', "$when: the request key is in use");
	is(outcome("claim('e', 'B-9', 'bob')"), 'held', "$when: other seats are on sale");
	is(outcome("release('e', (SELECT token FROM seatlock.holds WHERE holder = 'bob'))"), 'released', "$when: and come back");
}

all_is_held('prepared');
cmp_ok(kill_all($node), '>', 1, 'server and children were killed');
$node->start;
all_is_held('after the crash');
$node->restart;
all_is_held('after a restart');
# this waits for 5 s
is(sqlstate($node, q{SELECT seatlock.drop_event('e', 'yes')}), '55P03', 'the event cannot be dropped');

$node->safe_psql('postgres', "COMMIT PREPARED 'will commit'");
is(outcome("claim('e', 'A-1', 'eve')"), 'taken', 'committed: taken');
is($node->safe_psql('postgres', q{SELECT seats FROM seatlock.holds WHERE holder = 'commit'}), '{A-1,A-2}', 'committed: the hold is there');
$node->safe_psql('postgres', "ROLLBACK PREPARED 'will roll back'");
is(outcome("claim('e', '{A-3,A-4}', 'eve', request_key => 'k')"), 'held', 'rolled back: seats and key are free');
$node->safe_psql('postgres', "ROLLBACK PREPARED 'many'");
is(outcome("claim('e', '{A-5,A-50}', 'eve')"), 'held', 'rolled back: the many are free');
$node->safe_psql('postgres', "COMMIT PREPARED 'sale'");
is(outcome("claim('e', 'B-1', 'eve')"), 'taken', 'the sale stands');
is($node->safe_psql('postgres', q{SELECT string_agg(seats::text, ' ' ORDER BY seats) FROM seatlock.holds WHERE status = 'booked'}),
	'{B-1} {B-2}', 'both sales are there');

no_locks_left($node, 'at the end');
history_is_sound($node, 'at the end');
log_is_clean($node, 'two-phase commit');
$node->stop;
done_testing();
