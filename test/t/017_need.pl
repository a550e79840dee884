# test/tools/need, which installs what the commands need: what it does with and
# without the right to, on a machine of stand-ins that only note what they were
# asked to do.
# Passes: one, since it has no server.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = $ENV{SEATLOCK_TOP} // '.';
my $need = "$top/test/tools/need";
my $dir = PostgreSQL::Test::Utils::tempdir;
my $log = "$dir/log";
my $conf = '/etc/postgresql-common/createcluster.d';

# A command of the stand-in machine.
sub stand_in
{
	my ($name, $script) = @_;

	open my $file, '>', "$dir/bin/$name" or die "could not write $name: $!";
	print $file "#!/bin/bash\n$script\n";
	close $file;
	chmod 0755, "$dir/bin/$name";
	return;
}

mkdir "$dir/bin";
for my $real ('bash', 'cat', 'env', 'grep', 'mktemp', 'rm')
{
	my ($path) = grep { -x } "/bin/$real", "/usr/bin/$real";
	symlink $path, "$dir/bin/$real" or die "could not link $real: $!";
}
stand_in('id', 'echo $FAKE_UID');
stand_in('dpkg-query', q{[[ " $INSTALLED " == *" ${@: -1} "* ]] && echo 'install ok installed'});
stand_in('mkdir', qq{echo "mkdir \$*" >>$log});
stand_in('chmod', qq{echo "chmod \$*" >>$log});
stand_in('tee', qq{echo "tee \$*: \$(cat)" >>$log});
stand_in('apt-get', qq{echo "apt-get \$*" >>$log; [[ " \$* " != *" install "* ]] || [ -e "$dir/\$APT_NEEDS" ]}
	  . qq{; status=\$?; [[ " \$* " != *" update "* ]] || echo >"$dir/updated"; exit \$status});

# Run need with this as its world; what it did, said and returned.
sub need
{
	my ($world, @groups) = @_;
	my ($out, $err);

	unlink $log, "$dir/updated";
	local %ENV = (PATH => "$dir/bin", TMPDIR => $dir, FAKE_UID => 1000, INSTALLED => '', APT_NEEDS => 'bin', POLICY_RC_D => "$dir/policy", %$world);
	IPC::Run::run([ 'bash', $need, @groups ], '<', \undef, '>', \$out, '2>', \$err);
	return { status => $? >> 8, out => $out, err => $err, did => -e $log ? slurp_file($log) : '' };
}

# what the README says that a build needs; the Makefile, which may not call need, says it too
my ($all) = slurp_file("$top/README.md") =~ /^What they install, where it is missing: `([^`]+)`/m or die 'the README names no packages';
my $line = 'sudo apt-get install --no-install-recommends';
my $install = 'apt-get -q -y install --no-install-recommends';

like(slurp_file("$top/Makefile"), qr/'  \Q$line $all\E'/, 'the Makefile names the same packages as the README');

# nothing is missing: silence, whoever asks
is_deeply(need({ INSTALLED => $all }, 'build'), { status => 0, out => '', err => '', did => '' }, 'nothing missing');

# no root, and sudo is absent, refuses, or asks for a password
my $refused = { status => 1, out => '', err => "Missing packages. Please run, then repeat:\n  $line $all\n", did => '' };
is_deeply(need({}, 'build'), $refused, 'no sudo on the machine: the exact line, and nothing done');
stand_in('sudo', 'echo "sudo: a password is required" >&2; exit 1');
is_deeply(need({}, 'build'), $refused, 'sudo refuses: the same');
is( need({ INSTALLED => ($all =~ s/ make / /r) . ' libpq-dev' }, 'build', 'demo', 'build')->{err},
	"Missing packages. Please run, then repeat:\n  $line make redis-server\n", 'only what is missing, once');

# with sudo: every step through it, and no server of Debian's own
my $configured = "mkdir -p $conf\n" . (-e "$conf/seatlock.conf" ? '' : "tee $conf/seatlock.conf: create_main_cluster = false\n");
stand_in('sudo', qq{[ "\$*" = '-n true' ] && exit; echo -n 'sudo ' >>$log; "\$@"});
my $sudone = need({}, 'build');
is($sudone->{status}, 0, 'sudo: done');
is($sudone->{out}, "installing $all\n", 'sudo: says what it installs');
is($sudone->{did}, ($configured . "$install $all\n") =~ s/^/sudo /mgr, 'sudo: each step, the configuration first');

# as root, where of the demo's packages one is missing
my $not_here = 'libhiredis-dev redis-server';
stand_in('sudo', "echo sudo >>$log");
is_deeply(
	need({ FAKE_UID => 0, INSTALLED => $not_here }, 'demo'),
	{ status => 0, out => "installing libpq-dev\n", err => '', did => $configured . "$install libpq-dev\n" }, 'root needs no sudo');

# and no Redis of Debian's own
my @others = qw(libpq-dev libipc-run-perl libfaketime librsvg2-bin libxml2-utils pgbouncer python3-psycopg python3-psycopg2 libdbd-pg-perl);
is( need({ FAKE_UID => 0, INSTALLED => "@others" }, 'test')->{did},
	$configured . "tee $dir/policy: #!/bin/sh\nexit 101\nchmod +x $dir/policy\n$install redis-server\n", 'redis-server is kept from starting one');

# without package lists the first try fails
is( need({ FAKE_UID => 0, INSTALLED => $not_here, APT_NEEDS => 'updated' }, 'demo')->{did},
	$configured . "$install libpq-dev\napt-get -q update\n$install libpq-dev\n", 'package lists are fetched when the first try fails');
my $failed = need({ FAKE_UID => 0, INSTALLED => $not_here, APT_NEEDS => 'nothing' }, 'demo');
is($failed->{status}, 1, 'not to be had: fails');
like($failed->{err}, qr/^could not install libpq-dev$/m, 'and says so');

is(need({}, 'nonsense')->{status}, 2, 'an unknown group is an error');
done_testing();
