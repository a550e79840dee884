# The owner of the tables changes them by SQL of his own, in every way there is,
# and so does logical replication.  The board says nothing stale afterwards, nor
# does anybody hear of it before it is committed.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

random_seed();
my $conf = "shared_preload_libraries = 'seatlock'\nseatlock.lock_wait = 0\n";
my $node = seatlock_node('board_direct', conf => $conf);
my ($owner, $other, $buyer) = sessions($node, 3);
make_event($node, 'e', 10, 20);

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub outcome { return sql("SELECT outcome FROM seatlock.$_[0]") }

# What a buyer of this seat is told, without the seat changing hands.
sub told { return in_session($buyer, "BEGIN; SELECT outcome FROM seatlock.claim('$_[0]', '$_[1]', 'probe'); ROLLBACK") }

# Where and how the owner's statements run.
my %way = (
	'at once' => sub { my ($do) = @_; is(in_session($owner, $do) =~ /ERROR.*/ ? $& : 'done', 'done', "  $do"); },
	'in a long transaction' => sub {
		my ($do, $meanwhile) = @_;
		in_session($owner, 'BEGIN; SELECT count(*) FROM seatlock.seat_state');
		is(in_session($owner, $do) =~ /ERROR.*/ ? $& : 'done', 'done', "  $do");
		$meanwhile->();
		in_session($owner, 'COMMIT');
	},
	'in a savepoint' => sub {
		my ($do, $meanwhile) = @_;
		in_session($owner, "BEGIN; SAVEPOINT s; $do");
		in_session($owner, 'ROLLBACK TO s');
		$meanwhile->();
		is(in_session($owner, $do) =~ /ERROR.*/ ? $& : 'done', 'done', "  $do");
		in_session($owner, 'RELEASE s');
		$meanwhile->();
		in_session($owner, 'COMMIT');
	},
	'as a replica' => sub {
		my ($do) = @_;
		in_session($owner, 'SET session_replication_role = replica');
		is(in_session($owner, $do) =~ /ERROR.*/ ? $& : 'done', 'done', "  $do");
		in_session($owner, 'RESET session_replication_role');
	},
	'in a procedure' => sub {
		my ($do) = @_;
		is(in_session($owner, "DO \$do\$ BEGIN $do; COMMIT; END \$do\$") =~ /ERROR.*/ ? $& : 'done', 'done', "  $do");
	},
	'prepared' => sub {
		my ($do, $meanwhile) = @_;
		is(in_session($owner, "BEGIN; $do; PREPARE TRANSACTION 'direct'") =~ /ERROR.*/ ? $& : 'done', 'done', "  $do");
		$meanwhile->();
		in_session($other, "COMMIT PREPARED 'direct'");
	});

# Each makes taken seats of the event free, then free ones taken.
my $free = q{status = 'f', token = NULL, expires_at = NULL};
my $of = q{event_id = (SELECT event_id FROM seatlock.event WHERE name = 'e') AND seat_no};
my %to_free = (
	UPDATE => "UPDATE seatlock.seat_state SET $free, version = version + 1 WHERE $of = 1",
	'UPDATE to an older version' => "UPDATE seatlock.seat_state SET $free, version = 0 WHERE $of = 1",
	'UPDATE of the same version' => "UPDATE seatlock.seat_state SET $free WHERE $of = 1",
	'DELETE and INSERT' => "DELETE FROM seatlock.seat_state WHERE $of = 1; INSERT INTO seatlock.seat_state (event_id, seat_no) SELECT event_id, 1 FROM seatlock.event WHERE name = 'e'",
	'INSERT ON CONFLICT' => "INSERT INTO seatlock.seat_state (event_id, seat_no) SELECT event_id, 1 FROM seatlock.event WHERE name = 'e'
		ON CONFLICT (event_id, seat_no) DO UPDATE SET $free",
	MERGE => "MERGE INTO seatlock.seat_state s USING (SELECT event_id FROM seatlock.event WHERE name = 'e') e ON s.event_id = e.event_id AND s.seat_no = 1
		WHEN MATCHED THEN UPDATE SET $free",
	'UPDATE in a WITH query' => "WITH u AS (UPDATE seatlock.seat_state SET $free WHERE $of = 1 RETURNING 1) INSERT INTO public.seen SELECT * FROM u",
	'UPDATE of all' => "UPDATE seatlock.seat_state SET $free, version = version + 1",
	'TRUNCATE and INSERT' => 'TRUNCATE seatlock.seat_state; INSERT INTO seatlock.seat_state (event_id, seat_no) SELECT event_id, seat_no FROM seatlock.event JOIN seatlock.seat USING (layout_id)',
	'a rewritten table' => "UPDATE seatlock.seat_state SET $free, version = version + 1 WHERE $of = 1; ALTER TABLE seatlock.seat_state SET (fillfactor = 60)",
	'a longer rewritten table' => "UPDATE seatlock.seat_state SET $free, version = version + 1 WHERE $of = 1; CLUSTER seatlock.seat_state USING seat_state_pkey",
);
sql('CREATE TABLE public.seen (n integer)');

