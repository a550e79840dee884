# Claims that come in through Redis are decided exactly once: when the worker or
# the server dies at any moment, when tickets are sent again, when others have put
# garbage into the queue, and when it is long.  SEATLOCK_LONG=1 makes it longer.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use PostgreSQL::Test::Utils;
use SeatlockRedis ':DEFAULT', ':faults';
use SeatlockTest;
use Test::More;
use Time::HiRes qw(time);

my $backlog = $ENV{SEATLOCK_LONG} ? 100_000 : 20_000;
diag 'NOT RUN: a queue of 100,000 (SEATLOCK_LONG=1 runs it)' if !$ENV{SEATLOCK_LONG};
my $injected = qr/terminated by signal 9/;
my $redis = redis_server('intake');
my $node = seatlock_node('intake', init => { allows_streaming => 1 }, conf => <<'CONF');
shared_preload_libraries = 'seatlock'
seatlock.databases = 'postgres'
restart_after_crash = on
CONF
random_seed();
make_event($node, 'e', 10, 20, 'max_seats_per_holder => 1000');
make_event($node, 'small', 20, 20);
join_redis($node, $redis);
my $p = redis_prefix($node);
my $wire = $redis->wire('buyer');
my $hand = $redis->wire;
my @free = seats_of($node, 'small');

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub worker_pid { return redis_count($node, 'pid') }
sub map_field { return $redis->cli('HGET', "$p:map:$_[0]", $_[1]) // '' }
sub queue_is_empty { return !$redis->cli('XLEN', "$p:in") }
sub takes_in { my ($name) = @_; return ok(wait_until("$name: claims are taken in", sub { map_field('small', 'intake') eq '1' }, 60), "$name: claims are taken in") }
sub text { my ($answer) = @_; return defined $answer ? join ' ', $answer->{outcome}, @{ $answer->{seats} // [] }, $answer->{replayed} ? '(replayed)' : () : 'nothing' }

# The call of a buyer, for the wire.
sub claim_call
{
	my ($event, $ticket, $seats, $deadline_ms, $holder) = @_;
	my $keys = redis_keys($p, $event, $ticket);
	return [ 'FCALL', 'seatlock_claim', scalar @$keys, @$keys, encode_json($seats), $holder // "r $ticket", '', $deadline_ms ];
}

# Many at once; their outcomes.
sub send_together
{
	my (@calls) = @_;

	$wire->send_all(@calls);
	return map { my $reply = $wire->reply; $reply =~ /"outcome":"(\w+)"/ ? $1 : $reply } @calls;
}

# While the worker stands still, which is shorter than its lease.
sub while_stopped
{
	my ($do) = @_;
	my $pid = worker_pid();

	kill STOP => $pid;
	my @result = eval { $do->() };
	my $problem = $@;
	kill CONT => $pid;
	die $problem if $problem;
	return @result;
}

takes_in('at the start');

# The worker is sent away in the middle of it: its successor has the same lease.
{
	my $load = start_load($node, $redis, 'e', round => 1);
	my $owner = $redis->cli('GET', "$p:owner") =~ s/:\d+$//r;

	for my $time (1 .. 3)
	{
		load_goes_on($load, "worker terminated, $time", 'Redis');
		my $pid = worker_pid();
		sql("SELECT pg_terminate_backend($pid)");
		ok(wait_until('another comes', sub { my $now = worker_pid(); $now ne '' && $now ne $pid }, 60), "worker terminated, $time: another comes");
	}
	load_goes_on($load, 'worker terminated', $_) for 'SQL', 'Redis';
	is($redis->cli('GET', "$p:owner") =~ s/:\d+$//r, $owner, 'worker terminated: it is the same who has the lease');
	load_is_sound($load, 'worker terminated');
	mirror_is_true($node, $redis, 'e', 'worker terminated');
}

# From now on commits wait for a standby that does not exist.
my $probe;

sub set_standby_names { $node->append_conf('postgresql.conf', "synchronous_standby_names = '$_[0]'"); return }

sub hold_commits
{
	my ($name) = @_;

	($probe) = sessions($node, 1);
	my $pid = in_session($probe, 'CREATE TABLE IF NOT EXISTS public.probe (); SELECT pg_backend_pid()');
	set_standby_names('nobody');
	$node->reload;
	return ok(wait_until('commits wait', sub {
		$probe->{stdout} = '';
		$probe->{stdin} .= "ALTER TABLE public.probe SET (fillfactor = 50);\n\\echo answered\n";
		wait_until('the probe waits or is done', sub {
			$probe->{run}->pump_nb;
			$probe->{stdout} =~ /answered/ || sql("SELECT wait_event FROM pg_stat_activity WHERE pid = $pid") eq 'SyncRep' });
		return $probe->{stdout} !~ /answered/;
	}), "$name: commits wait");
}

sub goes_on_after_kill
{
	my ($name) = @_;

	kill_all($node);
	eval { $probe->{run}->finish };
	set_standby_names('');
	$redis->cli('CLIENT', 'UNPAUSE');
	$node->start;
	return owns_keys($node, $name);
}

# kill -9: of the worker, which restarts the server, and of the whole server
# between a commit and its verdicts.
{
	my $load = start_load($node, $redis, 'e', round => 2);

	load_goes_on($load, 'killed', $_) for 'SQL', 'Redis';
	my $checkpointer = q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'};
	my $before = sql($checkpointer);
	ok(kill('KILL', worker_pid()), 'worker killed');
	ok(wait_until('the server recovers', sub { my ($ret, $out) = $node->psql('postgres', $checkpointer); $ret == 0 && $out ne '' && $out ne $before }), 'worker killed: the server recovers');
	owns_keys($node, 'worker killed');
	load_goes_on($load, 'worker killed', 'Redis');

	for my $moment ('in the commit', 'before the verdict')
	{
		my @seats = splice @free, 0, 5;
		my @tickets = map { new_ticket() } @seats;
		my $give_back = new_ticket();
		my $given = sql("SELECT token FROM seatlock.claim('small', '" . shift(@free) . q{', 'giver')});

		takes_in($moment);
		my ($other) = sessions($node, 1);
		my $retried = redis_count($node, 'retried');
		my @buyers = map { $_->{pid} } @{ $load->{buyers} };

		# all that waits will be decided in one commit; nothing more may come
		kill STOP => @buyers;
		in_session($other, 'BEGIN; LOCK TABLE seatlock.seat_state IN SHARE MODE');
		is_deeply([ send_together((map { claim_call('small', $tickets[$_], [ $seats[$_] ], 60000) } 0 .. $#seats),
				[ 'FCALL', 'seatlock_release', 4, @{ redis_keys($p, 'small', $give_back) }, $given, '', 60000 ]) ],
			[ ('pending') x 6 ], "$moment: claims and a release wait");
		ok(wait_until('all are held up', sub { redis_count($node, 'retried') >= $retried + 12 }), "$moment: all are held up");
		hold_commits($moment);
		in_session($other, 'ROLLBACK');
		ok(wait_until('the worker commits', sub { sql(q{SELECT wait_event FROM pg_stat_activity WHERE backend_type = 'seatlock redis worker'}) eq 'SyncRep' }),
			"$moment: the worker is in its commit");
		my $holds = 'SELECT count(*) FROM seatlock.holds WHERE holder = ANY ($${' . join(',', map { "r $_" } @tickets) . '}$$)';
		if ($moment eq 'before the verdict')
		{
			is($redis->cli('CLIENT', 'PAUSE', 600_000, 'WRITE'), 'OK', "$moment: no verdict can be written");
			set_standby_names('');
			$node->reload;
			ok(wait_until('the commit is done', sub { sql($holds) eq '5' }), "$moment: the commit is done");
			is((grep { $_->{outcome} eq 'pending' } map { decode_json($redis->cli('GET', "$p:ticket:$_")) } @tickets), 5, "$moment: nobody was answered");
		}
		$other->quit;
		goes_on_after_kill($moment);
		is(sql($holds), '5', "$moment: the holds are there");
		my @verdicts = map { verdict_of($redis, $p, $_) } @tickets;
		is_deeply([ map { text($_) } @verdicts ], [ map { "held $_ (replayed)" } @seats ], "$moment: each ticket finds its own success");
		is(join(',', sort map { $_->{token} // '' } @verdicts), sql("SELECT string_agg(token::text, ',' ORDER BY token) FROM (" . $holds =~ s/count\(\*\)/token/r . ') h'), "$moment: by its token");
		is(text(verdict_of($redis, $p, $give_back)), 'released (replayed)', "$moment: so does the release");
		kill CONT => @buyers;
		load_goes_on($load, $moment, 'Redis');
	}
	load_is_sound($load, 'killed', crash => 1, injected => $injected);
	mirror_is_true($node, $redis, $_, 'killed') for 'e', 'small';
}

my $load = start_load($node, $redis, 'e', round => 3);
load_goes_on($load, 'tickets', $_) for 'SQL', 'Redis';
takes_in('tickets');

# A ticket is queued once, whoever sends it.
{
	my $ticket = new_ticket();
	my ($seat, $other) = splice @free, 0, 2;
	my $second = $redis->wire('buyer');

	is_deeply([ while_stopped(sub {
		my $length = $wire->call('XLEN', "$p:in");
		my @outcomes = send_together(map { claim_call('small', $ticket, [$seat], '') } 1 .. 2);
		push @outcomes, map { /"outcome":"(\w+)"/ } $second->call(@{ claim_call('small', $ticket, [$seat], '') }), $second->call(@{ claim_call('small', $ticket, [$other], '') });
		my @entries = grep { my %fields = @{ $_->[1] }; $fields{ticket} eq $ticket } @{ $hand->call('XRANGE', "$p:in", '-', '+') };
		return @outcomes, scalar @entries }) ],
		[ ('pending') x 4, 1 ], 'the same ticket twice and by two: queued once');
	my $verdict = verdict_of($redis, $p, $ticket);
	is(text($verdict), "held $seat", 'decided once');
	my $kept = $redis->cli('GET', "$p:ticket:$ticket");
	is($_->call(@{ claim_call('small', $ticket, [$seat], '') }), $kept, 'each sender has the same verdict') for $wire, $second;
	is(sql("SET ROLE shop; SELECT outcome || replayed || token FROM seatlock.claim('small', '[\"$seat\"]', 'r $ticket', request_key => 'ticket:$ticket')"), "heldtrue$verdict->{token}", 'in SQL it is known as well');

	# in the queue twice, as after a flush: decided once
	my $again = new_ticket();
	my $best = sub { return [ 'FCALL', 'seatlock_claim_best', 4, @{ redis_keys($p, 'small', $again) }, $_[0], "r $again", '', '', '', '', '' ] };
	is_deeply([ while_stopped(sub { map { $hand->call('DEL', "$p:ticket:$again"); send_together($best->(1)) } 1 .. 3 }) ], [ ('pending') x 3 ], 'queued three times, as its ticket was lost');
	my $first = verdict_of($redis, $p, $again);
	like(text($first), qr/^held \S+$/, 'the first verdict stays');
	$hand->call('DEL', "$p:ticket:$again");
	send_together($best->(1));
	my $found = verdict_of($redis, $p, $again);
	is(text($found) . $found->{token}, text($first) . " (replayed)$first->{token}", 'a lost verdict is found again');
	$hand->call('DEL', "$p:ticket:$again");
	send_together($best->(2));
	is(text(verdict_of($redis, $p, $again)), 'key_reused', 'but not for another claim');
}

# Somebody's lock
for my $end ('ROLLBACK', 'COMMIT')
{
	my ($other) = sessions($node, 1);
	my ($seat, $ticket, $late) = (shift @free, new_ticket(), new_ticket());

	in_session($other, 'BEGIN');
	is(in_session($other, "SELECT outcome FROM seatlock.claim('small', '$seat', 'other')"), 'held', "lock, $end: a seat is locked");
	is_deeply([ send_together(claim_call('small', $ticket, [$seat], 60000), claim_call('small', $late, [$seat], 300)) ], [ 'pending', 'pending' ], "lock, $end: claims wait");
	my $retried = redis_count($node, 'retried');
	ok(wait_until('it is tried again', sub { redis_count($node, 'retried') >= $retried + 10 }, 60), "lock, $end: they are tried again and again");
	is(text(verdict_of($redis, $p, $late)), 'busy', "lock, $end: until the deadline");
	is(decode_json($redis->cli('GET', "$p:ticket:$ticket"))->{outcome}, 'pending', "lock, $end: not before");
	load_goes_on($load, "lock, $end", 'Redis', 10);
	in_session($other, $end);
	is(text(verdict_of($redis, $p, $ticket)), $end eq 'COMMIT' ? 'taken' : "held $seat", "lock, $end: then it is decided");
	$other->quit;
}

# Given back through Redis
{
	my ($seat, $ticket, $give_back) = (shift @free, new_ticket(), new_ticket());

	send_together(claim_call('small', $ticket, [$seat], ''));
	my $token = verdict_of($redis, $p, $ticket)->{token};
	is_deeply([ send_together([ 'FCALL', 'seatlock_release', 4, @{ redis_keys($p, 'small', $give_back) }, $token, encode_json([$seat]), '' ]) ], ['pending'], 'a release is queued');
	is(text(verdict_of($redis, $p, $give_back)), 'released', 'and decided');
	is(sql("SELECT status FROM seatlock.seat_map('small') WHERE label = '$seat'"), 'free', 'the seat is free');
}

# Entries by another hand.  What is expected: the SQLSTATE, or "gone" where nobody
# can be told.
{
	my ($now) = $redis->cli('TIME')->[0];
	my %claim = (v => 1, event => 'small', verb => 'claim', seats => '["A-20"]', holder => 'garbage', ttl => '', deadline => 1000 * $now + 50_000);
	my %best = (%claim, verb => 'claim_best', quantity => 1);
	my %release = (%claim, verb => 'release', token => 'x');
	my $misuse = qr/^22...$/;
	my @cases = (
		[ 'no ticket' => 'gone', %claim, ticket => undef ],
		[ 'empty ticket' => 'gone', %claim, ticket => '' ],
		[ 'ticket with a zero byte' => 'gone', %claim, ticket => "0123456789\0abcdefghij" ],
		[ 'ticket in another encoding' => 'gone', %claim, ticket => "0123456789\xff\xfe\xe4abcdef" ],
		(map { [ "ticket $_" => 'gone', %claim, ticket => $_ ] } 't' x 300, 't' x 65, 't' x 15, 'cart 4711', 'a ticket with blanks', 'ticket:0123456789'),
		[ 'nothing' => 'gone', ticket => undef, x => 'y' ],
		[ 'oversized' => 'gone', %claim, holder => 'h' x 200_000 ],
		[ 'too many fields' => 'gone', %claim, map { ("f$_" => 'x') } 1 .. 40 ],
		[ 'no verb' => $misuse, %claim, verb => undef ],
		[ 'unknown verb' => $misuse, %claim, verb => 'buy' ],
		[ 'no event' => $misuse, %claim, event => undef ],
		[ 'long event' => $misuse, %claim, event => 'e' x 300 ],
		[ 'event in another encoding' => qr/^22021$/, %claim, event => "small\xff" ],
		[ 'event with a zero byte' => $misuse, %claim, event => "small\0" ],
		[ 'no seats' => $misuse, %claim, seats => undef ],
		(map { [ 'seats ' . substr($_, 0, 20) => $misuse, %claim, seats => $_ ] } '["A-1"', '{"A-1": 1}', '[]', '["A-1", null]', 'A-1', '{A-1}', '[' x 1000, '["A-1"] x'),
		[ 'seats in another encoding' => qr/^22021$/, %claim, seats => "[\"A-1\xe4\"]" ],
		[ 'no holder' => $misuse, %claim, holder => undef ],
		[ 'long holder' => $misuse, %claim, holder => 'h' x 300 ],
		[ 'holder in another encoding' => qr/^22021$/, %claim, holder => "\xc3(" ],
		[ 'holder with a zero byte' => $misuse, %claim, holder => "a\0b" ],
		(map { [ 'ttl ' . substr(s/\0/with a zero byte/r, 0, 20) => $misuse, %claim, ttl => $_ ] } '-5', '0', 'soon', '99999999999', '1e3', '+5', ' 5', '5' x 100_000, "5\0"),
		[ 'no deadline' => $misuse, %claim, deadline => undef ],
		(map { [ "deadline $_" => $misuse, %claim, deadline => $_ ] } 'soon', '9' x 30, '1.5', '10000000000000', 1000 * $now + 600_000),
		[ '101 seats' => $misuse, %claim, seats => encode_json([ map { "A-$_" } 1 .. 101 ]) ],
		[ '65 kB of seats' => $misuse, %claim, seats => '["' . 'A' x 66_000 . '"]' ],
		[ 'long section' => $misuse, %best, section => 's' x 100_000 ],
		[ 'long category' => $misuse, %best, category => 's' x 256 ],
		[ 'adjacency' => $misuse, %best, adjacency => 'never' ],
		(map { [ "quantity $_" => $misuse, %best, quantity => $_ ] } '99999999999', '2000000000', '101', '-1', '0', 'two'),
		[ 'no token' => $misuse, %release, token => undef ],
		[ 'long token' => $misuse, %release, token => 't' x 300 ],
	);
	my @decided = (
		[ 'unknown event' => qr/^42704$/, %claim, event => 'nowhere' ],
		[ 'unknown section' => qr/^42704$/, %best, section => 'Moon' ],
		[ 'long ttl' => qr/^held$/, %claim, ttl => 2_000_000_000, holder => 'patience' ],
		[ 'seats [1]' => qr/^taken$/, %claim, seats => '[1]' ],
		[ 'seats after blanks' => qr/^taken$/, %claim, seats => ' [1]' ],
		# by the names that they are written as
		[ 'seats that are huge numbers' => qr/^taken$/, %claim, seats => '[' . join(',', ('1e131071') x 90) . ']' ],
		[ 'unknown seat' => qr/^taken$/, %claim, seats => '["nowhere"]' ],
		[ 'unknown guid' => qr/^taken$/, %claim, seats => '[{"guid": "nowhere"}]' ],
		[ 'token that is none' => qr/^not_found$/, %release, token => "'; DROP TABLE seatlock.seat; --" ],
	);
	my $malformed = redis_count($node, 'malformed');
	my $pid = worker_pid();
	my (%ticket_of, @ids);

	for my $case (@cases, @decided)
	{
		my ($name, $expected, %fields) = @$case;
		my $ticket = exists $fields{ticket} ? delete $fields{ticket} : ($ticket_of{$name} = new_ticket());

		push @ids, $wire->call('XADD', "$p:in", '*', (defined $ticket ? (ticket => $ticket) : ()), map { defined $fields{$_} ? ($_ => $fields{$_}) : () } sort keys %fields);
	}
	is((grep { /^\d+-\d+$/ } @ids), @cases + @decided, @ids . ' entries are put in');
	for my $case (@cases, @decided)
	{
		my ($name, $expected) = @$case;
		next if $expected eq 'gone';
		my $verdict = verdict_of($redis, $p, $ticket_of{$name}) // { outcome => 'nothing' };

		like($verdict->{sqlstate} // $verdict->{outcome}, $expected, "$name: is told") || diag explain $verdict;
		cmp_ok(length($verdict->{message} // ''), '>', 5, "$name: and why") if $verdict->{outcome} eq 'error';
	}
	ok(wait_until('they are counted', sub { redis_count($node, 'malformed') >= $malformed + @cases }, 60), 'garbage is counted');
	is(redis_count($node, 'malformed'), $malformed + @cases, 'each once');
	is(sql(q{SELECT count(*) FROM t.history WHERE holder = 'garbage'}), '0', 'and nothing is held');
	is(worker_pid(), $pid, 'the worker lives');

	# as many and as wide as an entry may be
	for my $shape ([ wide => map { ("field $_" => 'x') } 1 .. 32 ], [ long => field => 'x' x 130_000 ])
	{
		my ($name, @fields) = @$shape;
		my $before = redis_count($node, 'malformed');

		$wire->send_all(map { [ 'XADD', "$p:in", '*', @fields ] } 1 .. 200);
		is((grep { $wire->reply =~ /^\d+-\d+$/ } 1 .. 200), 200, "$name entries: put in");
		ok(wait_until('they are gone', sub { redis_count($node, 'malformed') >= $before + 200 }, 10), "$name entries: removed")
		  or diag(redis_status($node, 'last_error')), $hand->call('XTRIM', "$p:in", 'MAXLEN', 0);
		load_goes_on($load, "$name entries", 'Redis');
	}
	my $ticket = new_ticket();
	send_together(claim_call('small', $ticket, [ $free[0] ], ''));
	is(text(verdict_of($redis, $p, $ticket)), 'held ' . shift(@free), 'claims are decided as before');
}

# The role of the intake
{
	my $claim = 'EXECUTE ON FUNCTION seatlock.claim(text, text, text, bigint, text, text, text)';
	my ($seat, $ticket) = (shift @free, new_ticket());

	# whatever would keep it from selling by SQL
	for my $case ([ 'log in', 'ALTER ROLE shop NOLOGIN', 'ALTER ROLE shop LOGIN' ],
		[ 'use the schema seatlock', 'REVOKE USAGE ON SCHEMA seatlock FROM shop', 'GRANT USAGE ON SCHEMA seatlock TO shop' ],
		[ 'connect to this database', 'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC', 'GRANT CONNECT ON DATABASE postgres TO PUBLIC' ])
	{
		my ($what, $take, $give) = @$case;

		sql($take);
		ok(wait_until('the intake closes', sub { map_field('small', 'intake') eq '0' }, 60), "a role that may not $what: the intake closes");
		like(redis_status($node, 'last_error'), qr/role "shop" of seatlock\.redis_role may not \Q$what\E/, "may not $what: redis_status() tells");
		sql($give);
		takes_in("a role that may $what again");
	}
	sql("REVOKE $claim FROM shop");
	ok(wait_until('the intake closes', sub { map_field('small', 'intake') eq '0' }, 60), 'a role that may not sell: the intake closes');
	like(redis_status($node, 'last_error'), qr/role "shop" of seatlock\.redis_role may not run seatlock\.claim\(/, 'redis_status() tells');
	is_deeply([ send_together(claim_call('small', $ticket, [$seat], 60000)) ], ['ask'], 'Redis says ask');
	$wire->call('XADD', "$p:in", '*', v => 1, ticket => $ticket, event => 'small', verb => 'claim', seats => encode_json([$seat]), holder => "r $ticket", ttl => '',
		deadline => 1000 * $redis->cli('TIME')->[0] + 60_000);
	load_goes_on($load, 'closed', 'SQL');
	is($redis->cli('GET', "$p:ticket:$ticket"), undef, 'nothing is decided');
	sql("GRANT $claim TO shop");
	takes_in('a role that may sell again');
	is(text(verdict_of($redis, $p, $ticket)), "held $seat", 'what came meanwhile is decided');
}
load_goes_on($load, 'tickets, at the end', $_) for 'SQL', 'Redis';
load_is_sound($load, 'tickets', injected => $injected);
mirror_is_true($node, $redis, $_, 'tickets') for 'e', 'small';

# A full queue
{
	my $set = sub {
		my ($size) = @_;

		sql("ALTER SYSTEM SET seatlock.redis_backlog = $size");
		$node->reload;
		return wait_until('the map tells', sub { map_field('small', 'backlog') eq $size }, 60);
	};
	my %tickets = map { new_ticket() => $_ } split /\n/, sql(q{SELECT label FROM seatlock.seat_map('small') WHERE status = 'free' LIMIT 150});
	my @outcomes;

	ok($set->(100), 'a queue of 100');
	@outcomes = while_stopped(sub { send_together(map { claim_call('small', $_, [ $tickets{$_} ], 60000) } sort keys %tickets) });
	is_deeply(\@outcomes, [ ('pending') x 100, ('busy') x 50 ], 'a full queue: 100 wait, the others are told busy');
	my @waiting = (sort keys %tickets)[ 0 .. 99 ];
	is((grep { text(verdict_of($redis, $p, $_)) eq "held $tickets{$_}" } @waiting), 100, 'who waits is served');
	is(sql('SELECT count(*) FROM seatlock.holds WHERE holder = ANY ($${' . join(',', map { "r $_" } keys %tickets) . '}$$)'), '100', 'and nobody else');
	ok($set->(2 * $backlog), 'a longer queue');
}

# How many of the tickets head1, head2, ... have which outcome.
sub outcomes
{
	my ($head, $count) = @_;
	my $reply = $hand->call('EVAL', <<'LUA', 1, "$p:ticket:$head", $count);
local count = {}
for i = 1, ARGV[1] do
	local text = redis.call('GET', KEYS[1] .. i)
	local outcome = text and text:match('"outcome":"(%w+)"') or 'nothing'
	count[outcome] = (count[outcome] or 0) + 1
end
return cjson.encode(count)
LUA
	return decode_json($reply);
}

make_event($node, 'big', 1000, $backlog / 1000);
my @seats = seats_of($node, 'big');
mirror_is_true($node, $redis, 'big', 'a house for all');
$load = start_load($node, $redis, 'e', round => 4);
$_->{seconds} = 120 for $wire, $hand;

# Who came too late gets nothing, and takes nothing.
{
	my $began = time;
	my $late = redis_count($node, 'late');

	$hand->call('EVAL', <<'LUA', 1, "$p:in", $backlog);
local now = redis.call('TIME')[1]
for i = 1, ARGV[1] do
	redis.call('XADD', KEYS[1], '*', 'v', '1', 'ticket', 'too-late-for-this-' .. i, 'event', 'big', 'verb', 'claim_best',
		'quantity', '1', 'holder', 'late', 'section', '', 'category', '', 'adjacency', '', 'ttl', '', 'deadline', now - 1 .. '000')
end
return redis.call('XLEN', KEYS[1])
LUA
	ok(wait_until('the late ones are answered', sub { redis_count($node, 'late') >= $late + $backlog && queue_is_empty() }, 120), "$backlog claims past their deadline: the queue is empty");
	note sprintf '%d claims past their deadline took %.1f s', $backlog, time - $began;
	is_deeply(outcomes('too-late-for-this-', $backlog), { busy => $backlog }, 'past their deadline: each is told busy');
	is(sql(q{SELECT count(*) FROM t.history WHERE event = 'big'}), '0', 'past their deadline: no seat is held');
	load_goes_on($load, 'past their deadline', $_) for 'SQL', 'Redis';
}

# Who comes in time is served, or told busy at his deadline.
{
	my $began = time;
	my %count;

	for (my $i = 0; $i < $backlog; $i += 1000)
	{
		$count{$_}++ for send_together(map { claim_call('big', "just-in-time-for-$_", [ $seats[ $_ - 1 ] ], 60000, 'in time') } $i + 1 .. $i + 1000);
	}
	note sprintf 'sent in %.1f s, %d wait', time - $began, $redis->cli('XLEN', "$p:in");
	is_deeply(\%count, { pending => $backlog }, "$backlog claims in time: all are queued");
	ok(wait_until('all are decided', sub { queue_is_empty() }, 120), 'in time: all are decided');
	note sprintf '%d claims took %.1f s', $backlog, time - $began;
	my $told = outcomes('just-in-time-for-', $backlog);
	note explain $told;
	is(($told->{held} // 0) + ($told->{busy} // 0), $backlog, 'in time: each is served or told busy');
	cmp_ok($told->{held} // 0, '>', $backlog / 10, 'in time: many are served');
	is(sql(q{SELECT count(*) || ' ' || count(DISTINCT label) || ' ' || count(DISTINCT token) FROM t.history WHERE event = 'big'}), join(' ', ($told->{held} // 0) x 3), 'in time: as many seats are held, each once');

	# by the tokens
	my $file = PostgreSQL::Test::Utils::tempdir . '/verdicts';
	open my $verdicts, '>', $file or die "could not write $file: $!\n";
	for (my $i = 0; $i < $backlog; $i += 1000)
	{
		my @tickets = map { "just-in-time-for-$_" } $i + 1 .. $i + 1000;
		my $texts = $wire->call('MGET', map { "$p:ticket:$_" } @tickets);

		$texts->[$_] =~ /"token":"([^"]+)"/ && print $verdicts "$tickets[$_],$1\n" for 0 .. $#tickets;
	}
	close $verdicts;
	sql("CREATE TABLE public.verdict (ticket text, token uuid);\n\\copy public.verdict FROM '$file' CSV");
	is(sql('SELECT count(*) FROM public.verdict'), $told->{held} // 0, 'in time: as many verdicts have a token');
	is(sql(q{SELECT * FROM (SELECT 'ticket:' || ticket, token FROM public.verdict EXCEPT SELECT key, token FROM seatlock.request) v LIMIT 5}), '', 'in time: each that of its ticket');
	is(sql('SELECT * FROM (SELECT token FROM public.verdict EXCEPT SELECT token FROM seatlock.hold) v LIMIT 5'), '', 'in time: each that of a hold');
	load_goes_on($load, 'in time', $_) for 'SQL', 'Redis';
}
load_is_sound($load, 'long queues', injected => $injected);
mirror_is_true($node, $redis, $_, 'long queues') for 'e', 'small', 'big';

$node->stop;
$redis->stop;
log_is_clean($node, 'at the end', $injected);
done_testing();
