# Redis dies, hangs, forgets, is full, or lets nobody in, while crowds buy through
# it and beside it: SQL goes on, nobody is sold a seat twice, and when Redis is
# back, its maps are those of the tables.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockRedis ':DEFAULT', ':faults';
use SeatlockTest;
use Test::More;
use Time::HiRes qw(time);

my $redis = redis_server('faults');
my $node = seatlock_node('redis_faults', conf => <<'CONF');
shared_preload_libraries = 'seatlock'
seatlock.databases = 'postgres'
CONF
random_seed();
make_event($node, 'e', 10, 20, 'max_seats_per_holder => 1000');
join_redis($node, $redis);
my $p = redis_prefix($node);
my $server = $node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()');
my $round = 0;
mirror_is_true($node, $redis, 'e', 'at the start');

sub sql { return $node->safe_psql('postgres', $_[0]) }

# A fault under load: what it does is done between two moments at which buyers of
# both kinds are known to get answers.
sub under_load
{
	my ($name, $fault, $at) = @_;
	$at //= $redis;
	my $load = start_load($node, $at, 'e', round => ++$round);

	load_goes_on($load, "$name, before", $_) for 'SQL', 'Redis';
	$fault->($load, $name);
	owns_keys($node, $name);
	load_goes_on($load, "$name, after", $_) for 'SQL', 'Redis';
	load_is_sound($load, $name);
	mirror_is_true($node, $at, 'e', $name);
	is(sql('SELECT pg_postmaster_start_time()'), $server, "$name: the PostgreSQL server has not restarted");
	return;
}

