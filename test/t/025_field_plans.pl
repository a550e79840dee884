# Plans as other programs write them: rows listed by number, rows in pieces, a
# stage that is drawn.  Who sits beside whom, and what is the front, follows from
# where the seats are.
# Passes: plain, since where seats are is in tables.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('field');
sub sql { return $node->safe_psql('postgres', $_[0]) }

# An event of its own of a plan.
sub put_on_sale
{
	my ($name, $plan) = @_;

	$plan //= slurp_file("$FindBin::RealBin/../plans/field/$name.json");
	sql("SELECT seatlock.create_venue('$name', \$plan\$$plan\$plan\$); SELECT seatlock.create_event('$name', '$name')");
	return;
}

# Labels in seat order, a line for each run of neighbours.
sub runs
{
	my ($event) = @_;
	return sql(qq{SELECT string_agg(seat_number, ' ' ORDER BY seat_no) FROM seatlock.seat JOIN seatlock.event USING (layout_id)
		WHERE name = '$event' GROUP BY row_no, run_no ORDER BY row_no, run_no});
}

sub row_order
{
	my ($event) = @_;
	return sql(qq{SELECT string_agg(row_label, ' ' ORDER BY row_no) FROM (SELECT DISTINCT row_no, row_label FROM seatlock.seat JOIN seatlock.event USING (layout_id)
		WHERE name = '$event') AS r});
}

sub best
{
	my ($event, $quantity) = @_;
	return sql(qq{SELECT concat_ws(' ', seats, together) FROM seatlock.claim_best('$event', $quantity, 'party of $quantity')});
}

sub largest_block { return sql(qq{SELECT max(largest_block) FROM seatlock.availability('$_[0]')}) }

