# What somebody spoils in Redis is whole again by itself, without a new connection;
# entries that came without the library keep to its limits; and neither those that
# wait for a lock nor new ones have to wait for the others' end.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use SeatlockRedis ':DEFAULT', ':faults';
use SeatlockTest;
use Test::More;

my $redis = redis_server('heals');
my $node = seatlock_node('redis_heals', conf => <<'CONF');
shared_preload_libraries = 'seatlock'
seatlock.databases = 'postgres'
CONF
make_event($node, 'e', 10, 20);
join_redis($node, $redis, "seatlock.redis_backlog = 100000\n");
my $p = redis_prefix($node);
my ($map, $labels, $in) = ("$p:map:e", labels_key($node, $p, 'e'), "$p:in");
my @free = seats_of($node, 'e');
my $buyer = $redis->wire('buyer');
my $hand = $redis->wire;

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub now_ms { return 1000 * $redis->cli('TIME')->[0] }

# A claim of one free seat is decided, in time.
sub is_decided
{
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $seat = shift @free;
	my $ticket = new_ticket();

	wait_until('it is queued', sub { claim_through($redis, $p, 'e', $ticket, [$seat], 30_000)->{outcome} ne 'ask' }, 30);
	my $verdict = verdict_of($redis, $p, $ticket, 20);
	return is($verdict && $verdict->{outcome}, 'held', "$name: a claim is decided");
}

sub as_before
{
	my ($name, $do) = @_;
	my $before = redis_count($node, q{connects || ' ' || errors});

	$do->();
	is_decided($name);
	mirror_is_true($node, $redis, 'e', $name);
	return is(redis_count($node, q{connects || ' ' || errors}), $before, "$name: the connection is the same, and there was no error");
}

mirror_is_true($node, $redis, 'e', 'at the start');
is_decided('at the start');

# Spoilt keys
my $last = '18446744073709551615-18446744073709551615';
as_before('the last id', sub { is($buyer->call('XADD', $in, $last, 'x', 'y'), $last, 'the last id is used up') });
as_before('the last id, trimmed at once', sub { is($buyer->call('XADD', $in, 'MAXLEN', 0, $last, 'x', 'y'), $last, 'used up, and empty') });
for my $key ($in, $map, $labels)
{
	as_before("$key of the wrong type", sub {
		$hand->call('DEL', $key);
		is($hand->call('SET', $key, 'x'), 'OK', "$key is spoilt") });
}
# from the future, and then begun anew
as_before('lower ids than before', sub {
	like($buyer->call('XADD', $in, '99999999999999-0', 'x', 'y'), qr/^9/, 'an id of the future');
	my $malformed = redis_count($node, 'malformed');
	ok(wait_until('it is gone', sub { !$buyer->call('XLEN', $in) }, 20), 'was taken');
	$hand->call('DEL', $in) });
