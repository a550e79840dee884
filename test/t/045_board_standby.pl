# A hot standby and its promotion with the library preloaded: the board is not
# used before, since replay tells it nothing, and says nothing stale after.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('board_primary', init => { allows_streaming => 1 }, conf => "shared_preload_libraries = 'seatlock'\nseatlock.databases = 'postgres'");
make_event($node, 'e', 4, 20);
make_event($node, 'untouched', 2, 20);

sub sql { my ($server, $sql) = @_; return $server->safe_psql('postgres', $sql) }
sub show { my ($server, $call) = @_; return $server->safe_psql('postgres', "SELECT t.show(c) FROM seatlock.$call c") }
my $statuses = q{SELECT string_agg(CASE status WHEN 'not_for_sale' THEN 'n' ELSE left(status, 1) END, '') FROM seatlock.seat_map('e')};
my $compact = q{SELECT seats FROM seatlock.seat_map_compact('e')};

my %token = map { $_ => sql($node, "SELECT token FROM seatlock.claim('e', '$_', 'holder $_')") } qw(A-1 A-2 A-3 A-4 A-5 A-6);
sql($node, "SELECT seatlock.confirm('e', '$token{'A-5'}'); SELECT seatlock.block('e', 'B-1')");
warm_board($node, $_) for 'e', 'untouched';

$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('board_standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay');

# Before: what would make a primary's board warm leaves the standby's cold.
sub standby_only_reads
{
	my ($when) = @_;

	for my $verb (q{claim('e', 'A-1', 'eve')}, q{claim('e', 'C-1', 'eve')}, q{claim_now('e', 'A-1', 'eve')}, q{claim_best('e', 1, 'eve')},
		q{claim_best_now('e', 1, 'eve')}, q{book('e', 'A-1', 'eve')}, "release('e', '$token{'A-1'}')", "confirm('e', '$token{'A-1'}')", q{lock('e', 'A-1')})
	{
		is(sqlstate($standby, "SELECT * FROM seatlock.$verb"), '25006', "$when: $verb is refused");
	}
	is(sql($standby, $statuses), sql($node, $statuses), "$when: seat_map() is the primary's");
	is(sql($standby, $compact), sql($node, $statuses), "$when: so is seat_map_compact()");
	is(sql($standby, 'SELECT coalesce(sum(num_warm), 0) FROM seatlock.stat_board'), '0', "$when: the board is not used");
	is(sql($standby, 'SELECT count(*) FROM seatlock.check_board()'), '0', "$when: check_board() finds nothing");
	return;
}

standby_only_reads('standby');
my ($reader) = sessions($standby, 1);
is(in_session($reader, $compact), sql($node, $statuses), 'a session that lives through the promotion reads');
sql($node, "SELECT seatlock.release('e', '$token{'A-2'}'); SELECT seatlock.cancel('e', '$token{'A-5'}'); SELECT seatlock.unblock('e', 'B-1');
	SELECT seatlock.claim('e', '{A-10,A-11}', 'later')");
$node->wait_for_catchup($standby, 'replay');
standby_only_reads('standby after changes');
is(in_session($reader, $compact), sql($node, $statuses), 'the old session sees them too');

# What changes hands in the last moment before.
sql($node, "SELECT seatlock.release('e', '$token{'A-3'}');
	BEGIN; SELECT seatlock.release('e', '$token{'A-4'}'); PREPARE TRANSACTION 'give back';
	BEGIN; SELECT seatlock.claim('e', 'C-5', 'prepared'); PREPARE TRANSACTION 'take';
	SELECT seatlock.alter_event('untouched', closes_at => 'yesterday')");
$node->wait_for_catchup($standby, 'replay');
$node->stop('immediate');
$standby->promote;
$standby->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()');

for my $state ('cold', 'warm')
{
	warm_board($standby, 'untouched') if $state eq 'warm';
	is(show($standby, q{claim('e', 'A-1', 'eve')}), 'no taken | A-1 held', "promoted, $state: what was held is");
	is(show($standby, q{claim('e', 'A-11', 'eve')}), 'no taken | A-11 held', "promoted, $state: also by a late claim");
	is(show($standby, q{claim('untouched', 'A-1', 'eve')}), 'no not_on_sale', "promoted, $state: the sale window is the new one");
	is(sql($standby, $compact), sql($standby, $statuses), "promoted, $state: seat_map_compact() is right");
}
is(in_session($reader, q{SELECT t.show(c) FROM seatlock.claim('e', 'A-2', 'eve') c}), 'ok held A-2', 'an old session gets what was given back');
is(show($standby, q{claim('e', 'A-3', 'eve')}), 'ok held A-3', 'so does a new one, in the last moment');
is(show($standby, q{claim('e', 'A-5', 'eve')}), 'ok held A-5', 'a cancelled sale is free');
is(show($standby, q{claim('e', 'B-1', 'eve')}), 'ok held B-1', 'an unblocked seat is free');
is(show($standby, q{claim_now('e', 'B-2', 'eve')}), 'ok held B-2', 'the worker serves');
is(show($standby, q{claim_now('e', 'A-1', 'eve')}), 'no taken | A-1 held', 'and refuses');
sql($standby, q{SELECT seatlock.alter_event('untouched', closes_at => 'tomorrow')});
is(show($standby, q{claim('untouched', 'A-1', 'eve')}), 'ok held A-1', 'a reopened sale is open');

# Transactions prepared on the old primary are no business of any callback.
warm_board($standby, 'untouched');
like(show($standby, q{claim('e', 'A-4', 'eve')}), qr/^no (busy|taken)/, 'prepared release: not yet');
sql($standby, q{COMMIT PREPARED 'give back'});
is(show($standby, q{claim('e', 'A-4', 'eve')}), 'ok held A-4', 'prepared release, committed: free');
sql($standby, q{ROLLBACK PREPARED 'take'});
is(show($standby, q{claim('e', 'C-5', 'eve')}), 'ok held C-5', 'prepared claim, rolled back: free');

sql($standby, "SELECT seatlock.release('e', '$token{'A-1'}')");
is(show($standby, q{claim('e', 'A-1', 'eve')}), 'ok held A-1', 'given back on the new primary: free');
warm_board($standby, 'e');
$reader->quit;
all_is_sound($standby, 'after promotion');
$standby->stop;
done_testing();
