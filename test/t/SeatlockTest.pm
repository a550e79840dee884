# What the TAP tests share: a server with the extension, crowds of real client
# connections that keep their own record, and the judgement over both.
#
# The checks themselves are plain SQL over the tables, in
# test/tools/seatlock_test--1.0.sql: they call nothing of the engine they judge.
package SeatlockTest;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

our @EXPORT = qw(
  seatlock_node make_event sessions in_session wait_until
  start_crowd finish_crowd run_crowd random_buyer claim_op load_records forget_records
  history_is_sound records_are_sound refusals_are_sound nobody_failed log_is_clean no_locks_left
  kill_all token_of sqlstate
  random_seed heat_event warm_board is_warm board_is_true all_is_sound seats_of
);

# Settings of the pass of test/run, for servers of tests that make no choice of
# their own.
sub pass_conf
{
	return ($ENV{SEATLOCK_PASS} // 'plain') eq 'preloaded' ? "shared_preload_libraries = 'seatlock'\n" : '';
}

# A running server with the extension in its database postgres.
sub seatlock_node
{
	my ($name, %params) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(extra => [ '--encoding=UTF8', '--no-locale' ], %{ $params{init} // {} });
	$node->append_conf('postgresql.conf', <<"CONF");
max_connections = 100
shared_buffers = 64MB
log_statement = none
log_min_messages = warning
deadlock_timeout = 1s
max_prepared_transactions = 10
${\(pass_conf())}
${\($params{conf} // '')}
CONF
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION seatlock_test CASCADE');
	return $node;
}

# A venue of one section with rows of that many seats, and an event on it.
sub make_event
{
	my ($node, $event, $rows, $seats, $options) = @_;

	$options = defined $options ? ", $options" : '';
	$node->safe_psql('postgres',
		"SELECT seatlock.create_grid('hall of $event', 'S', $rows, $seats, 'Standard');
		 SELECT seatlock.create_event('$event', 'hall of $event'$options)");
	return;
}

# Connections that one test drives by hand.
sub sessions
{
	my ($node, $count, %params) = @_;
	my @sessions = map { $node->background_psql('postgres', on_error_stop => 0, %params) } 1 .. $count;

	# the time limit is for a statement, not for the life of a session
	$_->set_query_timer_restart for @sessions;
	return @sessions;
}

# Run a statement in a session: its output, or the error if there was one.
sub in_session
{
	my ($session, $sql) = @_;

	$session->{stderr} = '';
	my $out = $session->query($sql);
	my $err = $session->{stderr};
	$session->{stderr} = '';
	return $err =~ /^psql:.*ERROR: +(.*)$/m ? "ERROR: $1" : $out;
}

# Poll for a condition on this side of the wire.
sub wait_until
{
	my ($what, $condition, $seconds) = @_;

	for (1 .. 100 * ($seconds // $PostgreSQL::Test::Utils::timeout_default))
	{
		return 1 if $condition->();
		usleep(10_000);
	}
	diag "gave up waiting until $what";
	return 0;
}

# The SQLSTATE of a statement's error, or 'none'.
sub sqlstate
{
	my ($node, $sql, $dbname) = @_;
	my ($ret, $out, $err) = $node->psql($dbname // 'postgres', "\\set VERBOSITY sqlstate\n$sql");
	return $err =~ /ERROR: +(\w{5})$/m ? $1 : 'none';
}

sub token_of
{
	my ($node, $event, $holder) = @_;
	return $node->safe_psql('postgres',
		"SELECT token FROM seatlock.hold JOIN seatlock.event USING (event_id)
		  WHERE name = '$event' AND holder = '$holder'");
}

# One claim as a client of a crowd sends it, and keeps the record of: when it
# asked, what for, what it was told.
sub claim_op
{
	my ($client, $op, $event, $seats, $extra) = @_;
	my $asked = '[' . join(',', map { "\"$_\"" } @$seats) . ']';

	return record_op($client, $op, $event, 'claim', $asked,
		"seatlock.claim('$event', '$asked', 'holder $client'" . ($extra // '') . ')');
}

# The time before the call; the next op's time is when this one had returned.
sub record_op
{
	my ($client, $op, $event, $verb, $asked, $call) = @_;

	return <<"SQL";
SELECT clock_timestamp() AS called \\gset
SELECT $client, $op, :'called', '$event', '$verb', '$asked', c.ok, c.outcome, c.token, c.seats FROM $call c;
SQL
}

# Start one psql per script, all at once: each waits for the gate to open, an
# advisory lock that this process holds until every client stands before it.
sub start_crowd
{
	my ($node, $scripts, %params) = @_;
	my $dir = PostgreSQL::Test::Utils::tempdir;
	my $dbname = $params{dbname} // 'postgres';
	my $gate = $node->background_psql($dbname);
	my @clients;

	$gate->query_safe('SELECT pg_advisory_lock(1)');
	for my $i (0 .. $#$scripts)
	{
		my %client = (in => "$dir/$i.sql", out => "$dir/$i.out", err => "$dir/$i.err");
		my $end = "SELECT clock_timestamp() AS called \\gset\n\\echo end :called\n";

		append_to_file($client{in},
			    "LOAD 'seatlock';\n"
			  . ($params{setup} // '')
			  . "\nSELECT pg_advisory_lock_shared(1) AS gate \\gset\n"
			  . "SELECT pg_advisory_unlock_shared(1) AS gate \\gset\n"
			  . "$scripts->[$i]\n$end");
		$client{run} = IPC::Run::start(
			[   $node->installed_command('psql'), '-X', '-q', '--csv', '-t',
				'-v', 'VERBOSITY=verbose', '-d', $node->connstr($dbname) . ' application_name=crowd', '-f', $client{in} ],
			'<', '/dev/null', '>', $client{out}, '2>', $client{err});
		push @clients, \%client;
	}
	$node->poll_query_until('postgres',
		"SELECT count(*) = @{[scalar @clients]} FROM pg_locks
		  WHERE locktype = 'advisory' AND objsubid = 1 AND objid = 1 AND NOT granted")
	  or die 'the crowd did not reach the gate';
	$gate->query_safe('SELECT pg_advisory_unlock(1)');
	$gate->quit;
	return \@clients;
}

sub finish_crowd
{
	my ($clients) = @_;

	$_->{run}->finish for @$clients;
	return $clients;
}

sub run_crowd
{
	my ($node, $scripts, %params) = @_;
	return finish_crowd(start_crowd($node, $scripts, %params));
}

# A buyer who claims, by himself or through the worker, pays and gives back, on
# few seats, so that most claims are refused.  The event has a cap for each
# holder, which gives an index to find their holds by.
sub random_buyer
{
	my ($client, $event, $seats, $ops) = @_;
	my $script = '';

	for my $op (1 .. $ops)
	{
		my $dice = rand;
		my $verb = $dice < 0.70 ? 'claim' : $dice < 0.90 ? 'release' : $dice < 0.95 ? 'confirm' : 'cancel';
		my $state = $verb eq 'cancel' ? 'b' : 'h';

		if ($verb eq 'claim')
		{
			my @wanted = map { $seats->[ int rand @$seats ] } 0 .. int(rand 1.2);
			my $list = '[' . join(',', map { "\"$_\"" } @wanted) . ']';
			my $function = $dice < 0.35 ? 'claim' : 'claim_now';

			$script .= record_op($client, $op, $event, 'claim', $list, "seatlock.$function('$event', '$list', 'holder $client')");
			next;
		}
		$script .= "SELECT coalesce(max(token::text), 'none') AS token FROM seatlock.event"
		  . " JOIN seatlock.hold USING (event_id) WHERE name = '$event'"
		  . " AND capped AND holder = 'holder $client' AND state = '$state' \\gset\n"
		  . record_op($client, $op, $event, $verb, '', "seatlock.$verb('$event', :'token')");
	}
	return $script;
}

# Every error that any client met, without the words around it.
sub errors_of
{
	my ($clients) = @_;
	my %errors;

	for my $client (@$clients)
	{
		for (split /\n/, slurp_file($client->{err}))
		{
			$errors{$1}++ if /(?:ERROR|FATAL|PANIC|WARNING): +(.*)$/;
			$errors{$_}++ if /server closed the connection|connection to server/;
		}
	}
	return \%errors;
}

sub nobody_failed
{
	my ($clients, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is_deeply(errors_of($clients), {}, "$name: no client met an error");
}

# Put the clients' own records into t.audit.  A record without a later one of
# the same client returned at an unknown time; that is no claim on any order.
sub load_records
{
	my ($node, $clients) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir . '/records.csv';
	my $count = 0;

	open my $records, '>', $file or die "could not write $file: $!";
	for my $client (@$clients)
	{
		my $pending;

		for (split /\n/, slurp_file($client->{out}))
		{
			# a record that was cut off by a crash was never acknowledged
			my $called = /^\d+,\d+,([^,]+),.*$/ ? $1 : /^end (.*)$/ ? $1 : next;

			print $records "$pending,$called\n" if defined $pending;
			$pending = /^end/ ? undef : $_;
			$count++ unless /^end/;
		}
		print $records "$pending,\n" if defined $pending;
	}
	close $records;
	# the judges join it with the history: without statistics in loops over both
	$node->safe_psql('postgres', "\\copy t.audit FROM '$file' CSV\nANALYZE t.audit, seatlock.change, seatlock.hold");
	return $count;
}

sub forget_records
{
	my ($node) = @_;
	$node->safe_psql('postgres', 'TRUNCATE t.audit');
	return;
}

sub history_is_sound
{
	my ($node, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	is($node->safe_psql('postgres', 'SELECT * FROM t.broken_history() LIMIT 20'), '', "$name: the history is sound");
	return is($node->safe_psql('postgres', 'SELECT * FROM seatlock.check_integrity() LIMIT 20'),
		'', "$name: check_integrity() finds nothing");
}

sub records_are_sound
{
	my ($node, $name, $allow_unacknowledged) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	$allow_unacknowledged = $allow_unacknowledged ? 'true' : 'false';
	return is($node->safe_psql('postgres', "SELECT * FROM t.broken_audit($allow_unacknowledged) LIMIT 20"),
		'', "$name: what the clients were told and the history agree");
}

# Nobody was refused a seat of which another client had been told before that
# it is free again.
sub refusals_are_sound
{
	my ($node, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return is($node->safe_psql('postgres', 'SELECT * FROM t.stale_refusals() LIMIT 20'), '', "$name: no refusal was stale");
}

sub no_locks_left
{
	my ($node, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return is($node->safe_psql('postgres',
			"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid > 2"),
		'0', "$name: no lock is left behind");
}

# Nothing in the server's log that no user should ever cause, but for what the
# test itself did.
sub log_is_clean
{
	my ($node, $name, $injected) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @bad = grep { /PANIC|TRAP|terminated by signal|deadlock detected|out of shared memory|XX000|leak/ }
	  split /\n/, slurp_file($node->logfile);

	@bad = grep { !/$injected/ } @bad if defined $injected;

	return is_deeply(\@bad, [], "$name: the server's log is clean");
}

# Start the random choices of a test, so that a failure can be repeated.
sub random_seed
{
	my $seed = $ENV{SEATLOCK_SEED} // int(rand(1 << 30));

	srand($seed);
	note "SEATLOCK_SEED=$seed";
	return $seed;
}

# Labels of an event, in seat order.
sub seats_of
{
	my ($node, $event, $dbname) = @_;
	return split /\n/, $node->safe_psql($dbname // 'postgres', "SELECT label FROM seatlock.seat_map('$event')");
}

sub is_warm
{
	my ($node, $event, $dbname) = @_;
	return $node->safe_psql($dbname // 'postgres',
		"SELECT num_warm = num_seats FROM seatlock.stat_board WHERE event = '$event'") eq 't';
}

# Have an event loaded: a look at the whole house pays for reading it.
sub heat_event
{
	my ($node, $event, $dbname) = @_;

	return $node->psql($dbname // 'postgres', "SELECT count(*) FROM seatlock.availability('$event')");
}

# Have the board know every seat of an event: refused claims of what is taken
# and of what does not exist look at the board and then at the tables.
sub warm_board
{
	my ($node, $event, $name, $dbname) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $refused = "SELECT outcome FROM seatlock.claim('$event',
		(SELECT jsonb_agg(label) %s FROM seatlock.seat_map('$event'))::text, 'warm', 1)";

	return ok(wait_until("the board of $event is warm", sub {
			$node->psql($dbname // 'postgres', 'BEGIN; ' . sprintf($refused, '') . '; ROLLBACK; '
				  . sprintf($refused, q{|| '["no such seat"]'}) . "; SELECT count(*) FROM seatlock.seat_map_compact('$event')");
			return is_warm($node, $event, $dbname); }, 60),
		$name // "the board of $event is warm");
}

# What the board says is what the tables say.  A hold may expire between two
# looks of this test, so a difference must stand to count.
sub board_is_true
{
	my ($node, $name, $dbname) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $differ;

	is($node->safe_psql($dbname // 'postgres', 'SELECT * FROM seatlock.check_board() LIMIT 20'), '', "$name: check_board() finds nothing");
	for (1 .. 10)
	{
		$differ = $node->safe_psql($dbname // 'postgres', q{
			SELECT event, c.seats, m.seats FROM seatlock.events e
			 CROSS JOIN LATERAL seatlock.seat_map_compact(e.event) c
			 CROSS JOIN LATERAL (SELECT string_agg(CASE status WHEN 'not_for_sale' THEN 'n' ELSE left(status, 1) END, '' ORDER BY n) AS seats
			   FROM seatlock.seat_map(e.event) WITH ORDINALITY AS s(label, section, row_label, seat_number, category, status, version, x, y, guid, n)) m
			 WHERE c.seats IS DISTINCT FROM m.seats});
		last if $differ eq '';
	}
	return is($differ, '', "$name: seat_map_compact() and seat_map() agree");
}

# What every fault test ends with.
sub all_is_sound
{
	my ($node, $name, $injected) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	history_is_sound($node, $name);
	board_is_true($node, $name);
	no_locks_left($node, $name);
	return log_is_clean($node, $name, $injected);
}

# kill -9 of the postmaster and of every process of its data directory.
sub kill_all
{
	my ($node) = @_;
	my $dir = $node->data_dir;
	my @pids;

	for my $proc (glob '/proc/[0-9]*')
	{
		my $cwd = readlink "$proc/cwd" or next;
		push @pids, $proc =~ m{(\d+)$} if $cwd eq $dir;
	}
	$node->kill9;
	kill 9, @pids;
	# until they are reaped too: a new postmaster would take the old one's
	# process for a living one
	wait_until('all server processes are gone', sub { !grep { kill 0, $_ } @pids });
	return scalar @pids;
}

1;
