# The same sale by each client that people use, as they would write it (test/clients):
# on a server as it is, on one that preloads seatlock, and there through PgBouncer in
# transaction mode.  SEATLOCK_CLIENTS=DIR runs those too whose drivers test/long
# installs; modules for Node are in DIR.
# Passes: one, since it makes a server of each kind itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

# What each step has to say; test/clients/README.md tells what it does.
my @steps = (
	claim => 'held 2',
	conflicts => 'taken A-2 held',
	add => 'held 3',
	best => 'held 3 true',
	confirm => 'booked false',
	replay => 'held true true',
	now => 'held',
	unknown => '42704',
	nulls => 'held',
	named => 'held',
	ints => 'held',
	# seconds of a hold's 900 that are left; a time zone gone wrong is hours off
	time => 'not_on_sale (?:8\d\d|900)',
	tx => 'taken held held',
	many => '12');
my @names = map { $steps[ 2 * $_ ] } 0 .. $#steps / 2;
my %expected = @steps;

# run: the command, in a copy of test/clients, where POOLED is set for the pooler; build: once, before that.
# quick: what it needs is installed for every run of the tests; of the others, has succeeds where it is there.
# no_sqlstate: its driver tells of an error the message alone.  not_pooled: why it is not run there.
my $python = '/usr/bin/python3';
my $go = 'GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$PWD/go/cache" go build -o';
my @clients = (
	{ name => 'psql', quick => 1, run => 'psql -X -v event="$EVENT" -f psql/sale.sql' },
	{ name => 'libpq', quick => 1, build => 'cc -Wall -Wextra -Werror -o c/sale c/sale.c $(pkg-config --cflags --libs libpq)', run => 'c/sale' },
	{ name => 'psycopg2', quick => 1, run => "$python python/psycopg2_sale.py" },
	{ name => 'psycopg 3', quick => 1, run => "$python python/psycopg3_sale.py" },
	{ name => 'DBD::Pg', quick => 1, run => 'perl perl/sale.pl' },
	{ name => 'asyncpg', has => "$python -c 'import asyncpg'", run => "$python python/asyncpg_sale.py" },
	{ name => 'SQLAlchemy text()', has => "$python -c 'import sqlalchemy'", run => "$python python/sqlalchemy_sale.py" },
	{ name => 'SQLAlchemy func', has => "$python -c 'import sqlalchemy'", run => "$python python/sqlalchemy_func_sale.py" },
	{ name => 'Django', has => "$python -c 'import django'", run => "$python python/django_sale.py" },
	(map { {
		name => $_->[0], has => join(' && ', map { "node -e \"require.resolve('$_')\"" } @$_[ 2 .. $#$_ ]), run => "node node/$_->[1]_sale.mjs"
	} }
		[ 'node pg', 'pg', 'pg' ], [ 'postgres.js', 'postgresjs', 'postgres' ], [ 'pg-promise', 'pg_promise', 'pg-promise' ],
		[ 'knex', 'knex', 'knex', 'pg' ], [ 'Drizzle', 'drizzle', 'drizzle-orm', 'pg' ], [ 'TypeORM', 'typeorm', 'typeorm', 'reflect-metadata', 'pg' ],
		[ 'Sequelize', 'sequelize', 'sequelize', 'pg' ], [ 'Prisma', 'prisma', '@prisma/adapter-pg', '.prisma/client' ]),
	{ name => 'JDBC', has => 'javac -version && ls /usr/share/java/postgresql.jar', build => 'javac -d java java/Sale.java',
		run => 'java -cp java:/usr/share/java/postgresql.jar Sale' },
	{ name => 'PDO', has => 'php -r "new ReflectionExtension(\'pdo_pgsql\');"', run => 'php php/pdo_sale.php' },
	{ name => 'PDO, emulated', has => 'php -r "new ReflectionExtension(\'pdo_pgsql\');"', run => 'php php/pdo_sale.php emulate' },
	{ name => 'pg_query_params', has => 'php -r "new ReflectionExtension(\'pgsql\');"', run => 'php php/pg_sale.php' },
	{ name => 'Ruby pg', has => 'ruby -r pg -e 1', run => 'ruby ruby/pg_sale.rb' },
	{ name => 'Ruby Sequel', has => 'ruby -r sequel -e 1', run => 'ruby ruby/sequel_sale.rb' },
	{ name => 'Go lib/pq', has => 'go version && ls /usr/share/gocode/src/github.com/lib/pq', build => "$go go/libpq/sale ./go/libpq", run => 'go/libpq/sale' },
	{ name => 'Go pgx 4', has => 'go version && ls /usr/share/gocode/src/github.com/jackc/pgx/v4', build => "$go go/pgx/sale ./go/pgx", run => 'go/pgx/sale' },
	{ name => 'ODBC', has => "$python -c 'import pyodbc; assert \"PostgreSQL Unicode\" in pyodbc.drivers()'", run => "$python odbc/sale.py" },
	{ name => 'tokio-postgres', has => '/usr/bin/cargo --version && ls -d /usr/share/cargo/registry/tokio-postgres-*',
		build => 'cd rust && CARGO_HOME="$PWD/home" RUSTC=/usr/bin/rustc /usr/bin/cargo -q build --offline', run => 'rust/target/debug/sale',
		not_pooled => 'it always prepares' },
	{ name => 'LuaSQL', has => 'lua5.3 -e "require \'luasql.postgres\'"', run => 'lua5.3 lua/sale.lua', no_sqlstate => 1 },
	{ name => 'R RPostgreSQL', has => "Rscript --vanilla -e 'library(RPostgreSQL); library(jsonlite)'", run => 'Rscript --vanilla r/sale.R', no_sqlstate => 1 });

my $dir = PostgreSQL::Test::Utils::tempdir;
system('cp', '-r', '--no-target-directory', "$ENV{SEATLOCK_TOP}/test/clients", "$dir/clients") == 0 or die 'could not copy the programs';
if ($ENV{SEATLOCK_CLIENTS})
{
	symlink "$ENV{SEATLOCK_CLIENTS}/node_modules", "$dir/clients/node_modules" or die "could not link the modules for Node: $!";
}

# Start a command in the copy of the programs, with this in its environment.
sub start_command
{
	my ($command, $files, %env) = @_;

	local %ENV = (%ENV, %env);
	return IPC::Run::start([ 'bash', '-c', $command ], init => sub { chdir "$dir/clients" or die },
		'<', '/dev/null', '>', "$files.out", '2>', "$files.err", IPC::Run::timeout(600));
}

# Whether it came to its end, and what it said.
sub finish_command
{
	my ($run, $files) = @_;
	my $done = eval { $run->finish } // 0;

	$run->kill_kill if $@;
	return ($done, slurp_file("$files.out"), slurp_file("$files.err") . ($@ ? $@ : ''));
}

sub command { my ($command) = @_; return finish_command(start_command($command, "$dir/command"), "$dir/command") }

# A server that listens where every client can reach it, and a shop that has a password, as it would elsewhere.
sub shop_server
{
	my ($name, $pass) = @_;
	local $ENV{SEATLOCK_PASS} = $pass;
	my $node = seatlock_node($name, conf => "listen_addresses = '127.0.0.1'\ntimezone = 'Europe/Berlin'");

	unlink $node->data_dir . '/pg_hba.conf';
	append_to_file($node->data_dir . '/pg_hba.conf', "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
	$node->reload;
	$node->safe_psql('postgres', "CREATE ROLE shop LOGIN PASSWORD 'secret';
		SELECT seatlock.create_grid('Odeon', 'Stalls', 10, 20, 'Standard')");
	$node->command_ok([ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-v', 'role=shop', '-v', 'level=administer', '-f', "$ENV{SEATLOCK_TOP}/doc/grants.sql" ],
		"grants, $name");
	return $node;
}
my %servers = (plain => shop_server('plain', 'plain'), preloaded => shop_server('preloaded', 'preloaded'));
my @targets = (
	{ name => 'plain', node => $servers{plain}, port => $servers{plain}->port, says => { now => '55000' } },
	{ name => 'preloaded', node => $servers{preloaded}, port => $servers{preloaded}->port, says => {} },
	{ name => 'pooler', node => $servers{preloaded}, port => PostgreSQL::Test::Cluster::get_free_port(), says => {}, pooled => 1 });

# The worst that a busy pooler does: each transaction comes to another of its connections.
append_to_file("$dir/users.txt", qq{"shop" "secret"\n});
append_to_file("$dir/pgbouncer.ini", <<"INI");
[databases]
postgres = host=127.0.0.1 port=$targets[1]{port} dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $targets[2]{port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $dir/users.txt
pool_mode = transaction
server_round_robin = 1
min_pool_size = 3
default_pool_size = 3
logfile = $dir/pgbouncer.log
; pgjdbc sends it
ignore_startup_parameters = extra_float_digits
INI
my $pooler = IPC::Run::start([ 'pgbouncer', '-q', "$dir/pgbouncer.ini" ], '<', '/dev/null', '>', "$dir/pgbouncer.out", '2>', "$dir/pgbouncer.err");
END { $pooler->kill_kill if $pooler }
my %as_shop = (PGHOST => '127.0.0.1', PGUSER => 'shop', PGPASSWORD => 'secret', PGDATABASE => 'postgres');
ok(wait_until('the pooler answers', sub { (command("PGPORT=$targets[2]{port} " . join(' ', map { "$_=$as_shop{$_}" } sort keys %as_shop) . ' psql -Xqc "SELECT 1"'))[0] }),
	'pgbouncer runs');
# three transactions at once, so that it has three connections to deal out
my @warm = map { start_command('psql -Xqc "SELECT pg_sleep(0.5)"', "$dir/warm$_", %as_shop, PGPORT => $targets[2]{port}) } 1 .. 3;
$_->finish for @warm;
is($servers{preloaded}->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE usename = 'shop'"), '3', 'over three connections');

# Start a client's sale of an event of its own, far from the server's time zone.
sub start_sale
{
	my ($client, $target) = @_;
	my $files = "$dir/" . "$client->{name} $target->{name}" =~ s/\W/_/gr;
	my $event = "$client->{name} $target->{name}";

	$target->{node}->safe_psql('postgres', "SELECT seatlock.create_event('$event', 'Odeon')");
	return { target => $target, files => $files, event => $event,
		run => start_command($client->{run}, $files, %as_shop, EVENT => $event, PGPORT => $target->{port}, TZ => 'America/New_York',
			$target->{pooled} ? (POOLED => 1) : ()) };
}

# How many steps of a sale said what they should; a check names those that did not.
sub judge_sale
{
	my ($client, $sale) = @_;
	my (undef, $out, $err) = finish_command($sale->{run}, $sale->{files});
	my %said = map { /^(\w+) ?(.*?)\s*$/ } split /\n/, $out =~ s/\bt\b/true/gr =~ s/\bf\b/false/gr;
	my @bad;

	for my $step (@names)
	{
		my $wanted = $sale->{target}{says}{$step} // $expected{$step};
		my $said = $said{$step} // 'nothing';

		$wanted = 'no SQLSTATE, only: .+' if $client->{no_sqlstate} && $wanted =~ /^\d{5}$/;
		push @bad, "$step: $said, not $wanted" if $said !~ /^(?:$wanted)$/;
	}
	my $opens = $sale->{target}{node}->safe_psql('postgres',
		"SELECT abs(extract(epoch FROM opens_at - created_at) - 3600) < 60 FROM seatlock.events WHERE event = '$sale->{event} later'");
	push @bad, 'time: the event opens at another time than was said' if $opens ne 't' && !grep { /^time/ } @bad;
	is(join("\n", @bad), '', "$sale->{event}: " . @names . ' steps') or diag($err);
	return @names - @bad;
}

# Why a client cannot be run here, if it cannot.
sub missing
{
	my ($client) = @_;

	return if $client->{quick};
	return 'test/long clients runs it' if !$ENV{SEATLOCK_CLIENTS};
	my ($done, undef, $err) = command($client->{has});
	return if $done;
	return (grep { /error|not found|no such|cannot|there is no/i } split /\n/, $err)[0] // "this fails: $client->{has}";
}

my (@table, %left_out);
for my $client (@clients)
{
	my $why = missing($client);
	my %passed;

	if (!defined $why && $client->{build})
	{
		my ($done, $out, $err) = command($client->{build});
		ok($done, "$client->{name} is built") or diag($out, $err);
	}
	if (defined $why)
	{
		push @{ $left_out{$why} }, $client->{name};
		next;
	}
	my @sales = map { start_sale($client, $_) } grep { !($_->{pooled} && $client->{not_pooled}) } @targets;
	$passed{ $_->{target}{name} } = judge_sale($client, $_) for @sales;
	push @table, [ $client->{name}, map { $passed{ $_->{name} } // $client->{not_pooled} } @targets ];
}

# test/run shows what is in a table, and what is not run
my $line = "| %-18s | %9s | %9s | %s\n";
diag(join '', sprintf($line, 'steps passed', 'plain', 'preloaded', 'PgBouncer'), map { sprintf $line, @$_ } @table);
diag("NOT RUN: @{[ join ', ', @{ $left_out{$_} } ]}: $_") for sort keys %left_out;

$pooler->signal('INT');
$pooler->finish;
undef $pooler;
for my $node (values %servers)
{
	history_is_sound($node, $node->name);
	no_locks_left($node, $node->name);
	$node->stop;
}
done_testing();
