# What the Redis worker does while nobody buys: as much for many events as for few.
# Maps are valid as long as the owner's key is; what changed is there at once;
# events that are over, or that nobody touches for a day, leave and come back.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use SeatlockRedis ':DEFAULT', ':faults';
use SeatlockTest;
use Test::More;

my $redis = redis_server('rest');
my $node = seatlock_node('redis_rest', conf => <<'CONF');
shared_preload_libraries = 'seatlock'
seatlock.databases = 'postgres'
max_prepared_transactions = 2
CONF
my ($few, $many) = (40, 400);

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub lag { return redis_status($node, 'lag_ms') }

make_event($node, 'n1', 2, 10);
join_redis($node, $redis);
my $p = redis_prefix($node);
my $hand = $redis->wire;

sub make_nights { my ($first, $last) = @_; return sql("SELECT count(seatlock.create_event('n' || i, 'hall of n1')) FROM generate_series($first, $last) i") }
sub num_maps { my @keys = grep { /:map:/ } @{ $hand->call('KEYS', "$p:map:*") }; return scalar @keys }
sub shows { my ($event) = @_; return $redis->call_as('map_page', 'FCALL', 'seatlock_map', 2, "$p:owner", "$p:map:$event") }

sub is_at_rest
{
	my ($name, $num_events) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return ok(wait_until("$name: all maps are there", sub { num_maps() == $num_events && lag() eq '0' }, 60), "$name: all maps are there, lag_ms is 0")
	  || diag num_maps() . ' maps, lag ' . lag();
}

