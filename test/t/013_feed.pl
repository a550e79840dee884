# A poller of changes() under load skips nothing and gets nothing twice, while
# transactions of all lengths commit out of the order of their numbers, roll
# back, or run in subtransactions.
# Passes: plain, since the feed reads tables.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $num_clients = 24;
my $node = seatlock_node('feed');
make_event($node, 'e', 40, 50);
make_event($node, 'other', 1, 50);
my @seats = split /\n/, $node->safe_psql('postgres', q{SELECT label FROM seatlock.seat_map('e')});

# Each client has its own seats: every claim wins, so that all is about order.
# The naps make short transactions overtake long ones.
my @scripts;
for my $client (0 .. $num_clients - 1)
{
	my @own = map { $seats[$_] } grep { $_ % $num_clients == $client } 0 .. $#seats;
	my $script = '';

	while (my $seat = shift @own)
	{
		my $dice = rand;
		my $claim = "SELECT outcome FROM seatlock.claim('e', '$seat', 'holder $client');\n";

		$script .=
		    $dice < 0.5 ? $claim
		  : $dice < 0.65 ? "BEGIN;\n${claim}SELECT pg_sleep(random() * 0.05);\nCOMMIT;\n"
		  : $dice < 0.75 ? "BEGIN;\nSELECT pg_sleep(random() * 0.02);\nSELECT pg_current_xact_id();\n${claim}COMMIT;\n"
		  : $dice < 0.85 ? "BEGIN;\n${claim}SELECT pg_sleep(random() * 0.02);\nROLLBACK;\n"
		  : $dice < 0.95 ? "BEGIN;\nSAVEPOINT s;\n${claim}ROLLBACK TO s;\n${claim}SELECT pg_sleep(random() * 0.02);\nCOMMIT;\n"
		  : "BEGIN ISOLATION LEVEL REPEATABLE READ;\n$claim\nSELECT pg_sleep(random() * 0.02);\nCOMMIT;\n";
	}
	push @scripts, $script;
}

# Pollers of several sorts: small and big helpings, and one that holds an old
# snapshot for a while.  They stop when the load is over and a poll brings no more.
$node->safe_psql('postgres', 'CREATE TABLE polled (poller int, n bigserial, seq bigint, token text, seats text[], PRIMARY KEY (poller, n));
	CREATE TABLE load_is_over (at timestamptz)');
sub poller
{
	my ($poller, $helping, $level) = @_;
	return <<"SQL";
DO \$\$
DECLARE
	last bigint := 0;
	found integer;
	over boolean;
BEGIN
	LOOP
		COMMIT;
		SET TRANSACTION ISOLATION LEVEL $level;
		over := EXISTS (SELECT FROM load_is_over);
		WITH new AS (
			INSERT INTO polled (poller, seq, token, seats)
			SELECT $poller, c.seq, c.token, c.seats FROM seatlock.changes('e', last, $helping) WITH ORDINALITY AS c ORDER BY c.ordinality
			RETURNING seq)
		SELECT count(*), coalesce(max(seq), last) INTO found, last FROM new;
		EXIT WHEN over AND found = 0;
	END LOOP;
END
\$\$;
SQL
}
my $pollers = start_crowd($node, [ poller(1, 1, 'READ COMMITTED'), poller(2, 7, 'READ COMMITTED'), poller(3, 100000, 'REPEATABLE READ') ]);
my $crowd = run_crowd($node, \@scripts);
$node->safe_psql('postgres', 'INSERT INTO load_is_over VALUES (now())');
finish_crowd($pollers);
nobody_failed($crowd, 'the load');
nobody_failed($pollers, 'the pollers');

my $all = $node->safe_psql('postgres', q{SELECT seq, token FROM seatlock.change JOIN seatlock.event USING (event_id) WHERE name = 'e' ORDER BY seq});
cmp_ok(scalar(split /\n/, $all), '>', 1500, 'the load wrote a long history');
for my $poller (1 .. 3)
{
	is($node->safe_psql('postgres', "SELECT seq, token FROM polled WHERE poller = $poller ORDER BY n"), $all,
		"poller $poller got every change once, in order");
}
is( $node->safe_psql('postgres', q{SELECT seq, token FROM seatlock.changes('e', 0, 100000)}), $all, 'as does one who reads it all at the end');

# The order of numbers is the order of each seat's versions.
history_is_sound($node, 'after the load');

# Who has nothing to do with the event holds nothing back: an old transaction
# with writes of its own, one that claims in another event, a reader, a prepared one.
my ($bystander, $elsewhere, $reader, $writer) = sessions($node, 4);
in_session($bystander, 'BEGIN; CREATE TABLE unrelated (a int)');
in_session($elsewhere, q{BEGIN; SELECT outcome FROM seatlock.claim('other', 'A-1', 'x')});
in_session($reader, q{BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM seatlock.seat_map('e')});
$node->safe_psql('postgres', q{BEGIN; CREATE TABLE unrelated2 (a int); PREPARE TRANSACTION 'unrelated'});
my $last = $node->safe_psql('postgres', q{SELECT max(seq) FROM seatlock.changes('e', 0, 100000)});
my $token = $node->safe_psql('postgres', q{SELECT token FROM seatlock.holds WHERE event = 'e' LIMIT 1});
$node->safe_psql('postgres', "SELECT seatlock.release('e', '$token')");
is($node->safe_psql('postgres', "SELECT action FROM seatlock.changes('e', $last, 10)"), 'released', 'bystanders hold nothing back');
my $released = $node->safe_psql('postgres', "SELECT seq FROM seatlock.changes('e', $last, 10)");

# An open writer of the event holds back what is behind it, and not what is before.
in_session($writer, q{BEGIN; SELECT outcome FROM seatlock.claim_best('e', 1, 'open')});
$node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim_best('e', 1, 'later')});
is($node->safe_psql('postgres', "SELECT action FROM seatlock.changes('e', $last, 10)"), 'released', 'what is before an open writer stays to be seen');
in_session($writer, 'COMMIT');
is($node->safe_psql('postgres', "SELECT string_agg(action || ' ' || holder, ', ' ORDER BY seq) FROM seatlock.changes('e', $released, 10)"),
	'held open, held later', 'and then both');

# so does one that has prepared its transaction, over a restart too
in_session($_, 'ROLLBACK') for $bystander, $elsewhere, $reader;
$_->quit for $bystander, $elsewhere, $reader, $writer;
$node->safe_psql('postgres', q{BEGIN; SELECT outcome FROM seatlock.claim_best('e', 1, 'prepared'); PREPARE TRANSACTION 'p'});
$node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim_best('e', 1, 'after')});
$last = $node->safe_psql('postgres', q{SELECT max(seq) FROM seatlock.changes('e', 0, 100000)});
$node->restart;
is($node->safe_psql('postgres', "SELECT count(*) FROM seatlock.changes('e', $last, 10)"), '0', 'a prepared writer holds back what is behind it');
$node->safe_psql('postgres', q{COMMIT PREPARED 'p'});
is($node->safe_psql('postgres', "SELECT string_agg(holder, ' ' ORDER BY seq) FROM seatlock.changes('e', $last, 10)"), 'prepared after', 'and then both');
$node->safe_psql('postgres', q{ROLLBACK PREPARED 'unrelated'});

history_is_sound($node, 'at the end');
log_is_clean($node, 'feed');
$node->stop;
done_testing();
