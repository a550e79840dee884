# The Redis users that redis_acl() names can do their part, also after Redis has
# lost everything; whatever else a hostile web tier tries is refused and changes
# nothing.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use SeatlockRedis ':DEFAULT', ':faults';
use SeatlockTest;
use Test::More;

my $redis = redis_server('users');
my $node = seatlock_node('redis_users', conf => <<'CONF');
shared_preload_libraries = 'seatlock'
seatlock.databases = 'postgres'
CONF
make_event($node, 'e', 4, 20);

sub sql { return $node->safe_psql('postgres', $_[0]) }

# What is printed is what the manual says, and good for nothing without a password.
my $p = redis_prefix($node);
my $w = $p =~ s/\d+\}$//r;
my @lines = split /\n/, sql('SELECT seatlock.redis_acl()');
is_deeply(\@lines, [ SeatlockRedis::documented_users($p, $w) ], 'redis_acl() prints what the manual says');
for my $line (@lines)
{
	my (undef, undef, $user, @rules) = split / /, $line;

	like($redis->cli('ACL', 'SETUSER', $user, @rules), qr/^ERROR: /, "$user: refused without a password");
	is($redis->cli('ACL', 'GETUSER', $user), undef, "$user: and not made");
}
is(sqlstate($node, 'CREATE ROLE nobody; SET ROLE nobody; SELECT seatlock.redis_acl()'), '42501', 'redis_acl() is not for everybody');