# What happened while the keys were renewed some times: calls of commands in Redis,
# and rows that were read from tables.
sub counted
{
	my %calls = map { /^cmdstat_([^:]+):calls=(\d+)/ ? ($1 => $2) : () } split /\r\n/, $hand->call('INFO', 'commandstats');
	my $rows = sql(q{SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_all_tables WHERE schemaname = 'seatlock' AND relname IN ('event', 'seat_state')});

	# once in each renewal
	return { renewals => $calls{'xinfo|stream'} // 0, rows => $rows, published => $calls{hset} // 0,
		commands => eval { my $sum = 0; $sum += $calls{$_} // 0 for qw(hget hmget hexists exists pexpire hset del sadd spop publish); $sum } };
}

sub at_rest
{
	my ($renewals) = @_;
	my $now = counted();
	my $wait = sub { my ($until) = @_; return wait_until('it goes on', sub { $now = counted(); $now->{renewals} >= $until }, 60) };

	# what was read before is counted after a while
	$wait->($now->{renewals} + 2);
	my $before = $now;
	ok($wait->($before->{renewals} + $renewals), 'the worker goes on');
	my $after = $now;
	my %more = map { $_ => $after->{$_} - $before->{$_} } keys %$after;
	$more{commands} /= $more{renewals};
	return \%more;
}

make_nights(2, $few);
is_at_rest('few', $few);
my $labels = labels_key($node, $p, 'n1');
my $at_few = at_rest(4);
make_nights($few + 1, $many);
is_at_rest('many', $many);
my $at_many = at_rest(4);
cmp_ok($at_many->{commands}, '<', 1.2 * $at_few->{commands} + 5, 'at rest Redis gets no more commands for many events than for few')
  or diag explain $at_few, $at_many;
is("$at_few->{published} $at_many->{published}", '0 0', 'and nothing is published');
# all events are listed once in a minute
cmp_ok($at_many->{rows}, '<=', $many + 100, 'and no event is looked at') or diag explain $at_many;
is(lag(), 0, 'lag_ms is 0');
is_deeply($hand->call('KEYS', "$p:labels:*"), [$labels], 'all nights share their labels');
$hand->call('PEXPIRE', $labels, 1_000_000);
ok(wait_until('they live on', sub { $hand->call('PTTL', $labels) > 1_000_000 }, 30), 'which live on with them');

# What changed is there, whether the board has the event or not, and whoever wrote it.
my $shown = sub { my ($event) = @_; my $map = shows($event); return $map && $map->[3] eq sql("SELECT seats FROM seatlock.seat_map_compact('$event')") };
sub is_shown
{
	my ($event, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	ok(wait_until("$name is shown", sub { $shown->($event) }, 30), "$name is shown");
	return ok(wait_until("$name: lag", sub { lag() eq '0' }, 30), "$name: lag_ms is 0 again") || diag lag();
}

for my $change ('a claim', 'another')
{
	sql(q{SELECT count(*) FROM generate_series(1, 60) i, seatlock.claim_best('n' || 6 * i, 1, 'ann', ttl_seconds => 7200)});
	is_shown('n' . 6 * $_, "$change in n" . 6 * $_) for 1, 30, 60;
}
is_at_rest('after claims', $many);
my $before = counted();
sql(q{SELECT seatlock.claim_best('n6', 1, 'ann', ttl_seconds => 7200)});
is_shown('n6', 'a claim in one of many');
is(counted()->{published} - $before->{published}, 1, 'one change: one map is published');
my $heard = $redis->subscriber("$p:changes:n6");
sql(q{UPDATE seatlock.seat_state SET status = 'n', version = version + 1 WHERE event_id = (SELECT event_id FROM seatlock.event WHERE name = 'n6') AND status = 'f'});
is_shown('n6', 'a change by SQL');
my @told = $redis->messages($heard);
is(scalar @told, 17, 'each seat that has changed is told, and no other') or diag explain \@told;
$redis->finish_subscriber($heard);
sql(q{SELECT seatlock.claim('n7', 'A-1', 'short', 1)});
is_shown('n7', 'a short hold');
ok(wait_until('it lapses', sub { shows('n7')->[3] eq 'f' x 20 }, 30), 'a lapse is shown');
sql(q{BEGIN; SELECT seatlock.claim('n8', 'A-1', 'late', 7200); PREPARE TRANSACTION 'late'});
sql(q{SELECT seatlock.claim('n8', 'A-2', 'soon', 7200)});
is_shown('n8', 'a claim beside one that is prepared');
is(at_rest(3)->{published}, 0, 'what is looked at and has not changed is not published');
sql(q{COMMIT PREPARED 'late'});
is_shown('n8', 'a prepared claim');
sql(q{SELECT seatlock.drop_event('n9', 'yes'); SELECT seatlock.create_grid('wide', 'S', 3, 7, 'Standard'); SELECT seatlock.create_event('n9', 'wide')});
is_shown('n9', 'another event of the same name');
my $wide = labels_key($node, $p, 'n9');
sql(q{UPDATE seatlock.seat SET label = 'first' WHERE label = 'A-1' AND layout_id = (SELECT layout_id FROM seatlock.event WHERE name = 'n9')});
ok(wait_until('it is told', sub { $hand->call('HEXISTS', $wide, 'first') }, 30), 'a label that SQL has changed is told');
is($hand->call('HLEN', $wide), 22, 'in the place of the old one');
sql(q{SELECT seatlock.drop_event('n10', 'yes')});
ok(wait_until('it is gone', sub { !$hand->call('EXISTS', "$p:map:n10") }, 30), 'a dropped event leaves Redis');
$many--;

# The age of the oldest change that is not there
$redis->freeze;
sql(q{SELECT seatlock.claim('n11', 'A-1', 'ann', 7200)});
ok(wait_until('it ages', sub { lag() > 1500 }, 30), 'lag_ms rises while a change waits');
$redis->thaw;
is_shown('n11', 'after Redis hung');
is_at_rest('after Redis hung', $many);

# also when all must be published anew
my @late = map { 'n' . 12 * $_ } 2 .. 30;
$redis->kill9;
my $since = sql(qq{SELECT count(seatlock.claim_best(name, 1, 'ann', ttl_seconds => 7200)) FROM unnest('{@{[join ',', @late]}}'::text[]) name;
	SELECT clock_timestamp()}) =~ s/.*\n//sr;
my %seats = map { split /\|/ } split /\n/, sql(qq{SELECT name, seats FROM unnest('{@{[join ',', @late]}}'::text[]) name, seatlock.seat_map_compact(name)});
my ($asker) = sessions($node, 1);
my $pid = redis_count($node, 'pid');
kill STOP => $pid;
$redis->start;
$hand = $redis->wire;
# Once the worker owns the keys it has to wait for Redis again, while there is time to look.
sub let_it_begin
{
	kill CONT => $pid;
	wait_until('an epoch begins', sub { my $until = time + 2; 1 until $hand->call('EXISTS', "$p:owner") || time > $until; $hand->call('EXISTS', "$p:owner") }, 60);
	return is($hand->call('CLIENT', 'PAUSE', 1000, 'WRITE'), 'OK', 'with Redis again the worker begins to publish, and must wait');
}
let_it_begin();
my ($num_told, @too_young) = (0);
ok(wait_until('they are there', sub {
	my ($age, $lag) = split /\n/, in_session($asker, "SELECT 1000 * extract(epoch FROM clock_timestamp() - '$since'); SELECT lag_ms FROM seatlock.redis_status()");
	my $owner = $hand->call('GET', "$p:owner") // '';

	return 1 if !grep { my $map = $hand->call('HMGET', "$p:map:$_", 'epoch', 'seats'); ($map->[0] // '') ne $owner || ($map->[1] // '') ne $seats{$_} } @late;
	$num_told++;
	push @too_young, "$lag of $age" if $lag < $age - 1; # is rounded down
	return 0 }, 60), 'after Redis was lost all changes are there again');
cmp_ok($num_told, '>', 0, 'some time later');
is_deeply(\@too_young, [], 'and until then lag_ms is their age, or more');
is_at_rest('after Redis was lost', $many);

# Maps are as valid as the owner's key.
sql(q{SELECT seatlock.block('n12', 'B-9')});
is_shown('n12', 'a blocked seat');
is(claim_through($redis, $p, 'n12', new_ticket(), ['B-9'])->{outcome}, 'taken', 'claim of a blocked seat: taken');
my $map = shows('n12');
is($map->[0], $hand->call('GET', "$p:owner"), 'a map has the epoch that owns the keys');
kill STOP => $pid;
ok(wait_until('the lease is over', sub { !$hand->call('EXISTS', "$p:owner") }, 30), 'the worker hangs, and the lease is over');
is($hand->call('EXISTS', "$p:map:n6", "$p:map:n12", $labels), 3, 'the maps are still there');
is(shows('n12'), undef, 'but not shown');
my ($seat) = sql(q{SELECT label FROM seatlock.seat_map('n6') WHERE status = 'not_for_sale' LIMIT 1});
is(claim_through($redis, $p, 'n6', new_ticket(), [$seat])->{outcome}, 'ask', 'claim: ask');
is(claim_through($redis, $p, 'n12', new_ticket(), ['A-1'])->{outcome}, 'ask', 'claim of a free seat: ask');
is(decode_json($redis->fcall('seatlock_claim_best', redis_keys($p, 'n12', new_ticket()), 1, 'ann', '', '', '', '', ''))->{outcome}, 'ask', 'claim_best: ask');
sql(q{SELECT seatlock.unblock('n12', 'B-9')});
kill CONT => $pid;
# with a lease again, all that is shown is of its epoch
my ($until, $answer, $blocked) = (time + 60, { outcome => 'ask' }, 0);
while ($answer->{outcome} eq 'ask' && time < $until)
{
	my $now = $hand->call('FCALL', 'seatlock_map', 2, "$p:owner", "$p:map:n12");

	$blocked++ if $now && $now->[3] =~ /n/;
	$answer = decode_json($hand->call('FCALL', 'seatlock_claim', 4, @{ redis_keys($p, 'n12', new_ticket()) }, '["B-9"]', 'ann', '', ''));
}
is("$blocked $answer->{outcome}", '0 pending', 'with a lease again, no map of the epoch before is shown, and no claim refused by it')
  or diag explain $answer, shows('n12');
is_shown('n6', 'with a lease again, a map');
isnt(shows('n6')->[0], $map->[0], 'and it is another epoch');
is(claim_through($redis, $p, 'n6', new_ticket(), [$seat])->{outcome}, 'taken', 'claim: taken');
is_at_rest('with a lease again', $many);

# What somebody removes is there again once it is asked for.
my @asks = ([ 'FCALL', 'seatlock_map', 2, "$p:owner", "$p:map:n13" ], map { [ 'FCALL', 'seatlock_claim', 4, @{ redis_keys($p, "n$_", new_ticket()) }, '["A-1"]', 'ann', '', '' ] } 14, 15);
# at once, before the worker looks
$hand->send_all(['MULTI'], [ 'DEL', "$p:map:n13", $labels, "$p:map:n15" ], @asks, ['EXEC']);
$hand->reply for 0 .. 1 + @asks;
my (undef, $none, @answers) = @{ $hand->reply };
is($none, undef, 'a map that was removed');
is_deeply([ map { decode_json($_)->{outcome} } @answers ], [ 'ask', 'ask' ], 'claims without labels, without a map: ask');
ok(wait_until("n$_ is back", sub { $shown->("n$_") && $hand->call('HLEN', $labels) == 21 }, 10), "n$_ is back soon") for 13 .. 15;

# Events that are over leave, and come back when they are asked for.
sql(q{SELECT seatlock.alter_event('n16', closes_at => clock_timestamp() + interval '1 second')});
ok(wait_until('it leaves', sub { !$hand->call('EXISTS', "$p:map:n16") }, 30), 'an event that is over leaves');
is(claim_through($redis, $p, 'n16', new_ticket(), ['A-1'])->{outcome}, 'ask', 'over: ask');
is_shown('n16', 'over, and asked for');
is_at_rest('over, and asked for', $many);
is(claim_through($redis, $p, 'nowhere', new_ticket(), ['A-1'])->{outcome}, 'ask', 'no such event: ask');

# So do those that nobody has touched for a while, which is a day by itself.
sub keep { my ($seconds) = @_; sql("ALTER SYSTEM SET seatlock.redis_keep = $seconds"); return $node->reload }
sql(q{SELECT seatlock.claim_best('n17', 1, 'ann')});
keep(3600);
is_at_rest('an hour', $many);
keep(4);
ok(wait_until('they leave', sub { sql(q{SELECT seatlock.block('n17', 'B-9'); SELECT seatlock.unblock('n17', 'B-9')}); num_maps() == 1 }, 30), 'what nobody touches leaves') or diag num_maps();
is_shown('n17', 'what is touched');
keep(3600);
is_at_rest('what left', 1);
is(claim_through($redis, $p, 'n18', new_ticket(), ['A-1'])->{outcome}, 'ask', 'untouched: ask');
is_shown('n18', 'untouched, and asked for');
is(shows('n19'), undef, 'untouched: no map');
is_shown('n19', 'untouched, and its map asked for');
sql(q{SELECT seatlock.claim_best('n20', 1, 'ann')});
is_shown('n20', 'untouched, and changed');
sql(q{SELECT seatlock.redis_resync('n21')});
is_shown('n21', 'untouched, and redis_resync()');
is_at_rest('untouched', 5);

$node->stop;
$redis->stop;
log_is_clean($node, 'at rest');
done_testing();
