# What is shipped has no setting that can break a guard; the tests' own build
# has one, which is for superusers.
# Passes: plain faults, which are two builds.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('builds');
my $is_shipped = $ENV{SEATLOCK_BUILD} eq 'shipped';

sub show_settings
{
	my ($condition) = @_;
	return $node->safe_psql('postgres',
		"LOAD 'seatlock'; SELECT name, context FROM pg_settings WHERE name LIKE 'seatlock.%' AND $condition ORDER BY name");
}

is(show_settings("name ~ 'debug|fault'"), $is_shipped ? '' : 'seatlock.debug_fault|superuser',
	'fault points are in the tests\' build alone');
is(show_settings("context IN ('user', 'superuser') AND name !~ 'debug'"), join("\n",
		map { "seatlock.$_|user" } 'group_limit', 'group_wait', 'lock_wait'),
	'a session can only choose how long it waits');

# set before the library is there, or by its own name after: nothing comes of it
for my $load ('', q{LOAD 'seatlock'; })
{
	my $state = sqlstate($node, "${load}SET seatlock.debug_fault = 'stale_recheck'; LOAD 'seatlock'; SHOW seatlock.debug_fault");
	like($state, $is_shipped ? qr/^42(602|704)$/ : qr/^none$/, 'debug_fault is' . ($is_shipped ? ' no setting' : ' a setting') . ($load ? ' of the library' : ' that could wait for the library'));
}

$node->safe_psql('postgres', q{CREATE ROLE seller; GRANT USAGE ON SCHEMA seatlock TO seller});
is(sqlstate($node, q{LOAD 'seatlock'; SET ROLE seller; SET seatlock.debug_fault = 'stale_recheck'}),
	$is_shipped ? '42602' : '42501', 'nobody but a superuser sets a fault');

# make in parallel begins where it likes, in a directory that may have nothing yet
my $top = "$FindBin::RealBin/../..";
my $empty = PostgreSQL::Test::Utils::tempdir();
is(system('make', '-s', '-C', $empty, '-f', "$top/src/redis/Makefile", 'redis_library.inc'), 0,
	'the text of the Redis functions can be made first');
ok(-s "$empty/redis_library.inc", 'and it is there');

# The library for Redis is made where hiredis is, on demand, or not at all: what make would
# do on a machine with and without hiredis.
my $scratch = PostgreSQL::Test::Utils::tempdir();
mkdir "$scratch/$_" for 'bin', 'src', 'src/redis';
append_to_file("$scratch/bin/pkg-config", qq{#!/bin/sh\n[ "\$HAS_HIREDIS" = 1 ]\n});
chmod 0755, "$scratch/bin/pkg-config";

# each once: nothing is there yet, so make would make it again to install it
sub names { my ($out, $pattern) = @_; my %names = map { $_ => 1 } $out =~ /$pattern/g; return join ' ', sort keys %names }

sub would_make
{
	my ($has_hiredis, @args) = @_;
	my ($out, $err);

	local %ENV = (%ENV, PATH => "$scratch/bin:$ENV{PATH}", HAS_HIREDIS => $has_hiredis);
	IPC::Run::run([ 'make', '-n', '-C', $scratch, '-f', "$top/Makefile", @args ], '<', '/dev/null', '>', \$out, '2>', \$err);
	return { failed => $? != 0, err => $err, links => names($out, qr/-o (seatlock\w*\.so)/),
		installs => names($out, qr/install .* (seatlock\w*\.so) /), told => join('', $out =~ /^echo '(seatlock_redis .*)'$/m) };
}

my %made = (links => 'seatlock.so seatlock_redis.so', installs => '', told => '', failed => '', err => '');
my %left_out = (%made, links => 'seatlock.so');
for my $case (
	[ 'with hiredis', \%made, 1, 'all' ],
	[ 'WITH_REDIS=no', { %left_out, told => 'seatlock_redis is left out: WITH_REDIS=no' }, 1, 'all', 'WITH_REDIS=no' ],
	[ 'without hiredis', { %left_out, told => 'seatlock_redis is left out: pkg-config finds no hiredis or no OpenSSL' }, 0, 'all' ],
	[ 'make install', { %made, installs => 'seatlock.so seatlock_redis.so' }, 1, 'install' ],
	[ 'make install WITH_REDIS=no', { %left_out, installs => 'seatlock.so', told => 'seatlock_redis is left out: WITH_REDIS=no' }, 1, 'install', 'WITH_REDIS=no' ])
{
	my ($name, $expected, @args) = @$case;
	my $made = would_make(@args);

	is_deeply($made, $expected, "$name: what is made") || diag explain $made;
}
my $demanded = would_make(0, 'all', 'WITH_REDIS=yes');
ok($demanded->{failed}, 'WITH_REDIS=yes without hiredis fails');
like($demanded->{err}, qr/WITH_REDIS=yes needs pkg-config, hiredis and OpenSSL.*libhiredis-dev/, 'and says what is missing');
if ($ENV{SEATLOCK_LONG})
{
	# of the installation that this one is a copy of, which has the headers
	my ($pg_config) = `pg_config --bindir` =~ m{/pg_\w+(/.*/bin)$} or die 'no private installation: run it by test/run';
	my ($out, $err);
	my $alone = PostgreSQL::Test::Utils::tempdir();

	local %ENV = (%ENV, PATH => "$scratch/bin:$ENV{PATH}", HAS_HIREDIS => 0, PG_CONFIG => "$pg_config/pg_config");
	ok(IPC::Run::run([ 'make', '-s', '-C', $alone, '-f', "$top/Makefile", 'install', "DESTDIR=$alone/to" ], '<', '/dev/null', '>', \$out, '2>', \$err), 'make without hiredis') || diag $err;
	is(join(' ', sort map { m{([^/]+)$} } split /\n/, `find '$alone/to' -type f`), 'seatlock--1.0.sql seatlock.control seatlock.so', 'installs the core alone');
}
else
{
	diag 'NOT RUN: a whole build without hiredis (SEATLOCK_LONG=1 runs it)';
}
ok(!would_make(0, 'clean', 'WITH_REDIS=yes')->{failed}, 'but make clean does not need it');

# private_pg builds what it installs: a checkout that stands in for this one, before it
# was ever built, and after its source has changed
my ($checkout, $copy) = map { PostgreSQL::Test::Utils::tempdir() } 1, 2;
system('mkdir', '-p', "$checkout/test/tools") == 0 && system('cp', (map { "$FindBin::RealBin/../tools/$_" } 'build', 'private_pg'), "$checkout/test/tools") == 0
  or die 'could not copy the tools';
append_to_file("$checkout/Makefile", <<'MAKE');
top := $(dir $(lastword $(MAKEFILE_LIST)))
built: $(top)source
	cp $(top)source built
install:
	cp built $(shell $(PG_CONFIG) --pkglibdir)/seatlock.so
MAKE
for my $source ('first', 'second')
{
	unlink "$checkout/source";
	append_to_file("$checkout/source", $source);
	my $bindir = `'$checkout/test/tools/private_pg' '$copy' 2>/dev/null`;
	chomp $bindir;
	my $library = $bindir eq '' ? '' : `'$bindir/pg_config' --pkglibdir`;
	chomp $library;
	is($library eq '' || !-f "$library/seatlock.so" ? '' : slurp_file("$library/seatlock.so"), $source, "private_pg installs the $source source");
}

done_testing();
