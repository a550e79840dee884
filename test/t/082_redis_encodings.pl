# Redis has everything in UTF-8, whatever the database's encoding: names, labels,
# claims and verdicts go there and come back.  What has no form in UTF-8 is not
# shown, and keeps nothing else from being shown.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use SeatlockRedis ':DEFAULT', ':faults';
use SeatlockTest;
use Test::More;

# Of all clients here; bytes stay bytes, as in this file.  The server does not take it
# over: in a database whose encoding it cannot convert no worker would start.
$ENV{PGCLIENTENCODING} = 'UTF8';

my $redis = redis_server('encodings');
my $node = seatlock_node('redis_encodings', init => { extra => [ '--encoding=LATIN1', '--no-locale' ] }, conf => <<'CONF');
shared_preload_libraries = 'seatlock'
seatlock.databases = 'postgres, bytes, mule'
client_encoding = 'SQL_ASCII'
max_worker_processes = 12
CONF

sub sql { return $node->safe_psql($_[1] // 'postgres', $_[0]) }
sub json { return JSON::PP->new->decode($_[0]) }

sql(q{SELECT seatlock.create_grid('Saal', 'Höhe', 2, 5, 'Übersicht'), seatlock.create_grid('Saal', 'Tiefe', 2, 5, 'Übersicht');
	SELECT seatlock.create_event('Café', 'Saal')});
join_redis($node, $redis);
my $p = redis_prefix($node);
mirror_is_true($node, $redis, 'Café', 'LATIN1');
ok(wait_until('claims are taken in', sub { ($redis->cli('HGET', "$p:map:Café", 'intake') // '') eq '1' }, 60), 'claims are taken in');

sub ask
{
	my ($function, @args) = @_;
	my $ticket = new_ticket();
	my $answer = $redis->fcall("seatlock_$function", redis_keys($p, 'Café', $ticket), @args);

	return { outcome => $answer } if $answer !~ /^\{/;
	return json($answer) if $answer !~ /"pending"/;
	my $text = '';
	wait_until('the verdict', sub { ($text = $redis->cli('GET', "$p:ticket:$ticket")) !~ /"pending"/ }, 30);
	return json($text);
}

my $listener = $redis->subscriber("$p:changes:Café");
my $held = ask('claim', '["Höhe-A-1","H\u00f6he-A-2"]', 'Zoë', '', '');
is("$held->{outcome} @{ $held->{seats} // [] }", 'held Höhe-A-1 Höhe-A-2', 'a seat is claimed by its name');
is(sql("SELECT holder || seats::text FROM seatlock.holds WHERE token = '$held->{token}'"), 'Zoë{Höhe-A-1,Höhe-A-2}', 'its name and the holder\'s are in the tables');
ok(wait_until('the change is heard', sub { grep { /"Höhe-A-1","status":"held"/ } $redis->messages($listener) }, 30), 'the change is told');
$redis->finish_subscriber($listener);
mirror_is_true($node, $redis, 'Café', 'after a claim');
is_deeply(ask('claim', '["Höhe-A-1"]', 'bob', '', '')->{conflicts}, [ { seat => 'Höhe-A-1', reason => 'held', seconds_left => undef } ], 'the map refuses it by its name');
# by the database itself
my $ticket = new_ticket();
$redis->call_as('buyer', 'XADD', "$p:in", '*', ticket => $ticket, verb => 'claim', event => 'Café', seats => '["Höhe-A-1","Hölle"]', holder => 'bob', deadline => 1000 * $redis->cli('TIME')->[0] + 30_000);
is_deeply([ map { $_->{seat} } @{ verdict_of($redis, $p, $ticket) ? json($redis->cli('GET', "$p:ticket:$ticket"))->{conflicts} : [] } ], [ 'Hölle', 'Höhe-A-1' ], 'so does the verdict');
my $best = ask('claim_best', 2, 'eve', 'Höhe', 'Übersicht', '', '', '');
is("$best->{outcome} @{ $best->{seats} // [] }" =~ s/\d/n/gr, 'held Höhe-B-n Höhe-B-n', 'section and category by their names');
my $error = ask('claim_best', 2, 'eve', 'Hölle', '', '', '', '');
is("$error->{sqlstate} $error->{message}", '42704 section "Hölle" of event "Café" does not exist', 'an error names them, too');
is(ask('claim', '["Höhe-A-4"]', '山', '', '')->{sqlstate}, '22P05', 'a holder whom the database cannot name is an error');
my $given = ask('release', $held->{token}, '["Höhe-A-2"]', '');
is("$given->{outcome} @{ $given->{seats} // [] }", 'released Höhe-A-1', 'a seat is given back by its name');
is(sql(qq{SET ROLE shop; SELECT outcome || replayed FROM seatlock.claim('Café', '["Höhe-B-1","Hölle"]', 'bob', request_key => 'ticket:$ticket')}), 'takenfalse', 'and SQL goes on');
is(redis_count($node, 'errors'), 0, 'no errors');

# A database of bytes: some are UTF-8, some are not
sql(q{CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII'});
{
	local $ENV{PGCLIENTENCODING} = 'SQL_ASCII';

	sql(qq{CREATE EXTENSION seatlock;
		SELECT seatlock.create_grid('h', 'S', 2, 5, 'c'), seatlock.create_grid('caf\xe9', '\xe9', 2, 5, 'c'), seatlock.create_grid('caf\xe9', 'S', 2, 5, 'c');
		SELECT seatlock.create_event('caf\xe9', 'h'), seatlock.create_event('seats', 'caf\xe9'), seatlock.create_event('Café', 'h');
		SELECT seatlock.claim_now('Café', 'B-5', 'x')}, 'bytes');
	my $q = sql(q{SELECT format('{seatlock:%s:%s}', system_identifier, oid) FROM pg_control_system(), pg_database WHERE datname = 'bytes'});
	ok(wait_until('the map is shown', sub { ($redis->cli('HGET', "$q:map:Café", 'seats') // '') eq 'fffffffffh' }, 60), 'bytes: what is UTF-8 is shown');
	is_deeply([ sort grep { /:map:/ } @{ $redis->cli('KEYS', "$q:*") } ], ["$q:map:Café"], 'bytes: the others are not');
	like(sql('SELECT last_error FROM seatlock.redis_status()', 'bytes'), qr/seat ".*" of event "seats" has no name in UTF-8/, 'bytes: redis_status() tells of seats');
}

# A database of which nothing but ASCII has a form in UTF-8: that much it sells.
sql(q{CREATE DATABASE mule TEMPLATE template0 ENCODING 'MULE_INTERNAL' LOCALE 'C'});
{
	local $ENV{PGCLIENTENCODING} = 'SQL_ASCII';

	sql(q{CREATE EXTENSION seatlock; SELECT seatlock.create_grid('h', 'S', 2, 5, 'c'), seatlock.create_event('e', 'h');
		GRANT USAGE ON SCHEMA seatlock TO shop; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA seatlock TO shop;
		SELECT seatlock.claim_now('e', 'B-5', 'x')}, 'mule');
	my $q = sql(q{SELECT format('{seatlock:%s:%s}', system_identifier, oid) FROM pg_control_system(), pg_database WHERE datname = 'mule'});
	ok(wait_until('mule takes claims in', sub { ($redis->cli('HGET', "$q:map:e", 'intake') // '') eq '1' }, 60), 'mule: claims are taken in');
	for ([ 'ann', 'A-1', 'held' ], [ 'Zoë', 'A-2', 'error' ])
	{
		my ($holder, $seat, $outcome) = @$_;
		my $ticket = new_ticket();
		my $text = $redis->cli('FCALL', 'seatlock_claim', 4, @{ redis_keys($q, 'e', $ticket) }, qq{["$seat"]}, $holder, '', '');
		wait_until('the verdict', sub { $text = $redis->cli('GET', "$q:ticket:$ticket") // '{"outcome":"lost"}'; $text !~ /"pending"/ }, 30);
		is(json($text)->{outcome}, $outcome, "mule: a claim for $holder");
	}
}
mirror_is_true($node, $redis, 'Café', 'at the end');

$node->stop;
$redis->stop;
log_is_clean($node, 'at the end');
done_testing();