# errors: how many there had been before what shall be told now.
sub last_error_is
{
	my ($pattern, $name, $errors) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return ok(wait_until("$name: the status tells", sub { redis_count($node, 'errors') > ($errors // 0) && redis_status($node, 'last_error') =~ $pattern }, 60),
		"$name: redis_status() tells") || diag 'last_error: ' . redis_status($node, 'last_error');
}

under_load('killed', sub {
	my ($load, $name) = @_;

	$redis->kill9;
	ok(wait_until('the worker notices', sub { redis_status($node, 'connected') eq 'f' }, 60), "$name: the worker notices");
	load_goes_on($load, "$name, meanwhile", 'SQL', 300);
	last_error_is(qr/could not connect to host "127\.0\.0\.1", port \d+: Connection refused/, $name);
	is(redis_status($node, 'ownership IS NULL AND backlog IS NULL'), 't', "$name: it claims to own nothing");
	$redis->start;
});

under_load('hangs', sub {
	my ($load, $name) = @_;
	my ($num_claims, $longest) = (0, 0);
	my $began = time;

	$redis->freeze;
	# this is how long the fault lasts, not a time in which anything must happen
	while (time - $began < 10)
	{
		my $asked = time;

		sql(q{SELECT seatlock.claim('e', 'A-1', 'probe')});
		$num_claims++;
		$longest = time - $asked if time - $asked > $longest;
	}
	note sprintf '%d calls meanwhile, each in a connection of its own, the longest took %.0f ms', $num_claims, 1000 * $longest;
	# who waits for Redis waits for all of it, and gets to no more than a few
	cmp_ok($num_claims, '>=', 20, "$name: SQL calls do not wait for Redis");
	load_goes_on($load, "$name, meanwhile", 'SQL', 300);
	last_error_is(qr/Redis did not answer within 2000 ms|no answer in time/, $name);
	is(redis_status($node, 'connected'), 'f', "$name: the worker gave the connection up");
	$redis->thaw;
});

under_load('FLUSHALL', sub {
	my ($load, $name) = @_;

	for my $time (1 .. 3)
	{
		is($redis->cli('FLUSHALL'), 'OK', "$name: everything is gone");
		load_goes_on($load, "$name, $time times", 'Redis', 20);
	}
});

under_load('FUNCTION FLUSH', sub {
	my ($load, $name) = @_;

	for my $time (1 .. 3)
	{
		is($redis->cli('FUNCTION', 'FLUSH'), 'OK', "$name: the functions are gone");
		load_goes_on($load, "$name, $time times", 'Redis', 20);
	}
});

# Parts of it, by hand.
under_load('keys removed', sub {
	my ($load, $name) = @_;

	for my $key ("$p:owner", "$p:map:e", labels_key($node, $p, 'e'), "$p:in")
	{
		$redis->cli('DEL', $key);
		ok(wait_until("$key is back", sub { $redis->cli('EXISTS', $key) }, 60), "$name: $key is back");
		load_goes_on($load, "$name, $key", 'Redis', 20);
	}
});

# Full.  A claim that was queued before is decided, and its verdict can be read:
# what empties the queue makes room.
under_load('memory full', sub {
	my ($load, $name) = @_;
	my ($other) = sessions($node, 1);
	my $ticket = new_ticket();

	# held up by a lock, so that it is in the queue when memory is full
	ok(wait_until('a seat is locked', sub {
		my ($seat) = split /\n/, sql(q{SELECT label FROM seatlock.seat_map('e') WHERE status = 'free' AND label ~ '^(H|I|J)' ORDER BY random()});
		in_session($other, 'ROLLBACK; BEGIN');
		return defined $seat && in_session($other, "SELECT outcome FROM seatlock.claim('e', '$seat', 'other')") eq 'held'
		  && claim_through($redis, $p, 'e', $ticket, [$seat], 60000)->{outcome} eq 'pending';
	}, 60), "$name: a claim is held up");
	$redis->cli('CONFIG', 'SET', 'maxmemory', 1);
	ok(wait_until('claims are refused', sub { claim_through($redis, $p, 'e', new_ticket(), ['A-1'])->{outcome} =~ /^ERROR: OOM/ }, 60),
		"$name: claims are refused with Redis' own error");
	ok(wait_until('the map is gone', sub { !$redis->cli('EXISTS', "$p:map:e") }, 60), "$name: the map expires, as nobody can write another");
	load_goes_on($load, "$name, meanwhile", 'SQL', 100);
	in_session($other, 'ROLLBACK');
	my $verdict = verdict_of($redis, $p, $ticket, 15);
	# the load may have been first to the seat
	like($verdict && $verdict->{outcome}, qr/^(held|taken)$/, "$name: the one that waited has its verdict");
	$redis->cli('CONFIG', 'SET', 'maxmemory', 0);
	$other->quit;
});

under_load('eviction', sub {
	my ($load, $name) = @_;
	my $filler = $redis->wire;
	my $num_keys = 0;
	my $evicted;

	$redis->cli('CONFIG', 'SET', 'notify-keyspace-events', 'Ee');
	$evicted = $redis->subscriber('__keyevent@0__:evicted');
	$redis->cli('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
	my ($used) = $redis->run_cli(undef, 'INFO', 'memory')->{out} =~ /^used_memory:(\d+)/m;
	$redis->cli('CONFIG', 'SET', 'maxmemory', $used + 500_000);
	my $ours = sub { return scalar(() = slurp_file($evicted->{file}) =~ /"\Q$p\E:(?:owner|map|labels|in)/g) };
	ok(wait_until('some of our keys are evicted', sub {
		$filler->send_all(map { [ 'SET', 'junk' . ++$num_keys, 'x' x 2000 ] } 1 .. 500);
		$filler->reply for 1 .. 500;
		return $ours->() >= 3;
	}, 120), "$name: keys of ours were evicted");
	note $ours->() . " keys of ours were evicted, after $num_keys others";
	$redis->cli('CONFIG', 'SET', 'maxmemory', 0);
	$redis->cli('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
	$redis->finish_subscriber($evicted);
});

# Whoever is not let in says so, and never shows what he knows.
my $wrong = 'Kopf-tief-7-hoch';
my $locked = redis_server('locked', password => 'Zutritt-8-verboten')->make_users($redis->users);
my $secret = $locked->password('worker');
my $file = PostgreSQL::Test::Utils::tempdir . '/password';

sub write_password { unlink $file; append_to_file($file, "$_[0]\n"); return }

sub told_with
{
	my ($name, $pattern, %conf) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $errors = redis_count($node, 'errors');

	sql(join ' ', map { "ALTER SYSTEM SET seatlock.redis_$_ = '$conf{$_}';" } sort keys %conf);
	$node->reload;
	return last_error_is($pattern, $name, $errors);
}

my $closed = 'redis://127.0.0.1:' . $locked->port;
my $door = $closed =~ s{//}{//worker@}r;
my $load = start_load($node, $locked, 'e', round => ++$round);
told_with('no password', qr/NOAUTH/, url => $closed);
told_with('no password file', qr/could not read Redis password file "\Q$file\E": No such file/, password_file => $file);
write_password($wrong);
last_error_is(qr/could not connect to host "127\.0\.0\.1", port \d+: Redis answered AUTH with WRONGPASS/, 'wrong password in the file');
write_password("\xef\xbb\xbf$secret");
last_error_is(qr/Redis password file "\Q$file\E" begins with a byte-order mark/, 'a byte-order mark in the file');
write_password('x' x 5000);
last_error_is(qr/password in Redis password file "\Q$file\E" is too long/, 'a password that is too long');
told_with('wrong password in the URL', qr/WRONGPASS/, password_file => '', url => $closed =~ s{//}{//worker:$wrong\@}r);
told_with('unknown user', qr/WRONGPASS/, url => $closed =~ s{//}{//nobody:$wrong\@}r);
load_goes_on($load, 'wrong password, meanwhile', 'SQL');
is(redis_status($node, 'connected'), 'f', 'wrong password: not connected');
write_password($wrong);
told_with('wrong password in the file again', qr/WRONGPASS/, password_file => $file, url => $door);
write_password($secret);
owns_keys($node, 'right password, without a reload');
load_goes_on($load, 'right password', $_) for 'SQL', 'Redis';
load_is_sound($load, 'right password');
mirror_is_true($node, $locked, 'e', 'right password');
for my $shown (slurp_file($node->logfile), redis_status($node, '*'), sql('SELECT string_agg(query, $$ $$) FROM pg_stat_activity'))
{
	unlike($shown, qr/\Q$secret\E|\Q$wrong\E/, 'no password is shown');
}

$node->stop;
$_->stop for $redis, $locked;
log_is_clean($node, 'at the end');
done_testing();