# An UPDATE in every way, anything else in two, and others each time.
my @ways = sort keys %way;
my $turn = int rand @ways;
for my $what (sort keys %to_free)
{
	for my $how ($what eq 'UPDATE' ? @ways : map { $ways[ $turn++ % @ways ] } 1, 2)
	{
		my $name = "$what, $how";

		# a fresh start
		sql(q{SELECT seatlock.drop_event('e', 'yes'); SELECT seatlock.create_event('e', 'hall of e');
			SELECT seatlock.claim('e', 'A-1', 'ann'); SELECT seatlock.book('e', 'A-2', 'bob')});
		warm_board($node, 'e', $name);
		if (told('e', 'A-1') ne 'taken') { fail("$name: held before"); next; }
		my @lies;
		my $meanwhile = sub {
			# others look, which puts what they see on the board
			for (1 .. 2)
			{
				my $answer = $what =~ /all|TRUNCATE|table/ ? 'taken' : told('e', 'A-1');

				push @lies, "meanwhile: $answer" if $answer !~ /^(taken|busy)$/;
				in_session($buyer, q{SELECT seatlock.claim('e', '["A-2", "no such seat"]', 'probe')}) if $what !~ /TRUNCATE|table/;
			}
		};
		$way{$how}->($to_free{$what}, $meanwhile);
		is_deeply(\@lies, [], "$name: uncommitted, it is nobody's business") if @lies;
		is(told('e', 'A-1'), 'held', "$name: free afterwards");
		is(told('e', 'A-2'), $what =~ /all|TRUNCATE/ ? 'held' : 'taken', "$name: others as the table says");
		is(in_session($buyer, 'SELECT * FROM seatlock.check_board()'), '', "$name: check_board() finds nothing");
	}
}

# COPY: from a file, and of the whole event.
my $file = PostgreSQL::Test::Utils::tempdir . '/rows';
sql(q{SELECT seatlock.drop_event('e', 'yes'); SELECT seatlock.create_event('e', 'hall of e')});
sql("\\copy seatlock.seat_state TO '$file'");
sql(q{SELECT seatlock.claim('e', '{A-1,A-2}', 'ann')});
warm_board($node, 'e');
is(told('e', 'A-1'), 'taken', 'COPY: held before');
sql("BEGIN;\nDELETE FROM seatlock.seat_state;\n\\copy seatlock.seat_state FROM '$file'\nCOMMIT");
is(told('e', 'A-1'), 'held', 'COPY: free afterwards');
board_is_true($node, 'COPY');

# The event's row: window, name, number.
sql(q{SELECT seatlock.drop_event('e', 'yes'); SELECT seatlock.create_event('e', 'hall of e'); SELECT seatlock.create_event('f', 'hall of e');
	SELECT seatlock.claim('e', 'A-1', 'ann')});
for my $how (sort keys %way)
{
	my $look = sub { told('e', 'A-1'), told('e', 'A-2') for 1 .. 2 };

	sql(q{UPDATE seatlock.event SET closes_at = now() - interval '1 day' WHERE name = 'e'});
	warm_board($node, $_, "the event's row, $how") for 'e', 'f';
	is(told('e', 'A-2'), 'not_on_sale', "closed by SQL, $how");
	$way{$how}->(q{UPDATE seatlock.event SET closes_at = NULL WHERE name = 'e'}, $look);
	is(told('e', 'A-2'), 'held', "opened by SQL, $how");
	is(told('e', 'A-1'), 'taken', "opened by SQL, $how: what is held is taken");
	# two events change names
	$way{$how}->(q{UPDATE seatlock.event SET name = 'was e' WHERE name = 'e'; UPDATE seatlock.event SET name = 'e' WHERE name = 'f'}, $look);
	is(told('e', 'A-1'), 'held', "renamed by SQL, $how: the name is another's");
	is(told('was e', 'A-1'), 'taken', "renamed by SQL, $how: the old one has a new name");
	is(sqlstate($node, q{SELECT seatlock.claim('f', 'A-1', 'x')}), '42704', "renamed by SQL, $how: and nobody has its old one");
	sql(q{UPDATE seatlock.event SET name = 'f' WHERE name = 'e'; UPDATE seatlock.event SET name = 'e' WHERE name = 'was e'});
	board_is_true($node, "the event's row, $how");
}
# Labels: a session believes those it has seen, as they never change by the
# verbs; the board believes nothing.
warm_board($node, 'e');
sub told_anew { return sql("BEGIN; SELECT outcome FROM seatlock.claim('$_[0]', '$_[1]', 'probe'); ROLLBACK") }
is(told_anew('e', 'A-1'), 'taken', 'labels: before');
sql(q{UPDATE seatlock.seat SET label = 'new' WHERE layout_id = (SELECT layout_id FROM seatlock.event WHERE name = 'e') AND label = 'A-1';
	UPDATE seatlock.seat SET label = 'A-1' WHERE layout_id = (SELECT layout_id FROM seatlock.event WHERE name = 'e') AND label = 'A-3'});
