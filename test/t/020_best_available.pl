# claim_best picks what doc/ranking.md says: its examples, and random houses
# against SeatRanking.pm, which tries every candidate.  Then many callers at once.
# Passes: plain preloaded
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SeatlockTest ();
use SeatRanking;
use Test::More;

my $num_houses = 120;
my $seed = $ENV{SEATLOCK_SEED} || int rand 2**31;
my $top = $ENV{SEATLOCK_TOP} // '.';

srand $seed;
note "SEATLOCK_SEED=$seed";

my $node = PostgreSQL::Test::Cluster->new('best');
$node->init;
$node->append_conf('postgresql.conf', SeatlockTest::pass_conf() . "fsync = off\nseatlock.lock_wait = 0");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION seatlock');

my $buyer = $node->background_psql('postgres');
my $rival = $node->background_psql('postgres');

# The JSON plan of a house: a zone per section, rows of steps of 25.
sub plan_of
{
	my ($house) = @_;
	my @zones = map { { name => $_, rows => [] } } @{ $house->{sections} };
	my ($row, $y) = (0, 0);

	for my $seat (@{ $house->{seats} })
	{
		my $zone = $zones[ $seat->{section} ];
		if (!defined $seat->{row})
		{
			$zone->{areas} //= [ { capacity => 0, category => $seat->{category} } ];
			$zone->{areas}[0]{capacity}++;
			next;
		}
		if ($seat->{row} != $row)
		{
			$row = $seat->{row};
			$y += 40;
			push @{ $zone->{rows} }, { row_number => "R$row", position => { x => 0, y => $y }, seats => [] };
		}
		push @{ $zone->{rows}[-1]{seats} },
		  {
			seat_number => (1 + $seat->{x}) . q{},
			category => $seat->{category},
			position => { x => 25 * $seat->{x}, y => 0 },
			defined $seat->{mark} ? ($seat->{mark} => JSON::PP::true) : ()
		  };
	}
	my %categories = map { $_->{category} => 1 } @{ $house->{seats} };
	my @categories =
	  map { { name => $_, accessible => $house->{accessible}{$_} ? JSON::PP::true : JSON::PP::false } }
	  sort keys %categories;
	return encode_json({ name => 'house', categories => \@categories, zones => \@zones });
}

sub literal
{
	my ($value) = @_;
	return 'NULL' if !defined $value;
	$value =~ s/'/''/g;
	return "'$value'";
}

