# What a call takes of memory stays within a small multiple of its argument: short
# texts that stand for long ones are refused before they are written out.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('bounds');
my $seed = random_seed();
make_event($node, 'e', 10, 20);

# Kilobytes by which the largest size of a backend grows with a call, and its answer.
sub cost
{
	my ($call) = @_;
	my ($session) = sessions($node, 1);
	my $pid = in_session($session, 'SELECT pg_backend_pid()');
	my $peak = sub { return slurp_file("/proc/$pid/status") =~ /VmHWM:\s+(\d+) kB/ ? $1 : die 'no VmHWM' };

	in_session($session, q{SELECT outcome FROM seatlock.claim('e', '["no such seat"]', 'warm'); SELECT t.try('SELECT 1')});
	my $before = $peak->();
	my $answer = in_session($session, "SELECT t.try(\$call\$SELECT outcome FROM seatlock.$call\$call\$)");
	my $grown = $peak->() - $before;
	$session->quit;
	return ($grown, $answer);
}

sub is_cheap
{
	my ($name, $call, $expected) = @_;
	my ($grown, $answer) = cost($call);

	# a call of any size takes some; a multiple of 40 is what the server's JSON parser needs
	cmp_ok($grown, '<', 8192 + 40 * length($call) / 1024, "$name: little memory ($grown kB)");
	return like($answer, $expected, "$name: the answer");
}

is_cheap('huge numbers', q{claim('e', '[} . join(',', ('1e131071') x 4000) . q{]', 'x')}, qr/^22023: .*too many digits/);
is_cheap('numbers of many decimals', q{claim('e', '[} . join(',', map { "1.${_}e-16000" } 1 .. 3000) . q{]', 'x')}, qr/^22023: .*too many digits/);
is_cheap('a number of many digits', q{claim('e', '[} . '9' x 100_000 . q{]', 'x')}, qr/^22023: .*too many digits/);
is_cheap('many numbers', q{claim('e', '[} . join(',', 1 .. 5_000) . q{]', 'x')}, qr/^taken/);
is_cheap('block', q{block('e', '[1e131071]')}, qr/^22023: .*too many digits/);

# Random lists, from the same pieces that a fuzzer would find.
for my $round (1 .. 30)
{
	my @pieces = map { (
		sub { int rand 1000 }, sub { (rand() < 0.5 ? '-' : '') . (1 + int rand 9) . 'e' . (int(rand 140000) - 5000) },
		sub { '9' x int rand 2000 }, sub { '0.' . '1' x int rand 2000 }, sub { '"' . 'x' x int(rand 300) . '"' },
		sub { '"\\u00e4' . '\\n' x int(rand 50) . '"' }, sub { 'null' }, sub { '[' x int rand 100 } )[ rand 8 ]->() } 1 .. 300;

	# one kind of piece after the other is left out, or most lists would end at the first
	my $list = '[' . join(',', grep { $round % 3 || /^"|^\d{1,17}$/ } @pieces) . ']';
	is_cheap("round $round", "claim('e', \$s\$$list\$s\$, 'x')", qr/^(22023: |taken)/);
}
history_is_sound($node, 'at the end');
log_is_clean($node, 'bounds');
$node->stop;
done_testing();
