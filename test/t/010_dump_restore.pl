# pg_dump and restore keep every seat, hold and change; numbers go on where they
# were; the restored house sells on.  So does one that was DROPped and made anew.
# Passes: plain, since what is dumped is tables.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('dump');
my @tables = split /\n/, $node->safe_psql('postgres',
	q{SELECT relname FROM pg_class WHERE relnamespace = 'seatlock'::regnamespace AND relkind = 'r' ORDER BY 1});
my @sequences = split /\n/, $node->safe_psql('postgres',
	q{SELECT relname FROM pg_class WHERE relnamespace = 'seatlock'::regnamespace AND relkind = 'S' ORDER BY 1});
cmp_ok(scalar @tables, '>=', 10, 'there are tables to compare');

# everything that can be stored, odd text included
make_event($node, 'e', 4, 25, 'max_seats_per_holder => 50');
make_event($node, 'gone', 1, 5);
$node->safe_psql('postgres', q{SELECT seatlock.create_event('second night', 'hall of e'); SELECT seatlock.book('second night', 'A-3', 'zoe')});
$node->safe_psql('postgres', q{
	SELECT seatlock.create_area('floor', 'Floor', 20, 'Standing');
	SELECT seatlock.create_event('floor "1"', 'floor', opens_at => '2000-01-01', closes_at => 'infinity');
	SELECT seatlock.grow_area('floor "1"', 'Floor', 5);
	SELECT seatlock.claim('e', '{A-1,A-2}', 'Ann "O''Neill"	tab \n', request_key => 'k\1');
	SELECT seatlock.book('e', '{A-3,A-4}', 'bob', 'order "3"', request_key => 'k2');
	SELECT seatlock.claim('e', 'A-5', 'lapsed', 1);
	SELECT seatlock.block('e', '{D-1,D-2}', 'camera, left');
	SELECT seatlock.release('e', token) FROM seatlock.claim('e', 'A-6', 'released');
	SELECT seatlock.cancel('e', token, 'A-7') FROM seatlock.book('e', '{A-7,A-8}', 'cancelled');
	SELECT seatlock.confirm('e', token, 'paid') FROM seatlock.claim_best('e', 4, 'cat');
	SELECT seatlock.claim_best('floor "1"', 7, 'dan', request_key => 'k3');
	SELECT seatlock.drop_event('gone');
	SELECT t.wait_expiry('e');});

sub contents
{
	my ($database) = @_;
	return { map { $_ => $node->safe_psql($database, "SELECT * FROM seatlock.$_ r ORDER BY r::text") } @tables };
}

# The next number of each sequence must be one that was never used.
sub next_numbers
{
	my ($database) = @_;
	return { map { $_ => $node->safe_psql($database, "SELECT last_value, is_called FROM seatlock.$_") } @sequences };
}

my $contents = contents('postgres');
my $numbers = next_numbers('postgres');
is_deeply([ grep { $contents->{$_} eq '' } @tables ], [], 'every table has rows');
my $dir = PostgreSQL::Test::Utils::tempdir;

