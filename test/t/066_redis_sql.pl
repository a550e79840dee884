# The Redis worker beside what SQL does: who may ask about it, what is refused,
# settings that change, databases and extensions that come and go under it.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use SeatlockRedis ':DEFAULT', ':faults';
use SeatlockTest;
use Test::More;
use Time::HiRes qw(time);

my $redis = redis_server('sql');
my $node = seatlock_node('redis_sql', conf => <<'CONF');
shared_preload_libraries = 'seatlock'
seatlock.databases = 'postgres, shop'
CONF
my $grants = ($ENV{SEATLOCK_TOP} // '.') . '/doc/grants.sql';
make_event($node, 'e', 4, 20, 'max_seats_per_holder => 1000');

sub sql { return $node->safe_psql($_[1] // 'postgres', $_[0]) }
sub try_as { return sqlstate($node, "SET ROLE $_[0]; $_[1]", $_[2]) }

# Without a worker
is(sql('SELECT redis_status FROM seatlock.redis_status()'), '(f,,,,,,,)', 'without a URL: redis_status() knows nothing');
is(sqlstate($node, q{SELECT seatlock.redis_resync('e')}), '55000', 'without a worker: redis_resync() says so');
is(sqlstate($node, 'SELECT seatlock.redis_take_over()'), '55000', 'redis_take_over() too');
join_redis($node, $redis);
my $p = redis_prefix($node);
mirror_is_true($node, $redis, 'e', 'at the start');

# Arguments and privileges
is(sqlstate($node, q{SELECT seatlock.redis_resync('nowhere')}), '42704', 'redis_resync() of an unknown event');
is(sqlstate($node, 'SELECT seatlock.redis_resync(NULL)'), '22023', 'of none');
my @calls = ('SELECT * FROM seatlock.redis_status()', q{SELECT seatlock.redis_resync('e')}, 'SELECT seatlock.redis_take_over()', 'SELECT * FROM seatlock.stat_redis', 'SELECT * FROM seatlock.redis_statistics()');
sql('CREATE ROLE office LOGIN; CREATE ROLE nobody');
$node->safe_psql('postgres', PostgreSQL::Test::Utils::slurp_file($grants), extra_params => [ '-v', 'role=office', '-v', 'level=administer' ]);
for my $call (@calls)
{
	is(try_as('nobody', $call), '42501', "$call: not for everybody");
	is(try_as('shop', $call), '42501', "$call: not for who sells");
	is(try_as('office', $call), 'none', "$call: for who administers");
}
is(try_as('office', 'SHOW seatlock.redis_url'), '42501', 'the URL, which may have a password, is not shown');
is(try_as('office', 'SHOW seatlock.redis_password_file'), '42501', 'nor is the file of the password');

# Settings that are none
for my $case ([ redis_url => 'http://127.0.0.1' ], [ redis_url => 'redis://' ], [ redis_url => 'redis://h:99999' ], [ redis_url => 'unix://' ], [ redis_prefix => 'a{b' ], [ redis_backlog => 0 ])
{
	is(sqlstate($node, "ALTER SYSTEM SET seatlock.$case->[0] = '$case->[1]'"), '22023', "$case->[0] = $case->[1] is refused");
}

# An operator's orders, under load
my $load = start_load($node, $redis, 'e', round => 1);
load_goes_on($load, 'orders', $_) for 'SQL', 'Redis';
for my $order (q{redis_resync('e')}, 'redis_take_over()')
{
	my $publications = redis_count($node, 'publications');

	is(sql("SELECT seatlock.$order FROM generate_series(1, 100)") =~ s/\n//gr, '', "$order a hundred times");
	ok(wait_until('it publishes', sub { redis_count($node, 'publications') > $publications }, 60), "$order: it publishes");
	load_goes_on($load, $order, 'Redis');
}
# twice the same epoch would be none
my $epoch = redis_status($node, 'epoch');
$node->reload;
ok(wait_until('the worker has connected anew', sub { my $now = redis_status($node, 'ownership || epoch'); $now =~ /^owner/ && $now ne "owner$epoch" }, 60), 'a reload: connected anew, in another epoch');
load_goes_on($load, 'reload', 'Redis');

# Another prefix, and another role
sql(q{ALTER SYSTEM SET seatlock.redis_prefix = 'prefix of its own'});
$node->reload;
make_users_of($node, $redis, 'prefix');
ok(wait_until('it has moved', sub { $redis->cli('EXISTS', '{prefix of its own}:map:e') }, 60), 'another prefix: there is the map');
ok(wait_until('the old one is gone', sub { !$redis->cli('EXISTS', "$p:owner") }, 60), 'and the lease expires where it was');
sql('ALTER SYSTEM RESET seatlock.redis_prefix');
$node->reload;
make_users_of($node, $redis, 'seatlock');
load_goes_on($load, 'the old prefix', 'Redis');
sql(q{ALTER SYSTEM SET seatlock.redis_role = 'office'});
$node->reload;
ok(wait_until('it acts as another', sub { sql(q{SELECT count(*) FROM seatlock.change WHERE actor = 'office' AND holder LIKE 'r %'}) > 0 }, 60), 'another role acts');
sql(q{ALTER SYSTEM SET seatlock.redis_role = 'no such role'});
$node->reload;
ok(wait_until('it is told', sub { redis_status($node, 'last_error') =~ /role "no such role" of seatlock.redis_role does not exist/ }, 60), 'a role that is none: redis_status() tells');
ok(wait_until('it is closed', sub { ($redis->cli('HGET', "$p:map:e", 'intake') // '') eq '0' }, 60), 'and no claims are taken in');
sql('ALTER SYSTEM RESET seatlock.redis_role');
$node->reload;
load_goes_on($load, 'the old role', 'Redis');

# No Redis any more, and again
my $pid = redis_count($node, 'pid');
sql(q{ALTER SYSTEM SET seatlock.redis_url = ''});
$node->reload;
ok(wait_until('the worker goes', sub { redis_count($node, 'count(pid)') eq '0' }, 60), 'no URL: no worker');
is(sql("SELECT count(*) FROM pg_stat_activity WHERE pid = $pid"), '0', 'its process is gone');
is(redis_status($node, 'connected || coalesce(ownership, $$$$)'), 'false', 'redis_status() tells');
load_goes_on($load, 'no Redis', 'SQL');
sql('ALTER SYSTEM RESET seatlock.redis_url');
$node->reload;
owns_keys($node, 'a URL again');
load_goes_on($load, 'a URL again', $_) for 'SQL', 'Redis';
load_is_sound($load, 'orders and settings');
mirror_is_true($node, $redis, 'e', 'orders and settings');

# Counters
cmp_ok(redis_count($node, 'least(connects, publications, seats, entries, verdicts)'), '>', 0, 'stat_redis counts');
is(sql('SELECT seatlock.stat_reset(); SELECT verdicts FROM seatlock.stat_redis') =~ s/\s//gr, '0', 'stat_reset() starts again');

# A second database: keys of its own, and commands that need it for themselves
sql('CREATE DATABASE shop');
my $make = q{CREATE EXTENSION seatlock; SELECT seatlock.create_grid('h', 'S', 2, 9, 'c'); SELECT seatlock.create_event('e', 'h')};
my $use = q{SELECT outcome FROM seatlock.claim_now('e', 'B-9', 'ann')};
my $in_shop = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'seatlock redis worker' AND datname LIKE 'shop%'};
sql($make, 'shop');
is(sql($use, 'shop'), 'held', 'a second database sells');
my $q = sql(q{SELECT format('{seatlock:%s:%s}', system_identifier, oid) FROM pg_control_system(), pg_database WHERE datname = 'shop'});
ok(wait_until('its map is shown', sub { ($redis->cli('HGET', "$q:map:e", 'seats') // '') eq 'f' x 17 . 'h' }, 60), 'and shows its map, under keys of its own');
is(sql(q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'seatlock redis worker'}), '2', 'by a worker of its own');
my $began;
for my $command ('ALTER DATABASE shop RENAME TO shop2', 'CREATE DATABASE shop_copy TEMPLATE shop2', 'ALTER DATABASE shop2 RENAME TO shop', 'DROP DATABASE shop_copy')
{
	$began = time;
	is(sqlstate($node, $command), 'none', "$command goes through");
	note sprintf '%s took %.1f s', $command, time - $began;
	ok(wait_until('the worker is called back', sub { sql($in_shop) eq '1' }, 60), 'and the worker is called back');
}
is(sqlstate($node, 'DROP EXTENSION seatlock', 'shop'), 'none', 'DROP EXTENSION goes through');
is(sql($in_shop), '0', 'its Redis worker is gone');
ok(wait_until('the lease is over', sub { !$redis->cli('EXISTS', "$q:owner") }, 60), 'and its lease is over');
sql($make, 'shop');
is(sql($use, 'shop'), 'held', 'a new extension sells');
ok(wait_until('its map is shown', sub { ($redis->cli('HGET', "$q:map:e", 'epoch') // '') eq ($redis->cli('GET', "$q:owner") // 'none') }, 60), 'and shows its map');
# also while Redis hangs
$redis->freeze;
$began = time;
is(sqlstate($node, 'DROP DATABASE shop'), 'none', 'DROP DATABASE goes through, though Redis hangs');
cmp_ok(time - $began, '<', 30, 'soon');
note sprintf 'DROP DATABASE took %.1f s', time - $began;
$redis->thaw;
is(sql(q{SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop'}), '0', 'nobody is in it');
owns_keys($node, 'the first database');
mirror_is_true($node, $redis, 'e', 'the first database');
all_is_sound($node, 'the first database', qr/database "shop" does not exist/);

# Stopping does not wait for a Redis that hangs
$redis->freeze;
$began = time;
$node->stop('fast');
note sprintf 'a fast stop took %.1f s while Redis hung', time - $began;
cmp_ok(time - $began, '<', 30, 'a fast stop does not wait for Redis');
$redis->thaw;
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->start;
is(sqlstate($node, $_), '55000', "$_, not preloaded: 55000") for @calls;
$node->stop;
$redis->stop;
done_testing();
