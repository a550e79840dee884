# The benchmark: its scripts run, its peers do what they are compared for, and its
# report says what the rows say.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $bench = "$FindBin::RealBin/../../bench";
my $node = seatlock_node('bench', conf => "shared_preload_libraries = 'seatlock'");

# The lines of a file of columns between bars, but for the first.
sub rows_of
{
	my ($file) = @_;
	my (undef, @lines) = split /\n/, slurp_file("$bench/$file");
	return map { [ split /\|/, $_, -1 ] } @lines;
}

sub sides_of { return map { s/@.*//r } grep { $_ ne '*' } split /,/, $_[0] }

# What is compared is there.
my @wrong;
my %sides;
foreach (rows_of('contests.txt'))
{
	my ($level, $contest, $load, $sides) = @$_[ 0, 1, 7, 11 ];
	my @sides = sides_of($sides);

	$sides{"$level $contest"} = { map { $_ => 1 } @sides };
	push @wrong, map { "$contest: no peer $_" } grep { !-e "$bench/peers/$_.sql" } @sides;
	push @wrong, map { "$contest: no script for $_" }
	  grep { $load !~ /^driver / && !-e "$bench/pgbench/$load.sql" && !-e "$bench/pgbench/$load.$_.sql" } @sides;
}
my %figures = map { $_->[0] => 1 } rows_of('figures.txt');
foreach (rows_of('goals.txt'))
{
	my ($level, $contest, $side, $figure, $against) = @$_;

	push @wrong, map { "goal of $contest: no side $_" }
	  grep { !$sides{"$level $contest"}{$_} } sides_of($side), $against eq 'best peer' ? () : sides_of($against);
	push @wrong, "goal of $contest: no figure $figure" if !$figures{$figure};
}
is(join(', ', @wrong), '', 'contests and goals name what there is');
is( join(' ', map { $_->[0] } rows_of('figures.txt')),
	join(' ', slurp_file("$bench/figures.c") =~ /\] = "(\w+)"/g),
	'every figure of the driver is one of the report');

# The peer's file behind those that it uses.
sub setup_of
{
	my ($peer) = @_;
	my $text = slurp_file("$bench/peers/$peer.sql");
	return join '', (map { setup_of($_) } split /, /, $text =~ /^-- uses: (.*)/m ? $1 : ''), $text;
}

sub make_house
{
	my ($peer, $seats) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $peer");
	$node->safe_psql($peer, slurp_file("$bench/peers/base.sql") . setup_of($peer) .
		  ($peer =~ /^nights/ ? "SELECT peer.open_house($seats), peer.create_event(1, $seats)" : "SELECT peer.fill($seats)"));
}

sub options_of { return slurp_file("$bench/peers/$_[0].sql") =~ /^-- options: (.*)/m ? $1 : '' }

# Every script, ten times each, without an error.
sub run_scripts
{
	my ($peer, @scripts) = @_;
	my @files = map { ('-f', $_) } @scripts;
	my $number = 20 * @scripts;

	make_house($peer, 2000) if $peer ne 'unique_insert';
	local $ENV{PGOPTIONS} = options_of($peer);
	$node->command_checks_all(
		[   'pgbench', '-n', '-M', 'prepared', '-c', 2, '-t', 10 * @scripts, '-D', 'asked=0', '-D', 'clients=2',
			'-D', 'seats=2000', '-D', 'seed=1', @files, $peer
		],
		0,
		[qr/processed: $number\/$number/],
		[qr/^$/],
		@scripts . " scripts of $peer");
}
my @peers = qw(row_lock skip_locked advisory_lock try_advisory_lock unique_insert full_skip_locked full_unique_insert
  nights_skip_locked nights_unique_insert nights_full_unique_insert);
run_scripts('seatlock', grep { !/constant/ } glob "$bench/pgbench/*.{seatlock,seat_map}*.sql");

# Each peer gives a seat once, and takes over what has lapsed.
foreach my $peer (@peers)
{
	make_house($peer, 2000);
	my $seats = $peer =~ /unique/ ? 'peer.claimed' : 'peer.seat';
	my $hold = $peer =~ /full/ ? 'UPDATE peer.hold SET expires_at = now();' : '';
	my $night = $peer =~ /^nights/ ? ', 1' : '';
	is( $node->safe_psql(
			$peer,
			"CREATE TABLE told (n serial, token uuid);
			 INSERT INTO told (token) SELECT peer.claim('{1,2}', 'ann', 900$night);
			 INSERT INTO told (token) SELECT peer.claim('{2,3}', 'bob', 900$night);
			 UPDATE $seats SET expires_at = now() WHERE token IS NOT NULL; $hold
			 INSERT INTO told (token) SELECT peer.claim('{2,3}', 'bob', 900$night);
			 SELECT string_agg((token IS NOT NULL)::text, ' ' ORDER BY n) FROM told;
			 SELECT string_agg(seat, ' ' ORDER BY seat), count(DISTINCT token),
			        bool_and(token = (SELECT token::text FROM told WHERE n = 3)) FROM peer.held();"),
		"true false true\n2 3|1|t",
		"$peer refuses what is taken and takes over what has lapsed");
	next if $peer !~ /full/;
	is( $node->safe_psql(
			$peer,
			"SELECT change, holder, seats FROM peer.history ORDER BY seq;
			 SELECT holder, seats, token = (SELECT token FROM told WHERE n = 3) FROM peer.hold"),
		"claimed|ann|{1,2}\nlapsed|ann|{1,2}\nclaimed|bob|{2,3}\nbob|{2,3}|t",
		"$peer keeps holds and their history");
}
run_scripts('unique_insert', map { "$bench/pgbench/$_.sql" } qw(scattered single blocks));

# A trial tells what it measured.
{
	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;
	local $ENV{PGUSER} = 'postgres';
	my ($out, $err) = run_command([ "$bench/trial", 'full_unique_insert', 'blocks', 2, 1, 20, 400, 0.5 ]);
	my %told = map { split /\|/ } split /\n/, $out;
	is($told{errors}, 0, 'a trial ends without errors') or diag "$out$err";
	cmp_ok($told{won}, '>', 0, 'and with claims won');
	cmp_ok($told{refused}, '>', 0, 'and refused, where half of the seats are taken');
	# 10 of the 20 parties, on average, find their seats free
	like($told{settings}, qr/^fsync \w+, full_page_writes \w+, synchronous_commit on, wal_sync_method/, 'and its durability');

	# Three rounds of figures that are easy to divide: the tables follow.
	my $rows = PostgreSQL::Test::Utils::tempdir() . '/rows';
	my @figures = ([ 'durable-16', 'unique_insert', 'peer', 100, 100, 0 ], [ 'durable-16', 'full_unique_insert', 'like', 50, 50, 0 ],
		[ 'durable-16', 'naive', 'naive', 900, 900, 3 ], [ 'durable-16', 'empty', 'limit', 0, 1000, 0 ],
		[ 'durable-16', 'seatlock_now', 'seatlock', 80, 80, 0 ], [ 'best', 'seatlock_now', 'seatlock', 40, 40, 0 ],
		[ 'best', 'seatlock_best_now', 'seatlock', 30, 30, 0 ]);
	my $text = "level,contest,round,side,size,title,role,connections,bound,settings,machine,missing,won,answers,errors,oversold\n";
	foreach my $round (1 .. 3)
	{
		# the pace of the machine changes, and it is the ratio of each round that counts
		$text .= sprintf qq(1,%s,%d,%s,,"the %s",%s,32,5,"fsync on","a machine",,%d,%d,0,%d\n),
		  $_->[0], $round, $_->[1], $_->[1], $_->[2], $_->[3] * $round, $_->[4] * $round, $_->[5]
		  foreach @figures;
	}
	append_to_file("$rows.csv", $text);
	($out, $err) = run_command([ "$bench/report", $rows ]);
	like($out, qr/won per second +\| +the seatlock_now \| +160 \| the unique_insert: 200 \| +0.80 \| at least 1.5 \| +missed/,
		'a goal is judged against the best correct peer')
	  or diag "$out$err";
	like($out, qr/won per second +\| +the seatlock_best_now \| +60 \| +the seatlock_now: 80 \| +0.75 \| at least 0.7 \| +reached/,
		'or against the side that it names');
	like($out, qr/the seatlock_now +\| +160 \| .*\| +0.80 \| +1.60 \| +0.08 \|$/m,
		'the ratios are to lean peers, to those that keep as much, and to the limit');
	like($out, qr/^32 connections, at most 5 s; fsync on$/m, 'durability stands beside the figures');
}

$node->stop;
done_testing();
