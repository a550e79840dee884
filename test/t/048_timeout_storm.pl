# A storm of short statement timeouts over claim_now, and a worker that is
# stopped now and then: an error before the request was taken left no hold, one
# after it may have, and the request key tells which it was.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;
use Time::HiRes qw(usleep);

my ($num_clients, $num_ops) = (12, 1000);
my $node = seatlock_node('storm', conf => "shared_preload_libraries = 'seatlock'\nseatlock.databases = 'postgres'\nseatlock.group_wait = 1000\n");
random_seed();
make_event($node, 'storm', 40, 50);
my @seats = seats_of($node, 'storm');

sub call
{
	my ($client, $op, $seat) = @_;
	return "seatlock.claim_now('storm', '[\"$seat\"]', 'holder $client $op', NULL, NULL, 'key $client $op')";
}

# Each op has a holder and a key of its own; who met an error notes its state.
my %asked;
sub script
{
	my ($client) = @_;
	my $script = '';

	for my $op (1 .. $num_ops)
	{
		my $seat = $seats[ int rand @seats ];
		my $timeout = 1 + int rand 50;
		$asked{"$client,$op"} = $seat;
		$script .= "SELECT clock_timestamp() AS called \\gset\nSET statement_timeout = $timeout;\n"
		  . "SELECT $client, $op, :'called', 'storm', 'claim', '[\"$seat\"]', c.ok, c.outcome, c.token, c.seats FROM @{[call($client, $op, $seat)]} c;\n"
		  . "\\if :ERROR\n\\echo failed $client,$op :SQLSTATE\n\\endif\n"
		  # which may itself be too slow for the old one
		  . "SET statement_timeout = 0;\n" x 3;
	}
	return $script;
}

$node->safe_psql('postgres', q{SELECT seatlock.claim_now('storm', 'A-1', 'first')});
my $worker = $node->safe_psql('postgres', q{SELECT pid FROM seatlock.stat_worker});
my $crowd = start_crowd($node, [ map { script($_) } 1 .. $num_clients ]);
my $stops = 0;
while ($stops % 10 || $node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crowd'}) ne '0')
{
	kill STOP => $worker;
	usleep(1000 * rand 60);
	kill CONT => $worker;
	usleep(1000 * rand 60);
	$stops++;
}
kill CONT => $worker;
finish_crowd($crowd);
note "the worker was stopped $stops times";
is($node->safe_psql('postgres', q{SELECT pid FROM seatlock.stat_worker}), $worker, 'the worker lived through it');
is_deeply([ grep { !/^57014|canceling statement due to statement timeout/ } keys %{ SeatlockTest::errors_of($crowd) } ], [], 'no other error than the timeout');

my %failed;
for my $client (@$crowd)
{
	/^failed (\d+,\d+) (\w+)/ and $failed{$1} = $2 for split /\n/, slurp_file($client->{out});
}
cmp_ok(load_records($node, $crowd), '>', 0, 'some were answered');
cmp_ok(scalar keys %failed, '>', 20, 'many met the timeout');
records_are_sound($node, 'storm', 1);
refusals_are_sound($node, 'storm');
is($node->safe_psql('postgres', 'SELECT * FROM t.sold_twice'), '', 'no seat has two winners');

# What the history has of those who met an error, and what their key says.
my %left = map { /^holder (\d+) (\d+)\|(.*)$/ ? ("$1,$2" => $3) : () }
  split /\n/, $node->safe_psql('postgres', q{SELECT holder, token FROM seatlock.change WHERE action = 'held'});
my ($session) = sessions($node, 1);
my (@lies, $num_taken);
for my $id (sort keys %failed)
{
	my ($client, $op) = split /,/, $id;
	my $answer = in_session($session, "SELECT replayed, outcome, token FROM @{[call($client, $op, $asked{$id})]}");

	$num_taken++ if $left{$id};
	push @lies, "$id: $answer, the history has " . ($left{$id} // 'nothing')
	  if $left{$id} ? $answer ne "t|held|$left{$id}" : $answer !~ /^f\|(held\|.+|taken\|)$/;
}
is_deeply(\@lies, [], 'the request key settles every one of them');
note scalar(keys %failed) . ' errors, ' . ($num_taken // 0) . ' of them after the request was taken';
my %answered = map { /^(\d+,\d+),[^,]+,storm,claim,.*,t,held,/ ? ($1 => 1) : () } map { split /\n/, slurp_file($_->{out}) } @$crowd;
is_deeply([ grep { !$answered{$_} && !$failed{$_} } keys %left ], [], 'every hold belongs to somebody who was told, or met the timeout');

# No slot stayed behind: all are served at once.
my @sessions = sessions($node, 30);
my $spare = 0;
is_deeply([ grep { !/^(held|taken)$/ } map { in_session($_, "SELECT outcome FROM seatlock.claim_now('storm', '$seats[$spare++]', 'after')") } @sessions ],
	[], 'afterwards every process has its slot');
cmp_ok($node->safe_psql('postgres', 'SELECT withdrawn FROM seatlock.stat_worker'), '>', 0, 'requests were withdrawn');
$_->quit for @sessions, $session;

warm_board($node, 'storm');
all_is_sound($node, 'after the storm');
$node->stop;
done_testing();
