# What the Redis worker does while nobody buys: as much for many events as for few.
# Maps are valid as long as the owner's key is; what changed is there at once;
# events that are over, or that nobody touches for a day, leave and come back.
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

	# who asks for a map that is not there has it come
	ok(wait_until("$name is shown", sub { $hand->call('EXISTS', "$p:map:$event") && $shown->($event) }, 30), "$name is shown");
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
ok(wait_until('it expires', sub { shows('n7')->[3] eq 'f' x 20 }, 30), 'a lapse is shown');
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

# also while some of it is there, whatever changes meanwhile: Redis takes longer for a
# map than the worker has for all of them in a turn
my @slow = ('SET', "$p:owner:slow", 60_000);
sub can_be_slow
{
	my $library = slurp_file(SeatlockRedis::library());

	$library =~ s/^local function publish\(keys, args\)\n\K/for i = 1, tonumber(redis.call('GET', keys[1] .. ':slow')) or 0 do redis.call('EXISTS', keys[1]) end\n/m;
	return like($redis->load_library($library), qr/^seatlock/, 'Redis can be slow');
}

can_be_slow();
my ($asker, $buyer) = sessions($node, 2);
my ($clean_at, $changed_at, %was);
sub now { return in_session($asker, 'SELECT clock_timestamp()') }
sub change { my ($who, @events) = @_; return in_session($buyer, join ';', 'BEGIN', (map { "SELECT seatlock.claim_best('$_', 1, '$who', ttl_seconds => 7200)" } @events), 'COMMIT') }
sub is_clean { my ($name) = @_; return ok(wait_until("$name: lag_ms is 0", sub { $clean_at = now(); lag() eq '0' }, 30), "$name: lag_ms is 0") }

# Of these events nothing has changed before.
sub first_change
{
	my (@events) = @_;

	%was = map { $_ => $hand->call('HGET', "$p:map:$_", 'seats') } @events;
	change('first', @events);
	return $changed_at = now();
}

# Events whose first change is in Redis.
sub num_there
{
	$hand->send_all(map { [ 'HGET', "$p:map:$_", 'seats' ] } keys %was);
	return scalar grep { my $seats = $hand->reply; defined $seats && $seats ne $was{$_} } keys %was;
}

# What is wrong with lag_ms as the age of the first change?  Redis had all a second
# before lag_ms was seen to be 0, at most.  Undef: that is there by now.
sub wrong_lag
{
	my ($is_there) = @_;
	my ($least, $lag, $most) = split /\n/, in_session($asker, "SELECT 1000 * extract(epoch FROM clock_timestamp() - '$changed_at');
		SELECT lag_ms FROM seatlock.redis_status(); SELECT 1000 * extract(epoch FROM clock_timestamp() - '$clean_at') + 1000");

	return undef if $is_there->();
	return $lag >= int $least && $lag <= $most ? '' : "$lag is not in $least .. $most";
}

# Look until then, or until the first change is everywhere; another comes when it is time.
sub lag_is_right_until
{
	my ($name, $is_time, $until, @others) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($end, $changed, $wrong, @looks) = (time + 60, 0);

	while (time < $end && defined($wrong = wrong_lag(sub { num_there() == keys %was })))
	{
		push @looks, $wrong if $changed;
		change('then', keys %was, @others) if !$changed && $is_time->() && ++$changed;
		last if $until->();
	}
	cmp_ok(scalar @looks, '>', 0, "$name: the first change is not everywhere, and there is another");
	return is(join('; ', grep { $_ } @looks), '', "$name: lag_ms is the age of the first one");
}

is_clean('in time');
$hand->call(@slow);
first_change(map { "n$_" } 201 .. 215);
lag_is_right_until('behind', \&num_there, sub { 0 }, map { "n$_" } 221 .. 223);
$hand->call('DEL', "$p:owner:slow");
is_at_rest('in time again', $many);

# also when all must be published anew
is_clean('in time again');
$hand->call(@slow);
first_change(map { "n$_" } 231 .. 245);
wait_until('one is there', sub { num_there() }, 30);
$hand->send_all(['MULTI'], ['FLUSHALL'], \@slow, ['EXEC']);
$hand->reply for 1 .. 4;
# maps of the epoch, and that of the labels
sub anew { return $hand->call('EVAL', <<'LUA', 0, $p, $labels) }
	local owner, num = redis.call('GET', ARGV[1] .. ':owner'), 0
	for _, key in ipairs(redis.call('KEYS', ARGV[1] .. ':map:*')) do
		num = num + (redis.call('HGET', key, 'epoch') == owner and 1 or 0)
	end
	return { num, redis.call('HGET', ARGV[2], '') == owner and 1 or 0 }
LUA
my $anew = [ 0, 0 ];
ok(wait_until('it begins anew', sub { ($anew = anew())->[0] > 0 }, 30), 'when Redis has lost everything, the worker begins anew');
is($anew->[1], 1, 'labels are there before the maps that go by them');
lag_is_right_until('anew', sub { 1 }, sub { anew()->[0] > 10 });
cmp_ok(anew()->[0], '<', $many, 'it has not ended');
$hand->call('DEL', "$p:owner:slow");
is_at_rest('anew', $many);
is_shown($_, "anew, $_") for 'n231', 'n245';

# and while Redis is away
is_clean('anew');
$redis->kill9;
change('first', 'n251');
$changed_at = now();
ok(wait_until('it ages', sub { lag() > 1500 }, 30), 'lag_ms rises while Redis is away');
$redis->start;
$hand = $redis->wire;
is_shown('n251', 'after Redis was lost');
is_at_rest('after Redis was lost', $many);
my $pid = redis_count($node, 'pid');

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
# also while the worker, waiting for Redis, has not heard of it
is_clean('untouched');
can_be_slow();
$hand->call('SET', "$p:owner:slow", 200_000);
$hand->call('CLIENT', 'PAUSE', 1900, 'WRITE');
ok(wait_until('the worker waits', sub { $hand->call('CLIENT', 'LIST') =~ /flags=b .*user=worker/ }, 10), 'the worker waits for Redis');
my $published = redis_count($node, 'publications');
change('first', 'n20');
$changed_at = now();
wait_until('a while', sub { in_session($asker, "SELECT clock_timestamp() > timestamptz '$changed_at' + interval '0.3 s'") eq 't' }, 10);
$hand->call('CLIENT', 'UNPAUSE');
my ($end, $wrong, @looks) = (time + 60);
# 0 until the worker can know
while (time < $end && defined($wrong = wrong_lag(sub { redis_count($node, 'publications') > $published })))
{
	push @looks, $wrong if $wrong !~ /^0 /;
}
cmp_ok(scalar @looks, '>', 0, 'untouched, and changed, and not there yet');
is(join('; ', grep { $_ } @looks), '', 'untouched, and changed: lag_ms is the age of that');
$hand->call('DEL', "$p:owner:slow");
is_shown('n20', 'untouched, and changed');
sql(q{SELECT seatlock.redis_resync('n21')});
is_shown('n21', 'untouched, and redis_resync()');
is_at_rest('untouched', 5);

$node->stop;
$redis->stop;
log_is_clean($node, 'at rest');
done_testing();
