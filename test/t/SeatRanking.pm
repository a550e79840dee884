# The ranking rule of doc/ranking.md, stated as plainly as can be: every
# candidate is made and the best one kept.  For small houses only.
#
# A house is a hash:
#   seats      [{section, category, row, run, x, mark}, ...] in seat order; section
#              is an index, row and run are undef in general admission; row and
#              run numbers are unique in the house; mark is accessible or companion
#              for seats that are sold by label only
#   sections   [name, ...]
#   accessible {category => 1, ...}
#   state      a string, one sign per seat: f(ree), t(aken), s(kipped)
package SeatRanking;

use strict;
use warnings;

# The answer to a request {quantity, section, category, adjacency}: one of
# found, not_together, sold_out, all_skipped; together: yes, no or standing; and
# the indexes of the seats, ascending.
sub best_seats
{
	my ($house, $request) = @_;
	my $n = $request->{quantity};
	my $search = {
		house => $house,
		request => $request,
		usable => [ usable_seats($house, $request, 'f') ],
	};

	my ($kind, @seats) = pick($search, $n);
	if (!defined $kind)
	{
		return [ reason($house, $request) ];
	}
	my $together = $kind eq 'block' ? 'yes' : $kind eq 'standing' ? 'standing' : 'no';
	$together = 'yes' if $kind eq 'rows' && is_block($house, @seats);
	return [ 'found', $together, sort { $a <=> $b } @seats ];
}

sub pick
{
	my ($search, $n) = @_;
	my $adjacency = $search->{request}{adjacency};
	my $seats = $search->{house}{seats};
	my @seated = grep { defined $seats->[$_]{row} } @{ $search->{usable} };
	my @standing = grep { !defined $seats->[$_]{row} } @{ $search->{usable} };

	if ($adjacency eq 'any')
	{
		return ('rows', front_rows($search, $n, @seated)) if @seated >= $n;
	}
	else
	{
		my @block = best_block($search, $n, @seated);
		return ('block', @block) if @block;
	}
	for my $area (areas($search->{house}, @standing))
	{
		return ('standing', @$area[ 0 .. $n - 1 ]) if @$area >= $n;
	}
	return if $adjacency eq 'require';
	return ('pieces', best_pieces($search, $n, @seated)) if @seated >= $n;
	return ('standing', @standing[ 0 .. $n - 1 ]) if @standing >= $n;
	return if @seated + @standing < $n;
	return ('mixed', @seated, @standing[ 0 .. $n - 1 - @seated ]);
}

sub reason
{
	my ($house, $request) = @_;
	my $n = $request->{quantity};
	my $with_skipped = {
		house => $house,
		request => $request,
		usable => [ usable_seats($house, $request, 'fs') ],
	};

	return 'sold_out' if @{ $with_skipped->{usable} } < $n;
	my ($kind) = pick($with_skipped, $n);
	return 'all_skipped' if defined $kind;
	return 'not_together';
}

