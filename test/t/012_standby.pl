# A read-only transaction and a hot standby: every verb is refused with 25006,
# before any other check, and every read answers.  After promotion all works.
# Passes: plain, since 045 has a standby with a board.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('primary', init => { allows_streaming => 1 });
make_event($node, 'e', 2, 20);
my $token = $node->safe_psql('postgres', q{SELECT token FROM seatlock.claim('e', '{A-1,A-2}', 'ann', request_key => 'k')});
$node->safe_psql('postgres', q{SELECT seatlock.book('e', 'A-3', 'bob'); SELECT seatlock.block('e', 'B-1')});
$node->safe_psql('postgres', 'CREATE ROLE nobody');

# Good arguments, and ones that would be errors of their own.
my @writes = map { ($_, s/'e'/'nowhere'/r, s/'e'/NULL/r) } (
	q{claim('e', 'A-5', 'eve')}, q{claim('e', ARRAY['A-5'], 'eve')}, q{claim('e', 'A-1', 'eve')}, q{claim('e', '[', 'eve', -1)},
	q{claim_best('e', 2, 'eve')}, q{claim_best('e', -2, 'eve', adjacency => 'never')}, "confirm('e', '$token')", q{confirm('e', '')},
	"extend('e', '$token', 2000)", "extend('e', '$token', 0)", "release('e', '$token')", "release('e', '$token', '[')",
	q{book('e', 'A-5', 'eve')}, "cancel('e', '$token')", q{block('e', 'A-5')}, q{unblock('e', 'B-1')},
	"set_holder('e', '$token', 'eve')", q{rename_holder('e', 'ann', 'eve')}, q{rename_holder('e', '', 'eve')}, q{lock('e', 'A-5')}, q{lock('e', 'A-5', -1)},
	q{grow_area('e', 'S', 5)}, q{grow_area('e', 'S', -5)}, q{alter_event('e', hold_seconds => 5)}, q{drop_event('e', 'yes')}, q{prune('e', 'infinity')});
push @writes, (
	q{create_grid('new', 'S', 1, 1, 'c')}, q{create_grid('new', NULL, -1, 1, 'c')}, q{create_area('new', 'S', 1, 'c')},
	q{create_area('new', 'S', 0, 'c')}, q{create_venue('new', '{}')}, q{create_venue(NULL, NULL)}, q{create_event('new', 'nowhere')},
	q{create_event('e2', 'hall of e')}, q{create_event('e2', 'hall of e', hold_seconds => 0)}, q{alter_event('e', hold_seconds => 0)},
	q{drop_event('e', 'perhaps')}, q{drop_venue('hall of e')}, q{drop_venue(NULL)});
my %reads = (
	q{SELECT count(*) FROM seatlock.seat_map('e')} => '40',
	q{SELECT status FROM seatlock.seat_map('e') WHERE label = 'A-1'} => 'held',
	q{SELECT num_free, num_held, num_booked, num_not_for_sale FROM seatlock.availability('e')} => '36|2|1|1',
	q{SELECT length(seatlock.seat_map_text('e')) > 0} => 't',
	q{SELECT length(seatlock.seat_map_svg('e')) > 0} => 't',
	"SELECT outcome, seats FROM seatlock.hold('e', '$token')" => 'held|["A-1", "A-2"]',
	q{SELECT string_agg(action, ' ' ORDER BY seq) FROM seatlock.changes('e', 0, 100)} => 'held booked blocked',
	q{SELECT action FROM seatlock.seat_history('e', 'A-3')} => 'booked',
	q{SELECT count(*) FROM seatlock.holds} => '2',
	q{SELECT num_seats FROM seatlock.events} => '40',
	q{SELECT num_seats FROM seatlock.venues} => '40',
	q{SELECT count(*) FROM seatlock.locks} => '0',
	q{SELECT count(*) FROM seatlock.check_integrity()} => '0',
	q{SELECT count(*) FROM seatlock.check_integrity('e')} => '0');

