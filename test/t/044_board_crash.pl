# kill -9 with a warm board: of the worker and of a backend in the middle of a
# commit, at random moments under load, and immediate stops.  Whatever was
# answered is there afterwards, and the board, which lost all, answers right.
# Passes: one faults, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $num_clients = 8;
my $injected = qr/terminated by signal 9|terminated by signal 3/;
my $node = seatlock_node('board_crash', init => { allows_streaming => 1 }, conf => <<'CONF');
shared_preload_libraries = 'seatlock'
seatlock.databases = 'postgres'
restart_after_crash = on
synchronous_commit = on
CONF
random_seed();
make_event($node, 'e', 4, 20);

sub show { return $node->safe_psql('postgres', "SELECT t.show(c) FROM seatlock.$_[0] c") }
sub holders { return $node->safe_psql('postgres', "SELECT count(*) FROM seatlock.holds WHERE holder = '$_[0]'") }
sub worker_pid { return $node->safe_psql('postgres', q{SELECT pid FROM seatlock.stat_worker WHERE database = 'postgres'}) }

# The server's start, which a new connection alone does not prove: right after
# the kill the old server may still answer.
sub server_start { my ($ret, $out) = $node->psql('postgres', 'SELECT pg_postmaster_start_time(), pid FROM pg_stat_activity WHERE backend_type = \'checkpointer\''); return $ret == 0 ? $out : '' }

sub recovered
{
	my ($before, $name) = @_;
	return ok(wait_until('the server recovers', sub { my $now = server_start(); $now ne '' && $now ne $before }), "$name: the server recovers");
}

# In the commit: the record is written, no one sees it yet, and the board has not
# heard of it.
for my $victim ('worker', 'backend')
{
	my $verb = $victim eq 'worker' ? 'claim_now' : 'claim';
	my ($taken, $given, $free) = $victim eq 'worker' ? ('A-1', 'A-2', 'A-3') : ('B-1', 'B-2', 'B-3');
	my $given_token = $node->safe_psql('postgres', "SELECT token FROM seatlock.claim('e', '$given', 'giver')");

	is(show("$verb('e', '$taken', 'first $victim')"), "ok held $taken", "$victim: a hold");
	warm_board($node, 'e', "$victim: warm");
	ok(wait_until('the worker runs', sub { worker_pid() ne '' }), "$victim: the worker runs");
	my $before = server_start();
	my ($giver, $claimer) = sessions($node, 2);
	my %pid = map { $_->[0] => in_session($_->[1], 'SELECT pg_backend_pid()') } [ giver => $giver ], [ claimer => $claimer ];
	$node->safe_psql('postgres', q{ALTER SYSTEM SET synchronous_standby_names = 'nobody'; SELECT pg_reload_conf()});
	# the checkpointer tells all others, some time
	$node->poll_query_until('postgres', q{SHOW synchronous_standby_names}, 'nobody');
	ok(wait_until('a commit waits', sub {
		$giver->{stdin} .= "SELECT seatlock.extend('e', '$given_token', 1000);\n";
		return wait_until('it waits or is done', sub {
			$giver->{run}->pump_nb;
			$node->safe_psql('postgres', "SELECT wait_event = 'SyncRep' FROM pg_stat_activity WHERE pid = $pid{giver}") eq 't' }, 1);
	}), "$victim: commits wait");
	$claimer->{stdin} .= "SELECT seatlock.$verb('e', '$free', 'in commit');\n";
	$claimer->{run}->pump_nb;
	my $target = $victim eq 'worker' ? worker_pid() : $pid{claimer};
	ok($node->poll_query_until('postgres', "SELECT wait_event = 'SyncRep' FROM pg_stat_activity WHERE pid = $target"),
		"$victim: in its commit");
	board_is_true($node, "$victim in its commit");
	kill KILL => $target;
	recovered($before, $victim);
	$node->safe_psql('postgres', q{ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf()});
	$node->poll_query_until('postgres', q{SHOW synchronous_standby_names}, '');
	eval { $_->{run}->finish } for $giver, $claimer;

	is(holders('in commit'), '1', "$victim: the commit record was written, so the hold is there");
	is(show("claim('e', '$free', 'other')"), "no taken | $free held", "$victim: and refuses others");
	is(show("claim('e', '$taken', 'other')"), "no taken | $taken held", "$victim: so does the older one");
	is(show("claim('e', '[\"$free\", \"C-1\"]', 'other')"), "no taken | $free held", "$victim: also among others");
	$node->safe_psql('postgres', "SELECT seatlock.release('e', token) FROM seatlock.holds WHERE holder IN ('in commit', 'giver')");
	is(show("claim('e', '$free', 'other $victim')"), "ok held $free", "$victim: given back, it is free");
	is(show("claim('e', '$given', 'other $victim')"), "ok held $given", "$victim: so is another");
	board_is_true($node, "$victim: after recovery");
}

