# Behind pgbouncer in transaction mode, where each transaction may run on
# another server connection: claims work, and nothing leaks from one to the next.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('pooled');
make_event($node, 'e', 20, 50);
my ($host, $port) = ($node->host, $node->port);
my $pool_port = PostgreSQL::Test::Cluster::get_free_port();
my $dir = PostgreSQL::Test::Utils::tempdir_short;
my $user = (getpwuid $>)[0];

append_to_file("$dir/users.txt", qq{"$user" ""\n});
append_to_file("$dir/pgbouncer.ini", <<"INI");
[databases]
postgres = host=$host port=$port dbname=postgres pool_size=4
[pgbouncer]
listen_addr =
listen_port = $pool_port
unix_socket_dir = $dir
auth_type = trust
auth_file = $dir/users.txt
pool_mode = transaction
max_client_conn = 200
logfile = $dir/log
ignore_startup_parameters = extra_float_digits
server_reset_query = DISCARD ALL
server_reset_query_always = 1
INI
my $pooler = IPC::Run::start([ 'pgbouncer', "$dir/pgbouncer.ini" ], '<', '/dev/null', '>', "$dir/out", '2>', "$dir/err");
END { $pooler->kill_kill if $pooler }

# The pooler in place of the server, for the same helpers.
my $pool = "host=$dir port=$pool_port dbname=postgres";
ok(wait_until('the pooler answers', sub { IPC::Run::run([ 'psql', '-XAtq', '-d', $pool, '-c', 'SELECT 1' ], '>', '/dev/null', '2>', '/dev/null') }),
	'pgbouncer runs');

# 40 clients over 4 server connections; each waits for nobody's session state
my @seats = split /\n/, $node->safe_psql('postgres', q{SELECT label FROM seatlock.seat_map('e')});
my @clients;
for my $client (1 .. 40)
{
	my %files = (in => "$dir/$client.sql", out => "$dir/$client.out", err => "$dir/$client.err");
	my $script = '';

	for my $op (1 .. 40)
	{
		my $claim = claim_op($client, $op, 'e', [ map { $seats[ rand @seats ] } 1 .. 2 ]);

		$script .= $op % 4 ? $claim
		  : $op % 8 ? "BEGIN;\n${claim}COMMIT;\n"
		  : "BEGIN;\nSELECT outcome AS o FROM seatlock.claim('e', '$seats[rand @seats]', 'gone') \\gset\nROLLBACK;\n";
	}
	append_to_file($files{in}, "$script\nSELECT clock_timestamp() AS called \\gset\n\\echo end :called\n");
	$files{run} = IPC::Run::start([ 'psql', '-X', '-q', '--csv', '-t', '-v', 'VERBOSITY=verbose', '-d', $pool, '-f', $files{in} ],
		'<', '/dev/null', '>', $files{out}, '2>', $files{err});
	push @clients, \%files;
}
finish_crowd(\@clients);
nobody_failed(\@clients, 'through the pooler');
cmp_ok(load_records($node, \@clients), '>', 1000, 'clients have their records');
is($node->safe_psql('postgres', 'SELECT * FROM t.sold_twice'), '', 'no seat has two winners');
records_are_sound($node, 'through the pooler');
history_is_sound($node, 'through the pooler');
no_locks_left($node, 'through the pooler');
is($node->safe_psql('postgres', q{SELECT count(*) FROM seatlock.hold WHERE holder = 'gone'}), '0', 'what was rolled back is gone');

# a whole purchase, each step perhaps on another server connection
my ($out, $err);
IPC::Run::run([ 'psql', '-XAtq', '-d', $pool, '-v', 'ON_ERROR_STOP=1' ], '<', \q{
	SELECT token FROM seatlock.claim_best('e', 1, 'whole') \gset
	SELECT outcome FROM seatlock.extend('e', :'token', 2000);
	SELECT outcome FROM seatlock.confirm('e', :'token', 'order');
	SELECT outcome FROM seatlock.cancel('e', :'token');
}, '>', \$out, '2>', \$err);
is($out, "extended\nbooked\ncancelled\n", 'a whole purchase');
is($err, '', 'without an error');

# a client that vanishes in the middle of a transaction leaves no lock on the
# server connection that the next one gets
my $in = "BEGIN;\nSELECT outcome FROM seatlock.claim('e', '$seats[0]', 'gone');\nSELECT outcome FROM seatlock.claim_best('e', 1, 'gone');\n";
my $gone = IPC::Run::start([ 'psql', '-XAtq', '-d', $pool, '-f', '-' ], '<', \$in, '>', \$out, '2>', \$err);
wait_until('the client has claimed', sub { $gone->pump_nb; $out =~ /held/ });
$gone->kill_kill;
ok($node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM seatlock.locks'), 'a vanished client leaves no lock');
is($node->safe_psql('postgres', q{SELECT count(*) FROM seatlock.hold WHERE holder = 'gone'}), '0', 'and no hold');
# DISCARD ALL after each transaction is what server_reset_query does here
is($node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim_best('e', 1, 'next'); DISCARD ALL; SELECT outcome FROM seatlock.claim_best('e', 1, 'next')}),
	"held\nheld", 'DISCARD ALL is no trouble');

history_is_sound($node, 'at the end');
$pooler->signal('TERM');
$pooler->finish;
undef $pooler;
log_is_clean($node, 'pooler');
$node->stop;
done_testing();