# A prefix with characters that Redis' patterns know: each of them is any character
sub users_with { sql("ALTER SYSTEM SET seatlock.redis_prefix = '$_[0]'"); $node->reload; return sub { sql('SELECT seatlock.redis_acl()') } }
my $printed = users_with(q{a *[b]"c (ü)});
ok(wait_until('it has a prefix', sub { $printed->() =~ /~\{a/ }), 'another prefix');
is_deeply([ split /\n/, $printed->() ], [ SeatlockRedis::documented_users('{a???b??c??????}' =~ s/\?{6}/?????/r, '{a???b??c?????}:') ], 'another prefix: the same users')
  or diag $printed->();
$printed = users_with('');
ok(wait_until('it has none', sub { $printed->() =~ /\Q$p\E/ }), 'no prefix again');

join_redis($node, $redis);
mirror_is_true($node, $redis, 'e', 'as the worker');
my ($map, $labels, $in, $owner) = ("$p:map:e", labels_key($node, $p, 'e'), "$p:in", "$p:owner");
my @seats = seats_of($node, 'e');

sub takes_in
{
	my ($name) = @_;
	return ok(wait_until("$name: claims are taken in", sub { ($redis->cli('HGET', $map, 'intake') // '') eq '1' && $redis->cli('EXISTS', $labels) }, 60), "$name: claims are taken in");
}

sub call
{
	my ($function, $ticket, @args) = @_;
	my $answer = $redis->fcall("seatlock_$function", redis_keys($p, 'e', $ticket), @args);

	$answer = $answer =~ /^\{/ ? decode_json($answer) : { outcome => $answer };
	return $answer->{outcome} eq 'pending' ? verdict_of($redis, $p, $ticket) : $answer;
}

# What each is for works
sub all_works
{
	my ($name) = @_;
	my ($ticket, $best, $give_back) = map { new_ticket() } 1 .. 3;
	my $seat = shift @seats;
	my $listener = $redis->subscriber("$p:changes:e", "$p:ticket:$ticket");

	takes_in($name);
	my $held = call('claim', $ticket, encode_json([$seat]), 'ann', '', '');
	is("$held->{outcome} @{ $held->{seats} }", "held $seat", "$name: claim");
	is(call('claim', new_ticket(), encode_json([$seat]), 'bob', '', '')->{outcome}, 'taken', "$name: claim of what is taken");
	is(call('claim_best', $best, 2, 'cat', '', '', '', '', '')->{outcome}, 'held', "$name: claim_best");
	is(call('release', $give_back, $held->{token}, '', '')->{outcome}, 'released', "$name: release");
	ok(wait_until('buyers hear', sub { my $heard = join ' ', $redis->messages($listener); $heard =~ /\Q$seat\E/ && $heard =~ /ready/ }, 30), "$name: changes and verdicts are heard");
	$redis->finish_subscriber($listener);
	for my $user ('buyer', 'map_page')
	{
		is(length($redis->call_as($user, 'HMGET', $map, 'epoch', 'version', 'seats')->[2]), 80, "$name: $user reads the map");
	}
	for my $user ('buyer', 'map_page')
	{
		is(length($redis->call_as($user, 'FCALL', 'seatlock_map', 2, $owner, $map)->[3]), 80, "$name: $user asks for the map");
		is($redis->call_as($user, 'FCALL', 'seatlock_map', 2, $owner, "$p:map:nowhere"), undef, "$name: $user asks for one that is not there");
	}
	is($redis->call_as('buyer', 'HGET', $labels, $seats[0]), 1 + (80 - @seats), "$name: buyer reads the labels");
	is(scalar @{ $redis->call_as('buyer', 'MGET', $owner, "$p:ticket:$ticket") }, 2, "$name: buyer reads owner and ticket");
	like($redis->call_as('buyer', 'XLEN', $in), qr/^\d+$/, "$name: buyer reads how many wait");
	return;
}

all_works('at the start');
is($redis->cli('FLUSHALL'), 'OK', 'all is lost');
all_works('after FLUSHALL');
is($redis->cli('FUNCTION', 'FLUSH'), 'OK', 'the functions are lost');
ok(wait_until('they are there again', sub { @{ $redis->cli('FUNCTION', 'LIST') } == 1 }, 60), 'and loaded again');
all_works('after FUNCTION FLUSH');

# The attacks: on the map, the lease, labels, others' claims, functions, the
# server, other databases' keys, and what is not seatlock's.
my $code = "#!lua name=seatlock_1\nredis.register_function('seatlock_claim', function() return 'mine' end)";
my @worker_calls = (
	[ 'FCALL', 'seatlock_own', 1, $owner, 'me', 600_000, 1, '' ],
	[ 'FCALL', 'seatlock_publish', 2, $owner, $map, 'me', 5000, 1, 'f' x 80, 1, 1, 1000, "$p:changes:e" ],
	[ 'FCALL', 'seatlock_labels', 2, $owner, $labels, 'me', 5000, 1, 1, 'A-1', 1 ],
	[ 'FCALL', 'seatlock_remove', 2, $owner, $map, 'me' ],
	[ 'FCALL', 'seatlock_wanted', 2, $owner, "$p:wanted", 'me', 9 ],
	[ 'FCALL', 'seatlock_refresh', 3, $owner, $map, $labels, 'me', 600_000 ],
	[ 'FCALL', 'seatlock_take', 2, $owner, $in, 'me', '0-0', 10 ],
	[ 'FCALL', 'seatlock_answer', 3, $owner, $in, "$p:ticket:0123456789abcdef", 'me', 5000, '1-1', '{}' ],
	[ 'FCALL', 'seatlock_drop', 2, $owner, $in, 'me', '1-1' ],
	[ 'FCALL_RO', 'seatlock_claim', 4, $owner, $map, $in, "$p:ticket:0123456789abcdef", '["A-1"]', 'x', '', '' ],
	[ 'FCALL', 'seatlock_claim', 4, '{other}:owner', '{other}:map:e', '{other}:in', '{other}:ticket:0123456789abcdef', '["A-1"]', 'x', '', '' ],
);
my @writes = (
	[ 'SET', $owner, 'me' ], [ 'SET', $map, 'x' ], [ 'SET', $labels, 'x' ], [ 'SET', $in, 'x' ], [ 'SET', "$p:ticketx", 'x' ], [ 'SET', 'x', 'x' ],
	[ 'GETSET', "$p:ticket:0123456789abcdef", 'x' ], [ 'SET', "$p:ticket:0123456789abcdef", 'x', 'GET' ],
	[ 'HSET', $map, 'seats', 'f' x 80 ], [ 'HSET', $labels, 'A-1', 2 ], [ 'HDEL', $map, 'epoch' ],
	[ 'SADD', $in, 'x' ], [ 'SPOP', "$p:wanted" ], [ 'SMEMBERS', "$p:wanted" ], [ 'SADD', '{other}:wanted', 'x' ], [ 'DEL', "$p:wanted" ],
	[ 'DEL', $owner ], [ 'UNLINK', $owner ], [ 'PEXPIRE', $owner, 1 ], [ 'EXPIRE', $owner, 1 ], [ 'PERSIST', $owner ], [ 'RENAME', $owner, $in ],
);
push @writes, map { my $key = $_; map { [ $_->[0], $key, @$_[ 1 .. $#$_ ] ] } [ 'DEL' ], [ 'PEXPIRE', 1 ], [ 'XADD', '*', 'x', 'y' ] } $map, $labels, "$p:ticket:0123456789abcdef", 'x';
push @writes, [ 'XDEL', $in, '1-1' ], [ 'XTRIM', $in, 'MAXLEN', 0 ], [ 'XSETID', $in, '1-1' ], [ 'XGROUP', 'CREATE', $in, 'g', '$', 'MKSTREAM' ], [ 'DEL', $in ],
  [ 'COPY', $map, "$p:ticket:0123456789abcdef", 'REPLACE' ], [ 'RESTORE', "$p:ticket:0123456789abcdef", 0, 'x' ];
my @looks = (
	[ 'XRANGE', $in, '-', '+' ], [ 'XREAD', 'STREAMS', $in, '0' ], [ 'XINFO', 'STREAM', $in ], [ 'KEYS', '*' ], [ 'SCAN', 0 ], [ 'RANDOMKEY' ], [ 'DUMP', $in ],
	[ 'GET', 'x' ], [ 'GET', '{other}:owner' ], [ 'MONITOR' ], [ 'SLOWLOG', 'GET' ], [ 'CLIENT', 'LIST' ], [ 'INFO' ], [ 'PUBSUB', 'CHANNELS' ],
	[ 'SUBSCRIBE', 'x' ], [ 'SUBSCRIBE', "$p:changes:e", '__keyspace@0__:x' ], [ 'PSUBSCRIBE', '*' ],
);
my @admin = (
	[ 'PUBLISH', "$p:changes:e", '{"seat":"A-1","status":"free","version":99}' ], [ 'PUBLISH', "$p:ticket:0123456789abcdef", 'ready' ],
	[ 'EVAL', 'return redis.call("DEL", KEYS[1])', 1, $map ], [ 'SCRIPT', 'LOAD', 'return 1' ],
	[ 'FUNCTION', 'LOAD', 'REPLACE', $code ], [ 'FUNCTION', 'FLUSH' ], [ 'FUNCTION', 'DELETE', 'seatlock_1' ], [ 'FUNCTION', 'DUMP' ],
	[ 'FLUSHALL' ], [ 'FLUSHDB' ], [ 'SWAPDB', 0, 1 ], [ 'SELECT', 1 ], [ 'MOVE', $in, 1 ], [ 'CONFIG', 'SET', 'maxmemory', 1 ], [ 'CONFIG', 'GET', '*' ],
	[ 'ACL', 'SETUSER', 'buyer', '+@all' ], [ 'ACL', 'LIST' ], [ 'REPLICAOF', '127.0.0.1', 1 ], [ 'SHUTDOWN', 'NOSAVE' ],
	[ 'CLIENT', 'PAUSE', 1 ], [ 'CLIENT', 'KILL', 'TYPE', 'normal' ], [ 'SAVE' ], [ 'MULTI' ], [ 'WAIT', 0, 0 ],
);
my @by_map_page = ([ 'GET', "$p:ticket:0123456789abcdef" ], [ 'HGET', $labels, 'A-1' ], [ 'XLEN', $in ], [ 'SUBSCRIBE', "$p:ticket:0123456789abcdef" ],
	[ 'XADD', $in, '*', 'x', 'y' ], [ 'SET', "$p:ticket:0123456789abcdef", 'x' ], [ 'PEXPIRE', $in, 1 ],
	[ 'FCALL', 'seatlock_claim', 4, @{ redis_keys($p, 'e', '0123456789abcdef') }, '["A-1"]', 'x', '', '' ]);

sub state
{
	my %map = %{ $redis->cli('HGETALL', $map) };

	delete $map{updated_at};
	return { map => \%map, labels => $redis->cli('HGETALL', $labels), owner => $redis->cli('GET', $owner),
		functions => $redis->cli('FUNCTION', 'DUMP'), acl => $redis->cli('ACL', 'LIST'), keys => [ sort grep { !/:ticket:ticket-|:in$|:wanted$/ } @{ $redis->cli('KEYS', '*') } ] };
}

mirror_is_true($node, $redis, 'e', 'before the attacks');
my $before = state();
my %attacks = (buyer => [ @worker_calls, @writes, @looks, @admin ], map_page => [ @worker_calls, @writes, @looks, @admin, @by_map_page ]);
for my $user (sort keys %attacks)
{
	my $wire = $redis->wire($user);
	my @let_through = grep { $wire->call(@$_) !~ /^ERROR: (?:NOPERM|.*permission|ERR .*(?:can't run this command|can't access))/ } @{ $attacks{$user} };

	is_deeply(\@let_through, [], "$user: " . @{ $attacks{$user} } . ' attacks are refused') or diag explain [ map { "@$_" } @let_through ];
	is_deeply(state(), $before, "$user: and have changed nothing");
}
is($redis->wire('worker')->call(@$_) =~ /^ERROR: NOPERM/ ? 1 : 0, 1, "worker: no @$_") for [ 'FLUSHALL' ], [ 'CONFIG', 'GET', '*' ], [ 'GET', 'x' ], [ 'ACL', 'LIST' ], [ 'KEYS', '*' ], [ 'SET', '{other}:owner', 'x' ];

# What a hostile web tier can do: it is told wrong, and nobody is sold a taken seat.
my $buyer = $redis->wire('buyer');
my $seat = shift @seats;
my $ticket = new_ticket();
is(call('claim', $ticket, encode_json([$seat]), 'ann', '', '')->{outcome}, 'held', 'a buyer has a seat');
is($buyer->call('SET', "$p:ticket:$ticket", '{"outcome":"released"}'), 'OK', 'a verdict can be forged');
is(sql("SELECT status FROM seatlock.seat_map('e') WHERE label = '$seat'"), 'held', 'but the seat is his');
like($buyer->call('XADD', $in, 'MAXLEN', 0, '*', 'x', 'y'), qr/^\d+-\d+$/, 'claims that wait can be dropped');
is($buyer->call('PEXPIRE', $in, 1) =~ /^[01]$/ ? 1 : 0, 1, 'and the stream be let expire');
all_works('at the end');
mirror_is_true($node, $redis, 'e', 'at the end');
is($redis->cli('GET', $owner), $before->{owner}, 'the lease is the same');

$node->stop;
$redis->stop;
log_is_clean($node, 'at the end');
done_testing();
