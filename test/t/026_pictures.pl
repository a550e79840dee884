# What a customer sees: nothing in the picture covers a seat, the house fills its
# width, letters are in scale, and who cannot tell colours apart can read it, too.
# Passes: plain, since sql/seat_map_pictures has the states of seats from the board.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use List::Util qw(max min uniq);
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('pictures');
my $top = "$FindBin::RealBin/../..";
sub sql { return $node->safe_psql('postgres', $_[0]) }

# Every third seat sold, every fifth held, every seventh not for sale.
sub put_on_sale
{
	my ($event, $plan) = @_;

	sql("SELECT seatlock.create_venue('$event', \$plan\$$plan\$plan\$)") if defined $plan;
	sql(qq{SELECT seatlock.create_event('$event', '$event');
		SELECT count(CASE WHEN n % 3 = 0 THEN (seatlock.book('$event', jsonb_build_array(label)::text, 'ann')).seats
			WHEN n % 5 = 0 THEN (seatlock.claim('$event', jsonb_build_array(label)::text, 'bob')).seats
			WHEN n % 7 = 0 THEN (seatlock.block('$event', jsonb_build_array(label)::text)).seats END)
		FROM (SELECT label, row_number() OVER () AS n FROM seatlock.seat_map('$event') LIMIT 400) AS s});
	return;
}

# Texts of a part of the picture with their boxes: letters are .55 wide and .7 high, at least.
sub texts
{
	my ($part, $size) = @_;
	my @texts;

	while ($part =~ m{<text([^>]*)>([^<]*)</text>}g)
	{
		my ($attributes, $text) = ($1, $2);
		my %is = $attributes =~ /([\w-]+)="([^"]*)"/g;
		my $letters = $text =~ s/&[^;]+;/x/gr;
		my @half = (0.55 * length($letters) * ($is{'font-size'} // $size) / 2, 0.35 * ($is{'font-size'} // $size));

		@half = reverse @half if ($is{transform} // '') =~ /rotate\(-90/;
		push @texts, { text => $text, size => $is{'font-size'} // $size,
			box => [ $is{x} - $half[0], $is{y} - $half[1], $is{x} + $half[0], $is{y} + $half[1] ] };
	}
	return @texts;
}

# What there is in a picture.
sub picture
{
	my ($event) = @_;
	my $svg = sql("SELECT seatlock.seat_map_svg('$event')");
	my %picture = (svg => $svg, floors => []);

	@picture{qw(left top width height)} = $svg =~ /viewBox="(\S+) (\S+) (\S+) ([^"]+)"/;
	$picture{pixels} = $1 if $svg =~ /^<svg[^>]* width="(\d+)"/;
	$picture{title} = $1 if $svg =~ m{</title>\n<rect[^\n]*\n<text[^>]*font-size="([^"]+)"};
	($picture{unit}, $picture{legend}) = $svg =~ m{<g class="legend"[^>]*font-size="([^"]+)">(.*)</g>\n</svg>}s;
	for my $floor ($svg =~ m{<g class="floor".*?(?=<g class="floor"|<g class="legend")}sg)
	{
		my %floor = (seats => [], stage => $floor =~ m{<g class="stage".*?</g>}s ? $& : undef);

		push @{ $floor{seats} }, [ $2, $3, $1 ] while $floor =~ m{<use xlink:href="#seat-[\w-]+?-([\d.]+)" x="([^"]+)" y="([^"]+)"}g;
		$floor{titles} = [ texts($floor =~ m{<g class="sections".*?</g>}s ? $& : '') ];
		$floor{letters} = [ texts($floor =~ m{<g class="rows".*?</g>}s ? $& : '') ];
		$floor{lines} = () = $floor =~ /<line /g;
		push @{ $picture{floors} }, \%floor;
	}
	return \%picture;
}

sub overlap
{
	my ($one, $other) = @_;
	return $one->[0] < $other->[2] && $one->[2] > $other->[0] && $one->[1] < $other->[3] && $one->[3] > $other->[1];
}

sub covers
{
	my ($box, $seat) = @_;
	my ($x, $y, $radius) = @$seat;
	my $beside = max($box->[0] - $x, $x - $box->[2], 0);
	my $above = max($box->[1] - $y, $y - $box->[3], 0);
	return sqrt($beside**2 + $above**2) < $radius;
}

