# Moving to another server by logical replication, as the manual has it.  Rows come,
# sequences do not: until sync_sequences() nothing that would be given a number in
# use, or one that the feed has passed, is written; after it all goes on.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my ($section) = slurp_file("$ENV{SEATLOCK_TOP}/README.md") =~ /^### Switch by logical replication\n(.*?)^##/ms;
my %steps = ($section // '') =~ /^\*\*(\w+)\.\*\*.*?```sql\n(.*?)```/msg;
is(join(' ', sort keys %steps), 'Begin Finish Publish Stop Wait', 'the manual has the steps') or BAIL_OUT('no steps in the manual');

my $old = seatlock_node('old', init => { allows_streaming => 'logical' });
my $new = seatlock_node('new', conf => 'wal_level = logical');
my $connection = $old->connstr('postgres');

# A step, as it is written, but for where the other server is; the rows of its last statement.
sub step
{
	my ($node, $name) = @_;
	my $sql = $steps{$name} =~ s/CONNECTION '.*?'/"CONNECTION '" . ($connection =~ s{'}{''}gr) . "'"/er =~ s/\bshop\b/postgres/gr;
	return $node->safe_psql('postgres', $sql);
}
sub sql { return $_[0]->safe_psql('postgres', $_[1]) }
sub feed { return sql($_[0], "SELECT seq, action, seats FROM seatlock.changes('$_[1]', $_[2], 10000)") }

# The error of a statement: SQLSTATE, and whether its hint names what helps.
sub refusal
{
	my ($statement) = @_;
	my ($ret, $out, $err) = $new->psql('postgres', "\\set VERBOSITY verbose\n$statement");

	my ($sqlstate) = $err =~ /ERROR:\s+(\w{5})/;

	return ($sqlstate // 'none') . ($err =~ /HINT: .*seatlock\.sync_sequences\(\)/ ? ' named' : '');
}

# The first event has the highest numbers, so that those of the second are passed without a collision.
make_event($old, $_, 4, 25) for 'first', 'second';
make_event($old, 'third', 1, 5);
sql($old, q{
	SELECT seatlock.claim('second', 'A-' || n, 'ann') FROM generate_series(1, 5) n;
	SELECT seatlock.book('first', 'A-' || n, 'bob', 'order ' || n) FROM generate_series(1, 20) n;
	SELECT seatlock.claim('first', 'B-1', 'cat', request_key => 'k');
	SELECT seatlock.claim('second', 'B-1', 'short', 1)});
step($old, 'Publish');
sql($new, q{DROP EXTENSION seatlock CASCADE});
step($new, q{Begin});
sql($new, q{CREATE EXTENSION seatlock_test});
ok($new->poll_query_until('postgres', q{SELECT count(*) > 0 AND bool_and(srsubstate = 'r') FROM pg_subscription_rel}), 'all tables are copied');
sql($old, q{SELECT seatlock.book('first', 'C-1', 'late'); SELECT seatlock.book('second', 'C-1', 'late')});
sql($old, q{SELECT t.wait_expiry('second')});
ok($old->poll_query_until('postgres', q{SELECT count(*) > 0 FROM seatlock.change WHERE action = 'expired'}), 'a lapse is recorded') if SeatlockTest::pass_conf() ne '';
step($old, 'Stop');
is(sqlstate($old, q{SELECT seatlock.claim('first', 'D-1', 'x')}), '25006', 'the old server sells no more');
ok(wait_until('all has come', sub { step($old, 'Wait') eq 't' }), 'all has come');

my %rows = map { $_ => sql($new, "SELECT count(*) FROM seatlock.$_") }
  split /\n/, sql($new, q{SELECT relname FROM pg_class WHERE relnamespace = 'seatlock'::regnamespace AND relkind = 'r'});
is_deeply(\%rows, { map { $_ => sql($old, "SELECT count(*) FROM seatlock.$_") } keys %rows }, 'every row of every table is there');
is( sql($new, 'SELECT detail FROM seatlock.check_integrity()') =~ s/at 1, but \d+/at 1, but more/gr,
	join("\n", map { "$_ stands at 1, but more is in use" } qw(change_seq event_id_seq layout_id_seq venue_id_seq)), 'the copy is sound, but for the sequences');

# Before sync_sequences(): every verb that would write says what to do, however often it is asked.
my $token = sql($new, q{SELECT token FROM seatlock.holds WHERE holder = 'cat'});
my $sold = sql($new, q{SELECT token FROM seatlock.holds WHERE event = 'first' AND holder = 'bob' LIMIT 1});
my $plan = slurp_file("$ENV{SEATLOCK_TOP}/examples/plans/theatre.json") =~ s/'/''/gr;
my @writes = (
	q{SELECT seatlock.claim('first', 'D-1', 'x')}, q{SELECT seatlock.claim('second', 'D-1', 'x')}, q{SELECT seatlock.claim_best('first', 2, 'x')},
	q{SELECT seatlock.claim('second', 'B-1', 'x')}, q{SELECT seatlock.book('first', 'D-1', 'x')}, q{SELECT seatlock.block('second', 'D-1')},
	"SELECT seatlock.confirm('first', '$token')", "SELECT seatlock.extend('first', '$token', 3000)", "SELECT seatlock.release('first', '$token')",
	"SELECT seatlock.set_holder('first', '$token', 'x')", "SELECT seatlock.cancel('first', '$sold')",
	q{SELECT seatlock.create_grid('new', 'S', 1, 1, 'c')}, q{SELECT seatlock.create_area('new', 'S', 1, 'c')}, qq{SELECT seatlock.create_venue('new', '$plan')},
	q{SELECT seatlock.create_event('new', 'hall of first')}, q{SELECT seatlock.create_grid('hall of first', 'Balcony', 1, 1, 'c')});
push @writes, q{SELECT seatlock.claim_now('first', 'D-1', 'x')} if SeatlockTest::pass_conf() ne '';
for my $write (@writes)
{
	is(refusal($write), '55000 named', 'refused: ' . substr($write, 0, 60));
}
my ($session) = sessions($new, 1);
like(in_session($session, q{SELECT seatlock.claim('second', 'D-1', 'x')}), qr/ERROR: .*change_seq" is behind the tables/, "refused, again and again: $_")
  for 1 .. 40;
is(sql($new, 'SELECT last_value, is_called FROM seatlock.change_seq'), '1|f', 'no number was drawn');
is(sql($new, q{SELECT count(*) FROM seatlock.change}), $rows{change}, 'and nothing written');
is(sql($new, q{SELECT outcome, conflicts FROM seatlock.claim('first', 'A-1', 'x')}) =~ /^taken/, 1, 'a refusal needs no number');

# The last step; then the new server sells on, and the feed goes on after the last number of the old one.
my $last = sql($old, 'SELECT max(seq) FROM seatlock.change');
is(step($new, 'Finish'), join("\n", map { sprintf '%s|%d|0|%2$d', @$_ } [ venue_id_seq => 3 ], [ layout_id_seq => 3 ], [ event_id_seq => 3 ], [ change_seq => $last ]),
	'sync_sequences() tells what it did');
for my $event ('first', 'second')
{
	is(feed($new, $event, 0), feed($old, $event, 0), "the feed of $event is what it was");
	is(in_session($session, "SELECT outcome FROM seatlock.claim('$event', 'D-1', 'x')"), 'held', "$event sells on, in a session that was refused");
	is(sql($new, "SELECT outcome FROM seatlock.book('$event', 'D-2', 'x')"), 'booked', "$event sells on");
	like(feed($new, $event, $last), qr/\{D-1\}.*\{D-2\}/s, "a poller of $event sees it");
}
$session->quit;
is(sql($new, q{SELECT outcome, replayed FROM seatlock.claim('first', 'B-1', 'cat', request_key => 'k')}), 'held|t', 'keys are known');
is(sql($new, "SELECT outcome FROM seatlock.confirm('first', '$token')"), 'booked', 'tokens too');
is(sql($new, q{SELECT seatlock.create_event('fourth', 'hall of first'), seatlock.create_grid('new', 'S', 1, 1, 'c')}), '100|1', 'set-up goes on');
is(sql($new, q{SELECT sequence FROM seatlock.sync_sequences() WHERE advanced_to IS NOT NULL}), '', 'a second time there is nothing to do');
history_is_sound($new, 'after the switch');

# A sequence that is set back is found by a session at work as well, and by a new one.
my ($seller, $opener) = sessions($new, 2);
is(in_session($seller, q{SELECT outcome FROM seatlock.claim('first', 'D-10', 'x')}), 'held', 'a session at work');
sql($new, q{SELECT setval('seatlock.change_seq', 3)});
like(in_session($seller, q{SELECT outcome FROM seatlock.claim('first', 'D-11', 'x')}), qr/ERROR: .*is behind the tables/, 'set back: refused there');
like(in_session($seller, q{SELECT outcome FROM seatlock.claim('third', 'A-1', 'x')}), qr/^held/, 'an event without a history has no number to pass');

# sync_sequences() waits for those who have drawn a number, and they see to no deadlock.
in_session($opener, q{BEGIN; SELECT outcome FROM seatlock.claim('third', 'A-2', 'x')});
is(sqlstate($new, q{SET lock_timeout = '100ms'; SELECT * FROM seatlock.sync_sequences()}), '55P03', 'it waits for open transactions');
in_session($opener, 'COMMIT');
like(sql($new, q{SELECT highest = advanced_to FROM seatlock.sync_sequences() WHERE sequence = 'change_seq'}), qr/^t$/, 'then sets it forward');
is(in_session($seller, q{SELECT outcome FROM seatlock.claim('first', 'D-11', 'x')}), 'held', 'and the session sells');
is(sqlstate($new, q{SET default_transaction_read_only = on; SELECT * FROM seatlock.sync_sequences()}), '25006', 'not in a read-only transaction');
$_->quit for $seller, $opener;

# What the event has is looked for once in a session.
is( $new->safe_psql('postgres', q{
		BEGIN;
		SELECT outcome FROM generate_series(2, 20) n, seatlock.claim('second', 'C-' || n, 'x') WHERE outcome <> 'held';
		SELECT idx_scan FROM pg_stat_xact_user_tables WHERE relid = 'seatlock.change'::regclass}),
	'1', 'nineteen claims of an event look into its history once');

history_is_sound($new, 'at the end');
board_is_true($new, 'at the end') if SeatlockTest::pass_conf() ne '';
log_is_clean($new, 'new');
$_->stop for $old, $new;
done_testing();
