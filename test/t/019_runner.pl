# test/run itself, with tests of its own and stand-ins for what it needs: what ran
# when, what failed, and that an interrupted run leaves nothing running.  And which
# of its legs test/long leaves out.
# Passes: one, since it has no server.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use File::Copy 'copy';
use File::Path 'make_path';
use PostgreSQL::Test::Utils;
use SeatlockTest 'wait_until';
use Test::More;

my $top = $ENV{SEATLOCK_TOP} // '.';
my $dir = PostgreSQL::Test::Utils::tempdir;

sub put
{
	my ($name, $text) = @_;

	unlink "$dir/$name";
	append_to_file("$dir/$name", $text);
	chmod 0755, "$dir/$name";
	return;
}

sub put_test { my ($name, $passes, $code) = @_; put("test/t/$name.pl", "# A test.\n$passes\nuse strict;\n$code\n"); return }

sub run_tests
{
	my (%env) = @_;
	my ($out, $err) = ('', '');

	local %ENV = (%ENV, TMPDIR => "$dir/tmp", TESTS => '.', PASSES => 'plain preloaded faults', %env);
	delete @ENV{ grep { /^SEATLOCK_/ } keys %ENV };
	IPC::Run::run([ "$dir/test/run", '-j', 3 ], '<', '/dev/null', '>', \$out, '2>', \$err);
	return { status => $? >> 8, out => $out, err => $err };
}

# the titles of the jobs that ended so
sub titles { my ($run, $how) = @_; return join '; ', sort $run->{out} =~ /^(\w+(?:, \w+)?) +$how\b/mg }

make_path(map { "$dir/$_" } qw(test/tools test/t test/specs test/expected sql expected src/redis tmp bin));
copy("$top/test/$_", "$dir/test/$_") && chmod 0755, "$dir/test/$_" for 'run', 'long';
put('test/tools/need', "#!/bin/sh\n");
put('test/tools/seatlock_test', '');
put('test/lint', "#!/bin/sh\necho 'ok - looks good'\n");
put($_, '') for 'README.md', 'Makefile', 'src/redis/redis_library.lua';
chomp(my $pgxs = `pg_config --pgxs`);
put('bin/pg_config', "#!/bin/sh\ncase \$1 in --pgxs) echo $pgxs ;; *) mkdir -p $dir/share/extension && echo $dir/share ;; esac\n");
put('bin/postgres', "#!/bin/sh\necho 'a server'\n");
put('test/tools/private_pg', "#!/bin/sh\necho $dir/bin\n");

my $says = 'print "ok 1\n1..1\n"; open my $f, ">>", "$ENV{HOME}/../../../ran" or die; print $f "$0 $ENV{SEATLOCK_PASS} $ENV{SEATLOCK_BUILD}\n";';
put_test('001_both', '# Passes: plain preloaded', $says);
put_test('002_first', '# Passes: one faults, since it chooses.', $says);
put_test('003_table', '# Passes: plain, since it reads tables.', $says);
put_test('004_board', '# Passes: preloaded, since it reads the board.', $says);
put_test('005_guard', "# Needs fault points.\n# Passes: plain\n# Alone: it measures.", $says);

my $run = run_tests();
is(titles($run, 'ok'), '001_both; 001_both, preloaded; 002_first; 002_first, faults; 003_table; 004_board, preloaded; 005_guard; lint', 'each test runs in the passes that it names');
like($run->{out}, qr/^8 passed, 0 failed\n\z/m, 'the last line counts');
like($run->{out}, qr/005_guard +ok.*\ntook/, 'a test that runs alone is the last');
is($run->{status}, 0, 'success');
my $ran = slurp_file("$dir/ran");
is_deeply([ sort split /\n/, $ran =~ s{test/t/}{}gr ],
	[ '001_both.pl plain shipped', '001_both.pl preloaded shipped', '002_first.pl plain shipped', '002_first.pl preloaded faults',
		'003_table.pl plain shipped', '004_board.pl preloaded shipped', '005_guard.pl plain faults' ], 'with the library that it needs');
is_deeply([ glob "$dir/tmp/*" ], [], 'nothing is left');
is(titles(run_tests(PASSES => 'faults', TESTS => '^0'), 'ok'), join('; ', map { "$_, faults" } qw(001_both 002_first 003_table 004_board 005_guard)), 'a single pass has every test');
is(titles(run_tests(PASSES => 'plain', TESTS => 'board|lint'), 'ok'), '004_board; lint', 'TESTS selects');

# What fails is named, and its logs are kept.
put_test('006_bad', '# Passes: plain', 'print "ok 1\nnot ok 2 - the sum\n1..2\n"; exit 1;');
put_test('007_dies', '# Passes: plain', 'die "it broke";');
put_test('008_skips', '# Passes: plain', 'print "ok 1 # skip no time\n1..1\n";');
$run = run_tests(TESTS => '00[1678]', PASSES => 'plain');
is(titles($run, 'FAILED'), '006_bad; 007_dies; 008_skips', 'what fails, dies or skips has failed');
like($run->{out}, qr/^not ok 2 - the sum$/m, 'by the name of the check');
like($run->{out}, qr/it broke/, 'and what it died of');
like($run->{out}, qr/^2 passed, 3 failed\nlogs are kept in (\S+)\n\z/m, 'the count');
isnt($run->{status}, 0, 'no success');
put_test('009_silent', '# About nothing.', $says);
$run = run_tests(TESTS => '001');
like($run->{err}, qr/009_silent\.pl does not say in which passes it runs/, 'a test must say where it runs');
unlink glob "$dir/test/t/*";

# A run that is stopped takes with it what its tests have started, whatever group that is in.
put_test('010_serves', '# Passes: plain', 'system("setsid sleep 600 & sleep 600 & echo started >\$HOME/../../../started; wait");');
my $handle;
{
	local %ENV = (%ENV, TMPDIR => "$dir/tmp", TESTS => '010', PASSES => 'plain');
	$handle = IPC::Run::start([ "$dir/test/run" ], '<', '/dev/null', '>', "$dir/out", '2>', "$dir/err");
}
sub left { return grep { (readlink("$_/cwd") // '') =~ m{^\Q$dir\E/tmp/} } glob '/proc/[0-9]*' }
ok(wait_until('it runs', sub { -e "$dir/started" && left() >= 3 }, 60), 'a test has started its servers');
$handle->signal('TERM');
$handle->finish;
is_deeply([left()], [], 'stopped: nothing runs any more') or kill 9, map { m{(\d+)$} } left();
is(($handle->full_results)[0] >> 8, 143, 'and it says that it was stopped');

# Legs in turn, as far as the time goes.
sub long { my ($out, $err) = ('', ''); IPC::Run::run([ "$dir/test/long", @_ ], '<', '/dev/null', '>', \$out, '2>', \$err); return $out . $err }
my @legs = long('--list') =~ /^(\w+)/mg;
is(long('--within', 0, '--from', @legs + 1), 'left out for want of time: ' . join(' ', @legs[ 1 .. $#legs ], $legs[0]) . "\n0 passed, 0 failed\n", 'what does not fit is named, from the one whose turn it is');
like(long('installcheck'), qr/^0 passed, 1 failed\n\z/m, 'a leg that could not begin has failed');
put('test/run', "#!/bin/sh\n[ \$PASSES = sanitized ] || exit 3\necho '2 passed, 1 failed'\nexit 1\n");
like(long('sanitized', 'faults'), qr/^FAILED: the leg sanitized\n(?s:.*)^FAILED: the leg faults\n2 passed, 2 failed\n\z/m, 'legs are counted, and one that does not come to its end has failed');

done_testing();