# What covers what it must not.
sub covered
{
	my ($picture) = @_;
	my @covered;

	for my $floor (@{ $picture->{floors} })
	{
		my @titles = @{ $floor->{titles} };

		for my $text (@titles, @{ $floor->{letters} })
		{
			push @covered, "$text->{text} covers a seat" if grep { covers($text->{box}, $_) } @{ $floor->{seats} };
			push @covered, "$text->{text} is out of the picture"
			  if $text->{box}[0] < $picture->{left} || $text->{box}[2] > $picture->{left} + $picture->{width};
		}
		for my $i (0 .. $#titles)
		{
			push @covered, "$titles[$i]{text} covers $_->{text}"
			  for grep { overlap($titles[$i]{box}, $_->{box}) } @titles[ $i + 1 .. $#titles ], @{ $floor->{letters} };
		}
	}
	return join "\n", @covered;
}

# How much of the picture's width the seats and their letters take.
sub share
{
	my ($picture) = @_;
	my @ends = map { ((map { ($_->[0] - $_->[2], $_->[0] + $_->[2]) } @{ $_->{seats} }), (map { @{ $_->{box} }[ 0, 2 ] } @{ $_->{letters} })) }
	  @{ $picture->{floors} };
	return (max(@ends) - min(@ends)) / $picture->{width};
}

sub seats_in { return scalar map { @{ $_->{seats} } } @{ $_[0]{floors} } }

# Every plan.  The event's name is short: a long one needs its own width.
my %plans = map { m{(\w+)\.json$} => $_ } glob("$top/test/plans/field/*.json"), "$top/examples/plans/theatre.json";
delete $plans{p6l_category_unknown};    # this one is refused
my %pictures;
for my $plan (sort keys %plans)
{
	my ($event) = $plan =~ /^(theatre|p\d[a-z]?)/;

	$event .= length $plan if exists $pictures{$event};
	put_on_sale($event, slurp_file($plans{$plan}));
	my $picture = $pictures{$event} = picture($event);

	is(seats_in($picture), sql("SELECT count(*) FROM seatlock.seat_map('$event')"), "$plan: each seat is drawn");
	is(covered($picture), '', "$plan: names and letters cover no seat and each other");
	cmp_ok(scalar(map { @{ $_->{titles} } } @{ $picture->{floors} }), '>', 0, "$plan: sections have their names");
	# a few seats cannot be as wide as the legend
	ok(share($picture) > 0.75 || $picture->{width} <= 26.1 * $picture->{unit}, "$plan: the house fills the picture's width")
	  or diag(share($picture), ' of ', $picture->{width} / $picture->{unit}, ' units');
}
my @by_number = grep { /^p3/ } sort keys %pictures;
is(scalar(uniq(map { $_->{width} } @pictures{ grep { sql("SELECT count(*) FROM seatlock.seat_map('$_')") == 64 } @by_number })),
	1, 'a house listed by number is as large as the same listed by place');

# In scale, from one seat to an arena.
for my $size ([ 1, 1 ], [ 2, 3 ], [ 30, 1 ], [ 1, 200 ], [ 100, 100 ])
{
	my $event = join 'x', 'g', @$size;

	sql("SELECT seatlock.create_grid('$event', 'Parquet', $size->[0], $size->[1], 'Gold')");
	put_on_sale($event);
	my $picture = picture($event);
	my ($heading) = map { $_->{size} / $picture->{unit} } map { @{ $_->{titles} } } @{ $picture->{floors} };
	my $letter = max(map { $_->{size} / $picture->{unit} } map { @{ $_->{letters} } } @{ $picture->{floors} });

	is(covered($picture), '', "$event: names and letters cover no seat");
	ok($heading >= 0.7 && $heading <= 1.5, "$event: a section's name is as large as the legend, or a bit larger") or diag($heading);
	cmp_ok($heading, '<', $picture->{title} / $picture->{unit}, "$event: and smaller than the event's");
	cmp_ok($letter, '<=', 1.01, "$event: letters of rows are no larger than the legend");
	ok(abs($picture->{pixels} / $picture->{width} * $picture->{unit} - 16) < 1, "$event: the legend is 16 pixels high");
}

# A column of seats, however long, is no taller than a few screens.
sql(q{SELECT seatlock.create_grid('column', 'Column', 500, 1, 'Gold'); SELECT seatlock.create_event('column', 'column')});
my $column = picture('column');
cmp_ok($column->{height} / $column->{width} * $column->{pixels}, '<', 6000, 'a long column is not drawn miles high');
is(covered($column), '', 'and nothing is covered');

# Sections without any room between them: names stand apart, with a line each.
sub block
{
	my ($name, $x, $y) = @_;
	return sprintf '{"name": "%s", "position": {"x": %d, "y": %d}, "rows": [%s]}', $name, $x, $y, join ',', map {
		my $row = $_;
		sprintf '{"row_number": "%d", "position": {"x": 0, "y": %d}, "seats": [%s]}', $row, 20 * $row,
		  join ',', map { sprintf '{"seat_number": "%d", "category": "c", "position": {"x": %d, "y": 0}}', $_, 20 * $_ } 1 .. 5
	} 1 .. 5;
}
sub plan_of { return sprintf '{"categories": [{"name": "c"}], "zones": [%s]}', join ',', @_ }

put_on_sale('packed', plan_of(map { my $i = $_; map { block("Block $i$_", 100 * $i, 100 * $_) } 1 .. 5 } 1 .. 5));
my $packed = picture('packed');
is(covered($packed), '', 'packed: names cover no seat and each other');
is(scalar @{ $packed->{floors}[0]{titles} }, 25, 'packed: and are all there');
cmp_ok($packed->{floors}[0]{lines}, '>=', 9, 'packed: lines lead from those that stand apart');
cmp_ok(share($packed), '>', 0.75, 'packed: the house is not made small by them');

# Many such sections would only make a tangle of lines.
put_on_sale('hive', plan_of(map { my $i = $_; map { block("Block $i-$_", 100 * $i, 100 * $_) } 1 .. 8 } 1 .. 8));
my $hive = picture('hive');
is(covered($hive), '', 'hive: names cover no seat and each other');
is($hive->{floors}[0]{lines}, 0, 'hive: no tangle of lines');
is(join(' ', sort map { $_ =~ /^Block/ ? $_ : () } $hive->{svg} =~ /<g class="seats" data-section="([^"]*)"/g), join(' ', sort map { my $i = $_; map { "Block $i-$_" } 1 .. 8 } 1 .. 8), 'hive: scripts know all sections');

# In a large house a name is small where the seats are.
put_on_sale('large', plan_of(map { my $i = $_; map { block("$i-$_", 120 * $i, 150 * $_) } 1 .. 3 } 1 .. 32));
my $large = picture('large');
cmp_ok(min(map { $_->{size} } @{ $large->{floors}[0]{titles} }), '<', 0.7 * $large->{unit}, 'large: letters are small');
is(covered($large), '', 'large: names cover no seat and each other');
is(scalar @{ $large->{floors}[0]{titles} }, 96, 'large: and are all there');

# Rows that go downwards have their letters where the name of the section wants to be.
put_on_sale('columns', plan_of(sprintf '{"name": "Loges", "rows": [%s]}', join ',', map {
	sprintf '{"row_number": "%d", "position": {"x": %d, "y": 0}, "seats": [%s]}', $_, 25 * $_,
	  join ',', map { sprintf '{"seat_number": "%d", "category": "c", "position": {"x": 0, "y": %d}}', $_, 25 * $_ } 1 .. 6
} 1 .. 9));
my $columns = picture('columns');
is(covered($columns), '', 'columns: the name and the letters keep clear of each other');
is(scalar @{ $columns->{floors}[0]{letters} }, 18, 'columns: and are all there, at both ends');
cmp_ok($columns->{floors}[0]{titles}[0]{box}[3], '<', min(map { $_->{box}[1] } @{ $columns->{floors}[0]{letters} }), 'columns: the name on top');

# A floor that is drawn around all of it is no reason to stand apart.
sub rectangle
{
	my ($x, $y, $width, $height, $more) = @_;
	return sprintf '{"name": "", "areas": [{"shape": "rectangle", "position": {"x": %d, "y": %d}, "rectangle": {"width": %d, "height": %d}, "color": "#eee"%s}]}',
	  $x, $y, $width, $height, $more // '';
}

put_on_sale('ground', plan_of(rectangle(0, 0, 400, 400), block('Hall', 100, 100)));
is(picture('ground')->{floors}[0]{lines}, 0, 'a name stands on the ground that its seats stand on');

# Status is told by shape; only what is free has the full colour of its category.
my %shape = $pictures{theatre}{svg} =~ m{<g id="seat-(\w+?)-[\d.]+" transform="[^"]*">(.*?)</g>\n}g;
is(join(' ', sort keys %shape), 'booked free held not_for_sale', 'there is a sign for each status');
is(scalar(uniq(map { s/ (fill|stroke|opacity|fill-opacity|stroke-opacity)="[^"]*"//gr } values %shape)), 4, 'and each has a shape of its own');
for my $status (sort keys %shape)
{
	my $full = () = $shape{$status} =~ /<g opacity|<(?:path|circle)(?![^>]*(?:fill|fill-opacity)=)[^>]*>/g;
	is($full > 0 && $shape{$status} !~ /^<g opacity/ ? 1 : 0, $status eq 'free' ? 1 : 0, "$status: " . ($status eq 'free' ? 'stands out' : 'fades'));
	like($pictures{theatre}{legend}, qr{\Q$shape{$status}\E}, "$status: the legend shows it");
}

# Seats that are kept for who names them have a sign of their own; a category may keep all of its seats.
my %marks = (2 => '"accessible": true', 3 => '"companion": true', 5 => '"accessible": true', 6 => '"companion": true');
my $kept = sprintf '{"categories": [{"name": "c"}, {"name": "Wheel", "accessible": true}], "zones": [{"name": "S", "rows": [{"row_number": "A", "position": {"x": 0, "y": 0}, "seats": [%s]}]}]}',
  join ',', map { sprintf '{"seat_number": "%d", "category": "%s", "position": {"x": %d, "y": 0}%s}', $_, $_ == 8 ? 'Wheel' : 'c', 25 * $_, exists $marks{$_} ? ", $marks{$_}" : '' } 1 .. 8;
put_on_sale('kept', $kept);    # 3 and 6 are booked, 5 is held, 7 is not for sale
my $marked = picture('kept');
my %kind;
push @{ $kind{$2} }, $1 while $marked->{svg} =~ /data-seat="A-(\d)"[^>]* data-kind="(\w+)"/g;
is_deeply(\%kind, { accessible => [ 2, 5, 8 ], companion => [ 3, 6 ] }, 'scripts are told for whom a seat is kept');
like($marked->{svg}, qr{<use xlink:href="#seat-$_-[\d.]+"[^>]*data-seat="A-}, "and there is a sign: $_") for 'free-accessible', 'held-accessible', 'booked-companion';
my %defined = map { $_ => 1 } $marked->{svg} =~ /<g id="(seat-[^"]+)"/g;
is(join(' ', grep { !$defined{$_} } $marked->{svg} =~ /href="#(seat-[^"]+)"/g), '', 'each sign that is used exists');
like($marked->{legend}, qr/>accessible: 2 of 3 free<.*>companion: 0 of 2 free</s, 'the legend explains them');
unlike($pictures{p1}{legend}, qr/accessible|companion/, 'where there are any');
is(covered($marked), '', 'nothing is covered');
my $text = sql(q{SELECT seatlock.seat_map_text('kept')});
like($text, qr/^ *A \.a#\.h#xa A$/m, 'the text has signs for those that are free');
like($text, qr/of 8\nof those free: a accessible 2   c companion 0$/, 'and explains them');
unlike(sql(q{SELECT seatlock.seat_map_text('p1')}), qr/accessible/, 'where there are any');

# A stage is where the seats say, or where it is drawn, or nowhere.
sub rows
{
	my ($event, @heights) = @_;
	put_on_sale($event, plan_of(sprintf '{"name": "S", "rows": [%s]}', join ',', map {
		sprintf '{"row_number": "%d", "position": {"x": 0, "y": %d}, "seats": [%s]}', $_ + 1, $heights[$_],
		  join ',', map { sprintf '{"seat_number": "%d", "category": "c", "position": {"x": %d, "y": 0}}', $_, 25 * $_ } 1 .. 6
	} 0 .. $#heights));
	my ($floor) = @{ picture($event)->{floors} };
	my ($stage) = defined $floor->{stage} ? $floor->{stage} =~ /<text[^>]* y="([^"]+)"/ : ();
	my $text = sql("SELECT seatlock.seat_map_text('$event')");

	return join ' ', (!defined $stage ? 'none' : $stage < min(@heights) ? 'above' : 'below'),
	  ($text !~ /\[ Stage \]/ ? 'none' : $text =~ /\[ Stage \].*S \(/s ? 'above' : 'below');
}
is(rows('down', 0, 25, 50), 'above above', 'rows that go down have the stage above');
is(rows('up', 50, 25, 0), 'below below', 'rows that go up have it below');
is(rows('single', 0), 'none none', 'one row does not say');
is(rows('zigzag', 0, 50, 25), 'none none', 'nor do rows without an order');
# curved rows that begin below
put_on_sale('bow', plan_of(sprintf '{"name": "S", "rows": [%s]}', join ',', map {
	my $row = $_;
	sprintf '{"row_number": "%d", "position": {"x": 0, "y": %d}, "seats": [%s]}', $row, -30 * $row,
	  join ',', map { sprintf '{"seat_number": "%d", "category": "c", "position": {"x": %d, "y": %d}}', $_, 25 * $_, -3 * ($_ - 4)**2 } 1 .. 7
} 1 .. 4));

# Rows without places lie on each other, and so do seats of one place: they are drawn as they are listed.
sub pile
{
	my ($event, $step) = @_;
	put_on_sale($event, plan_of(map {
		sprintf '{"name": "%s", "rows": [%s]}', $_, join ',', map {
			sprintf '{"row_number": "%s", "seats": [%s]}', $_, join ',', map { sprintf '{"seat_number": "%d", "category": "c", "position": {"x": %d, "y": 0}}', $_, $step * $_ } 1 .. 7
		} 'A' .. 'E'
	} 'Hall', 'Loft'));
	my $picture = picture($event);
	my @spots = map { my $floor = $_; map { join ' ', $floor, @$_[ 0, 1 ] } @{ $picture->{floors}[$floor]{seats} } } 0 .. $#{ $picture->{floors} };

	is(scalar(uniq(@spots)), 70, "$event: no seat hides another");
	is(covered($picture), '', "$event: nothing is covered");
	is(scalar(grep { defined $_->{stage} } @{ $picture->{floors} }), 0, "$event: nobody knows where the stage is");
	is(join(' ', map { $_->{text} } map { @{ $_->{letters} } } @{ $picture->{floors} }), join(' ', (map { ($_, $_) } 'A' .. 'E') x 2), "$event: rows are listed");
}
pile('rows', 25);
pile('spot', 0);

# A long row is folded where it has an aisle, if that is enough.
put_on_sale('wide', plan_of(sprintf '{"name": "S", "rows": [{"row_number": "A", "position": {"x": 0, "y": 0}, "seats": [%s]}]}', join ',', map {
	sprintf '{"seat_number": "%d", "category": "c", "position": {"x": %d, "y": 0}}', $_, 25 * $_ + ($_ > 30 ? 100 : 0) + ($_ > 60 ? 100 : 0)
} 1 .. 100));
like(sql(q{SELECT seatlock.seat_map_text('wide')}), qr/^A [.h#x]{30} [.h#x]{30}\n  [.h#x]{40} A$/m, 'a wide row is folded at an aisle');
unlike(sql(q{SELECT seatlock.seat_map_text('wide')}), qr/ $/m, 'without blanks at the end of a line');

# The text is read from above, wherever the front is.
sub lines { return join ' ', sql("SELECT seatlock.seat_map_text('$_[0]')") =~ /^ *(\w+) [.h#x ]+ \1$/mg }
is(lines('down'), '1 2 3', 'rows that go down are shown from above');
is(lines('up'), '3 2 1', 'and so are rows that go up');
is(lines('zigzag'), '1 3 2', 'and rows without an order');
is(lines('bow'), '4 3 2 1', 'and curved rows that begin below');
rows('ring', map { 25 * $_ } 3, 4, 2, 5, 1);
is(lines('ring'), '5 3 1 2 4', 'and rows on both sides of what they look at');

is(defined $pictures{p2}{floors}[0]{stage} ? 1 : 0, 0, 'nor do tables');

# What the plan says of a stage holds in the picture, whatever the words.
for my $case ([ 'by_flag', '"stage": true', 1 ], [ 'by_name', '"name": "Bühne"', 1 ], [ 'by_denial', '"stage": false, "text": {"text": "Stage"}', 0 ])
{
	my ($event, $words, $is_stage) = @$case;

	# small, so that it is not guessed
	put_on_sale($event, plan_of(block('Hall', 0, 0), rectangle(300, 20, 10, 10, ", $words")));
	my ($floor) = @{ picture($event)->{floors} };
	is(($floor->{stage} // '') =~ /<rect/ ? 1 : 0, $is_stage, "$event: an area is a stage or not as the plan says");
}

# An area that the plan gives no color is to be seen all the same.
for my $case ([ 'plain', '"color": null', qr/fill="none" stroke="#/ ], [ 'filled', '"color": "#123456"', qr/fill="#123456" stroke="none"/ ], [ 'edged', '"color": null, "border_color": "#654321"', qr/fill="none" stroke="#654321"/ ])
{
	my ($event, $colors, $look) = @$case;

	put_on_sale($event, plan_of(block('Hall', 0, 0), rectangle(300, 20, 10, 10, ", \"stage\": true, $colors")));
	like(picture($event)->{floors}[0]{stage}, $look, "$event: a shape is filled or has an edge");
}

done_testing();