sub only_reads
{
	my ($server, $name, $begin) = @_;
	my %states;

	for my $call (@writes)
	{
		push @{ $states{ sqlstate($server, "$begin; SELECT * FROM seatlock.$call") } }, $call;
	}
	is_deeply([ keys %states ], ['25006'], "$name: every write is refused with 25006") or diag explain { map { $_ => $_ eq '25006' ? '...' : $states{$_} } keys %states };
	for my $sql (sort keys %reads)
	{
		is($server->safe_psql('postgres', "$begin; $sql"), $reads{$sql}, "$name: $sql");
	}
	for my $read (q{seat_map('nowhere')}, q{availability('nowhere')}, q{hold('nowhere', 'x')}, q{changes('nowhere', 0, 1)},
		q{seat_history('nowhere', 'A-1')}, q{seat_map_text('nowhere')}, q{seat_map_svg('nowhere')}, q{live_holds('nowhere')}, q{check_integrity('nowhere')})
	{
		is(sqlstate($server, "$begin; SELECT * FROM seatlock.$read"), '42704', "$name: $read is 42704");
	}
}

only_reads($node, 'read-only transaction', 'BEGIN READ ONLY');
only_reads($node, 'read-only session', 'SET default_transaction_read_only = on');
no_locks_left($node, 'after read-only transactions');

$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay');
only_reads($standby, 'standby', "SET application_name = 'reader'");

# the standby follows: what the primary commits shows there, and the feed of the
# standby skips nothing while a transaction on the primary is open
my ($open) = sessions($node, 1);
in_session($open, q{BEGIN; SELECT outcome FROM seatlock.claim('e', 'A-10', 'open')});
$node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim('e', 'A-11', 'later')});
$node->wait_for_catchup($standby, 'replay');
is($standby->safe_psql('postgres', q{SELECT status FROM seatlock.seat_map('e') WHERE label = 'A-11'}), 'held', 'the standby sees a new claim');
my $seen = $standby->safe_psql('postgres', q{SELECT coalesce(max(seq), 0) FROM seatlock.changes('e', 0, 100)});
in_session($open, 'COMMIT');
$node->wait_for_catchup($standby, 'replay');
is( $standby->safe_psql('postgres', qq{SELECT string_agg(holder, ' ' ORDER BY seq) FROM seatlock.changes('e', $seen, 100)}),
	'open later', 'the standby\'s feed has both, in order');
$open->quit;

# promotion: the old tokens, keys and holds go on
my $prepared = $node->safe_psql('postgres', q{BEGIN; SELECT outcome FROM seatlock.claim('e', 'A-12', 'prepared'); PREPARE TRANSACTION 'p'});
$node->wait_for_catchup($standby, 'replay');
my ($reader) = sessions($standby, 1);
is(in_session($reader, q{SELECT count(*) FROM seatlock.seat_map('e')}), '40', 'a session on the standby');
$node->stop('immediate');
$standby->promote;
$standby->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()');
is( $standby->safe_psql('postgres', qq{
		SET seatlock.lock_wait = 0;
		SELECT outcome FROM seatlock.claim('e', 'A-1', 'eve');
		SELECT outcome FROM seatlock.claim('e', 'A-12', 'eve');
		SELECT outcome, replayed FROM seatlock.claim('e', '{A-1,A-2}', 'ann', request_key => 'k');
		SELECT outcome FROM seatlock.confirm('e', '$token');
		SELECT outcome FROM seatlock.claim('e', 'A-15', 'eve');
		COMMIT PREPARED 'p';
		SELECT outcome FROM seatlock.claim('e', 'A-12', 'eve')}),
	"taken\nbusy\nheld|t\nbooked\nheld\ntaken", 'after promotion all verbs work');
is(in_session($reader, q{SELECT outcome FROM seatlock.claim('e', 'A-16', 'eve')}), 'held', 'also in a session from before');
is( $standby->safe_psql('postgres', q{SELECT count(*) FROM seatlock.changes('e', 0, 100)}),
	$standby->safe_psql('postgres', 'SELECT count(*) FROM seatlock.change'), 'the feed is complete');
$reader->quit;
history_is_sound($standby, 'after promotion');
log_is_clean($standby, 'standby');
$standby->stop;
done_testing();
