# DROP EXTENSION, DROP DATABASE and TRUNCATE by the owner while buyers are at
# work: no crash, no hang, and nothing of the old tables is said of the new ones.
# Each call locks seatlock.event first, so who does the same meets no deadlock:
# what drops the extension does so by itself, TRUNCATE has an order of its own.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;
use Time::HiRes qw(time);

my $num_clients = 8;
my $node = seatlock_node('board_removal', conf => "shared_preload_libraries = 'seatlock'");
my @seats = map { my $row = $_; map { "$row-$_" } 1 .. 20 } 'A' .. 'D';
my $set_up = q{SELECT seatlock.create_grid('h', 'S', 4, 20, 'c'); SELECT seatlock.create_event('e', 'h', max_seats_per_holder => 1000)};
my $client = 0;
random_seed();

sub sql { return $node->safe_psql($_[1] // 'postgres', $_[0]) }
sub outcome { return sql("SELECT outcome FROM seatlock.$_[0]", $_[1]) }

# Errors that the removal of what they use may cause clients; whatever else they
# meet is a fault.
sub clients_met_only
{
	my ($crowd, $allowed, $name) = @_;
	my @others = grep { !/$allowed/ } keys %{ SeatlockTest::errors_of($crowd) };

	return is_deeply(\@others, [], "$name: clients met nothing but that");
}

# A crowd at work in a database, with all seats on the board.
sub selling_in
{
	my ($dbname, $name, $ops) = @_;
	my $seen = sql('SELECT coalesce(max(seq), 0) FROM seatlock.change', $dbname);

	sql(q{SELECT seatlock.claim('e', 'A-1', 'keeper'); SELECT seatlock.claim_now('e', 'A-2', 'keeper')}, $dbname);
	warm_board($node, 'e', "$name: warm", $dbname);
	my $crowd = start_crowd($node, [ map { random_buyer(++$client, 'e', \@seats, $ops) } 1 .. $num_clients ], dbname => $dbname);
	ok(wait_until('they sell', sub { sql('SELECT coalesce(max(seq), 0) FROM seatlock.change', $dbname) > $seen + 50 }), "$name: the sale is running");
	return $crowd;
}

# TRUNCATE of everything, then the same names again.
sql($set_up);
my $all_tables = sql(q{SELECT string_agg(oid::regclass::text, ', ') FROM pg_class WHERE relnamespace = 'seatlock'::regnamespace AND relkind = 'r'});
for my $round (1 .. 2)
{
	my $name = "TRUNCATE $round";
	my $crowd = selling_in('postgres', $name, 200);
	my $began = time;

	is(sqlstate($node, "BEGIN; LOCK TABLE seatlock.event; TRUNCATE $all_tables; COMMIT"), 'none', "$name: goes through");
	cmp_ok(time - $began, '<', 10, "$name: soon");
	is(sqlstate($node, q{SELECT * FROM seatlock.claim('e', 'A-1', 'x')}), '42704', "$name: the event is unknown");
	is(sqlstate($node, q{SELECT * FROM seatlock.claim_now('e', 'A-1', 'x')}), '42704', "$name: to the worker too");
	# while they still ask for it
	sql($set_up);
	finish_crowd($crowd);
	clients_met_only($crowd, qr/^42704|^42P01|does not exist/, $name);
	is(sql(q{SELECT label FROM seatlock.seat_map('e') m WHERE status = 'free' AND
			(SELECT c.conflicts FROM seatlock.claim('e', jsonb_build_array(m.label, 'no such seat')::text, 'probe') c)::text LIKE '%held%'}),
		'', "$name: no seat is refused for what it was before");
	all_is_sound($node, $name);
}

# TRUNCATE of the hot table alone, filled again.
for my $round (1 .. 2)
{
	my $name = "TRUNCATE seat_state $round";
	my $crowd = selling_in('postgres', $name, 200);

	is(sqlstate($node, q{
		BEGIN;
		LOCK TABLE seatlock.event;
		TRUNCATE seatlock.seat_state, seatlock.hold, seatlock.change, seatlock.request;
		INSERT INTO seatlock.seat_state (event_id, seat_no) SELECT event_id, seat_no FROM seatlock.event JOIN seatlock.seat USING (layout_id);
		COMMIT}), 'none', "$name: goes through");
	finish_crowd($crowd);
	# to a snapshot from before, a truncated table is empty
	clients_met_only($crowd, qr/has no state/, $name);
	is(sql(q{SELECT count(*) FROM seatlock.holds WHERE holder = 'keeper'}), '0', "$name: the old holds are gone");
	is(sql(q{SELECT label FROM seatlock.seat_map('e') m WHERE status = 'free' AND
			(SELECT c.conflicts FROM seatlock.claim('e', jsonb_build_array(m.label, 'no such seat')::text, 'probe') c)::text LIKE '%held%'}),
		'', "$name: no seat is refused for what it was before");
	all_is_sound($node, $name);
}

# TRUNCATE that is rolled back, with others looking meanwhile.
my $token = sql(q{SELECT seatlock.drop_event('e', 'yes'); SELECT seatlock.create_event('e', 'h'); SELECT token FROM seatlock.claim('e', 'A-1', 'ann')}) =~ s/.*\n//sr;
warm_board($node, 'e');
my ($owner) = sessions($node, 1);
in_session($owner, 'BEGIN; TRUNCATE seatlock.seat_state; ROLLBACK');
is(outcome(q{claim('e', 'A-1', 'bob')}), 'taken', 'rolled back: what was held is');
is(outcome("release('e', '$token')"), 'released', 'rolled back: given back');
is(outcome(q{claim('e', 'A-1', 'bob')}), 'held', 'rolled back: and free');
$owner->quit;

# All that drops the extension, and a new one, in a database of its own.
my $make = "SET ROLE keeper; CREATE EXTENSION seatlock; $set_up";
sql('CREATE ROLE keeper SUPERUSER; CREATE DATABASE shop');
for my $drop ('DROP EXTENSION seatlock', 'DROP OWNED BY keeper', 'DROP SCHEMA seatlock CASCADE', 'BEGIN; DROP EXTENSION IF EXISTS nothing, seatlock; COMMIT')
{
	my $name = $drop;
	# what it takes alone
	sql("CREATE EXTENSION seatlock; $set_up", 'shop');
	my $base = time;
	sql('DROP EXTENSION seatlock', 'shop');
	$base = time - $base;

	sql($make, 'shop');
	my $crowd = selling_in('shop', $name, 200);
	my $began = time;
	is(sqlstate($node, $drop, 'shop'), 'none', "$name: goes through");
	cmp_ok(time - $began, '<', $base + 4, "$name: as soon as without load");
	like(sqlstate($node, q{SELECT * FROM seatlock.claim('e', 'A-1', 'x')}, 'shop'), qr/42883|3F000/, "$name: no function is left");
	# the same numbers and names again, while they still ask
	sql($make, 'shop');
	finish_crowd($crowd);
	clients_met_only($crowd, qr/does not exist|^42704|^3F000|^42883|^42P01|outcome of the claim is unknown|could not open relation/, $name);
	is(sql(q{SELECT label FROM seatlock.seat_map('e') m WHERE status = 'free' AND
			(SELECT c.conflicts FROM seatlock.claim('e', jsonb_build_array(m.label, 'no such seat')::text, 'probe') c)::text LIKE '%held%'}, 'shop'),
		'', "$name: no seat is refused for what it was before");
	is(sql('SELECT * FROM seatlock.check_integrity()', 'shop'), '', "$name: check_integrity() finds nothing");
	is(sql('SELECT * FROM seatlock.check_board()', 'shop'), '', "$name: check_board() finds nothing");
	is(outcome(q{claim_now('e', '["D-20"]', 'new')}, 'shop') =~ /held|taken/, 1, "$name: a worker serves the new one");
	sql('DROP EXTENSION seatlock', 'shop');
}

# In one transaction: drop and make again, roll back.
sql("CREATE EXTENSION seatlock; $set_up; SELECT seatlock.claim('e', 'A-1', 'ann')", 'shop');
warm_board($node, 'e', 'warm', 'shop');
sql("BEGIN; DROP EXTENSION seatlock; CREATE EXTENSION seatlock; $set_up; SELECT seatlock.claim('e', 'B-1', 'bob'); ROLLBACK", 'shop');
is(outcome(q{claim('e', 'A-1', 'bob')}, 'shop'), 'taken', 'a drop that was rolled back: what was held is');
is(outcome(q{claim('e', 'B-1', 'cat')}, 'shop'), 'held', 'and what was held in the other is free');
sql("BEGIN; DROP EXTENSION seatlock; CREATE EXTENSION seatlock; $set_up; SELECT seatlock.claim('e', 'B-2', 'bob'); COMMIT", 'shop');
is(outcome(q{claim('e', 'A-1', 'bob')}, 'shop'), 'held', 'one that was committed: the old holds are gone');
is(outcome(q{claim('e', 'B-2', 'cat')}, 'shop'), 'taken', 'the new ones are there');
is(sql('SELECT * FROM seatlock.check_board()', 'shop'), '', 'and check_board() finds nothing');

# DROP DATABASE, with buyers thrown out.
for my $round (1 .. 2)
{
	my $name = "DROP DATABASE $round";

	sql("DROP EXTENSION IF EXISTS seatlock; CREATE EXTENSION seatlock; $set_up", 'shop');
	my $crowd = selling_in('shop', $name, 2000);
	# what the machine needs for one without seatlock just now
	my $began = time;
	sql('DROP DATABASE IF EXISTS other');
	sql('CREATE DATABASE other');
	my $base = time - $began;
	$began = time;
	is(sqlstate($node, 'DROP DATABASE shop WITH (FORCE)'), 'none', "$name: goes through");
	cmp_ok(time - $began, '<', $base + 5, "$name: in less than 5 s");
	finish_crowd($crowd);
	clients_met_only($crowd, qr/terminating connection due to administrator command|server closed the connection|connection to server was lost|outcome of the claim is unknown/, $name);
	ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'seatlock worker' AND datname IS DISTINCT FROM 'postgres'}),
		"$name: its worker is gone");
	sql('CREATE DATABASE shop');
}

all_is_sound($node, 'at the end');
$node->stop;
done_testing();
