# Databases of other encodings, and letters that are none: a map in text moves
# no cursor, a picture is well-formed and fetches nothing.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('encodings');

# Names that set-up refuses are put into the tables by hand: what is drawn must
# not depend on who wrote it.
sub make_database
{
	my ($encoding) = @_;
	my $database = lc $encoding;

	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0 ENCODING '$encoding' LOCALE 'C'");
	$node->safe_psql($database, "CREATE EXTENSION seatlock;
		SELECT seatlock.create_grid('v', 'S', 2, 5, 'Standard');
		SELECT seatlock.create_event('e', 'v')");
	return $database;
}

# In the bytes of the database.
sub ask
{
	my ($database, $sql) = @_;
	my ($in, $out, $err) = ($sql, '', '');

	local $ENV{PGCLIENTENCODING} = uc $database;
	IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database), '-f', '-' ], \$in, \$out, \$err);
	return ($out, $err);
}

sub draw
{
	my ($database, $function, $name, $bytes) = @_;
	my ($out, $err) = ask($database, "BEGIN; UPDATE seatlock.layout_section SET name = E'<$bytes>'; SELECT $function('e'); ROLLBACK");

	is($err, '', "$database: $function with $name raises nothing");
	return $out;
}

sub section_of { return $_[0] =~ /^<(.*)> \(10 of 10 free\)/m ? $1 : $_[0] }
sub title_of { return $_[0] =~ /&lt;(.*?)&gt;/ ? $1 : $_[0] }

sub is_well_formed
{
	my ($svg, $what) = @_;
	my ($out, $err) = ('', '');

	ok(IPC::Run::run([ 'xmllint', '--noout', '--nonet', '-' ], \$svg, \$out, \$err), "$what is well-formed") or diag($err);
	return;
}

my %c1 = ('a control character of the second set' => '\x9b31m', 'the first of them' => '\x80', 'the last of them' => '\x9f');

for my $encoding ('LATIN1', 'LATIN9', 'ISO_8859_5')
{
	my $database = make_database($encoding);

	for my $name (sort keys %c1)
	{
		my $shown = section_of(draw($database, 'seatlock.seat_map_text', $name, $c1{$name}));
		is($shown, $c1{$name} =~ /31m/ ? '?31m' : '?', "$database: $name is shown as ?");
		is_well_formed(draw($database, 'seatlock.seat_map_svg', $name, $c1{$name}), "$database: the picture with $name");
		like((ask($database, "SELECT seatlock.create_grid('w', E'a$c1{$name}', 1, 1, 'c')"))[1],
			qr/must not have control characters/, "$database: $name is refused in a new name");
	}
	is(section_of(draw($database, 'seatlock.seat_map_text', 'a letter', '\xe9')), "\xe9", "$database: a letter stays");
	is((ask($database, q{SELECT seatlock.create_grid('w', E'\xe9', 1, 1, 'c')}))[0], "1\n", "$database: a letter is a name");
}

# Windows has letters there.
my $windows = make_database('WIN1252');
is(section_of(draw($windows, 'seatlock.seat_map_text', 'a euro sign', '\x80')), "\x80", 'win1252: a euro sign stays');
is((ask($windows, q{SELECT seatlock.create_grid('w', E'\x80', 1, 1, 'c')}))[0], "1\n", 'win1252: a euro sign is a name');

my $utf8 = make_database('UTF8');
for my $code (0x80, 0x85, 0x9b, 0x9f, 0x61c, 0x200e, 0x200f, 0x202a .. 0x202e, 0x2066 .. 0x2069)
{
	my $letter = sprintf '\u%04x', $code;

	is(section_of(draw($utf8, 'seatlock.seat_map_text', $letter, "a${letter}b")), 'a?b', "utf8: $letter is shown as ?");
	is_well_formed(draw($utf8, 'seatlock.seat_map_svg', $letter, $letter), "utf8: the picture with $letter");
}
is(section_of(draw($utf8, 'seatlock.seat_map_text', 'letters', '\u05d0e\u0301\u6f22\u00a0')), "\xd7\x90e\xcc\x81\xe6\xbc\xa2\xc2\xa0", 'utf8: letters stay');

# A place in the table of EUC_JP that no letter has, between two that have.
my $japanese = make_database('EUC_JP');
my $svg = draw($japanese, 'seatlock.seat_map_svg', 'a letter that Unicode lacks', '\xb4\xc1\xa9\xa1\xbb\xfa');
is(title_of($svg), '&#x6F22;&#xFFFD;&#x5B57;', 'euc_jp: it is drawn as the sign for such letters');
is_well_formed($svg, 'euc_jp: the picture');
draw($japanese, 'seatlock.seat_map_text', 'a letter that Unicode lacks', '\xb4\xc1\xa9\xa1\xbb\xfa');

# A database whose encoding PostgreSQL cannot convert to UTF-8.
my $mule = make_database('MULE_INTERNAL');
is(title_of(draw($mule, 'seatlock.seat_map_svg', 'a letter that nothing converts', 'H\x81\xf6he')), 'H&#xFFFD;he', 'mule_internal: it is drawn as that sign');
is(section_of(draw($mule, 'seatlock.seat_map_text', 'a letter that nothing converts', 'H\x81\xf6he')), "H\x81\xf6he", 'mule_internal: the text has it');

# Colours are numbers and names; functions that refer to something are not drawn.
my %colors = ('#ab12ef' => 1, '#abc' => 1, 'Rebeccapurple' => 1, 'rgb(1, 2, 3)' => 1, 'RGBA(1,2,3,.5)' => 1, 'hsl(120 50% 50%)' => 1, 'hsla(1,2%,3%,0)' => 1,
	map { ("$_(1)" => 0) } qw(url var env calc attr image src rgbx rgb2 lab lch oklch));
$colors{$_} = 0 for '(1)', 'rgb(', 'rgb(1', 'rgb(1))', 'rgb((1)', 'rgb(a)', 'rgb(1);', 'hsl(var(1))', '#12', '#xyz', '#', '"', 'a b', '';
for my $color (sort keys %colors)
{
	my ($out, $err) = ask($utf8, "BEGIN; UPDATE seatlock.layout_category SET color = '$color'; SELECT seatlock.seat_map_svg('e'); ROLLBACK");

	is($err, '', "a picture with the colour $color");
	is($out =~ /="\Q$color\E"/ ? 1 : 0, $color eq '' ? 0 : $colors{$color}, "the colour $color is drawn: " . ($colors{$color} ? 'yes' : 'no'));
}

# Everything as a viewer asks for it, in each database.
is((ask($_, 'SELECT count(*) FROM seatlock.check_integrity()'))[0], "0\n", "$_: check_integrity() finds nothing") for 'latin1', 'euc_jp', 'mule_internal', 'utf8';
$node->stop;
done_testing();
