# The library for Redis comes in a package of its own: what happens without it, with
# one of another release, and who loads it.
# Passes: one; it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SeatlockRedis ':DEFAULT', ':faults';
use SeatlockTest;
use Test::More;

# What pg_config of the installation in use says.
sub pg_config
{
	my ($option) = @_;
	my $said = `pg_config --$option`;

	chomp $said;
	return $said;
}

# Whole names of the libraries that this one needs, and what they need.
sub needs
{
	my ($library) = @_;
	return join ' ', `ldd '$library'` =~ /^\s*(\S+) =>/mg;
}

# Which of our libraries, and of Redis', a process has loaded.
sub loaded
{
	my ($pid) = @_;
	my %names = map { $_ => 1 } slurp_file("/proc/$pid/maps") =~ m{/(seatlock\w*\.so|libhiredis)}g;

	return join ' ', sort keys %names;
}

my $lib = pg_config('pkglibdir');
my $package = 'postgresql-' . (pg_config('version') =~ /(\d+)/)[0] . '-seatlock';

# Nobody but the Redis worker loads what speaks to Redis
unlike(needs("$lib/seatlock.so"), qr/hiredis|ssl|crypto/, 'seatlock.so needs neither hiredis nor OpenSSL');
like(needs("$lib/seatlock_redis.so"), qr/hiredis.*ssl/, 'seatlock_redis.so does');

# A private copy of the installation, whose libraries this test may change.
my ($root, $prefix) = pg_config('bindir') =~ m{^(.*/pg_\w+)(/.*)/bin$} or die 'no private installation: run it by test/run';
my $copy = PostgreSQL::Test::Utils::tempdir();
system('cp', '-a', "$root/.", $copy) == 0 or die 'could not copy the installation';
# headers are where they were
my $headers = substr pg_config('includedir-server'), length $root;
my $library = $copy . substr($lib, length $root) . '/seatlock_redis.so';

my $redis = redis_server('package');
my $node = PostgreSQL::Test::Cluster->new('redis_package', install_path => "$copy$prefix");
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'seatlock'
seatlock.databases = 'postgres'
log_min_messages = debug1
CONF
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION seatlock_test CASCADE');
make_event($node, 'e', 1, 10);
join_redis($node, $redis);

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub pid_of { return sql("SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE backend_type = '$_[0]'") }

my $in_log = 0;

sub log_says { my ($pattern) = @_; return () = substr(slurp_file($node->logfile), $in_log) =~ /$pattern/g }
sub restart { $node->stop; $in_log = -s $node->logfile; return $node->start }

my @sessions = sessions($node, 1);
my $backend = in_session($sessions[0], q{SELECT pg_backend_pid() FROM seatlock.redis_status(), seatlock.redis_acl(), seatlock.stat_redis LIMIT 1});
is(loaded($backend), 'seatlock.so', 'a backend that asks about Redis does not load it');
is(loaded(pid_of('seatlock worker')), 'seatlock.so', 'nor does the group worker');
is(loaded(slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/), 'seatlock.so', 'nor the postmaster');
is(loaded(pid_of('seatlock redis worker')), 'libhiredis seatlock.so seatlock_redis.so', 'the Redis worker does');
$_->quit for @sessions;
cmp_ok(log_says(qr/registering background worker "seatlock redis worker"/), '>', 0, 'the log tells that it was registered');

# Without the library: each function says what to install, nothing tries to start a worker, all else goes on
rename $library, "$library.away" or die "could not rename $library: $!";
restart();
ok(wait_until('the worker has looked', sub { log_says(qr/WARNING: +the library seatlock_redis is not installed/) }, 60), 'without the library: the log says so')
  || diag slurp_file($node->logfile);
my @calls = ('SELECT * FROM seatlock.redis_status()', q{SELECT seatlock.redis_resync('e')}, 'SELECT seatlock.redis_take_over()',
	'SELECT * FROM seatlock.redis_acl()', 'SELECT * FROM seatlock.stat_redis', 'SELECT * FROM seatlock.redis_statistics()');
for my $call (@calls)
{
	my ($ret, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$call");

	like($err, qr/ERROR: +0A000: the library seatlock_redis is not installed\n.*\nHINT: +Install the package $package-redis,/, "without the library: $call");
}
is(pid_of('seatlock redis worker'), '', 'no Redis worker is there');
is(log_says(qr/registering background worker "seatlock redis worker"/), 0, 'none was ever registered');
is(sql(q{SELECT outcome FROM seatlock.claim('e', '["A-1"]', 'ann')}), 'held', 'claims are decided');
is(sql(q{SELECT outcome FROM seatlock.claim_now('e', '["A-1"]', 'bob')}), 'taken', 'by the worker, too');
is(sql('SHOW seatlock.redis_role'), 'shop', 'the settings are there');

# A library of another release, which may want functions that this one does not have
sub install_other
{
	my ($api) = @_;

	unlink $library;
	IPC::Run::run([ 'gcc', '-shared', '-fPIC', '-x', 'c', '-I', $headers, '-o', $library, '-' ], '<', \<<"SOURCE", '2>&1') or die 'could not make a library';
#include "postgres.h"
#include "fmgr.h"
PG_MODULE_MAGIC;
extern void seatlock_redis_worker_begin(int api);
extern void sl_of_another_release(void);
#pragma weak sl_of_another_release
void seatlock_redis_worker_main(Datum arg);
void seatlock_redis_worker_main(Datum arg) { seatlock_redis_worker_begin($api); sl_of_another_release(); }
SOURCE
	return;
}
for my $case ([ 'a newer library', 999, $package ], [ 'an older library', 0, "$package-redis" ])
{
	my ($name, $api, $to_upgrade) = @$case;
	my $message = qr/seatlock_redis wants interface $api of seatlock, which has interface \d+: upgrade $to_upgrade, and restart the server/;

	install_other($api);
	restart();
	ok(wait_until('the worker was forgotten', sub { log_says(qr/unregistering background worker "seatlock redis worker"/) }, 60), "$name: the postmaster does not start it again");
	is(log_says(qr/WARNING: +$message/), 1, 'it says once which package to upgrade') || diag slurp_file($node->logfile);
	like(redis_status($node, 'last_error'), qr/^$message$/, 'redis_status() says it, too');
	is(pid_of('seatlock redis worker'), '', 'no Redis worker is there');
	is(sql(q{SELECT outcome FROM seatlock.claim_now('e', '["A-1"]', 'bob')}), 'taken', 'claims are decided');
}

# The right one again
rename "$library.away", $library or die "could not rename $library: $!";
restart();
owns_keys($node, 'with the library again');
mirror_is_true($node, $redis, 'e', 'with the library again');
all_is_sound($node, 'at the end');
$node->stop;
$redis->stop;
done_testing();