is(told_anew('e', 'A-1'), 'held', 'labels: the seat of that label is another');
is(told_anew('e', 'new'), 'taken', 'labels: the old one has a new label');
board_is_true($node, 'labels');
# another night, which has the same labels on the board, is not asked for afterwards
make_event($node, 'first night', 2, 20);
sql(q{SELECT seatlock.create_event('second night', 'hall of first night'); SELECT seatlock.claim('first night', 'A-1', 'ann')});
warm_board($node, $_) for 'first night', 'second night';
my $labels = q{UPDATE seatlock.seat SET label = '%s' WHERE layout_id = (SELECT layout_id FROM seatlock.event WHERE name = 'first night') AND label = '%s'};
sql(sprintf($labels, 'gone', 'A-1') . '; ' . sprintf($labels, 'A-1', 'A-3'));
warm_board($node, 'first night');
is(told_anew('first night', 'A-1'), 'held', 'labels: not those that the other night has kept');
sql(q{SELECT seatlock.drop_event('first night', 'yes'), seatlock.drop_event('second night')});
# an event's rows go, and it comes back with the same number
sql(q{CREATE TEMP TABLE old AS SELECT * FROM seatlock.event WHERE name = 'e'; DELETE FROM seatlock.event WHERE name = 'e'});
is(sqlstate($node, q{SELECT seatlock.claim('e', 'new', 'x')}), '42704', 'a deleted event is unknown');

# Logical replication: the apply worker writes what this server's board knows.
sql(q{SELECT seatlock.drop_event('f', 'yes')});
sql($_) for map { "DELETE FROM seatlock.$_" } qw(hold change seat_state);
my $publisher = seatlock_node('board_publisher', init => { allows_streaming => 'logical' }, conf => $conf);
for my $server ($publisher, $node)
{
	# the same numbers on both
	$server->safe_psql('postgres', q{SELECT setval('seatlock.event_id_seq', 1000); SELECT seatlock.create_grid('twin hall', 'S', 2, 20, 'c'); SELECT seatlock.create_event('twin', 'twin hall')});
}
$publisher->safe_psql('postgres', 'CREATE PUBLICATION p FOR TABLE seatlock.seat_state, seatlock.hold, seatlock.change, seatlock.request');
sql("CREATE SUBSCRIPTION s CONNECTION '@{[$publisher->connstr]} dbname=postgres' PUBLICATION p WITH (copy_data = false)");
my $there = sub { return $publisher->safe_psql('postgres', "SELECT outcome FROM seatlock.$_[0]") };
$there->(q{claim('twin', '{A-1,A-2}', 'ann')});
$publisher->wait_for_catchup('s');
warm_board($node, 'twin');
is(told('twin', 'A-1'), 'taken', 'applied: a claim');
for my $round (1 .. 3)
{
	$there->("release('twin', (SELECT token::text FROM seatlock.hold WHERE state = 'h' AND holder = 'ann'))");
	$publisher->wait_for_catchup('s');
	is(told('twin', $_), 'held', "applied $round: given back there, free here: $_") for 'A-1', 'A-2';
	board_is_true($node, "applied $round");
	$there->(q{claim('twin', '{A-1,A-2}', 'ann')});
	$publisher->wait_for_catchup('s');
	warm_board($node, 'twin');
	is(told('twin', 'A-2'), 'taken', "applied $round: claimed there, taken here");
}
$publisher->safe_psql('postgres', 'TRUNCATE seatlock.seat_state, seatlock.hold, seatlock.change, seatlock.request;
	INSERT INTO seatlock.seat_state (event_id, seat_no) SELECT event_id, seat_no FROM seatlock.event JOIN seatlock.seat USING (layout_id)');
$publisher->wait_for_catchup('s');
is(told('twin', 'A-1'), 'held', 'applied: TRUNCATE');
board_is_true($node, 'applied TRUNCATE');
sql('ALTER SUBSCRIPTION s DISABLE');
$publisher->safe_psql('postgres', q{SELECT seatlock.claim('twin', 'B-1', 'ann')});
is(outcome(q{claim('twin', 'B-2', 'bob')}), 'held', 'the subscriber goes on');
sql('ALTER SUBSCRIPTION s SET (slot_name = NONE); DROP SUBSCRIPTION s');
$publisher->stop;

# What the owner did is his; the rest is in order.
sql(q{SELECT seatlock.drop_event('twin', 'yes')});
make_event($node, 'last', 2, 20);
is(outcome(q{claim('last', 'A-1', 'ann')}), 'held', 'a new event sells');
warm_board($node, 'last');
$_->quit for $owner, $other, $buyer;
all_is_sound($node, 'at the end');
$node->stop;
done_testing();
