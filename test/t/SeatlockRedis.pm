# A private Redis for a test: in a directory of its own, on a unix socket and on
# a port of 127.0.0.1, without persistence, so that each start finds it empty.
# It is gone when the test ends, however that ends.
#
# Workers and buyers log in as the users that seatlock.redis_acl() names, once
# make_users has made them; what a test does by hand it does as the default user,
# who may do everything.
package SeatlockRedis;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SeatlockTest 'wait_until';

our @EXPORT = qw(redis_server wait_until);

my @servers;

# so that END comes to pass
$SIG{$_} = sub { die "stopped by a signal\n" }
  for 'INT', 'TERM';

END
{
	my $status = $?;

	$_->kill9 for @servers;
	$? = $status;
}

# A running server.  conf: further lines of configuration; password: what
# clients need.
sub redis_server
{
	my ($name, %params) = @_;
	my $dir = PostgreSQL::Test::Utils::tempdir_short;
	my $self = bless {
		dir => $dir,
		socket => "$dir/redis.sock",
		port => PostgreSQL::Test::Cluster::get_free_port(),
		password => $params{password},
		log => "$PostgreSQL::Test::Utils::log_path/$name.log",
	};

	for my $program ('redis-server', 'redis-cli')
	{
		die "$program is missing: install Debian's packages redis-server and redis-tools\n"
		  if !grep { -x "$_/$program" } split /:/, $ENV{PATH};
	}
	append_to_file("$dir/redis.conf", <<"CONF");
bind 127.0.0.1
port $self->{port}
unixsocket $self->{socket}
unixsocketperm 700
dir $dir
pidfile $dir/redis.pid
logfile $self->{log}
daemonize no
save ""
appendonly no
${\(defined $params{password} ? "requirepass $params{password}" : '')}
${\($params{conf} // '')}
CONF
	push @servers, $self;
	return $self->start;
}

# The lines that doc/redis.md gives for these users, for a prefix of keys and what
# those of all workers begin with.
sub documented_users
{
	my ($p, $w) = @_;
	my $doc = slurp_file(($ENV{SEATLOCK_TOP} // '.') . '/doc/redis.md');

	return map { s/([~&])P/$1$p/gr =~ s/([~&])W/$1$w/gr } $doc =~ /^(ACL SETUSER .*)$/mg;
}

# Make these users, or give them other rights; they are there again after each start.
my %passwords = (buyer => 'Loge-7-links', map_page => 'Plan-am-Eingang', worker => 'Kopf-hoch-9-tief');

sub make_users
{
	my ($self, @lines) = @_;
	my %line = map { /^ACL SETUSER (\w+) (.*)$/ ? ($1 => $2) : die "no user: $_\n" } @lines;

	for my $user (sort keys %line)
	{
		$line{$user} =~ s/#PASSWORD/>$passwords{$user}/ or die "no place for the password of $user\n";
		my $conf = slurp_file("$self->{dir}/redis.conf") =~ s/^user $user .*\n//mr;
		unlink "$self->{dir}/redis.conf";
		append_to_file("$self->{dir}/redis.conf", $conf . "user $user $line{$user}\n");
		my $said = $self->cli('ACL', 'SETUSER', $user, split / /, $line{$user});
		die "Redis refused the user $user: $said\n" if $said ne 'OK';
	}
	$self->{users} = \@lines;
	return $self;
}

sub users { return @{ $_[0]{users} // [] } }
sub password { my ($self, $user) = @_; return defined $user ? $passwords{$user} : $self->{password} }

sub socket { return $_[0]{socket} }
sub port { return $_[0]{port} }
sub logfile { return $_[0]{log} }
sub pid { return slurp_file("$_[0]{dir}/redis.pid") + 0 }

# How seatlock.redis_url names it.
sub url { return "redis://worker:$passwords{worker}\@127.0.0.1:$_[0]{port}" }

sub start
{
	my ($self) = @_;

	$self->{run} = IPC::Run::start([ 'redis-server', "$self->{dir}/redis.conf" ],
		'<', '/dev/null', '>>', "$self->{log}.out", '2>&1');
	wait_until('Redis answers', sub { $self->answers || !$self->{run}->pumpable }, 30) && $self->answers
	  or die "redis-server did not start, see $self->{log}\n";
	return $self;
}

sub answers
{
	my ($self) = @_;
	return $self->run_cli(undef, 'PING')->{out} =~ /^PONG$/;
}

# End it by a signal, and wait until it is gone.
sub end_by
{
	my ($self, $signal) = @_;
	my $run = delete $self->{run} or return;

	$run->signal($signal);
	$run->signal('CONT');
	$run->finish;
	return;
}

sub stop { return $_[0]->end_by('TERM') }
sub kill9 { return $_[0]->end_by('KILL') }

# Hang it, so that it neither answers nor closes a connection.
sub freeze { return $_[0]{run}->signal('STOP') }
sub thaw { return $_[0]{run}->signal('CONT') }

sub restart
{
	my ($self) = @_;

	$self->stop;
	return $self->start;
}

# redis-cli as a user, undef: the default one.
sub cli_as
{
	my ($self, $user) = @_;
	my $password = $self->password($user);

	$ENV{REDISCLI_AUTH} = $password if defined $password;
	delete $ENV{REDISCLI_AUTH} if !defined $password;
	return ('redis-cli', '-s', $self->{socket}, defined $user ? ('--user', $user) : ());
}

# What redis-cli says to these arguments, with this as its standard input.
sub run_cli { my ($self, @args) = @_; return $self->run_cli_as(undef, @args) }

sub run_cli_as
{
	my ($self, $user, $in, @args) = @_;
	my ($out, $err) = ('', '');

	local $ENV{REDISCLI_AUTH};
	IPC::Run::run([ $self->cli_as($user), @args ], '<', \($in // ''), '>', \$out, '2>', \$err);
	return { status => $?, out => $out, err => $err };
}

# The reply to a command: text, number, undef, or an array of them; "ERROR: ..."
# for an error reply.
sub cli { my ($self, @command) = @_; return $self->call_as(undef, @command) }

sub call_as
{
	my ($self, $user, @command) = @_;
	my $said = $self->run_cli_as($user, undef, '--json', @command);

	die "redis-cli $command[0] failed: $said->{out}$said->{err}\n" if $said->{err} ne '' || $said->{out} eq '';
	return "ERROR: $1" if $said->{out} =~ /^error:"(.*)"$/s;
	return JSON::PP->new->allow_nonref->decode($said->{out});
}

# A call of the library, as the user whose it is.
sub fcall
{
	my ($self, $function, $keys, @args) = @_;
	my $user = $function =~ /claim|release/ ? 'buyer' : 'worker';

	return $self->call_as($user, 'FCALL', $function, scalar @$keys, @$keys, @args);
}

# Where the function library of this checkout is.
sub library
{
	my $file = ($ENV{SEATLOCK_TOP} // '.') . '/src/redis/redis_library.lua';

	-e $file or die "$file is missing\n";
	return $file;
}

# Load the function library; its name, or "ERROR: ...".
sub load_library
{
	my ($self, $source) = @_;
	my $said = $self->run_cli_as('worker', $source // slurp_file(library()), '-x', 'FUNCTION', 'LOAD', 'REPLACE');
	my $out = $said->{out} =~ s/\s+\z//r;

	return $said->{err} eq '' && $out =~ /^\w+$/ ? $out : "ERROR: $out$said->{err}";
}

# Listen on channels, until finish_subscriber or the end: a buyer to seatlock's,
# the test itself to Redis' own.
sub subscriber
{
	my ($self, @channels) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir . '/messages';
	my $subscriber = { file => $file };

	local $ENV{REDISCLI_AUTH};
	$subscriber->{run} = IPC::Run::start([ $self->cli_as("@channels" =~ /__/ ? undef : 'buyer'), '--json', 'SUBSCRIBE', @channels ],
		'<', '/dev/null', '>', $file, '2>', "$file.err");
	wait_until('the subscriber listens', sub { (() = slurp_file($file) =~ /"subscribe"/g) == @channels }, 30)
	  or die "could not subscribe\n";
	return $subscriber;
}

# What it has heard: "channel message" each.
sub messages
{
	my ($self, $subscriber) = @_;
	# an array a line, the last perhaps not whole
	return map { $_->[0] eq 'message' ? "$_->[1] $_->[2]" : () }
	  map { JSON::PP->new->decode($_) } slurp_file($subscriber->{file}) =~ /^(\[.*\])\n/mg;
}

sub finish_subscriber
{
	my ($self, $subscriber) = @_;
	return $subscriber->{run}->kill_kill;
}

# For the tests of faults: use SeatlockRedis ':DEFAULT', ':faults'.
use POSIX ();
use Test::More;

our @EXPORT_OK = qw(
  make_users_of join_redis labels_key redis_prefix redis_status redis_count owns_keys is_fenced mirror_is_true
  redis_keys new_ticket claim_through verdict_of
  start_load move_buyers load_goes_on stop_load load_is_sound decided_once
);
our %EXPORT_TAGS = (faults => \@EXPORT_OK);

# The users of a server's database, for a prefix of keys that was set just now, if any.
sub make_users_of
{
	my ($node, $redis, $prefix) = @_;
	my @lines;

	wait_until('redis_acl() knows the prefix', sub {
		@lines = split /\n/, $node->safe_psql('postgres', 'SELECT seatlock.redis_acl()');
		return !defined $prefix || $lines[0] =~ /~\{$prefix/ });
	return $redis->make_users(@lines);
}

# Let a server with the extension sell through this Redis, as the role shop.
sub join_redis
{
	my ($node, $redis, $conf) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $grants = ($ENV{SEATLOCK_TOP} // '.') . '/doc/grants.sql';

	$node->safe_psql('postgres', 'CREATE ROLE shop LOGIN; CREATE TABLE public.stop_sale ()');
	make_users_of($node, $redis);
	$node->safe_psql('postgres', slurp_file($grants), extra_params => [ '-v', 'role=shop', '-v', 'level=sell' ]);
	$node->append_conf('postgresql.conf', "seatlock.redis_role = 'shop'\nseatlock.redis_url = '" . $redis->url . "'\n" . ($conf // ''));
	$node->restart;
	return owns_keys($node, 'at the start');
}

# What the keys of a server begin with.
sub redis_prefix
{
	my ($node) = @_;
	return $node->safe_psql('postgres', q{SELECT format('{seatlock:%s:%s}', system_identifier, oid)
		FROM pg_control_system(), pg_database WHERE datname = current_database()});
}

# Of the labels that all events of the event's layout share.
sub labels_key
{
	my ($node, $p, $event) = @_;

	return "$p:labels:" . $node->safe_psql('postgres', "SELECT layout_id FROM seatlock.event WHERE name = '$event'");
}

# What these say of the database postgres; '' while the server is away.
sub redis_status { my ($ret, $out) = $_[0]->psql('postgres', "SELECT $_[1] FROM seatlock.redis_status()"); return $out // '' }
sub redis_count { my ($ret, $out) = $_[0]->psql('postgres', "SELECT $_[1] FROM seatlock.stat_redis WHERE database = 'postgres'"); return $out // '' }

sub stands_as
{
	my ($node, $ownership, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 2;

	return ok(wait_until("$name: the worker is $ownership", sub { redis_status($node, 'ownership') eq $ownership }, 120), "$name: the worker is $ownership")
	  || diag redis_status($node, '*');
}

sub owns_keys { my ($node, $name) = @_; return stands_as($node, 'owner', $name) }
sub is_fenced { my ($node, $name) = @_; return stands_as($node, 'fenced', $name) }

# What Redis shows is what the tables say, and it is this server's worker that
# shows it.  Only when nobody buys.
sub mirror_is_true
{
	my ($node, $redis, $event, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $p = redis_prefix($node);
	my (%map, %tables);

	ok(wait_until("$name: the map of $event is true", sub {
			my ($ret, $out) = $node->psql('postgres', qq{
				SELECT string_agg(CASE status WHEN 'not_for_sale' THEN 'n' ELSE left(status, 1) END, '' ORDER BY n),
				       coalesce(sum(version), 0), (SELECT ownership || epoch FROM seatlock.redis_status())
				  FROM seatlock.seat_map('$event') WITH ORDINALITY AS s(label, section, row_label, seat_number, category, status, version, x, y, guid, n)});

			my $shown = eval { $redis->cli('HGETALL', "$p:map:$event") };

			@tables{qw(seats version epoch)} = split /\|/, $out // '';
			%map = (seats => '', version => '', epoch => '', $shown ? %$shown : ());
			return $ret == 0 && $map{seats} eq $tables{seats} && $map{version} eq $tables{version} && "owner$map{epoch}" eq ($tables{epoch} // '') }, 60),
		"$name: the map of $event is what the tables say")
	  || diag explain \%map, \%tables, redis_status($node, '*');
	return is_deeply(eval { $redis->cli('HGETALL', labels_key($node, $p, $event)) },
		{ '' => $map{epoch}, map { split /\|/ } split /\n/, $node->safe_psql('postgres', "SELECT label, row_number() OVER () FROM seatlock.seat_map('$event')") },
		"$name: so are the labels");
}

# The keys of a buyer's call.
sub redis_keys { my ($p, $event, $ticket) = @_; return [ "$p:owner", "$p:map:$event", "$p:in", "$p:ticket:$ticket" ] }

my $num_tickets = 0;
sub new_ticket { return sprintf 'ticket-%06d-%08x-%08x', ++$num_tickets, $$, rand 0xffffffff }

# Send a claim; the first answer, decoded, or { outcome => "ERROR: ..." }.
sub claim_through
{
	my ($redis, $p, $event, $ticket, $seats, $deadline_ms) = @_;
	my $answer = $redis->fcall('seatlock_claim', redis_keys($p, $event, $ticket), encode_json($seats), "r $ticket", '', $deadline_ms // '');

	return $answer =~ /^\{/ ? decode_json($answer) : { outcome => $answer };
}

# The verdict of a ticket, once it is there; undef when it does not come.
sub verdict_of
{
	my ($redis, $p, $ticket, $seconds) = @_;
	my ($verdict, $wire);

	return wait_until("ticket $ticket has a verdict", sub {
		my $text = eval { $wire //= $redis->wire('buyer'); $wire->call('GET', "$p:ticket:$ticket") };

		undef $wire if $@;
		$verdict = decode_json($text // return 0);
		return $verdict->{outcome} ne 'pending' }, $seconds // 60) ? $verdict : undef;
}

# Load: buyers through SQL and through Redis, on the same seats, who buy and give
# back until they are stopped.  Each keeps his own record, in the form that
# load_records reads.  Some seats are for buyers through Redis alone, since those
# of SQL keep more and more of theirs.
#
# A buyer through Redis is a process of its own, and does what doc/redis.md asks
# for: a ticket without a verdict is sent again.  The holder's name is made of
# the ticket, so that the history tells how often each was decided.
my @buyer_pids;

END
{
	my $status = $?;

	kill 9, @buyer_pids;
	$? = $status;
}

sub start_load
{
	my ($node, $redis, $event, %params) = @_;
	my $dir = PostgreSQL::Test::Utils::tempdir;
	my @seats = SeatlockTest::seats_of($node, $event);
	my @shared = @seats[ 0 .. 2 * @seats / 3 ];
	my $first = 1000 * ($params{round} // die 'which round?');
	my %load = (node => $node, event => $event, dir => $dir, crowd => [], buyers => []);

	move_buyers(\%load, $redis);
	$node->safe_psql('postgres', "TRUNCATE public.stop_sale;
		SELECT seatlock.release('$event', token) FROM seatlock.holds WHERE event = '$event' AND status = 'held';
		SELECT seatlock.cancel('$event', token) FROM seatlock.holds WHERE event = '$event' AND status = 'booked'");
	$load{crowd} = SeatlockTest::start_crowd($node, [ map { stoppable(SeatlockTest::random_buyer($first + $_, $event, \@shared, $params{ops} // 12000)) } 1 .. 3 ]);
	for my $number (map { $first + 500 + $_ } 1 .. $params{through_redis} // 3)
	{
		my %buyer = (number => $number, event => $event, seats => \@seats, prefix => redis_prefix($node), dir => $dir, parent => $$,
			seed => int rand(1 << 30), err => '/dev/null', map { $_ => "$dir/$number.$_" } qw(out unknown told));

		append_to_file($buyer{$_}, '') for qw(out unknown told);
		$buyer{pid} = fork() // die "could not fork: $!\n";
		if ($buyer{pid} == 0)
		{
			$SIG{$_} = 'DEFAULT' for 'INT', 'TERM';
			$SIG{PIPE} = 'IGNORE';
			eval { SeatlockRedis::Buyer::live(bless \%buyer, 'SeatlockRedis::Buyer'); 1 } or append_to_file($buyer{told}, "died: $@\n");
			POSIX::_exit(0);
		}
		push @buyer_pids, $buyer{pid};
		push @{ $load{buyers} }, \%buyer;
	}
	return \%load;
}

# Have the script of random_buyer look now and then whether the sale was stopped,
# and pause, so that it lasts as long as any test waits for those through Redis.
sub stoppable
{
	my ($script) = @_;
	my @ops = $script =~ /((?:^SELECT coalesce\(.*\n)?^SELECT clock_timestamp.*\n^SELECT .*\n)/mg;
	my $stoppable = "\\set go true\n";

	while (my @part = splice @ops, 0, 10)
	{
		$stoppable .= join '', "\\if :go\nSELECT count(*) = 0 AS go, pg_sleep(0.1) AS nap FROM public.stop_sale \\gset\n\\endif\n\\if :go\n", @part, "\\endif\n";
	}
	return $stoppable;
}

# Buyers through Redis go to this one from their next connection on.
sub move_buyers
{
	my ($load, $redis) = @_;

	append_to_file("$load->{dir}/address.new", join "\n", $redis->socket, 'buyer', $redis->password('buyer'));
	return rename "$load->{dir}/address.new", "$load->{dir}/address";
}

# Wait until buyers through SQL, or those through Redis, had so many answers more.
sub load_goes_on
{
	my ($load, $name, $kind, $count) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @files = map { $_->{out} } @{ $load->{ $kind eq 'SQL' ? 'crowd' : 'buyers' } };
	my $sum = sub { my $sum = 0; $sum += () = slurp_file($_) =~ /\n/g for @files; return $sum };
	my $end = $sum->() + ($count // 30);

	return ok(wait_until("$name: buyers through $kind go on", sub { $sum->() >= $end }, 120), "$name: buyers through $kind go on");
}

# Have them all go home; how often those through Redis were told what.
sub stop_load
{
	my ($load, $name) = @_;
	my %told;

	$load->{node}->psql('postgres', 'INSERT INTO public.stop_sale DEFAULT VALUES');
	append_to_file("$load->{dir}/stop", '');
	for my $buyer (@{ $load->{buyers} })
	{
		waitpid $buyer->{pid}, 0;
		@buyer_pids = grep { $_ != $buyer->{pid} } @buyer_pids;
		for (split /\n/, slurp_file($buyer->{told}))
		{
			/^(\d+) (.*)/ or die "buyer $buyer->{number} $_\n";
			$told{$2} += $1;
		}
	}
	SeatlockTest::finish_crowd($load->{crowd});
	note "$name: buyers through Redis were told " . join ', ', map { "$told{$_} $_" } sort keys %told;
	return \%told;
}

# Stop, and judge: nobody sold twice, no ticket decided twice, all that was
# acknowledged is there, and who was never told finds out by SQL.  crash: the
# server was killed, so clients met errors; injected: as for log_is_clean.
sub load_is_sound
{
	my ($load, $name, %params) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($node, $event) = @$load{'node', 'event'};
	my $told = stop_load($load, $name);

	SeatlockTest::nobody_failed($load->{crowd}, $name) if !$params{crash};
	SeatlockTest::forget_records($node);
	cmp_ok(SeatlockTest::load_records($node, [ @{ $load->{crowd} }, @{ $load->{buyers} } ]), '>', 0, "$name: buyers have their own records");
	cmp_ok($told->{held} // 0, '>', 0, "$name: some through Redis got seats") if @{ $load->{buyers} };
	is($node->safe_psql('postgres', q{
			SELECT a.client, a.op, a.verb, a.token, a.seats FROM t.audit a
			 WHERE a.ok AND a.verb IN ('claim', 'confirm', 'release', 'cancel') AND NOT EXISTS (
				SELECT FROM seatlock.change c JOIN seatlock.event e USING (event_id)
				 WHERE e.name = a.event AND c.token = a.token AND c.action = a.outcome) LIMIT 20}),
		'', "$name: every acknowledged answer is there");
	SeatlockTest::records_are_sound($node, $name, 1);
	SeatlockTest::refusals_are_sound($node, $name);
	settle($node, $event, $name, map { split /\n/, slurp_file($_->{unknown}) } @{ $load->{buyers} });
	decided_once($node, $name);
	SeatlockTest::all_is_sound($node, $name, $params{injected});
	return $told;
}

# Buyers who were never told ask by SQL: he who has a hold finds it.
sub settle
{
	my ($node, $event, $name, @unknown) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $values = join ', ', map { "('" . (join "', '", map { s/'/''/gr } split /\t/) . "')" } @unknown;

	return pass("$name: every ticket had its verdict") if !@unknown;
	note "$name: " . @unknown . ' tickets without a verdict';
	# the role may have been another one for a while
	return is($node->safe_psql('postgres', qq{
			CREATE TEMP TABLE unknown AS SELECT v.ticket, v.asked, r.token AS known
			  FROM (VALUES $values) v(ticket, asked) LEFT JOIN seatlock.request r ON r.key = 'ticket:' || v.ticket
			 WHERE r.key IS NULL OR EXISTS (SELECT FROM seatlock.change c WHERE c.token = r.token AND c.actor = 'shop');
			GRANT SELECT ON unknown TO shop;
			SET ROLE shop;
			SELECT u.ticket, u.known, c.outcome, c.token, c.replayed
			  FROM unknown u CROSS JOIN LATERAL seatlock.claim('$event', u.asked, 'r ' || u.ticket, request_key => 'ticket:' || u.ticket) c
			 WHERE CASE WHEN u.known IS NULL THEN c.outcome NOT IN ('held', 'taken') OR c.replayed
			            ELSE NOT c.ok OR NOT c.replayed OR c.token <> u.known::text END LIMIT 20}),
		'', "$name: who was never told finds out by SQL");
}

sub decided_once
{
	my ($node, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return is($node->safe_psql('postgres', q{
			SELECT holder, count(DISTINCT token) FROM t.history WHERE action IN ('held', 'booked') AND holder LIKE 'r %'
			 GROUP BY holder HAVING count(DISTINCT token) > 1 LIMIT 20}),
		'', "$name: no ticket has two holds");
}

# A connection that lasts, and takes many commands at once.
sub wire { my ($self, $user) = @_; return SeatlockRedis::Wire->new($self->{socket}, $user, $self->password($user)) }

package SeatlockRedis::Wire;

use IO::Select;
use IO::Socket::UNIX;

sub new
{
	my ($class, $path, $user, $password) = @_;
	my $self = bless { handle => IO::Socket::UNIX->new(Peer => $path), input => '', seconds => 5 }, $class;

	die "no connection: $!\n" if !$self->{handle};
	$self->call('AUTH', $user // 'default', $password) if defined $password;
	return $self;
}

# Each command is an array; replies come in the same order.
sub send_all
{
	my ($self, @commands) = @_;
	my $bytes = join '', map { '*' . @$_ . "\r\n" . join '', map { '$' . length($_) . "\r\n$_\r\n" } @$_ } @commands;

	while ($bytes ne '')
	{
		my $sent = syswrite($self->{handle}, $bytes) or die "connection lost: $!\n";

		substr($bytes, 0, $sent) = '';
	}
	return;
}

sub read_more
{
	my ($self) = @_;

	die "no answer\n" if !IO::Select->new($self->{handle})->can_read($self->{seconds});
	sysread($self->{handle}, $self->{input}, 65536, length $self->{input}) or die "connection lost\n";
	return;
}

sub take_bytes
{
	my ($self, $count) = @_;

	$self->read_more while length $self->{input} < $count;
	return substr $self->{input}, 0, $count, '';
}

# Text, number, undef or an array of them; "ERROR: ..." for an error reply.
sub reply
{
	my ($self) = @_;
	my $end;

	$self->read_more while ($end = index $self->{input}, "\r\n") < 0;
	my ($kind, $rest) = $self->take_bytes($end + 2) =~ /^(.)(.*)\r\n$/s;
	return "ERROR: $rest" if $kind eq '-';
	return $rest if $kind eq '+' || $kind eq ':';
	return undef if $rest < 0;
	return substr $self->take_bytes($rest + 2), 0, -2 if $kind eq '$';
	return [ map { $self->reply } 1 .. $rest ];
}

sub call
{
	my ($self, @command) = @_;

	$self->send_all(\@command);
	return $self->reply;
}

# A buyer through Redis, who gets along with a Redis in any state.
package SeatlockRedis::Buyer;

use JSON::PP;
use PostgreSQL::Test::Utils;
use Time::HiRes qw(time usleep);

use constant { DEADLINE_MS => 3000, MAX_DOUBTS => 50, PATIENCE => 2 };

sub is_over { return -e "$_[0]{dir}/stop" || getppid != $_[0]{parent} }
sub csv { return join ',', map { defined ? /[",]/ ? '"' . s/"/""/gr . '"' : $_ : '' } @_ }

sub stamp
{
	my $now = time;
	return POSIX::strftime('%Y-%m-%d %H:%M:%S', gmtime $now) . sprintf '.%06d+00', 1e6 * ($now - int $now);
}

sub connection
{
	my ($self) = @_;
	return $self->{wire} //= SeatlockRedis::Wire->new(split /\n/, slurp_file("$self->{dir}/address"));
}

# What is kept under a ticket: its verdict, or "pending", or nothing.
sub look
{
	my ($self, $key) = @_;
	my $text = $self->connection->call('GET', $key) // return;

	return $text =~ /^\{/ ? decode_json($text) : undef;
}

# Send a ticket once.  The answer is a verdict if it is found under the ticket;
# undef: no answer.
sub send_once
{
	my ($self, $function, $ticket, @args) = @_;
	my $keys = SeatlockRedis::redis_keys($self->{prefix}, $self->{event}, $ticket);
	my $text = $self->connection->call('FCALL', $function, scalar @$keys, @$keys, @args);
	my ($answer, $kept);

	if ($text =~ /^ERROR: (\w+)/)
	{
		$self->{count}{"$1 errors"}++;
		return undef;
	}
	$answer = decode_json($text);
	for (my $end = time + DEADLINE_MS / 1000; ($kept = $self->look($keys->[3])) && $kept->{outcome} eq 'pending' && time < $end;)
	{
		usleep 3000;
	}
	return { %$kept, verdict => 1 } if $kept && $kept->{outcome} ne 'pending';
	return $answer->{outcome} eq 'pending' || $answer->{outcome} eq 'ask' ? undef : $answer;
}

# Send a ticket until it is decided; undef: not known.  What is refused when it is
# sent again may have been granted before, if its verdict was lost.
sub attempt
{
	my ($self, $function, $ticket, @args) = @_;
	my ($sent, $doubts, $give_up_at) = (0, 0);

	while ($doubts < MAX_DOUBTS && !($give_up_at && time > $give_up_at))
	{
		my $answer = eval { $self->send_once($function, $ticket, @args) };

		die $@ if $@ && $@ !~ /^(?:no connection|connection lost|no answer)/;
		delete $self->{wire} if $@;
		return $answer if $answer && ($answer->{verdict} || !$sent);
		$doubts++ if $answer;
		$sent = 1;
		usleep 20_000;
		$give_up_at //= time + PATIENCE if $self->is_over;
	}
	return undef;
}

sub live
{
	my ($self) = @_;
	my ($op, @mine) = (0);

	srand $self->{seed};
	open my $out, '>>', $self->{out} or die "could not write $self->{out}: $!\n";
	open my $unknown, '>>', $self->{unknown} or die "could not write $self->{unknown}: $!\n";
	$_->autoflush for $out, $unknown;
	until ($self->is_over)
	{
		my $ticket = sprintf 'buyer-%d-%06d-%08x', $self->{number}, ++$op, rand 0xffffffff;
		my $gives_back = rand() < @mine / 4;
		my %wanted = map { $self->{seats}[ rand @{ $self->{seats} } ] => 1 } 0 .. rand 2;
		my $asked = $gives_back ? '' : encode_json([ keys %wanted ]);
		my $called = stamp();
		my $answer = $gives_back ? $self->attempt('seatlock_release', $ticket, shift @mine, '', DEADLINE_MS)
		  : $self->attempt('seatlock_claim', $ticket, $asked, "r $ticket", '', DEADLINE_MS);

		$self->{count}{ !$answer ? 'nothing' : $answer->{outcome} . ($answer->{verdict} ? '' : ' at once') . ($answer->{replayed} ? ' again' : '') }++;
		print $unknown "$ticket\t$asked\n" if !$answer && !$gives_back;
		# a map may be older than what somebody else was told
		next if !$answer || !$answer->{verdict};
		push @mine, $answer->{token} if $answer->{outcome} eq 'held';
		print $out csv($self->{number}, $op, $called, $self->{event}, $gives_back ? 'release' : 'claim', $asked, $answer->{ok} ? 't' : 'f',
			$answer->{outcome}, $answer->{token}, encode_json($answer->{seats} // [])) . "\n";
	}
	print $out 'end ' . stamp() . "\n";
	append_to_file($self->{told}, join '', map { "$self->{count}{$_} $_\n" } sort keys %{ $self->{count} });
	return;
}

1;
