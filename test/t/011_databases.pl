# Two databases side by side: the same names and numbers in both, and neither
# sees or locks anything of the other.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('databases');
my @databases = qw(north south);

for my $database (@databases)
{
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, q{
		CREATE EXTENSION seatlock_test CASCADE;
		SELECT seatlock.create_grid('hall', 'S', 2, 50, 'Standard');
		SELECT seatlock.create_event('e', 'hall', max_seats_per_holder => 60)});
}
is($node->safe_psql('north', 'SELECT event_id FROM seatlock.event'), $node->safe_psql('south', 'SELECT event_id FROM seatlock.event'),
	'the same event number in both');

# an open transaction in one, with every kind of lock, and the same calls in the other
my $session = $node->background_psql('north', on_error_stop => 0);
my $calls = q{
	SELECT outcome FROM seatlock.claim('e', '{A-1,A-2}', 'ann', request_key => 'k');
	SELECT outcome FROM seatlock.claim('e', (SELECT array_agg('B-' || n) FROM generate_series(1, 50) n), 'ann');
	SELECT count(*) FILTER (WHERE locked) FROM seatlock.lock('e', 'A-9');
	SELECT outcome FROM seatlock.claim_best('e', 1, 'bob')};
in_session($session, 'BEGIN');
my $answers = "held\nheld\n1\nheld";
is(in_session($session, $calls), $answers, 'calls in one');
is($node->safe_psql('south', "SET seatlock.lock_wait = 0; $calls"), $answers, 'the same calls in the other');
is($node->safe_psql('south', 'SELECT count(*) FROM seatlock.locks'), '0', 'neither shows the other\'s locks');
cmp_ok($node->safe_psql('north', 'SELECT count(*) FROM seatlock.locks'), '>', 0, 'but its own');
is($node->safe_psql('south', q{SELECT outcome FROM seatlock.release('e', (SELECT token FROM seatlock.holds WHERE 'A-1' = ANY (seats)))}),
	'released', 'released in the other');
in_session($session, 'COMMIT');
is($node->safe_psql('north', q{SELECT outcome FROM seatlock.claim('e', 'A-1', 'eve')}), 'taken', 'still taken in the first');
is($node->safe_psql('south', q{SELECT outcome FROM seatlock.claim('e', 'A-1', 'eve')}), 'held', 'free in the second');

# the feed of one is not held back by an open claim in the other
in_session($session, q{BEGIN; SELECT outcome FROM seatlock.claim('e', 'A-30', 'open')});
is($node->safe_psql('south', q{SELECT count(*) FROM seatlock.changes('e', 0, 100)}),
	$node->safe_psql('south', 'SELECT count(*) FROM seatlock.change'), 'the feed of the other is complete');
in_session($session, 'ROLLBACK');

# the extension in one goes, the other stays; a database made from a template has all of it
$session->quit;
$node->safe_psql('postgres', 'CREATE DATABASE west TEMPLATE south');
$node->safe_psql('north', 'DROP EXTENSION seatlock CASCADE');
is($node->safe_psql('south', q{SELECT outcome FROM seatlock.claim('e', 'A-40', 'eve')}), 'held', 'the other sells on');
is($node->safe_psql('west', q{SELECT outcome FROM seatlock.claim('e', 'A-40', 'eve')}), 'held', 'so does the copy');
is($node->safe_psql('west', 'SELECT * FROM seatlock.check_integrity()'), '', 'the copy is sound');
$node->safe_psql('postgres', 'DROP DATABASE north');
$node->safe_psql('postgres', 'DROP DATABASE west');

# default privileges of the database do not open the tables to everybody
$node->safe_psql('postgres', 'CREATE DATABASE generous');
is( $node->safe_psql('generous', q{
		ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC;
		ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO PUBLIC;
		ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO PUBLIC;
		ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO PUBLIC;
		CREATE EXTENSION seatlock;
		SELECT 'schema' FROM pg_namespace, aclexplode(nspacl) a WHERE nspname = 'seatlock' AND a.grantee = 0
		UNION ALL SELECT relname FROM pg_class, aclexplode(relacl) a
		 WHERE relnamespace = 'seatlock'::regnamespace AND a.grantee = 0
		UNION ALL SELECT proname FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
		 WHERE pronamespace = 'seatlock'::regnamespace AND a.grantee = 0}),
	'', 'nothing is granted to PUBLIC, whatever the default privileges are');

# the tables are read as heaps, whatever the database's default is
$node->safe_psql('generous', q{DROP EXTENSION seatlock; CREATE ACCESS METHOD other TYPE TABLE HANDLER heap_tableam_handler});
is($node->safe_psql('generous', q{SET default_table_access_method = other; CREATE EXTENSION seatlock;
		SELECT DISTINCT amname FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE relnamespace = 'seatlock'::regnamespace AND relkind = 'r'}),
	'heap', 'tables are heaps where something else is the default');

log_is_clean($node, 'databases');
$node->stop;
done_testing();
