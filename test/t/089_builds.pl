# What is shipped has no setting that can break a guard; the tests' own build
# has one, which is for superusers.
# Passes: plain faults, which are two builds.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
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
my $empty = PostgreSQL::Test::Utils::tempdir();
is(system('make', '-s', '-C', $empty, '-f', "$FindBin::RealBin/../../Makefile", 'src/redis/redis_library.inc'), 0,
	'the text of the Redis functions can be made first');
ok(-s "$empty/src/redis/redis_library.inc", 'and it is there');

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
