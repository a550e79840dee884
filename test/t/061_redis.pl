# The Redis fast path as it should be: maps follow the tables, changes are told,
# claims that come in through Redis are decided once and answered, and SQL and
# Redis buyers on the same seats never get the same one.
# Passes: one faults, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use PostgreSQL::Test::Utils;
use SeatlockRedis ':DEFAULT', 'make_users_of';
use SeatlockTest;
use Test::More;
use Time::HiRes 'time';

my $redis = redis_server('redis');
my $node = seatlock_node('redis', conf => <<"CONF");
shared_preload_libraries = 'seatlock'
seatlock.databases = 'postgres'
seatlock.redis_url = '${\$redis->url}'
seatlock.redis_prefix = 'box office*'
seatlock.redis_role = 'shop'
wal_writer_delay = '10s'
CONF
my $p = '{box office*}';

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub status { return sql("SELECT $_[0] FROM seatlock.redis_status()") }
sub labels_of { return "$p:labels:" . sql("SELECT layout_id FROM seatlock.event WHERE name = '$_[0]'") }
sub map_field { my $map = $redis->cli('HGET', "$p:map:$_[0]", $_[1]); return $map // '' }

# The map in Redis says what the tables say, labels too.
sub mirror_is_true
{
	my ($event, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	ok(wait_until("the map of $event follows", sub {
		map_field($event, 'seats') eq sql("SELECT seats FROM seatlock.seat_map_compact('$event')") }, 30), "$name: the map follows");
	is_deeply($redis->cli('HGETALL', labels_of($event)),
		{ '' => map_field($event, 'epoch'), map { split /\|/ } split /\n/,
			sql("SELECT label, row_number() OVER () FROM seatlock.seat_map('$event')") }, "$name: so do the labels");
	return;
}

my $num_tickets = 0;
sub new_ticket { return sprintf 'ticket-%08d-%08d', ++$num_tickets, rand 1e8 }
sub keys_of { my ($event, $ticket) = @_; return [ "$p:owner", "$p:map:$event", "$p:in", "$p:ticket:$ticket" ] }

# The verdict of a ticket, once it is there.
sub verdict
{
	my ($ticket) = @_;
	my $verdict;

	wait_until("ticket $ticket has a verdict", sub {
		my $text = $redis->cli('GET', "$p:ticket:$ticket");
		$verdict = defined $text ? decode_json($text) : undef;
		defined $verdict && $verdict->{outcome} ne 'pending' }, 30);
	return $verdict;
}

# A call and its verdict.
sub ask
{
	my ($function, $event, $ticket, @args) = @_;
	my $answer = $redis->fcall("seatlock_$function", keys_of($event, $ticket), @args);

	return { error => $answer } if $answer =~ /^ERROR/;
	my $first = decode_json($answer);
	return $first->{outcome} eq 'pending' ? verdict($ticket) : $first;
}

sub show { my ($answer) = @_; return join ' ', $answer->{outcome}, @{ $answer->{seats} } }

sql('CREATE ROLE shop LOGIN');
make_users_of($node, $redis);
make_event($node, 'e', 4, 10);

# The role may not sell yet
ok(wait_until('it owns the keys', sub { status('ownership') eq 'owner' }, 60), 'the worker owns the keys');
is(status('connected AND server_version ~ $$^[0-9]+\.$$ AND role = $$master$$'), 't', 'redis_status() knows the server');
my $errors = sql('SELECT errors FROM seatlock.stat_redis'); # before its user was made
mirror_is_true('e', 'new event');
ok(wait_until('the status tells', sub { status('last_error') =~ /role "shop" of seatlock.redis_role may not use the schema seatlock/ }, 60), 'the role may not sell: the status tells');
is(show(ask('claim', 'e', new_ticket(), '["A-1"]', 'ann', '', '')), 'ask', 'the role may not sell: Redis says ask');
sql('GRANT USAGE ON SCHEMA seatlock TO shop;
	 GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA seatlock TO shop; SELECT pg_reload_conf()');
ok(wait_until('it takes claims in', sub { map_field('e', 'intake') eq '1' }, 60), 'with the grants claims are taken in');

# Nor is anything granted where new sessions of the role would begin with read-only transactions
my $write = "SET default_transaction_read_only = off;\n";
for my $case ([ 'the server', 'ALTER SYSTEM SET default_transaction_read_only = on', 'ALTER SYSTEM RESET default_transaction_read_only' ],
	[ 'the database', map { "ALTER DATABASE postgres $_ default_transaction_read_only" } 'SET', 'RESET' ],
	[ 'the role', map { "ALTER ROLE shop $_ default_transaction_read_only" } 'SET', 'RESET' ],
	[ 'the role in the database', map { "ALTER ROLE shop IN DATABASE postgres $_ default_transaction_read_only" } 'SET', 'RESET' ])
{
	my ($what, $set, $reset) = @$case;

	$set .= ' = on' unless $set =~ / on$/;
	sql("$write$set;\nSELECT pg_reload_conf()");
	ok(wait_until('the intake closes', sub { map_field('e', 'intake') eq '0' }, 60), "$what is read-only: the intake closes");
	like(status('last_error'), qr/role "shop" of seatlock\.redis_role may not write/, "$what is read-only: the status tells");
	is(show(ask('claim', 'e', new_ticket(), '["A-1"]', 'ann', '', '')), 'ask', "$what is read-only: Redis says ask");
	is(sql("$write SELECT outcome FROM seatlock.claim_now('e', 'D-9', 'x', 1)") =~ /held|taken/, 1, "$what is read-only: who asks for it writes by SQL");
	sql("$write$reset;\nSELECT pg_reload_conf()");
	ok(wait_until('it takes claims in', sub { map_field('e', 'intake') eq '1' }, 60), "$what is not: claims are taken in");
}
# a worker that has begun with the database's setting follows the server's when it is gone
sql("$write ALTER DATABASE postgres SET default_transaction_read_only = on");
sql("$write SELECT pg_terminate_backend(pid) FROM seatlock.stat_redis");
ok(wait_until('the intake closes', sub { map_field('e', 'intake') eq '0' && status('last_error') =~ /may not write/ }, 60), 'a new worker: the intake is closed');
sql("$write ALTER DATABASE postgres RESET default_transaction_read_only");
ok(wait_until('it takes claims in', sub { map_field('e', 'intake') eq '1' }, 60), 'and opens again');
ok(wait_until('D-9 expires', sub { sql("SELECT count(*) FROM seatlock.hold WHERE holder = 'x' AND state = 'h'") eq '0' }, 60), 'lapses were recorded');
$errors = sql('SELECT errors FROM seatlock.stat_redis');

# Claims through Redis
my $ticket = new_ticket();
my $first = ask('claim', 'e', $ticket, '["A-1", "A-2"]', 'ann', '600', '');
is(show($first), 'held A-1 A-2', 'claim');
is($first->{expires_in_seconds} > 590 && $first->{expires_in_seconds} <= 600, 1, 'claim: the ttl counts');
is(sql("SELECT string_agg(holder || ' ' || status, ',') FROM seatlock.holds WHERE token = '$first->{token}'"), 'ann held', 'claim: the hold is in the tables');
is(sql("SELECT actor || ' ' || action FROM seatlock.changes('e', 0, 10) WHERE token = '$first->{token}'"), 'shop held', 'claim: the actor is the role');
is_deeply(ask('claim', 'e', $ticket, '["A-1", "A-2"]', 'ann', '600', ''), $first, 'the same ticket: the same verdict');
my $repeat = "SELECT outcome || replayed FROM seatlock.claim('e', '[\"A-1\",\"A-2\"]', 'ann', request_key =>";
is(sql("SET ROLE shop; $repeat 'ticket:$ticket')"), 'heldtrue', 'the ticket makes the request key in SQL');
is(sql("$repeat 'ticket:$ticket')"), 'key_reusedfalse', 'for the same role alone');
is(sql("SET ROLE shop; $repeat '$ticket')"), 'takenfalse', 'by itself it is no key');
mirror_is_true('e', 'after a claim');

# A ticket that is named like a key of SQL does not fetch its token
my $key = 'a-key-of-sql-4711';
is(sql("SET ROLE shop; SELECT outcome FROM seatlock.claim('e', '[\"A-5\"]', 'eve', request_key => '$key')"), 'held', 'a claim by SQL under a key');
my $stranger = ask('claim', 'e', $key, '["A-5"]', 'eve', '', '');
is(show($stranger), 'taken', 'a ticket like the key: the map refuses it');
$redis->call_as('buyer', 'XADD', "$p:in", '*', ticket => "$key-", verb => 'claim', event => 'e', seats => '["A-5"]', holder => 'eve', deadline => 1000 * $redis->cli('TIME')->[0] + 30_000);
$redis->call_as('buyer', 'XADD', "$p:in", '*', ticket => $key, verb => 'claim', event => 'e', seats => '["A-5"]', holder => 'eve', deadline => 1000 * $redis->cli('TIME')->[0] + 30_000);
is(verdict($_)->{token} // 'none', 'none', "ticket $_: gets no token") for "$key-", $key;
my $refused = ask('claim', 'e', new_ticket(), '["A-2", "A-3"]', 'bob', '', '');
is_deeply($refused->{conflicts}, [ { seat => 'A-2', reason => 'held', seconds_left => undef } ], 'taken: the conflict is named');
is(show($refused), 'taken', 'taken: by the map');
my $columns = sql(q{SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute WHERE attrelid = 'seatlock.claim_result'::regclass AND attnum > 0});
is(join(' ', sort keys %$_), $columns, 'an answer has what claim_result has') for $first, $refused;
is(show(ask('claim', 'e', new_ticket(), '["A-9", "nowhere"]', 'bob', '', '')), 'taken', 'an unknown seat is taken');

my $best = ask('claim_best', 'e', new_ticket(), '2', 'cat', '', '', 'require', '', '');
is($best->{outcome} . ' ' . @{ $best->{seats} } . ' ' . $best->{together}, 'held 2 1', 'claim_best');
is(show(ask('claim_best', 'e', new_ticket(), '99', 'cat', '', '', '', '', '')), 'sold_out', 'claim_best: sold out');
my $no_section = ask('claim_best', 'e', new_ticket(), '2', 'cat', 'Moon', '', '', '', '');
is("$no_section->{outcome} $no_section->{sqlstate}", 'error 42704', 'an error has its SQLSTATE');

my $give_back = new_ticket();
is(show(ask('release', 'e', $give_back, $first->{token}, '["A-1"]', '')), 'released A-2', 'release of one seat');
is(show(ask('release', 'e', $give_back, $first->{token}, '["A-1"]', '')), 'released A-2', 'release: the same ticket, the same verdict');
is(show(ask('release', 'e', new_ticket(), $first->{token}, '', '')), 'released', 'release of the rest');
is(show(ask('release', 'e', new_ticket(), $first->{token}, '', '')), 'not_found', 'release of nothing');
mirror_is_true('e', 'after a release');

# Lapses are seen
sql("SELECT seatlock.claim('e', 'D-1', 'short', 1)");
mirror_is_true('e', 'a short hold');
ok(wait_until('it expires', sub { substr(map_field('e', 'seats'), 30, 1) eq 'f' }, 30), 'an expired hold is free on the map');

# What is told
my $subscriber = $redis->subscriber("$p:changes:e");
my $token = sql("SELECT token FROM seatlock.claim('e', 'C-7', 'secret holder')");
sql("SELECT seatlock.confirm('e', '$token'); SELECT seatlock.block('e', 'C-8')");
ok(wait_until('the changes are told', sub { (() = grep { /C-7.*booked|C-8/ } $redis->messages($subscriber)) >= 2 }, 30), 'changes are told');
my @told = $redis->messages($subscriber);
is((grep { $_ eq "$p:changes:e {\"seat\":\"C-7\",\"status\":\"booked\",\"version\":2}" } @told), 1, 'seat, status and version');
unlike("@told", qr/secret|$token/, 'neither holder nor token');
$redis->finish_subscriber($subscriber);

# Every key expires
for my $key (@{ $redis->cli('KEYS', '*') })
{
	# -2: it has expired meanwhile; -1: it never will
	cmp_ok($redis->cli('PTTL', $key), '!=', -1, "$key expires");
}

# What is shown is on disk, though the commit did not wait for that
my ($end) = sql(q{BEGIN; SET LOCAL synchronous_commit = off;
	SELECT outcome FROM seatlock.claim_best('e', 1, 'in a hurry'); SELECT pg_current_wal_insert_lsn(); COMMIT}) =~ /^held\n(\S+)$/;
mirror_is_true('e', 'synchronous_commit off');
is(sql("SELECT pg_current_wal_flush_lsn() >= '$end'"), 't', 'synchronous_commit off: what is shown is on disk');

# Events come and go; ids and names may be used again
make_event($node, 'late', 2, 5);
mirror_is_true('late', 'a later event');
sql(q{SELECT seatlock.drop_event('late', 'yes'); SELECT seatlock.create_grid('wide', 'S', 3, 7, 'Standard'); SELECT seatlock.create_event('late', 'wide')});
ok(wait_until('the new one is shown', sub { length(map_field('late', 'seats')) == 21 }, 30), 'another event of the same name');
mirror_is_true('late', 'another event of the same name');
my $seats = join ', ', map { sprintf '{"seat_number": "%d", "category": "c", "position": {"x": %d, "y": 0}%s}', $_, 25 * $_, $_ == 2 ? ', "for_sale": false' : '' } 1 .. 3;
sql(qq{SELECT seatlock.create_venue('planned', '{"categories": [{"name": "c"}], "zones": [{"name": "Z", "rows": [{"row_number": "A", "seats": [$seats]}]}]}');
	SELECT seatlock.create_event('planned', 'planned')});
ok(wait_until('it takes claims in', sub { map_field('planned', 'intake') eq '1' }, 30), 'an event that begins with a seat not for sale');
is(map_field('planned', 'seats'), 'fnf', 'shows it');
is(decode_json($redis->fcall('seatlock_claim', keys_of('planned', new_ticket()), '["A-2"]', 'ann', '', ''))->{outcome}, 'taken', 'and refuses it');
$redis->cli('DEL', labels_of('e'));
mirror_is_true('e', 'labels that somebody removed') if ok(wait_until('the labels are back', sub { $redis->cli('EXISTS', labels_of('e')) }, 30), 'removed labels come back');
$redis->cli('HSET', "$p:map:e", 'seats', 'b' x 40);
$redis->cli('HSET', labels_of('e'), 'A-1', 99);
sql("SELECT seatlock.redis_resync('e')");
mirror_is_true('e', 'redis_resync()');

# Both kinds of buyers on the same seats
make_event($node, 'sale', 10, 20, 'max_seats_per_holder => 50');
mirror_is_true('sale', 'before the sale');
ok(wait_until('it takes claims in', sub { map_field('sale', 'intake') eq '1' }, 30), 'before the sale: claims are taken in');
my @seats = seats_of($node, 'sale');
my $crowd = start_crowd($node, [ map { random_buyer($_, 'sale', \@seats, 60) } 1 .. 6 ]);
my %won;
for (1 .. 150)
{
	my $row = ('A' .. 'J')[rand 10];
	my $ticket = new_ticket();
	my $answer = decode_json($redis->fcall('seatlock_claim', keys_of('sale', $ticket), encode_json([ "$row-" . (1 + int rand 20) ]), "redis $_", '', ''));
	$won{$ticket} = 1 if $answer->{outcome} eq 'pending';
}
nobody_failed(finish_crowd($crowd), 'the sale');
my @held = grep { $_->{outcome} eq 'held' } map { verdict($_) } keys %won;
cmp_ok(scalar @held, '>', 5, 'buyers through Redis won some');
is(sql('SELECT count(*) FROM seatlock.holds WHERE event = $$sale$$ AND holder LIKE $$redis%$$ AND token = ANY ($${' . join(',', map { $_->{token} } @held) . '}$$)'),
	scalar @held, 'each verdict is a hold');
mirror_is_true('sale', 'after the sale');
history_is_sound($node, 'sale');
is(sql('SELECT malformed + errors FROM seatlock.stat_redis'), $errors, 'no errors');

# A look at a house that finds much does not put the next one off: seconds until a
# change is published, right after one of all seats, beside what that one took.
sub seconds_until_published
{
	my ($change) = @_;
	my $number = sql("SELECT publications FROM seatlock.stat_redis; $change") =~ s/\n.*//sr;
	my $start = time;

	wait_until('a change is published', sub { sql('SELECT publications FROM seatlock.stat_redis') > $number }, 5);
	return time - $start;
}

sql(q{SELECT seatlock.create_grid('huge', 'H', 200, 100, 'Standard'); SELECT seatlock.create_event('huge', 'huge')});
mirror_is_true('huge', 'a large house');
my @shares;
for my $verb ('block', 'unblock', 'block', 'unblock')
{
	my $all = seconds_until_published("SELECT seatlock.$verb('huge', (SELECT json_agg(label)::text FROM seatlock.seat_map('huge')))");
	my $one = seconds_until_published(($verb eq 'block' ? q{SELECT seatlock.unblock} : q{SELECT seatlock.block}) . q{('huge', 'A-1')});

	push @shares, $one / $all;
}
cmp_ok((sort { $a <=> $b } @shares)[0], '<', 1.5, 'a change is shown soon after one of all seats') or diag "@shares";

my $labels = labels_of('e');
$node->stop;
ok(wait_until('the key is gone', sub { !$redis->cli('EXISTS', "$p:owner") }, 30), "without the worker the owner's key expires");
is($redis->cli('EXISTS', "$p:map:e", $labels), 2, 'the maps live longer');
is(show(ask('claim', 'e', new_ticket(), '["A-1"]', 'ann', '', '')), 'ask', 'and count for nothing');
$redis->stop;
log_is_clean($node, 'redis');
done_testing();