# Put a house on sale; returns its labels in seat order.
sub open_house
{
	my ($event, $house) = @_;
	my $plan = literal(plan_of($house));

	$buyer->query_safe("SELECT seatlock.create_venue('$event', $plan);
		SELECT seatlock.create_event('$event', '$event')");
	my @labels = split /\n/, $buyer->query_safe("SELECT label FROM seatlock.seat_map('$event')");
	die 'the plan lost seats' if @labels != @{ $house->{seats} };
	return @labels;
}

sub seats_in_state
{
	my ($house, $state, @labels) = @_;
	return encode_json(
		[ map { $labels[$_] } grep { substr($house->{state}, $_, 1) eq $state } 0 .. $#labels ]);
}

# What claim_best answers, in SeatRanking's words.
sub ask
{
	my ($event, $request, @labels) = @_;
	my %place = map { $labels[$_] => $_ } 0 .. $#labels;
	my $answer = $buyer->query_safe(
		sprintf "BEGIN; SELECT outcome, coalesce(together::text, 'null'), seats
			FROM seatlock.claim_best(%s, %d, 'buyer', section => %s, category => %s, adjacency => %s);
			ROLLBACK",
		literal($event), $request->{quantity}, map { literal($request->{$_}) } qw(section category adjacency));
	my ($outcome, $together, $seats) = $answer =~ /^(\w+)\|(\w+)\|(.*)$/m or return $answer;
	my %word = (held => 'found', busy => 'all_skipped');
	my %together = (true => 'yes', false => 'no', null => 'standing');

	return $word{$outcome} // $outcome if $outcome ne 'held';
	return join ' ', 'found', $together{$together},
	  sort { $a <=> $b } map { $place{$_} } @{ decode_json($seats) };
}

# The examples of the document: a number, a comma and what else is asked for,
# then rows before and after the arrow.  The section about the order of seats
# draws plans, which are no examples.
sub read_examples
{
	my ($file) = @_;
	my (@examples, $of_plans, $inside, $current);

	for (split /\n/, slurp_file($file))
	{
		$of_plans = /^## The order of rows and seats$/ if /^## /;
		next if $of_plans;
		$inside = !$inside if /^```/;
		$current = undef if !/\S/ || /^```/;
		next if !$inside || /^```/ || !/\S/;
		if (/^(\d+)(?:, (?:(any|require)|category (\w+)))?(?=\s|$)/)
		{
			$current = {
				request => { quantity => $1, adjacency => $2 // 'prefer', category => $3 },
				name => "$1 seats" . ($2 ? ", $2" : $3 ? ", category $3" : ''),
				rows => []
			};
			push @examples, $current;
		}
		push @{ $current->{rows} }, [ $1, $2 ]
		  if /[A-Z]  ((?:[.xac|] )+)\s+(?:\S+\s+)?[A-Z]  ((?:[.xac|#] ?)+)/;
	}
	return @examples;
}

sub house_of_example
{
	my ($example) = @_;
	my %house =
	  (seats => [], sections => ['S'], accessible => { Wheel => 1 }, state => '');
	my ($row, $run, @picked) = (0, 0);

	for (@{ $example->{rows} })
	{
		my @before = split ' ', $_->[0];
		my @after = split ' ', $_->[1];
		my $x = 0;
		$row++;
		$run++;
		for my $i (0 .. $#before)
		{
			$x += 2, $run++, next if $before[$i] eq '|';
			push @picked, scalar @{ $house{seats} } if $after[$i] eq '#';
			push @{ $house{seats} },
			  {
				section => 0,
				category => $before[$i] eq 'a' ? 'Wheel' : 'best',
				row => $row,
				run => $run,
				x => $x++,
				mark => $before[$i] eq 'c' ? 'companion' : undef
			  };
			$house{state} .= $before[$i] eq 'x' ? 't' : 'f';
		}
	}
	return (\%house, @picked);
}

my @examples = read_examples("$top/doc/ranking.md");
cmp_ok(scalar @examples, '>=', 15, 'the document has examples');
for my $n (0 .. $#examples)
{
	my ($house, @picked) = house_of_example($examples[$n]);
	my @labels = open_house("example $n", $house);
	my $taken = seats_in_state($house, 't', @labels);

	$buyer->query_safe("SELECT seatlock.block('example $n', " . literal($taken) . ')')
	  if $taken ne '[]';
	like(ask("example $n", $examples[$n]{request}, @labels),
		qr/^found (?:yes|no) @picked$/, "example " . ($n + 1) . ": $examples[$n]{name}");
}

# Blocks that are not as large as availability says: claim_best gives one, and none that is larger.
sub wrong_blocks
{
	my ($event) = @_;
	my $tried = q{SELECT section, category, largest_block, outcome, jsonb_array_length(seats) FROM seatlock.availability(%s) AS a,
		seatlock.claim_best(%s, largest_block + %d, 'blocks', section => section, category => category, adjacency => 'require')
		WHERE largest_block + %d > 0 AND (outcome = 'held') = %s};
	my @answers = map { $buyer->query_safe($_) } 'BEGIN', (sprintf $tried, (literal($event)) x 2, 1, 1, 'true'),
	  (sprintf $tried, (literal($event)) x 2, 0, 0, 'false'), 'ROLLBACK';

	return grep { /\S/ } @answers;
}

# Random houses.  Seats that a rival's open transaction has claimed are skipped.
my ($num_asked, @wrong) = (0);
my %answers;
for my $n (1 .. $num_houses)
{
	my $house = SeatRanking::random_house();
	my @labels = open_house("house $n", $house);
	my $taken = seats_in_state($house, 't', @labels);
	my $skipped = seats_in_state($house, 's', @labels);
	my %known = map { $_->{category} => 1 } @{ $house->{seats} };

	$buyer->query_safe("SELECT seatlock.block('house $n', " . literal($taken) . ')')
	  if $taken ne '[]';
	$rival->query_safe('BEGIN');
	$rival->query_safe("SELECT seatlock.claim('house $n', " . literal($skipped) . ", 'rival')")
	  if $skipped ne '[]';
	for (1 .. 6)
	{
		my $request = SeatRanking::random_request($house);
		next if defined $request->{category} && !$known{ $request->{category} };
		my $want = join ' ', @{ SeatRanking::best_seats($house, $request) };
		my $got = ask("house $n", $request, @labels);

		$num_asked++;
		$answers{ join ' ', (split / /, $want)[ 0, $want =~ / / ? 1 : () ] }++;
		push @wrong, "got $got, want $want: " . encode_json($request) . "\n$house->{state}\n" . plan_of($house)
		  if $got ne $want;
	}
	$rival->query_safe('ROLLBACK');
	push @wrong, "blocks of house $n: $_\n$house->{state}\n" . plan_of($house) for wrong_blocks("house $n");
}
is(scalar @wrong, 0, "all of $num_asked answers are the best there are, and blocks as large as is said");
diag join "\n", @wrong[ 0 .. ($#wrong < 2 ? $#wrong : 2) ] if @wrong;
note "$_: $answers{$_}" for sort keys %answers;
is(join(', ', grep { !$answers{$_} } 'found yes', 'found no', 'found standing',
		'not_together', 'sold_out', 'all_skipped'), '', 'every kind of answer was among them');

# Many callers: pairs until nothing is left.
$buyer->query_safe("SELECT seatlock.create_grid('hall', 'Stalls', 20, 15, 'Standard');
	SELECT seatlock.create_event('rush', 'hall')");
$node->pgbench(
	'--no-vacuum --client=12 --transactions=40 --protocol=prepared',
	0,
	[qr/processed: 480\/480/],
	[qr/^$/],
	'12 connections ask for pairs until all are sold',
	{ 'rush' =>
		  "SELECT seatlock.claim_best('rush', 2, 'pgbench', adjacency => 'require')\n" });
is( $node->safe_psql('postgres',
		"SELECT count(*) FROM seatlock.holds h
		   CROSS JOIN LATERAL (SELECT min(split_part(s, '-', 2)::int) AS low, max(split_part(s, '-', 2)::int) AS high,
		                              count(DISTINCT split_part(s, '-', 1)) AS rows FROM unnest(h.seats) AS s) AS p
		  WHERE event = 'rush' AND (rows <> 1 OR high - low <> 1)"),
	'0', 'every pair sits together');
is( $node->safe_psql('postgres',
		"SELECT (SELECT sum(cardinality(seats)) FROM seatlock.holds WHERE event = 'rush')
		      = (SELECT sum(num_held) FROM seatlock.availability('rush')),
		        (SELECT max(largest_block) FROM seatlock.availability('rush'))"),
	't|1', 'no seat is in two holds, and no pair is left');

$buyer->quit;
$rival->quit;
$node->stop;
done_testing();
