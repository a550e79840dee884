# Two where there should be one: a Redis replica that lost writes, a standby that
# was promoted beside its primary, a clone.  Who does not own the keys is fenced
# and touches nothing; what was acknowledged stays sold.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use SeatlockRedis ':DEFAULT', ':faults';
use SeatlockTest;
use Test::More;

# a replica is served at once
my $redis = redis_server('master', conf => 'repl-diskless-sync-delay 0');
my $node = seatlock_node('failover', init => { allows_streaming => 1 }, conf => <<'CONF');
shared_preload_libraries = 'seatlock'
seatlock.databases = 'postgres'
CONF
random_seed();
make_event($node, 'e', 10, 20, 'max_seats_per_holder => 1000');
join_redis($node, $redis);
my $p = redis_prefix($node);

sub owner_key { return $redis->cli('GET', "$p:owner") // '' }
sub free_seat { return $_[0]->safe_psql('postgres', q{SELECT label FROM seatlock.seat_map('e') WHERE status = 'free' LIMIT 1}) }
sub last_seq { return $_[0]->safe_psql('postgres', 'SELECT coalesce(max(seq), 0) FROM seatlock.change') }

# What a worker has done to Redis.
sub traces { return redis_count($_[0], 'publications || $$ $$ || seats || $$ $$ || entries || $$ $$ || verdicts') }

# Claims until one is decided: its ticket, seat and verdict.
sub claim_one
{
	my ($server, $name) = @_;
	my ($ticket, $seat, $verdict);

	ok(wait_until("$name: a claim is decided", sub {
		($ticket, $seat) = (new_ticket(), free_seat($server));
		claim_through($redis, $p, 'e', $ticket, [$seat])->{outcome} eq 'pending' or return 0;
		$verdict = verdict_of($redis, $p, $ticket, 15) // { outcome => '' };
		return $verdict->{outcome} eq 'held' }, 60), "$name: a claim is decided");
	return ($ticket, $seat, $verdict);
}

# A replica that was cut off while verdicts were written becomes the master.
{
	my $replica = redis_server('replica', conf => 'replicaof 127.0.0.1 ' . $redis->port)->make_users($redis->users);
	my $load = start_load($node, $redis, 'e', round => 1);

	ok(wait_until('the replica follows', sub { $replica->run_cli(undef, 'INFO', 'replication')->{out} =~ /master_link_status:up/ }), 'the replica follows');
	load_goes_on($load, 'replicated', 'Redis');
	$replica->freeze;
	# or it would find what was sent meanwhile in its socket
	is($redis->cli('CLIENT', 'KILL', 'TYPE', 'replica'), 1, 'the replica is cut off');
	load_goes_on($load, 'cut off', 'Redis', 60);
	my ($ticket, $seat, $verdict) = claim_one($node, 'cut off');
	$redis->kill9;
	$replica->thaw;
	is($replica->cli('REPLICAOF', 'NO', 'ONE'), 'OK', 'the replica is promoted');
	is($replica->cli('GET', "$p:ticket:$ticket"), undef, 'and has lost the verdict');

	$redis = $replica;
	move_buyers($load, $redis);
	$node->safe_psql('postgres', "ALTER SYSTEM SET seatlock.redis_url = '" . $redis->url . q{'});
	$node->reload;
	owns_keys($node, 'promoted replica');
	load_goes_on($load, 'promoted replica', $_) for 'SQL', 'Redis';

	# what doc/redis.md asks of its buyer
	my $again = {};
	ok(wait_until('the ticket is decided again', sub {
		$again = claim_through($redis, $p, 'e', $ticket, [$seat]);
		$again = verdict_of($redis, $p, $ticket, 15) // {} if $again->{outcome} eq 'pending';
		return $again->{outcome} ne 'ask' }), 'a lost verdict: the ticket is sent again');
	is($again->{outcome}, 'taken', 'a lost verdict: the map knows of the seat, not of its ticket');
	$again = decode_json($node->safe_psql('postgres',
		"SET ROLE shop; SELECT to_json(c) FROM seatlock.claim_now('e', '[\"$seat\"]', 'r $ticket', request_key => 'ticket:$ticket') c"));
	is_deeply({ map { $_ => $again->{$_} } qw(outcome token replayed) }, { outcome => 'held', token => $verdict->{token}, replayed => JSON::PP::true },
		'a lost verdict is found again under its request key');
	load_is_sound($load, 'promoted replica');
	mirror_is_true($node, $redis, 'e', 'promoted replica');
}

# A standby is promoted while its primary lives and talks to Redis.
$node->backup('standby');
my $standby = PostgreSQL::Test::Cluster->new('failover_standby');
$standby->init_from_backup($node, 'standby', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay');
is(redis_count($standby, 'count(pid)'), '0', 'a standby has no Redis worker');
{
	my $load = start_load($node, $redis, 'e', round => 2);

	load_goes_on($load, 'old primary', 'Redis');
	my $old_owner = owner_key();
	$standby->promote;
	is_fenced($standby, 'new primary');
	load_goes_on($load, 'two primaries', $_, 100) for 'SQL', 'Redis';
	# it has changes that it might want to show
	$standby->safe_psql('postgres', q{SELECT seatlock.claim('e', label, 'on the new one') FROM seatlock.seat_map('e') WHERE status = 'free' ORDER BY random() LIMIT 5});
	load_goes_on($load, 'two primaries, again', 'Redis', 100);
	is(redis_status($standby, 'ownership'), 'fenced', 'the new primary is still fenced');
	is(traces($standby), '0 0 0 0', 'and has touched nothing');
	is(owner_key(), $old_owner, 'the keys are the old primary\'s');
	is(redis_status($node, 'ownership'), 'owner', 'who knows it');
	load_is_sound($load, 'two primaries');
	mirror_is_true($node, $redis, 'e', 'two primaries');
	is(traces($standby), '0 0 0 0', 'the new primary has touched nothing to the end');

	# The operator's word, while buyers come in: who decides changes, so each of
	# the two has some of what was acknowledged, and all of it is somewhere.
	$load = start_load($node, $redis, 'e', round => 3);
	load_goes_on($load, 'before the operator\'s word', 'Redis', 60);
	is($standby->safe_psql('postgres', 'SELECT seatlock.redis_take_over()'), '', 'redis_take_over()');
	owns_keys($standby, 'new primary');
	is_fenced($node, 'old primary');
	load_goes_on($load, 'after the operator\'s word', 'Redis', 60);
	stop_load($load, 'taken over');
	nobody_failed($load->{crowd}, 'taken over');
	forget_records($node);
	load_records($node, $load->{buyers});
	my %where = (granted => q{FROM t.audit a WHERE ok AND verb = 'claim'});
	$where{old} = "$where{granted} AND EXISTS (SELECT FROM seatlock.change c WHERE c.token = a.token)";
	my %count = map { $_ => $node->safe_psql('postgres', "SELECT count(*) $where{$_}") } keys %where;
	my $others = $node->safe_psql('postgres', "SELECT string_agg(token::text, ',') $where{granted} AND NOT EXISTS (SELECT FROM seatlock.change c WHERE c.token = a.token)");
	$count{new} = $standby->safe_psql('postgres', "SELECT count(DISTINCT token) FROM seatlock.change WHERE action = 'held' AND token = ANY ('{$others}')");
	is($count{old} + $count{new}, $count{granted}, "taken over: all that was acknowledged is there, $count{old} in the old and $count{new} in the new one");
	cmp_ok($count{$_}, '>', 0, "taken over: some in the $_ one") for 'old', 'new';
	for my $server ($node, $standby)
	{
		history_is_sound($server, 'taken over, ' . $server->name);
		decided_once($server, 'taken over, ' . $server->name);
	}

	$load = start_load($standby, $redis, 'e', round => 4);
	my $traces = traces($node);
	load_goes_on($load, 'new primary', $_, 100) for 'SQL', 'Redis';
	$node->safe_psql('postgres', q{SELECT seatlock.claim('e', label, 'on the old one') FROM seatlock.seat_map('e') WHERE status = 'free' ORDER BY random() LIMIT 5});
	load_goes_on($load, 'new primary, again', 'Redis', 100);
	is(traces($node), $traces, 'the old primary touches nothing');
	like(owner_key(), qr/^2\./, 'the keys are of the second timeline');
	isnt(owner_key(), $old_owner, 'and not the old primary\'s');
	load_is_sound($load, 'new primary');
	mirror_is_true($standby, $redis, 'e', 'new primary');
	is_fenced($node, 'old primary, to the end');
}
log_is_clean($node, 'old primary');
$node->stop;

# A clone of the database on the same Redis.
$standby->backup('clone');
my $clone = PostgreSQL::Test::Cluster->new('failover_clone');
$clone->init_from_backup($standby, 'clone');
$clone->start;
is(redis_prefix($clone), $p, 'a clone has the same keys in mind');
is_fenced($clone, 'clone');
{
	my $load = start_load($standby, $redis, 'e', round => 5);
	my $owner = owner_key();
	my $seq = last_seq($clone);

	load_goes_on($load, 'beside a clone', $_, 100) for 'SQL', 'Redis';
	is(last_seq($clone), $seq, 'a clone decides no claims');
	$clone->safe_psql('postgres', q{SELECT seatlock.claim('e', label, 'on the clone') FROM seatlock.seat_map('e') WHERE status = 'free' ORDER BY random() LIMIT 5});
	cmp_ok(last_seq($clone), '>', $seq, 'it has changes of its own');
	load_goes_on($load, 'beside a clone, again', 'Redis', 100);
	is(traces($clone), '0 0 0 0', 'but touches nothing');
	is(owner_key(), $owner, 'not the lease either');
	is(redis_status($clone, 'ownership'), 'fenced', 'it is still fenced');
	load_is_sound($load, 'beside a clone');
	mirror_is_true($standby, $redis, 'e', 'beside a clone');
	log_is_clean($standby, 'beside a clone');
}

# The owner goes: the other comes, by itself.
$standby->stop;
owns_keys($clone, 'clone, without the owner');
{
	my $load = start_load($clone, $redis, 'e', round => 6);

	load_goes_on($load, 'clone, without the owner', $_) for 'SQL', 'Redis';
	load_is_sound($load, 'clone, without the owner');
	mirror_is_true($clone, $redis, 'e', 'clone, without the owner');
}
$clone->stop;
$redis->stop;
done_testing();
