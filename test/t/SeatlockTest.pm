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
  start_crowd finish_crowd run_crowd claim_op load_records forget_records
  history_is_sound records_are_sound nobody_failed log_is_clean no_locks_left
  kill_all token_of sqlstate
);

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
	return map { $node->background_psql('postgres', on_error_stop => 0, %params) } 1 .. $count;
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
	my ($what, $condition) = @_;

	for (1 .. 100 * $PostgreSQL::Test::Utils::timeout_default)
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
	my $gate = $node->background_psql('postgres');
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
				'-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres') . ' application_name=crowd', '-f', $client{in} ],
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
	$node->safe_psql('postgres', "\\copy t.audit FROM '$file' CSV");
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

sub no_locks_left
{
	my ($node, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return is($node->safe_psql('postgres',
			"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid > 2"),
		'0', "$name: no lock is left behind");
}

# Nothing in the server's log that no user should ever cause.
sub log_is_clean
{
	my ($node, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @bad = grep { /PANIC|TRAP|terminated by signal|deadlock detected|out of shared memory|XX000|leak/ }
	  split /\n/, slurp_file($node->logfile);

	return is_deeply(\@bad, [], "$name: the server's log is clean");
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