# The judge of refusals is one that can fail: a seat given back, and one that
# nobody ever had.
my $gone = $node->safe_psql('postgres', q{SELECT token FROM seatlock.claim('e', 'D-1', 'judge')});
$node->safe_psql('postgres', "SELECT seatlock.release('e', '$gone')");
for my $called ('clock_timestamp()', q{clock_timestamp() - interval '1 hour'})
{
	is( $node->safe_psql('postgres', qq{
			BEGIN;
			INSERT INTO t.audit VALUES (1, 1, clock_timestamp(), 'e', 'release', '', true, 'released', '$gone', '["D-1"]', clock_timestamp()),
				(2, 1, $called, 'e', 'claim', '["D-1"]', false, 'taken', NULL, '[]', clock_timestamp()),
				(2, 2, $called, 'e', 'claim', '["D-2"]', false, 'taken', NULL, '[]', clock_timestamp());
			SELECT string_agg(seat || ' ' || regexp_replace(what, ' since.*', ''), ', ' ORDER BY seat) FROM t.stale_refusals();
			ROLLBACK}),
		($called =~ /hour/ ? '' : 'D-1 free, ') . 'D-2 never had an owner', "the judge finds stale refusals, and only those: $called");
}

# At random under load: the worker, a backend, the whole server.
make_event($node, 'eve of load', 10, 20);
$node->safe_psql('postgres', q{SELECT seatlock.create_event('load', 'hall of eve of load', max_seats_per_holder => 1000)});
my @seats = seats_of($node, 'load');
my ($round, $records) = (0, 0);

for my $kind ('worker', 'backend', 'stop', ('worker', 'backend')[ rand 2 ])
{
	$round++;
	my $name = "round $round, $kind";
	my $seen = $node->safe_psql('postgres', 'SELECT coalesce(max(seq), 0) FROM seatlock.change');
	# more than any of them gets to before the kill
	my $crowd = start_crowd($node, [ map { random_buyer(100 * $round + $_, 'load', \@seats, 12000) } 1 .. $num_clients ]);
	my $before = server_start();
	my $moment = int rand 400;

	ok($node->poll_query_until('postgres', "SELECT coalesce(max(seq), 0) > $seen + 100 + $moment FROM seatlock.change"), "$name: the sale is running");
	if ($kind eq 'stop')
	{
		$node->stop('immediate');
		finish_crowd($crowd);
		$node->start;
	}
	else
	{
		ok(wait_until('one is killed', sub {
			my $pid = $kind eq 'worker' ? worker_pid()
			  : $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'crowd' ORDER BY state = 'active' DESC, random() LIMIT 1});
			return $pid ne '' && kill KILL => $pid;
		}), "$name: killed");
		recovered($before, $name);
		finish_crowd($crowd);
	}
	my $loaded = load_records($node, $crowd);
	cmp_ok($loaded, '>', 0, "$name: clients have their own records");
	$records += $loaded;
	is( $node->safe_psql('postgres', q{
			SELECT a.client, a.op, a.verb, a.seats FROM t.audit a
			 WHERE a.ok AND a.verb IN ('claim', 'confirm', 'release', 'cancel') AND NOT EXISTS (
				SELECT FROM seatlock.change c JOIN seatlock.event e USING (event_id)
				 WHERE e.name = a.event AND c.token = a.token AND c.action = a.outcome)}),
		'', "$name: every acknowledged answer is there");
	records_are_sound($node, $name, 1);
	refusals_are_sound($node, $name);
	all_is_sound($node, $name, $injected);
	# cold and warm, the answers are those of the tables
	for my $state ('cold', 'warm')
	{
		warm_board($node, 'load', "$name: warm") if $state eq 'warm';
		is( $node->safe_psql('postgres', q{
				SELECT m.label, m.status, c.outcome FROM seatlock.seat_map('load') m
				 CROSS JOIN LATERAL seatlock.claim('load', jsonb_build_array(m.label, 'no such seat')::text, 'probe') c
				 WHERE (SELECT count(*) FROM jsonb_array_elements(c.conflicts)) <> CASE m.status WHEN 'free' THEN 1 ELSE 2 END}),
			'', "$name: every seat is answered right with a $state board");
	}
}
note "$records records";
board_is_true($node, 'at the end');
$node->stop;
done_testing();
