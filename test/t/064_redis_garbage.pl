# What answers is not Redis, or is broken, or the network breaks in the middle of
# a reply.  The PostgreSQL server lives, the status tells, and once Redis is
# there again, nothing is lost or done twice.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX ();
use PostgreSQL::Test::Utils;
use SeatlockRedis ':DEFAULT', ':faults';
use SeatlockTest;
use Test::More;
use Time::HiRes qw(time);

my $redis = redis_server('garbage');
my $node = seatlock_node('garbage', conf => <<'CONF');
shared_preload_libraries = 'seatlock'
seatlock.databases = 'postgres'
CONF
random_seed();
make_event($node, 'e', 10, 20, 'max_seats_per_holder => 1000');
join_redis($node, $redis);

sub sql { return $node->safe_psql('postgres', $_[0]) }
# What redis_status() and stat_redis say, in a session that lasts.
my ($eye) = sessions($node, 1);
sub see { return in_session($eye, "SELECT $_[0] FROM seatlock.redis_status(), seatlock.stat_redis") }
sub alive { return see(q{pg_postmaster_start_time() || ' ' || pid}) }

sub use_redis
{
	my ($url) = @_;

	sql("ALTER SYSTEM SET seatlock.redis_url = '$url'");
	return $node->reload;
}

# A server of one connection at a time, in a process of its own.  It finds what to
# do in the file "mode", and notes in the file "log" what it has done.
my @pids;

END
{
	my $status = $?;

	kill 9, @pids;
	$? = $status;
}

sub start_server
{
	my ($serve) = @_;
	my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die "could not listen: $!\n";
	my $dir = PostgreSQL::Test::Utils::tempdir;
	my $server = { dir => $dir, url => 'redis://127.0.0.1:' . $listener->sockport, parent => $$, seed => int rand(1 << 30) };

	append_to_file("$dir/$_", '') for 'mode', 'log';
	$server->{pid} = fork() // die "could not fork: $!\n";
	if ($server->{pid} == 0)
	{
		$SIG{$_} = 'DEFAULT' for 'INT', 'TERM';
		$SIG{PIPE} = 'IGNORE';
		srand $server->{seed};
		while (getppid == $server->{parent})
		{
			my $client = IO::Select->new($listener)->can_read(0.2) && $listener->accept or next;

			note_down($server, sprintf 'accepted %.6f', time);
			eval { $serve->($server, $client) };
			close $client;
		}
		POSIX::_exit(0);
	}
	close $listener;
	push @pids, $server->{pid};
	return $server;
}

sub note_down { my ($server, $line) = @_; return append_to_file("$server->{dir}/log", "$line\n") }
sub noted { my ($server, $pattern) = @_; return scalar(() = slurp_file("$server->{dir}/log") =~ /^$pattern/mg) }

# Lines: an id, where it is done, what is sent, in hex digits, and what comes next.
sub set_mode
{
	my ($server, @mode) = @_;

	append_to_file("$server->{dir}/mode.new", join "\n", @mode);
	return rename "$server->{dir}/mode.new", "$server->{dir}/mode";
}

sub write_bytes
{
	my ($handle, $bytes) = @_;

	while ($bytes ne '')
	{
		my $sent = syswrite($handle, $bytes) or die "gone\n";

		substr($bytes, 0, $sent) = '';
	}
	return;
}