my $ticket = new_ticket();
$hand->call('HSET', "$p:ticket:$ticket", 'x', 'y');
as_before('ticket of the wrong type', sub {
	$buyer->call('XADD', $in, '*', verb => 'claim', ticket => $ticket, event => 'e', seats => '["nowhere"]', holder => 'x', deadline => now_ms() + 10_000);
	ok(wait_until('it is whole', sub { $hand->call('TYPE', "$p:ticket:$ticket") eq 'string' }, 20), 'a ticket of the wrong type');
	is((verdict_of($redis, $p, $ticket, 20) // { outcome => 'nothing' })->{outcome}, 'taken', 'is answered') });

# The stream is there as long as it is used.
$hand->call('PEXPIRE', $in, 2500);
ok(wait_until('it expires', sub { !$hand->call('EXISTS', $in) }, 20), 'an empty stream is let expire');
is_decided('after it has expired');

# Limits: who has a seat locked holds nobody up for longer than the library allows.
my ($other) = sessions($node, 1);
my $locked = shift @free;
in_session($other, 'BEGIN');
is(in_session($other, "SELECT outcome FROM seatlock.claim('e', '$locked', 'other')"), 'held', 'a seat is locked');
my $far = new_ticket();
my $retried = redis_count($node, 'retried');
$buyer->call('XADD', $in, '*', verb => 'claim', ticket => $far, event => 'e', seats => "[\"$locked\"]", holder => 'x', deadline => now_ms() + 10 * 86_400_000);
like((verdict_of($redis, $p, $far, 20) // { message => 'nothing' })->{message}, qr/field "deadline" lies more than 60000 ms ahead/, 'a far deadline is an error');
is(redis_count($node, 'retried'), $retried, 'and not tried again');
my $malformed = redis_count($node, 'malformed');
$buyer->call('XADD', $in, '*', verb => 'claim', ticket => new_ticket(), event => 'e', holder => 'x', deadline => now_ms() + 10_000, seats => encode_json([ map { "S$_" } 1 .. 12_000 ]));
ok(wait_until('it is refused', sub { redis_count($node, 'malformed') > $malformed }, 20), 'as are 12,000 seats');

# Entries past their deadline, which are decided fast: a flood of full batches.
sub flood
{
	my ($count, $head) = @_;

	return $hand->call('EVAL', <<'LUA', 1, $in, $count, $head);
for i = 1, ARGV[1] do
	redis.call('XADD', KEYS[1], '*', 'v', '1', 'ticket', ARGV[2] .. '-' .. i, 'event', 'e', 'verb', 'claim_best', 'quantity', '1', 'holder', 'late', 'deadline', '1')
end
return redis.call('XLEN', KEYS[1])
LUA
}

$ticket = new_ticket();
is(claim_through($redis, $p, 'e', $ticket, [$locked], 60_000)->{outcome}, 'pending', 'a claim waits for a lock');
ok(wait_until('it is tried again', sub { redis_count($node, 'retried') >= $retried + 3 }, 20), 'and is tried again');
my ($pid, $flood) = (redis_count($node, 'pid'), new_ticket());
kill STOP => $pid;
my $length = flood(60_000, $flood);
kill CONT => $pid;
ok(wait_until('they are being decided', sub { $buyer->call('XLEN', $in) < $length - 1000 }, 60), 'many claims come in, batch after full batch');
in_session($other, 'ROLLBACK');
is((verdict_of($redis, $p, $ticket, 60) // { outcome => 'nothing' })->{outcome}, 'held', 'the lock is gone: it is decided');
ok(wait_until('they are decided', sub { !$buyer->call('XLEN', $in) }, 60), 'so are those that came after it');
# each verdict lives as long from when it was given
my ($own, $last_of_flood) = map { $hand->call('PTTL', "$p:ticket:$_") } $ticket, "$flood-60000";
cmp_ok($own, '<', $last_of_flood, 'but later') or diag "verdicts are forgotten in $own and $last_of_flood ms";

# The other way round: more than a batch of them, and new ones.
$locked = shift @free;
in_session($other, 'BEGIN');
is(in_session($other, "SELECT outcome FROM seatlock.claim('e', '$locked', 'other')"), 'held', 'another seat is locked');
my @waiting = map { new_ticket() } 1 .. 2000;
is((grep { claim_through($redis, $p, 'e', $_, [$locked], 60_000)->{outcome} eq 'pending' } @waiting[ 0 .. 9 ]), 10, 'claims wait for it');
my @locked = (verb => 'claim', event => 'e', seats => "[\"$locked\"]", holder => 'x', deadline => now_ms() + 50_000);
$buyer->send_all(map { [ 'XADD', $in, '*', ticket => $_, @locked ] } @waiting[ 10 .. $#waiting ]);
$buyer->reply for 10 .. $#waiting;
$retried = redis_count($node, 'retried');
is_decided("while thousands wait, $_") for 1 .. 3;
ok(wait_until('all are tried again', sub { redis_count($node, 'retried') >= $retried + 2 * @waiting }, 30), 'while all are tried again');
is($buyer->call('XLEN', $in), scalar @waiting, 'they still wait');
in_session($other, 'COMMIT');
ok(wait_until('they are decided', sub { !$buyer->call('XLEN', $in) }, 20), 'the lock is gone: they are decided');
is((grep { ($_ // '') =~ /"outcome":"taken"/ } @{ $buyer->call('MGET', map { "$p:ticket:$_" } @waiting) }), scalar @waiting, 'each of them');
$other->quit;

mirror_is_true($node, $redis, 'e', 'at the end');
all_is_sound($node, 'at the end');
$node->stop;
$redis->stop;
done_testing();