sub usable_seats
{
	my ($house, $request, $states) = @_;
	my $seats = $house->{seats};
	my @usable;

	for my $i (0 .. $#$seats)
	{
		my $category = $seats->[$i]{category};
		next if index($states, substr($house->{state}, $i, 1)) < 0;
		next
		  if defined $request->{section}
		  && $house->{sections}[ $seats->[$i]{section} ] ne $request->{section};
		next if defined $request->{category} && $category ne $request->{category};
		next if defined $seats->[$i]{mark};
		next if !defined $request->{category} && $house->{accessible}{$category};
		push @usable, $i;
	}
	return @usable;
}

# Areas of one name are one section, so one area.
sub areas
{
	my ($house, @standing) = @_;
	my @names = map { $house->{sections}[ $house->{seats}[$_]{section} ] } @standing;
	my @areas;

	for my $n (0 .. $#standing)
	{
		push @areas, [] if $n == 0 || $names[$n] ne $names[ $n - 1 ];
		push @{ $areas[-1] }, $standing[$n];
	}
	return @areas;
}

# Do these seats stand side by side in one run?
sub is_block
{
	my ($house, @block) = @_;
	@block = sort { $a <=> $b } @block;
	my $run = $house->{seats}[ $block[0] ]{run};

	for my $k (1 .. $#block)
	{
		return 0 if $block[$k] != $block[0] + $k || $house->{seats}[ $block[$k] ]{run} != $run;
	}
	return 1;
}

sub blocks
{
	my ($house, $n, @seats) = @_;

	return grep { is_block($house, @$_) }
	  map { [ @seats[ $_ .. $_ + $n - 1 ] ] } 0 .. @seats - $n;
}

# A single free seat at the side of a block, between it and a taken seat or
# the end of the run.
sub orphans
{
	my ($house, @block) = @_;
	my $run = $house->{seats}[ $block[0] ]{run};
	my $look = sub {
		my $i = shift;
		return 't' if $i < 0 || $i >= @{ $house->{seats} };
		my $other = $house->{seats}[$i]{run};
		return 't' if !defined $other || $other != $run;
		return substr($house->{state}, $i, 1);
	};

	return ($look->($block[0] - 1) . $look->($block[0] - 2) eq 'ft' ? 1 : 0) +
	  ($look->($block[-1] + 1) . $look->($block[-1] + 2) eq 'ft' ? 1 : 0);
}

# From the middle of some neighbours to the middle of their whole row.
sub distance
{
	my ($house, @block) = @_;
	my $seats = $house->{seats};
	my $row = $seats->[ $block[0] ]{row};
	my @x =
	  sort { $a <=> $b } map { $_->{x} } grep { defined $_->{row} && $_->{row} == $row } @$seats;

	return abs(($seats->[ $block[0] ]{x} + $seats->[ $block[-1] ]{x}) / 2 - ($x[0] + $x[-1]) / 2);
}

sub least
{
	my ($key, @candidates) = @_;
	my ($best, $best_key);

	for my $candidate (@candidates)
	{
		my $this = $key->($candidate);
		($best, $best_key) = ($candidate, $this)
		  if !defined $best_key || compare($this, $best_key) < 0;
	}
	return $best;
}

sub compare
{
	my ($left, $right) = @_;

	for my $i (0 .. ($#$left < $#$right ? $#$left : $#$right))
	{
		my $order = $left->[$i] <=> $right->[$i];
		return $order if $order;
	}
	return @$left <=> @$right;
}

sub best_block
{
	my ($search, $n, @seats) = @_;
	my $house = $search->{house};

	my $best = least(
		sub {
			my $block = shift;
			return [
				orphans($house, @$block), $house->{seats}[ $block->[0] ]{row},
				distance($house, @$block), $block->[0]
			];
		},
		blocks($house, $n, @seats));
	return defined $best ? @$best : ();
}

# adjacency any: no seat of a row while one in front of it is left; in the last
# row the best block, else the seats nearest to its middle.
sub front_rows
{
	my ($search, $n, @seats) = @_;
	my $house = $search->{house};
	my @taken;

	while (@taken < $n)
	{
		my $row = $house->{seats}[ $seats[0] ]{row};
		my @in_row = grep { $house->{seats}[$_]{row} == $row } @seats;
		my $rest = $n - @taken;

		if (@in_row >= $rest)
		{
			my @block = best_block($search, $rest, @in_row);
			my @by_distance =
			  sort { distance($house, $a) <=> distance($house, $b) || $a <=> $b } @in_row;
			push @taken, @block ? @block : @by_distance[ 0 .. $rest - 1 ];
			last;
		}
		push @taken, @in_row;
		@seats = grep { $house->{seats}[$_]{row} != $row } @seats;
	}
	return @taken;
}

# Free runs: usable neighbours, as many as there are.
sub free_runs
{
	my ($house, @seats) = @_;
	my @free_runs;

	for my $i (@seats)
	{
		if (@free_runs && is_block($house, @{ $free_runs[-1] }, $i))
		{
			push @{ $free_runs[-1] }, $i;
		}
		else
		{
			push @free_runs, [$i];
		}
	}
	return @free_runs;
}

sub subsets
{
	my ($k, @items) = @_;

	return ([]) if $k == 0;
	return () if @items < $k;
	my ($first, @others) = @items;
	return ((map { [ $first, @$_ ] } subsets($k - 1, @others)), subsets($k, @others));
}

# All ways to spread n people over free runs of these lengths, one at least in
# each.
sub sizes
{
	my ($n, @lengths) = @_;
	my ($first, @others) = @lengths;

	return $n == 0 ? ([]) : () if !defined $first;
	return map {
		my $size = $_;
		map { [ $size, @$_ ] } sizes($n - $size, @others)
	} 1 .. ($first < $n ? $first : $n);
}

sub sum
{
	my $sum = 0;
	$sum += $_ for @_;
	return $sum;
}

sub fewest_alone
{
	my ($n, @lengths) = @_;
	my $least = least(sub { [ $_[0] ] }, map { scalar grep { $_ == 1 } @$_ } sizes($n, @lengths));

	return $least;
}

sub best_pieces
{
	my ($search, $n, @seats) = @_;
	my $house = $search->{house};
	my %by_section;

	push @{ $by_section{ $house->{seats}[$_]{section} } }, $_ for @seats;
	my @scopes = grep { @$_ >= $n } values %by_section;
	@scopes = (\@seats) if !@scopes;

	my @sets;
	for my $k (2 .. $n)
	{
		for my $scope (@scopes)
		{
			push @sets, grep {
				sum(map { scalar @$_ } @$_) >= $n
			} subsets($k, free_runs($house, @$scope));
		}
		last if @sets;
	}
	my $rows = sub {
		my @rows = map { $house->{seats}[ $_->[0] ]{row} } @_;
		return ($rows[0], $rows[-1]);
	};
	my $set_key = sub {
		my @pieces = @{ $_[0] };
		my ($first_row, $last_row) = $rows->(@pieces);
		my $excess = $last_row - $first_row + 1 - @pieces;
		return [
			fewest_alone($n, map { scalar @$_ } @pieces),
			($excess > 0 ? $excess : 0),
			$last_row, -$first_row
		];
	};
	my $best = least($set_key, @sets);
	my $alone = $set_key->($best)[0];
	my ($first_row, $last_row) = $rows->(@$best);

	# the rows are chosen, now the free runs
	@sets = grep {
		my ($first, $last) = $rows->(@$_);
		$first >= $first_row && $last <= $last_row && $set_key->($_)[0] == $alone;
	} @sets;
	$best = least(
		sub {
			my @pieces = sort { @$b <=> @$a || $a->[0] <=> $b->[0] } @{ $_[0] };
			my $last = pop @pieces;
			my $left_over = sum(map { scalar @$_ } @pieces, $last) - $n;
			return [
				(map { -@$_ } @pieces),
				(map { $_->[0] } @pieces),
				($left_over == 1 ? 1 : 0),
				scalar @$last, $last->[0]
			];
		},
		@sets);
	return seat_pieces($search, $n, @$best);
}

# The seats left over: in the rearmost free run that keeps two people, else
# shared by the last two.
sub seat_pieces
{
	my ($search, $n, @pieces) = @_;
	my @sizes = map { scalar @$_ } @pieces;
	my $left_over = sum(@sizes) - $n;
	my ($carrier) = grep { $sizes[$_] - $left_over >= 2 } reverse 0 .. $#pieces;

	if (defined $carrier)
	{
		$sizes[$carrier] -= $left_over;
	}
	else
	{
		$sizes[-2] -= int($left_over / 2);
		$sizes[-1] -= $left_over - int($left_over / 2);
	}
	return map { best_block($search, $sizes[$_], @{ $pieces[$_] }) } 0 .. $#pieces;
}

# A random house of 1 to 3 sections, some of them standing; row and run numbers
# rise, an area counts as a row.  A standing section may share its name with a
# seated one.  Seats are a step apart, or two where an aisle is.
sub random_house
{
	my %house = (seats => [], sections => [], accessible => { wheel => 1 }, state => '');
	my ($row, $run) = (0, 0);
	my $seated;

	for my $section (0 .. int rand 3)
	{
		my $standing = rand() < 0.25;
		push @{ $house{sections} },
		  $standing && defined $seated && rand() < 0.3 ? $seated : "S$section";
		if ($standing)
		{
			$row++;
			push @{ $house{seats} }, { section => $section, category => 'floor' }
			  for 0 .. int rand 5;
			next;
		}
		$seated = $house{sections}[$section];
		for (0 .. int rand 4)
		{
			$row++;
			push @{ $house{seats} }, random_row($section, $row, \$run);
		}
	}
	my $full = rand();
	my $skipped = rand() < 0.5 ? rand(0.4) : 0;
	$house{state} .= rand() < $full ? 't' : rand() < $skipped ? 's' : 'f' for @{ $house{seats} };
	return \%house;
}

sub random_row
{
	my ($section, $row, $run) = @_;
	my $category = rand() < 0.8 ? 'best' : 'rest';
	my $x = 0;
	my @x = (0, map { $x += rand() < 0.15 ? 2 : 1 } 1 .. int rand 7);
	my @steps = sort { $a <=> $b } map { $x[$_] - $x[ $_ - 1 ] } 1 .. $#x;
	my @seats;

	for my $i (0 .. $#x)
	{
		# a run ends where the step is more than 1.5 times the usual one
		$$run++ if $i == 0 || $x[$i] - $x[ $i - 1 ] > 1.5 * $steps[ $#steps / 2 ];
		$category = rand() < 0.5 ? 'best' : 'rest' if rand() < 0.1;
		push @seats,
		  {
			section => $section,
			category => rand() < 0.08 ? 'wheel' : $category,
			row => $row,
			run => $$run,
			x => $x[$i],
			mark => rand() < 0.06 ? (qw(accessible companion))[ rand 2 ] : undef
		  };
	}
	return @seats;
}

sub random_request
{
	my ($house) = @_;
	my @sections = @{ $house->{sections} };

	return {
		quantity => 1 + int rand(rand() < 0.8 ? 5 : 12),
		section => rand() < 0.2 ? $sections[ rand @sections ] : undef,
		category => rand() < 0.3 ? (qw(best rest wheel floor))[ rand 4 ] : undef,
		adjacency => (qw(require prefer prefer any))[ rand 4 ],
	};
}

1;