# A command as it comes; dies when the connection ends.
sub read_command
{
	my ($client, $input) = @_;

	while (1)
	{
		my ($head, $count) = $$input =~ /^(\*(\d+)\r\n)/;
		my $at = length($head // '');
		my @words;

		while ($count && @words < $count && substr($$input, $at) =~ /^(\$(\d+)\r\n)/ && length $$input >= $at + length($1) + $2 + 2)
		{
			push @words, substr $$input, $at + length $1, $2;
			$at += length($1) + $2 + 2;
		}
		if ($count && @words == $count)
		{
			substr($$input, 0, $at) = '';
			return @words;
		}
		sysread($client, $$input, 65536, length $$input) or die "gone\n";
	}
	return;
}

# Plays Redis, and once does what the mode says where it says.
my %good = (
	INFO => "\$39\r\nredis_version:7.9.9\r\nrole:master\r\nx:1\r\n\r\n",
	FUNCTION => "\$10\r\nseatlock_1\r\n",
	seatlock_own => "\$4\r\nanew\r\n",
	(map { $_ => "*1\r\n\$2\r\nok\r\n" } qw(seatlock_refresh seatlock_wanted)),
	seatlock_take => "*4\r\n\$2\r\nok\r\n:1700000000000\r\n:0\r\n*0\r\n",
	seatlock_answer => "*2\r\n\$2\r\nok\r\n:1\r\n",
	seatlock_drop => "*2\r\n\$2\r\nok\r\n:1\r\n",
	map { $_ => "\$2\r\nok\r\n" } qw(seatlock_labels seatlock_publish seatlock_remove AUTH SELECT),
);
my $done = '';

sub play_redis
{
	my ($server, $client) = @_;
	my $input = '';

	while (my @words = read_command($client, \$input))
	{
		my $call = $words[0] eq 'FCALL' ? $words[1] : $words[0];
		my ($id, $where, $hex, $next) = split /\n/, slurp_file("$server->{dir}/mode");

		note_down($server, "after $done") if $done ne '';
		if (!defined $id || $where ne $call || $done eq $id && $next ne 'always')
		{
			write_bytes($client, $good{$call});
			next;
		}
		$done = $id;
		note_down($server, "did $id");
		write_bytes($client, pack 'H*', $hex);
		return if $next eq 'close' || $next eq 'always';
		next if $next eq 'stay';
		1 while sysread($client, $input, 65536);
		return;
	}
	return;
}

my $fake = start_server(\&play_redis);
my $load = start_load($node, $redis, 'e', round => 1, through_redis => 0, ops => 20000);
use_redis($fake->{url});
owns_keys($node, 'a Redis that behaves');
is(redis_status($node, 'server_version'), '7.9.9', 'a Redis that behaves is believed');
my $alive = alive();
my $num_cases = 0;

# One reply that is none.  When nothing was wrong that the worker could see, there
# is no pattern.  Without one of them, the worker and the server go on.
sub survives
{
	my ($name, $where, $bytes, $pattern, $next) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $id = 'case' . ++$num_cases;
	my $errors = see('errors');

	set_mode($fake, $id, $where, unpack('H*', $bytes), $next // 'close');
	# these are called at the beginning of a connection
	$node->reload if $where eq 'INFO' || $where eq 'FUNCTION';
	ok(wait_until("$name at $where is met", sub { noted($fake, "did $id\$") }, 60), "$name at $where: met");
	ok(wait_until("$name at $where: it goes on", sub { noted($fake, "after $id\$") }, 60), "$name at $where: the worker goes on");
	if ($pattern)
	{
		ok(wait_until("$name at $where is told", sub { see('errors') > $errors && see('last_error') =~ $pattern }, 60),
			"$name at $where: redis_status() tells") || diag 'last_error: ' . see('last_error');
	}
	wait_until('it owns the keys again', sub { see('ownership') eq 'owner' }, 60);
	return is(alive(), $alive, "$name at $where: server and worker are those from before");
}

# No Redis at all
survives('garbage', $_, "\x01\xfe\x00\xff", qr/Redis sent garbage: byte 0x01/) for qw(INFO seatlock_take FUNCTION seatlock_own);
survives('a web server', 'INFO', "HTTP/1.1 400 Bad Request\r\n\r\n", qr/Redis sent garbage: byte 0x48/);
survives('an endless line', 'seatlock_take', '+' . 'x' x 100_000, qr/a line of more than 65536 bytes/);
survives('a string with no end', 'seatlock_take', "\$3\r\nabcdefgh\r\n", qr/a string that does not end where it should/);

# Errors
survives('an error', $_, "-ERR no $_ today\r\n", qr/Redis refused $_: ERR no $_ today/, 'stay') for qw(INFO seatlock_own FUNCTION seatlock_take);
survives('LOADING', 'FUNCTION', "-LOADING Redis is loading the dataset in memory\r\n", qr/Redis refused FUNCTION: LOADING/, 'stay');
survives('READONLY', 'seatlock_publish', "-READONLY You can't write against a read only replica.\r\n", qr/Redis refused seatlock_publish: READONLY/, 'stay')
  if ok(sql(q{SELECT outcome FROM seatlock.claim('e', 'A-1', 'publish')}) =~ /held|taken/, 'there is something to publish');
survives('READONLY', 'seatlock_own', "-READONLY You can't write against a read only replica.\r\n", qr/Redis refused seatlock_own: READONLY/, 'stay');
survives('BUSY', 'seatlock_take', "-BUSY Redis is busy running a script. You can only call SCRIPT KILL\r\n", qr/Redis refused seatlock_take: BUSY/, 'stay');
survives('MOVED', 'seatlock_refresh', "-MOVED 7 127.0.0.1:7000\r\n", qr/Redis refused seatlock_refresh: MOVED/, 'stay');
survives('no library', 'seatlock_take', "-ERR Function not found\r\n", undef, 'stay');
survives('a long error', 'seatlock_take', '-ERR ' . 'y' x 60_000 . "\r\n", qr/Redis refused seatlock_take: ERR y+$/, 'stay');
survives('another version', 'INFO', "\$21\r\nredis_version:6.0.9\r\n\r\n", qr/Redis 6\.0\.9 is too old/, 'stay');
survives('a huge version', 'INFO', "\$5016\r\nredis_version:" . '9' x 5000 . "\r\n\r\n", undef, 'stay');
survives('no version', 'INFO', "\$-1\r\n", qr/Redis +is too old/, 'stay');
# what is kept of them must be text to PostgreSQL
for my $text ("\xff\xfe\xe4", "\xc3\xa4" x 300, 'z' . "\xc3\xa4" x 300)
{
	survives('an error in another encoding', 'seatlock_take', "-ERR $text\r\n", qr/Redis refused seatlock_take: ERR/, 'stay');
	is(see(q{convert_from(convert_to(last_error, 'UTF8'), 'UTF8') IS NOT NULL}), 't', 'last_error is text in the server\'s encoding');
}

# Headers that would have hiredis ask for the memory, and abort without it
survives('a huge string', $_, "\$99999999999\r\n", qr/announced a string of 99999999999 bytes/) for qw(INFO seatlock_take seatlock_own);
survives('a huge array', $_, "*99999999\r\n", qr/announced an array of 99999999 elements/) for qw(FUNCTION seatlock_take INFO seatlock_own);
survives('many arrays', 'seatlock_take', "*200\r\n" x 3, qr/announced a reply of more than \d+ elements|closed the connection/);
survives('deep arrays', 'seatlock_take', "*1\r\n" x 9, qr/nested deeper than 7/);
survives('a length that is none', 'seatlock_take', $_, qr/a length that is no number/) for "\$-2\r\n", "*-9\r\n", "\$999999999999999999999\r\n", "*1x\r\n", "\$\r\n";
survives('a number that is none', 'seatlock_take', $_, undef) for ":99999999999999999999999\r\n", ":x\r\n", ":\r\n";

# Half of it
survives('the end', $_, '', qr/Redis closed the connection/) for qw(seatlock_take INFO seatlock_own);
survives('half a reply', 'seatlock_take', $_, qr/Redis closed the connection/) for "\$10\r\nabc", "*4\r\n\$2\r\nok\r\n", '$', "*4\r\n\$2\r\nok\r\n:1\r";
survives('silence', 'seatlock_take', '', qr/did not answer within 2000 ms/, 'silence');
survives('silence', 'INFO', '', qr/did not answer within 2000 ms/, 'silence');
survives('silence after half a reply', 'seatlock_own', "\$10\r\nabc", qr/did not answer within 2000 ms/, 'silence');

# Replies of another kind
survives('no take', 'seatlock_take', $_, undef, 'stay') for "\$-1\r\n", ":5\r\n", "*0\r\n", "*-1\r\n", "+ok\r\n",
  "*4\r\n\$2\r\nok\r\n\$1\r\nx\r\n\$1\r\ny\r\n\$1\r\nz\r\n",
  "*4\r\n\$2\r\nok\r\n:1\r\n:1\r\n*3\r\n*0\r\n:5\r\n\$-1\r\n",
  "*4\r\n\$2\r\nok\r\n:1\r\n:1\r\n*1\r\n*2\r\n\$-1\r\n*3\r\n\$6\r\nticket\r\n:7\r\n\$4\r\nverb\r\n",
  "*4\r\n\$2\r\nok\r\n:-1\r\n:-1\r\n*200\r\n" . "*2\r\n\$3\r\n1-1\r\n*0\r\n" x 200;
survives('no names of keys', 'seatlock_refresh', "*4\r\n\$2\r\nok\r\n:999999999999\r\n:-5\r\n\$1\r\nx\r\n", undef, 'stay');
survives('no owner', 'seatlock_own', ":1\r\n", undef, 'stay');

# One who refuses for ever is not asked for ever without a pause.
set_mode($fake, 'for ever', 'seatlock_own', unpack('H*', "-ERR never\r\n"), 'always');
ok(wait_until('it refuses', sub { noted($fake, 'did for ever') }, 60), 'one who always refuses');
my $accepted = noted($fake, 'accepted');
ok(wait_until('the worker has come again', sub { noted($fake, 'accepted') >= $accepted + 6 }, 60), 'the worker comes again and again');
my @times = (slurp_file("$fake->{dir}/log") =~ /^accepted (\S+)/mg)[ -6 .. -1 ];
# 0.1 s to begin with, half of it at random
cmp_ok($times[5] - $times[0], '>', 5 * 0.05, 'and pauses in between');
is(alive(), $alive, 'server and worker are those from before');
load_goes_on($load, 'garbage', 'SQL');
load_is_sound($load, 'garbage');
use_redis($redis->url);
mirror_is_true($node, $redis, 'e', 'garbage');
ok(kill('KILL', $fake->{pid}) && waitpid($fake->{pid}, 0), 'the false Redis is gone');
@pids = ();

# The network breaks: each connection after some number of bytes, now in one
# direction, now in the other; some before the worker has got acquainted and
# loaded its library, most of them later.
my $to_meet = length $redis->wire->call('INFO');
my $to_load = -s SeatlockRedis::library();

sub cut
{
	my ($server, $client) = @_;
	my $other = IO::Socket::UNIX->new(Peer => $redis->socket) or return;
	my $sockets = IO::Select->new($client, $other);
	my $cuts = slurp_file("$server->{dir}/mode") =~ /cut/;
	my $victim = rand() < 0.7 ? $client : $other;
	my $at_first = $victim == $client ? $to_meet : $to_load;
	my $left = int(rand() < 0.2 ? rand $at_first : $at_first + 10**(2.5 + rand 2));

	while (1)
	{
		for my $from ($sockets->can_read)
		{
			my $to = $from == $client ? $other : $client;
			my $bytes;

			sysread($from, $bytes, 65536) or return;
			if ($cuts && $to == $victim && ($left -= length $bytes) <= 0)
			{
				write_bytes($to, substr $bytes, 0, length($bytes) + $left);
				note_down($server, 'cut');
				return;
			}
			write_bytes($to, $bytes);
		}
	}
	return;
}

my $proxy = start_server(\&cut);
set_mode($proxy, 'pass');
use_redis($proxy->{url});
$load = start_load($node, $redis, 'e', round => 2);
load_goes_on($load, 'through a network', 'Redis');
set_mode($proxy, 'cut');
$node->reload;
ok(wait_until('many connections are cut', sub { noted($proxy, 'cut') >= 40 }, 120), 'connections are cut');
note sprintf '%d cuts, %d connections', noted($proxy, 'cut'), noted($proxy, 'accepted');
load_goes_on($load, 'cut', $_) for 'SQL', 'Redis';
set_mode($proxy, 'pass');
load_goes_on($load, 'whole again', $_) for 'SQL', 'Redis';
load_is_sound($load, 'cut');
mirror_is_true($node, $redis, 'e', 'cut');
is(alive(), $alive, 'cut: server and worker are those from before');

$eye->quit;
$node->stop;
$redis->stop;
log_is_clean($node, 'at the end');
done_testing();
