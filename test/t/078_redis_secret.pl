# A password in seatlock.redis_url is not written to the server's log: not when the
# setting is reloaded, refused or set by a statement, nor at the server's start.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('secret', conf => "shared_preload_libraries = 'seatlock'\nlog_min_messages = info\nlog_statement = 'all'\nlog_min_duration_statement = 0");
my $count = 0;
my @secrets;

# A URL with a password of its own, and what is wrong with it, if anything.
sub url
{
	my ($shape) = @_;

	push @secrets, 'Geheim-' . ++$count . '-Wort';
	return $shape =~ s/SECRET/$secrets[-1]/r;
}
sub log_text { return slurp_file($node->logfile) }

# Set in the file, and reloaded: the log tells of it, and of where it leads.
sub reload_with
{
	my ($url, $told) = @_;

	$node->append_conf('postgresql.conf', "seatlock.redis_url = '$url'");
	$node->reload;
	return ok(wait_until('the log tells', sub { log_text() =~ $told }, 60), "the log tells of $told");
}
reload_with(url('redis://worker:SECRET@127.0.0.1:1/0'), qr{parameter "seatlock.redis_url" changed to "redis://\*\*\*\@127\.0\.0\.1:1/0"});
reload_with(url('redis://:x@SECRET:@127.0.0.1:2'), qr{changed to "redis://\*\*\*\@127\.0\.0\.1:2"});
reload_with(url('redis://worker:SECRET@127.0.0.1:port'), qr{invalid value for parameter "seatlock.redis_url": "redis://\*\*\*\@127\.0\.0\.1:port"});
reload_with(url(':SECRET@127.0.0.1'), qr{invalid value for parameter "seatlock.redis_url\*\*\*\@127\.0\.0\.1"});
reload_with('redis://127.0.0.1:3', qr{changed to "redis://127\.0\.0\.1:3"});

# By statements: those that go well, and those that do not.
for my $statement (
	"ALTER SYSTEM SET seatlock.redis_url = '" . url('redis://worker:SECRET@127.0.0.1:1') . "'",
	"ALTER SYSTEM SET seatlock.redis_url = '" . url('redis://worker:SECRET@127.0.0.1:port') . "'",
	"SET seatlock.redis_url = '" . url('redis://worker:SECRET@127.0.0.1:1') . "'",
	"SELECT 1/0, set_config('seatlock.redis_url', '" . url('redis://worker:SECRET@127.0.0.1:1') . "', false)",
	"DO \$\$BEGIN PERFORM set_config('seatlock.redis_url', '" . url('redis://worker:SECRET@127.0.0.1:1') . "', false); END\$\$")
{
	my ($ret, $out, $err) = $node->psql('postgres', "LOAD 'seatlock';\n$statement");

	unlike($err =~ s/^LINE 1:.*$//mr, qr/Geheim/, 'the client is not shown it either');
}
like(log_text(), qr/statement: ALTER SYSTEM SET seatlock\.redis_url = 'redis:\/\/\*\*\*\@127/, 'statements are logged');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET seatlock.redis_url');

# At the start, right and wrong.
$node->append_conf('postgresql.conf', "seatlock.redis_url = '" . url('redis://worker:SECRET@127.0.0.1:1') . "'");
$node->restart;
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server starts with it');
$node->stop;
$node->append_conf('postgresql.conf', "seatlock.redis_url = '" . url('redis://worker:SECRET@127.0.0.1:gate') . "'");
$node->start(fail_ok => 1);
like(log_text(), qr{invalid value for parameter "seatlock.redis_url": "redis://\*\*\*\@127\.0\.0\.1:gate"}, 'and says when it is wrong');

my $log = log_text();
is_deeply([ grep { index($log, $_) >= 0 } @secrets ], [], 'no password is in the log');
is(scalar @secrets, 11, 'of so many');
$node->stop('fast', fail_ok => 1);
done_testing();
