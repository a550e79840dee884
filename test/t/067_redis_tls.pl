# Redis over TLS: as without it, and nobody is spoken to whose certificate is
# not trusted, or another host's.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use IO::Socket::INET;
use PostgreSQL::Test::Utils;
use SeatlockRedis ':DEFAULT', ':faults';
use SeatlockTest;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir_short;
my $port = PostgreSQL::Test::Cluster::get_free_port();

# An authority, and a certificate of its for 127.0.0.1 alone.
sub openssl
{
	my ($out, $err) = ('', '');

	IPC::Run::run([ 'openssl', @_ ], '<', '/dev/null', '>', \$out, '2>', \$err) or die "openssl $_[0] failed: $err\n";
	return;
}

openssl(qw(req -x509 -newkey rsa:2048 -nodes -days 2 -subj), '/CN=box office', '-keyout', "$dir/ca.key", '-out', "$dir/ca.crt");
openssl(qw(req -newkey rsa:2048 -nodes -subj), '/CN=redis', '-keyout', "$dir/redis.key", '-out', "$dir/redis.csr");
append_to_file("$dir/names", "subjectAltName = IP:127.0.0.1\n");
openssl(qw(x509 -req -days 2 -CAcreateserial -CA), "$dir/ca.crt", '-CAkey', "$dir/ca.key", '-in', "$dir/redis.csr", '-extfile', "$dir/names", '-out', "$dir/redis.crt");

my $redis = redis_server('tls', conf => <<"CONF");
tls-port $port
tls-cert-file $dir/redis.crt
tls-key-file $dir/redis.key
tls-ca-cert-file $dir/ca.crt
tls-auth-clients no
CONF
my $node = seatlock_node('tls', conf => "shared_preload_libraries = 'seatlock'\nseatlock.databases = 'postgres'");

my $url = $redis->url =~ s{redis://(.*):\d+}{rediss://$1:$port}r;

sub sql { return $node->safe_psql('postgres', $_[0]) }

# Go to another address, or trust another file, and hear why that does not work.
sub told_with
{
	my ($name, $pattern, %conf) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $errors = redis_count($node, 'errors');
	my $last = '';

	sql(join ' ', map { "ALTER SYSTEM SET seatlock.redis_$_ = '$conf{$_}';" } sort keys %conf);
	$node->reload;
	ok(wait_until($name, sub {
		$last = redis_status($node, 'last_error');
		redis_count($node, 'errors') > $errors && $last =~ $pattern }, 60), $name) or diag "last error: $last";
	return is(redis_status($node, 'connected'), 'f', "$name: not connected");
}

join_redis($node, $redis, "seatlock.redis_ca_file = '$dir/ca.crt'\nseatlock.redis_url = '$url'\n");
make_event($node, 'e', 20, 20);
make_event($node, 'big', 200, 200);
is(() = $redis->run_cli(undef, 'CLIENT', 'LIST')->{out} =~ /laddr=127\.0\.0\.1:$port /g, 1, 'the worker speaks over TLS');
mirror_is_true($node, $redis, 'big', 'many seats');
my $load = start_load($node, $redis, 'e', round => 1);
load_goes_on($load, 'over TLS', $_) for 'SQL', 'Redis';
$redis->freeze;
ok(wait_until('it hangs', sub { redis_status($node, 'last_error') =~ /did not answer within 2000 ms|no answer in time/ }, 60), 'a Redis that hangs is given up');
$redis->thaw;
load_goes_on($load, 'again', $_) for 'SQL', 'Redis';
load_is_sound($load, 'over TLS');
mirror_is_true($node, $redis, 'e', 'over TLS');

# Whom not to speak to
my $silent = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die "could not listen: $!\n";
told_with('whom the machine trusts', qr/TLS: the certificate is not trusted: /, ca_file => '');
told_with('no such file', qr/TLS: could not read the certificates to trust: No such file/, ca_file => "$dir/none");
told_with('a file without certificates', qr/TLS: could not read the certificates to trust: /, ca_file => "$dir/names");
told_with('another host', qr/TLS: the certificate is not trusted: hostname mismatch/, ca_file => "$dir/ca.crt", url => $url =~ s/127\.0\.0\.1/localhost/r);
told_with('no TLS on the other side', qr/TLS: (?:no answer in time|no handshake: )/, url => $redis->url =~ s/redis/rediss/r);
told_with('TLS on the other side alone', qr/127\.0\.0\.1|Redis/, url => $url =~ s/rediss/redis/r);
told_with('nobody who greets', qr/TLS: no answer in time/, url => 'rediss://127.0.0.1:' . $silent->sockport);
sql("ALTER SYSTEM SET seatlock.redis_url = '$url'");
$node->reload;
owns_keys($node, 'the right one again');
mirror_is_true($node, $redis, 'e', 'the right one again');

$node->stop;
$redis->stop;
log_is_clean($node, 'at the end');
done_testing();