# Odd numbers run to the left, even ones to the right, and a centre block has numbers of its own.
put_on_sale('p3_centre_block_by_number');
is(runs('p3_centre_block_by_number'), join("\n", ("5 3 1\n101 102 103 104 105 106\n2 4 6") x 3), 'a row with a centre block goes from left to right');
is(largest_block('p3_centre_block_by_number'), 6, 'and its blocks are as large as they are');
is(best('p3_centre_block_by_number', 2), '["A-103", "A-104"] t', 'the best pair sits in the middle');
is(best('p3_centre_block_by_number', 6), '["B-101", "B-102", "B-103", "B-104", "B-105", "B-106"] t', 'and the best six are a centre block');
is(best('p3_centre_block_by_number', 7) =~ s/.* //r, 'f', 'a party larger than any block is told so');

# The same house listed by number and by place is the same house.
put_on_sale($_) for 'p3_odd_even_by_number', 'p3_odd_even_by_place';
is(runs('p3_odd_even_by_number'), runs('p3_odd_even_by_place'), 'a row listed by number is that listed by place');
is(best('p3_odd_even_by_number', $_), best('p3_odd_even_by_place', $_), "and sells alike to parties of $_") for 2, 4, 5, 1;
is(sql(q{SELECT seatlock.seat_map_text('p3_odd_even_by_number') = replace(seatlock.seat_map_text('p3_odd_even_by_place'), 'by_place', 'by_number')}), 't', 'and looks alike');

# A row in three pieces.
put_on_sale('p4_split_rows');
is((split /\n/, runs('p4_split_rows'))[0], '1 2 3 4 5 6', 'an aisle between pieces of a row parts neighbours');
is(sql(q{SELECT count(DISTINCT row_no) FROM seatlock.seat JOIN seatlock.event USING (layout_id) WHERE name = 'p4_split_rows' AND row_label = 'A'}), 1, 'pieces that continue each other are one row');
is(best('p4_split_rows', 2), '["A-11", "A-12"] t', 'the best pair sits in the middle of the whole row');

# Made for what the files do not have.  A row of seats at these places.
sub row_of
{
	my ($label, @seats) = @_;
	return sprintf '{"row_number": "%s", "position": {"x": 0, "y": 0}, "seats": [%s]}', $label,
	  join ', ', map { sprintf '{"seat_number": "%s", "category": "c", "position": {"x": %s, "y": %s}}', @$_ } @seats;
}

sub plan_of
{
	my ($rows, $areas) = @_;
	return sprintf '{"categories": [{"name": "c"}], "zones": [{"name": "House", "rows": [%s], "areas": [%s]}]}', join(', ', @$rows), $areas // '';
}

# a half circle of 12 seats, listed by number from the middle outwards; and a horseshoe, listed as it runs
my $pi = atan2(1, 1) * 4;
my @arc = map { [ 300 - 200 * cos($pi * $_ / 11), 300 - 200 * sin($pi * $_ / 11) ] } 0 .. 11;
my @outwards = map { my $k = $_; ([ 2 * $k + 1, @{ $arc[ 5 - $k ] } ], [ 2 * $k + 2, @{ $arc[ 6 + $k ] } ]) } 0 .. 5;
put_on_sale('curve', plan_of([ row_of('A', @outwards) ]));
is(runs('curve'), '11 9 7 5 3 1 2 4 6 8 10 12', 'a curved row goes along its curve');
my @horseshoe = ((map { [ $_, 0, 25 * $_ ] } 1 .. 4), (map { [ $_, 25 * ($_ - 4), 100 ] } 5 .. 8), (map { [ $_, 100, 100 - 25 * ($_ - 8) ] } 9 .. 12));
put_on_sale('horseshoe', plan_of([ row_of('A', @horseshoe) ]));
is(runs('horseshoe'), join(' ', 1 .. 12), 'a row that turns back and is listed as it runs stays so');
put_on_sale('backwards', plan_of([ row_of('A', map { [ $_, 300 - 25 * $_, 0 ] } 1 .. 8) ]));
is(runs('backwards'), join(' ', 1 .. 8), 'a row that is numbered from the right stays so');
put_on_sale('nowhere', plan_of([ row_of('A', map { [ $_, 0, 0 ] } 3, 1, 2) ]));
is(runs('nowhere'), '3 1 2', 'a row without places stays as it is listed');

# pieces: in line with a small gap, in line with a large one, side by side, at an angle
sub piece { my ($label, $first, $x, $y, $dx, $dy) = @_; return row_of($label, map { [ $first + $_, $x + $_ * $dx, $y + $_ * $dy ] } 0 .. 3) }
put_on_sale('pieces', plan_of([
	piece('A', 1, 0, 0, 25, 0), piece('A', 5, 175, 0, 25, 0),       # 4 steps between
	piece('B', 1, 0, 100, 25, 0), piece('B', 5, 200, 100, 25, 0),   # 5 steps
	piece('C', 1, 0, 200, 25, 0), piece('C', 5, 100, 225, 25, 0),   # one step below
	piece('D', 1, 0, 300, 25, 0), piece('D', 5, 100, 300, 0, 25),   # around a corner
	piece('E', 5, 100, 500, 25, 0), piece('E', 1, 0, 500, 25, 0) ]));
is(sql(q{SELECT row_label, count(DISTINCT row_no) FROM seatlock.seat JOIN seatlock.event USING (layout_id) WHERE name = 'pieces' GROUP BY 1 ORDER BY 1}),
	"A|1\nB|2\nC|2\nD|2\nE|1", 'pieces are one row when they continue each other, and else stand apart');
is((split /\n/, runs('pieces'))[-1], '1 2 3 4 5 6 7 8', 'also when the right one is listed first');

# The drawings of doc/ranking.md that no plan above has.
sub along { my ($label, $x, @numbers) = @_; return row_of($label, map { [ $numbers[$_], $x + 25 * $_, 0 ] } 0 .. $#numbers) }
put_on_sale('aisle', plan_of([ row_of('A', [ 1, 75, 0 ], [ 2, 150, 0 ], [ 3, 50, 0 ], [ 4, 175, 0 ], [ 5, 25, 0 ], [ 6, 200, 0 ], [ 7, 0, 0 ], [ 8, 225, 0 ]) ]));
is(runs('aisle'), "7 5 3 1\n2 4 6 8", 'odd numbers to the left and even ones to the right');
is(best('aisle', 2), '["A-3", "A-1"] t', 'a pair is not parted by the aisle');
is(best('backwards', 3), '["A-3", "A-4", "A-5"] t', 'of blocks that are equally good the one nearer to seat 1');
put_on_sale('apart', plan_of([ along('A', 0, 1 .. 6), along('A', 275, 7 .. 12) ]));
is(best('apart', 2), '["A-3", "A-4"] t', 'of two rows apart the first, and its own middle');

# The front is where the stage is.
my @rows = map { my $y = 100 * $_; row_of(chr(ord('A') + $_), map { [ $_, 25 * $_, $y ] } 1 .. 4) } 0 .. 3;
my $stage = '{"shape": "rectangle", "rectangle": {"width": 100, "height": 30}, "position": {"x": 0, "y": %s}, "text": {"text": "%s"}}';
put_on_sale('above', plan_of(\@rows, sprintf $stage, -80, 'STAGE'));
is(row_order('above'), 'A B C D', 'a stage above the first row');
put_on_sale('below', plan_of(\@rows, sprintf $stage, 380, 'Main stage'));
is(row_order('below'), 'D C B A', 'a stage below the last row makes it the first');
is(best('below', 2), '["D-1", "D-2"] t', 'and the best');
put_on_sale('within', plan_of(\@rows, sprintf $stage, 135, 'Ice rink'));
is(row_order('within'), 'B C A D', 'a rink with rows around it');
for my $case ([ 'screen', 'Screen 3' ], [ 'brackets', '[ Stage ]' ], [ 'dashes', '- STAGE: -' ])
{
	my ($event, $text) = @$case;

	put_on_sale($event, plan_of(\@rows, sprintf $stage, 380, $text));
	is(row_order($event), 'D C B A', "$text is a stage: signs and numbers are no words");
}
put_on_sale('door', plan_of(\@rows, sprintf $stage, 380, 'Stage door'));
is(row_order('door'), 'A B C D', 'a stage door is no stage');
put_on_sale('said', plan_of(\@rows, sprintf($stage, 380, 'Orakel') =~ s/\{/{"stage": true, /r));
is(row_order('said'), 'D C B A', 'a plan may say what its stage is');
put_on_sale('denied', plan_of(\@rows, sprintf($stage, 380, 'Stage') =~ s/\{/{"stage": false, /r));
is(row_order('denied'), 'A B C D', 'or what is none');

# Seats that are kept for who needs them, and seats that are not for sale, in one row of ten.
my %marks = (3 => 'accessible', 4 => 'companion');
my $marked = row_of('A', map { [ $_, 25 * $_, 0 ] } 1 .. 10);
$marked =~ s/"seat_number": "$_",/"seat_number": "$_", "$marks{$_}": true,/ for keys %marks;
$marked =~ s/"seat_number": "9",/"seat_number": "9", "for_sale": false,/;
put_on_sale('kept', plan_of([$marked]));
sub statuses { return sql(qq{SELECT string_agg(left(status, 1), '' ORDER BY length(label), label) FROM seatlock.seat_map('$_[0]')}) }
sub counts { return sql(qq{SELECT capacity, num_free, num_not_for_sale, largest_block FROM seatlock.availability('$_[0]')}) }
is(statuses('kept'), 'ffffffffnf', 'a seat that the plan does not put on sale begins so');
is(sql(q{SELECT seats FROM seatlock.seat_map_compact('kept')}), 'ffffffffnf', 'in each of its pictures');
is(sql(q{SELECT action, seats, actor = current_user, reason FROM seatlock.changes('kept', NULL, 10)}), 'blocked|{A-9}|t|seating plan', 'and the history tells of it');
is(sql(q{SELECT version FROM seatlock.seat_map('kept') WHERE status = 'not_for_sale'}), 1, 'as a change');
is(counts('kept'), '10|9|1|4', 'the largest block is one that claim_best can give');
is(sql(q{SELECT outcome FROM seatlock.claim_best('kept', 5, 'ann', adjacency => 'require', category => 'c')}), 'not_together', 'and none is larger');
is(sql(q{SELECT seats, outcome FROM seatlock.claim_best('kept', 4, 'ann', adjacency => 'require')}), '["A-5", "A-6", "A-7", "A-8"]|held', 'claim_best goes round them');
is(sql(q{SELECT seats FROM seatlock.claim_best('kept', 3, 'bob', adjacency => 'any')}), '["A-1", "A-2", "A-10"]', 'however it is asked');
is(sql(q{SELECT outcome FROM seatlock.claim_best('kept', 1, 'cid', category => 'c')}), 'sold_out', 'also for the last');
is(counts('kept'), '10|2|1|0', 'which are free, but no block');
is(sql(q{SELECT outcome, seats FROM seatlock.claim('kept', '["A-3","A-4"]', 'dora')}), 'held|["A-3", "A-4"]', 'who names them gets them');
is(sql(q{SELECT outcome, conflicts->0->>'reason' FROM seatlock.claim('kept', 'A-9', 'dora')}), 'taken|not_for_sale', 'and nobody what is not for sale');
is(sql(q{SELECT outcome FROM seatlock.unblock('kept', 'A-9')}), 'unblocked', 'until it is put on sale');
is(sql(q{SELECT outcome, seats FROM seatlock.claim_best('kept', 1, 'eve')}), 'held|["A-9"]', 'like any other');
sql(q{SELECT seatlock.create_grid('kept', 'Annex', 1, 2, 'c'); SELECT seatlock.create_event('kept again', 'kept')});
is(sql(q{SELECT string_agg(seats ->> 0, ' ') FROM generate_series(1, 12) n, seatlock.claim_best('kept again', 1, 'h' || n)}),
	'House-A-5 House-A-6 House-A-1 House-A-2 House-A-10 House-A-7 House-A-8 Annex-A-1 Annex-A-2', 'a venue that grows keeps them');
like(make_venue('no words', plan_of([ row_of('A', [ 1, 0, 0 ]) =~ s/\{"seat_number"/{"accessible": "yes", "seat_number"/r ])),
	qr/seat "1": "accessible" is a string\nDETAIL:  "accessible" must be a boolean/, 'marks are true or false');

# What leaves no doubt is put right, and told in one warning.
sub make_venue
{
	my ($name, $plan, $as) = @_;
	my ($ret, $out, $err) = $node->psql('postgres', sprintf "SELECT seatlock.create_venue('%s', %s)", $name, sprintf $as // '%s', "\$plan\$$plan\$plan\$");
	return $err =~ s/^psql:<stdin>:\d+: //mgr;
}
sub plan_file { return slurp_file("$FindBin::RealBin/../plans/field/$_[0].json") }
my %remedies = (
	p1_template_labels => '', p6d_row_label_null => '', p6h_area_no_shape_text_only => '', p6i_area_zone_decor_no_name => '',
	p6j_zone_of_only_empty_rows => '', p6k_no_position_in_row => '',
	p2_no_category => 'seats without a category, put into "Standard": 96; seats with a guid that another has too, left without: 96',
	p6a_zone_without_name => 'zones without a name, numbered: 1',
	p6b_empty_row_left_over => 'rows without seats, left out: 1',
	p6c_row_number_empty => 'rows without a number, numbered: 1',
	p6e_seat_number_empty => 'seats without a number, numbered: 1',
	p6f_seat_number_twice => 'seats with a number that their row had before: 1',
	p6g_numbers_not_strings => 'names that were numbers and not strings: 3',
	p6m_two_categories_one_name => 'categories with a name that was there before, left out: 1');
for my $name (sort keys %remedies)
{
	my $warned = $remedies{$name} eq '' ? '' : qq{WARNING:  the seating plan of venue "$name" was put right\nDETAIL:  Corrections: $remedies{$name}.};

	is(make_venue($name, plan_file($name)), $warned, "$name: what was put right");
	sql("SELECT seatlock.create_event('$name', '$name')");
}
sub labels { return sql(qq{SELECT string_agg(label, ' ' ORDER BY seat_no) FROM seatlock.seat JOIN seatlock.event USING (layout_id) WHERE name = '$_[0]' AND row_no = 1}) }
like(labels('p1_template_labels'), qr/^Row A-1 Row A-2 /, 'a pattern is filled with the row number');
is(labels('p6c_row_number_empty'), '1-1 1-2 1-3 1-4', 'a row without a number');
is(labels('p6e_seat_number_empty'), 'A-2 A-1', 'a seat without a number');
is(labels('p6f_seat_number_twice'), 'Z-A-1 Z-A-1 (2) Z-A-2', 'seats of one number');
is(labels('p6g_numbers_not_strings'), '1-1 1-2', 'numbers that are no strings');

# A file as it was read, with the mark that some editors write in front; and one that is no plan.
is(make_venue('marked', plan_of([ row_of('A', [ 1, 0, 0 ]) ]), q{to_jsonb(chr(65279) || %s::text)}),
	qq{WARNING:  the seating plan of venue "marked" was put right\nDETAIL:  Corrections: byte-order marks before the plan, passed over: 1.}, 'the text of a plan, after a byte-order mark');
is(make_venue('unmarked', plan_file('p6n_utf8_bom_and_arabic'), 'to_jsonb(%s::text)'), '', 'or without one');
sql("SELECT seatlock.create_event('$_', '$_')") for 'marked', 'unmarked';
is(sql(q{SELECT count(*) FROM seatlock.seat_map('unmarked')}), 3, 'has its seats');
like(make_venue('text', '{"zones": ', 'to_jsonb(%s::text)'), qr/^ERROR:  invalid input syntax for type json/, 'no JSON');
like(make_venue('text in text', '"[]"', 'to_jsonb(%s::text)'), qr/^ERROR:  invalid seating plan: not a JSON object/, 'text in a text');

# Keys that nobody reads are told, as they may be misspelt: all of them in one notice.
my $strange = plan_of([ map { row_of($_, [ 1, 0, 0 ], [ 2, 25, 0 ]) } 'A', 'B' ], '{"text": {"text": "Bar"}, "colour": "#123456", "uuid": "x", "shape": "text"}');
$strange =~ s/"category": "c"/"category": "c", "wheelchair": true, "radius": 9/g;
$strange =~ s/"row_number": "B"/"row_number": "B", "accessible": true, "uuid": "y"/;
$strange =~ s/\{"name": "c"\}/{"name": "c", "for_sale": false}/;
$strange =~ s/^\{/{"theme": {"zones": 1}, /;
is(make_venue('strange', $strange), qq{NOTICE:  the seating plan of venue "strange" has keys that mean nothing here\nDETAIL:  Passed over: plan "theme": 1; category "for_sale": 1; seat "wheelchair": 4; row "accessible": 1; area "colour": 1.}, 'keys that mean nothing');
my $many = join ', ', map { sprintf '"%03d%s": 0', $_, "\x{c3}\x{a4}" x 10_000 } 1 .. 30;
my $told = make_venue('many keys', plan_of([ row_of('A', [ 1, 0, 0 ]) ]) =~ s/^\{/{$many, /r);
is(scalar(() = $told =~ /plan "/g), 20, 'twenty of them by name');
ok(length $told < 20_000 && $told =~ /; and others\.\z/, 'which is short, and the rest is not');

# What does leave doubt is refused, all of it at once.
is(make_venue('p6l_category_unknown', plan_file('p6l_category_unknown')),
	qq{ERROR:  invalid seating plan: zone "Z", row "A", seat "1": category "Old price" does not exist\nDETAIL:  A seat names one of the plan's "categories".},
	'p6l: a category that the plan does not have');
my @bad = map { row_of($_, [ 1, 0, 0 ]) =~ s/"category": "c"/"category": "no"/r } 'A' .. 'Y';
my $refused = make_venue('bad', plan_of([ @bad, '7' ], '{"shape": "star", "capacity": 0.5}'));
like($refused, qr/^ERROR:  invalid seating plan: 28 problems\nDETAIL:  zone "House", row "A", seat "1": category "no" does not exist\nzone "House", row "B"/, 'problems are told together');
is(scalar(() = $refused =~ /does not exist/g), 20, 'twenty of them by name');
like($refused, qr/\nand 8 more$/, 'and the rest by number');
is(sql(q{SELECT count(*) FROM seatlock.venues WHERE venue IN ('bad', 'p6l_category_unknown')}), 0, 'nothing is left of them');

is(sql(q{SELECT * FROM seatlock.check_integrity()}), '', 'all of it agrees');
$node->stop;
done_testing();