for my $format ('plain', 'custom', 'directory')
{
	my $file = "$dir/$format";
	my $database = "from_$format";

	$node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-F', $format, '-f', $file ], "pg_dump, $format format");
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	if ($format eq 'plain')
	{
		$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database), '-f', $file ], 'psql reads it');
	}
	else
	{
		$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr($database), $file ], "pg_restore reads it, $format");
	}
	is_deeply(contents($database), $contents, "$format: every row of every table is back");
	is_deeply(next_numbers($database), $numbers, "$format: the sequences go on");
	is($node->safe_psql($database, 'SELECT * FROM seatlock.check_integrity()'), '', "$format: check_integrity() finds nothing");
	is($node->safe_psql($database, 'SELECT * FROM t.broken_history()'), '', "$format: the history is sound");

	# the restored house sells on, by the old tokens, keys and caps too
	is( $node->safe_psql($database, q{
			SELECT outcome FROM seatlock.claim('e', 'A-3', 'eve');
			SELECT outcome FROM seatlock.claim('e', 'A-5', 'eve');
			SELECT outcome FROM seatlock.claim('e', '{B-1,B-2}', 'eve');
			SELECT outcome, replayed FROM seatlock.book('e', '{A-3,A-4}', 'bob', 'order "3"', request_key => 'k2');
			SELECT outcome FROM seatlock.confirm('e', (SELECT token FROM seatlock.holds WHERE holder LIKE 'Ann%'));
			SELECT outcome FROM seatlock.cancel('e', (SELECT token FROM seatlock.holds WHERE holder = 'cat'));
			SELECT outcome FROM seatlock.unblock('e', '{D-1,D-2}');
			SELECT seatlock.create_event('another', 'hall of e');
			SELECT outcome FROM seatlock.claim('another', 'A-1', 'eve');
			SELECT outcome FROM seatlock.claim('second night', '{A-1,A-2}', 'eve');
			SELECT outcome FROM seatlock.claim('second night', 'A-3', 'eve');
			SELECT seatlock.create_grid('hall of e', 'Balcony', 1, 2, 'Standard'), seatlock.create_event('larger', 'hall of e');
			SELECT count(*) FROM seatlock.layout;
			SELECT outcome FROM seatlock.claim('floor "1"', 'Floor-25', 'eve');
			SELECT seatlock.grow_area('floor "1"', 'Floor', 2);
			SELECT outcome FROM seatlock.claim('floor "1"', 'Floor-27', 'eve')}),
		"taken\nheld\nheld\nbooked|t\nbooked\ncancelled\nunblocked\n100\nheld\nheld\ntaken\n2|102\n5\nheld\n2\nheld", "$format: sells on");
	is($node->safe_psql($database, 'SELECT * FROM t.broken_history()'), '', "$format: the history goes on soundly");

	# a poller that had read everything sees all that came since, and once
	my $last = $node->safe_psql('postgres', q{SELECT max(seq) FROM seatlock.changes('e', 0, 1000)});
	is( $node->safe_psql($database, "SELECT count(*), min(seq) > $last FROM seatlock.changes('e', $last, 1000)"),
		$node->safe_psql($database, "SELECT count(*), true AS t FROM seatlock.change JOIN seatlock.event USING (event_id) WHERE name = 'e' AND seq > $last"),
		"$format: the feed goes on after the last number");
	is( $node->safe_psql($database, q{SELECT count(*) FROM seatlock.changes('e', 0, 1000)}),
		$node->safe_psql($database, q{SELECT count(*) FROM seatlock.change JOIN seatlock.event USING (event_id) WHERE name = 'e'}),
		"$format: and still has what was before");
}

# The dump of a whole server, read by a server that has just begun: its
# transaction ids start anew, which must not hide the old changes from the feed.
for (1 .. 50)
{
	$node->safe_psql('postgres', 'SELECT pg_current_xact_id()');
}
$node->command_ok([ 'pg_dumpall', '-d', $node->connstr('postgres'), '--no-sync', '-f', "$dir/all.sql" ], 'pg_dumpall');
my $fresh = PostgreSQL::Test::Cluster->new('fresh');
$fresh->init;
$fresh->append_conf('postgresql.conf', SeatlockTest::pass_conf());
$fresh->start;
$fresh->command_ok([ 'psql', '-X', '-q', '-d', $fresh->connstr('postgres'), '-f', "$dir/all.sql" ], 'a new server reads it');
is( $fresh->safe_psql('postgres', q{SELECT count(*) FROM seatlock.changes('e', 0, 1000)}),
	$node->safe_psql('postgres', q{SELECT count(*) FROM seatlock.changes('e', 0, 1000)}),
	'a new server: the feed has all that was before');
is($fresh->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim('e', 'C-1', 'eve')}), 'held', 'a new server: sells on');
is( $fresh->safe_psql('postgres', q{SELECT seats FROM seatlock.changes('e', (SELECT max(seq) - 1 FROM seatlock.change), 10)}),
	'{C-1}', 'a new server: and tells of it');
is($fresh->safe_psql('postgres', 'SELECT * FROM seatlock.check_integrity()'), '', 'a new server: check_integrity() finds nothing');
$fresh->stop;

# DROP EXTENSION takes everything with it, and leaves a backend that had used it
# fit for the next one.
my ($session) = sessions($node, 1);
is(in_session($session, q{SELECT outcome FROM seatlock.claim('e', 'B-3', 'x')}), 'held', 'a session at work');
$node->safe_psql('postgres', 'DROP EXTENSION seatlock CASCADE');
is( $node->safe_psql('postgres', q{
		SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'seatlock';
		SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'seatlock'}),
	"0\n0", 'DROP EXTENSION leaves nothing');
like(in_session($session, q{SELECT outcome FROM seatlock.claim('e', 'B-4', 'x')}), qr/^ERROR: .* does not exist/, 'the session is told so');
$node->safe_psql('postgres', 'CREATE EXTENSION seatlock_test CASCADE');
make_event($node, 'e', 2, 10);
is(in_session($session, q{SELECT outcome FROM seatlock.claim('e', 'B-3', 'x')}), 'held', 'and works on the new one');
is(in_session($session, q{SELECT seats FROM seatlock.changes('e', 0, 10)}), '{B-3}', 'with a history of its own');
history_is_sound($node, 'made anew');
$session->quit;

log_is_clean($node, 'dump and restore');
$node->stop;
done_testing();
