# The Redis function library on a real Redis; this test plays the worker, and
# buyers, each as the Redis user that doc/redis.md gives him.
# Passes: one, since it has no server but Redis.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use SeatlockRedis;
use Test::More;

my $redis = redis_server('library');
my $p = '{seatlock:7:5}';
$redis->make_users(SeatlockRedis::documented_users($p, '{seatlock:7:'));
my ($owner, $map, $labels, $in, $changes) = ("$p:owner", "$p:map:e", "$p:labels:5", "$p:in", "$p:changes:e");
my ($null, $false) = (undef, JSON::PP::false);
my $me = '1-me:1';
my ($minute, $long) = (60_000, 600_000);
my $num_tickets = 0;

# The whole of an answer that is no success.
sub answer
{
	my ($outcome, %more) = @_;
	return {
		ok => $false, outcome => $outcome, token => $null, expires_at => $null, expires_in_seconds => $null,
		retry_after_ms => $null, seats => [], conflicts => [], replayed => $false, together => $null, order_ref => $null, %more
	};
}

sub conflicts { return [ map { { seat => $_->[0], reason => $_->[1], seconds_left => $null } } @_ ] }
sub new_ticket { return sprintf 'ticket_%06d-Zz', ++$num_tickets }
sub ticket_key { return "$p:ticket:$_[0]" }

# A buyer's call; the answer decoded.
sub ask_with
{
	my ($ticket, $function, @args) = @_;
	my $reply = $redis->fcall("seatlock_$function", [ $owner, $map, $in, ticket_key($ticket) ], @args);
	# bytes stay bytes, as in this file
	return $reply =~ /^\{/ ? JSON::PP->new->decode($reply) : $reply;
}

sub ask_for { return ask_with(new_ticket(), @_) }
sub claim { return ask_for('claim', $_[0], 'ann', '', '') }

# The worker's calls.
sub own { my ($name, $ms, $take, $was) = @_; return $redis->fcall('seatlock_own', [$owner], $name, $ms, $take, $was // $name) }
sub load_labels { return $redis->fcall('seatlock_labels', [ $owner, $labels ], @_) }

sub publish
{
	my ($seats, %more) = @_;
	return $redis->fcall('seatlock_publish', [ $owner, $map ], $more{name} // $me, $long,
		$more{version} // 1, $seats, $more{layout} // 5, $more{intake} // 1, $more{backlog} // 1000, $more{channel} // $changes, @{ $more{messages} // [] });
}

sub take { my ($after_id, $count, $last_id) = @_; return $redis->fcall('seatlock_take', [ $owner, $in ], $me, $after_id, $last_id // '+', $count) }

# The events that were asked for, taken.
sub wishes
{
	my ($ok, @events) = @{ $redis->fcall('seatlock_wanted', [ $owner, "$p:wanted" ], $me, 9) };

	return $ok eq 'ok' ? [ sort @events ] : $ok;
}

# A stream entry as a hash.
sub fields { return { @{ $_[0][1] } } }

# Everything in Redis but how long it lives, in one look: pairs of key and
# content.  Meanwhile no ticket may run out.
sub contents
{
	return $redis->cli('EVAL', <<'LUA', 0, $long);
		local read = { string = { 'GET' }, hash = { 'HGETALL' }, stream = { 'XRANGE', '-', '+' } }
		local contents, keys = {}, redis.call('KEYS', '*')

		table.sort(keys)
		for i, key in ipairs(keys) do
			local command = read[redis.call('TYPE', key).ok]
			local content = redis.call(command[1], key, unpack(command, 2))

			if command[1] == 'HGETALL' then
				table.sort(content)
			end
			if key:find(':in$') or key:find(':ticket:') then
				redis.call('PEXPIRE', key, ARGV[1])
			end
			contents[i] = { key, content }
		end
		return contents
LUA
}

# What the call changes nothing of.
sub changes_nothing
{
	my ($name, $do) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $before = contents();

	$do->();
	return is_deeply(contents(), $before, "$name: nothing was written");
}

sub lives
{
	my ($key, $least, $most, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $ms = $redis->cli('PTTL', $key);
	return ok($ms > $least && $ms <= $most, "$name: expires within $most ms") || diag "PTTL $key is $ms";
}

# The library loads, anew too, with its functions.
is($redis->load_library, 'seatlock_1', 'the library loads') or BAIL_OUT('no library');
is($redis->load_library, 'seatlock_1', 'and loads again');
my @functions = map { "seatlock_$_" } qw(answer claim claim_best drop labels map own publish refresh release remove take wanted);
my $listed = $redis->cli('FUNCTION', 'LIST', 'LIBRARYNAME', 'seatlock_1');
is_deeply([ sort map { $_->{name} } @{ $listed->[0]{functions} } ], \@functions, 'with all functions');

# Nobody has published anything.
my @verbs = ([ 'claim', '["A-1"]', 'ann', '', '' ], [ 'claim_best', 2, 'ann', '', '', '', '', '' ], [ 'release', 'token', '', '' ]);
for my $call (@verbs)
{
	is_deeply(ask_for(@$call), answer('ask'), "$call->[0]: ask, without an owner");
}
is_deeply(contents(), [], 'and nothing was written');

# The lease.
is(own($me, $long, 0), 'anew', 'nobody has it: anew');
lives($owner, 0, $long, 'the lease');
changes_nothing('the lease of another', sub { is(own('1-other:1', $long, 0), 'fenced', 'another: fenced') });
changes_nothing('whose name begins like this one\'s', sub { is(own('1-me2:1', $long, 0), 'fenced', 'whose name begins like this one\'s: fenced') });
is(own('1-me:2', 2 * $long, 0, $me), 'owner', 'renewed');
is($redis->cli('GET', $owner), $me, 'the epoch is the same');
lives($owner, $long, 2 * $long, 'the renewed lease');
is(own('1-me:2', $long, 0, '1-me:0'), 'anew', 'the same worker, another epoch: anew');
is($redis->cli('GET', $owner), '1-me:2', 'and it is the new one');
is(own('1-other:1', $long, 1), 'anew', 'taken over');
is(own($me, $long, 0), 'fenced', 'and the one before is fenced');
is(own('1-other:1', 1, 0), 'owner', 'a short lease');
ok(wait_until('the lease is over', sub { own($me, $long, 0) eq 'anew' }), 'is over by itself');
changes_nothing('nobody but the owner is told of wishes', sub { is($redis->fcall('seatlock_wanted', [ $owner, "$p:wanted" ], '1-other:1', 9), 'fenced', 'wanted: fenced') });
for my $call (@verbs)
{
	is_deeply(ask_for(@$call), answer('ask'), "$call->[0]: ask, without a map");
	is_deeply(wishes(), ['e'], "$call->[0]: and the event is wanted");
}
is($redis->call_as('map_page', 'FCALL', 'seatlock_map', 2, $owner, $map), undef, 'seatlock_map: none');
is_deeply(wishes(), ['e'], 'seatlock_map: and the event is wanted');

# Seats of the event, in the order of its map, and what each is.
my @seats = ((map { "A-$_" } 1 .. 9), 'Balcony/"Left"-1', 'Süd-1', "odd\\one", "two\nlines", 'a,b', '{x}', '[y]', '0');
my %number = map { $seats[$_] => $_ + 1 } 0 .. $#seats;
my $states = 'fhbnfffffhbnhnnhf';
my @pairs = map { ($_, $number{$_}) } @seats;

# Labels come in portions; they count once the last one is there.
is(publish($states), 'ok', 'a map');
is_deeply(claim('["A-2"]'), answer('ask'), 'ask, without labels');
is(load_labels($me, $long, 0, 0, 'A-1', 1), 'gone', 'a portion after none: gone');
is($redis->cli('EXISTS', $labels), 0, 'and not written');
is(load_labels($me, $long, 1, 0, @pairs[ 0 .. 7 ]), 'ok', 'the first portion');
lives($labels, 0, $long, 'the first portion');
is_deeply(claim('["A-2"]'), answer('ask'), 'ask, with some labels');
is(load_labels($me, $long, 0, 1, @pairs[ 8 .. $#pairs ]), 'ok', 'the last portion');
is_deeply($redis->cli('HGETALL', $labels), { %number, '' => $me }, 'all labels are there');
is_deeply(claim('["A-2"]'), answer('taken', conflicts => conflicts([ 'A-2', 'held' ]), retry_after_ms => 5000), 'and a claim is refused');
is(load_labels($me, $long, 1, 0, 'other', 1), 'ok', 'a first portion again');
is_deeply($redis->cli('HGETALL', $labels), { other => 1 }, 'begins anew');
is_deeply(claim('["A-2"]'), answer('ask'), 'and makes it ask');
my @many = map { ("seat $_", $_) } 1 .. 1000;
is(load_labels($me, $long, 1, 1, @many), 'ok', '2,000 values in one portion');
is($redis->cli('HLEN', $labels), 1001, 'all there');
like(load_labels($me, $long, 1, 0, 'A-1'), qr/^ERROR: SEATLOCK argument number /, 'a label without a number');
is(load_labels($me, $long, 1, 1, @pairs), 'ok', 'all in one portion');

# The map, and messages after it in order.
my $listener = $redis->subscriber($changes);
is(publish($states, version => 12, intake => 1, backlog => 3, messages => [ 'one', '{"seat": "A-1"}', 'three' ]), 'ok', 'a map with messages');
my $published = $redis->cli('HGETALL', $map);
my ($seconds) = @{ $redis->cli('TIME') };
ok(abs(delete($published->{updated_at}) - 1000 * $seconds) < $minute, 'updated_at is now, in milliseconds');
is_deeply($published, { epoch => $me, version => 12, seats => $states, layout => 5, intake => 1, backlog => 3 }, 'the map is there');
lives($map, 0, $long, 'the map');
ok(wait_until('the messages arrive', sub { $redis->messages($listener) == 3 }), 'the messages arrive');
is_deeply([ $redis->messages($listener) ], [ "$changes one", "$changes {\"seat\": \"A-1\"}", "$changes three" ], 'in order');
$redis->finish_subscriber($listener);
like(publish($states, channel => 'elsewhere'), qr/^ERROR: SEATLOCK argument channel /, 'a channel of another prefix');
publish($states);

# Refusals from the map: conflicts as the SQL function gives them.
my %refused = (
	'["A-3"]' => [ [ 'A-3', 'booked' ] ],
	'["A-4"]' => [ [ 'A-4', 'not_for_sale' ] ],
	'["X"]' => [ [ 'X', 'unknown_seat' ] ],
	'["A-1","A-2"]' => [ [ 'A-2', 'held' ] ],
	' [ "A-2" , "A-2", "A-2" ] ' => [ [ 'A-2', 'held' ] ],
	'["Balcony\\/\\"Left\\"-1","A-2"]' => [ [ 'A-2', 'held' ], [ 'Balcony/"Left"-1', 'held' ] ],
	'["S\\u00fcd-1"]' => [ [ 'Süd-1', 'booked' ] ],
	'["two\\nlines","A-1","odd\\\\one"]' => [ [ "odd\\one", 'not_for_sale' ], [ "two\nlines", 'held' ] ],
	'["[y]","{x}","a,b"]' => [ [ 'a,b', 'not_for_sale' ], [ '{x}', 'not_for_sale' ], [ '[y]', 'held' ] ],
	'["A-4","A-3","zoo","A-2","Zoo","zo","A-1","zoo"]' =>
	  [ [ 'Zoo', 'unknown_seat' ], [ 'zo', 'unknown_seat' ], [ 'zoo', 'unknown_seat' ], [ 'A-2', 'held' ], [ 'A-3', 'booked' ], [ 'A-4', 'not_for_sale' ] ],
);
changes_nothing('refusals', sub {
	for my $seats (sort keys %refused)
	{
		my @conflicts = @{ $refused{$seats} };
		my $retry = (grep { $_->[1] ne 'held' } @conflicts) ? $null : 5000;

		is_deeply(claim($seats), answer('taken', conflicts => conflicts(@conflicts), retry_after_ms => $retry), "taken: $seats");
	}
	my $all = encode_json([ map { "no $_" } 100 .. 199 ]);
	is_deeply(claim($all), answer('taken', conflicts => conflicts(map { [ "no $_", 'unknown_seat' ] } 100 .. 199)), 'taken: 100 seats');
});

# Where the map does not say, ask the database.
my %unsure = (
	'of another owner' => sub { $redis->cli('HSET', $map, 'epoch', '1-other:1') },
	'of an epoch whose name begins like this one\'s' => sub { $redis->cli('HSET', $map, 'epoch', "${me}2") },
	'of another epoch of this worker' => sub { $redis->cli('HSET', $map, 'epoch', '1-me:2') },
	'of another epoch than its labels' => sub { $redis->cli('HSET', $labels, '', '1-me:2') },
	'without intake' => sub { publish($states, intake => 0) },
	'without a backlog' => sub { publish($states, backlog => '') },
	'without an epoch' => sub { $redis->cli('HDEL', $map, 'epoch') },
	'without a layout' => sub { $redis->cli('HDEL', $map, 'layout'); $redis->cli('HSET', $map, 'updated_at', 1) },
	'of a layout without labels' => sub { publish($states, layout => 6) },
	'without a time' => sub { $redis->cli('HDEL', $map, 'updated_at') },
	'with too few seats' => sub { publish('f') },
	'with a state that does not exist' => sub { publish('fxfff') },
	'whose owner left' => sub { $redis->cli('DEL', $owner) },
	'whose owner was replaced' => sub { own('1-other:1', $long, 1) },
	'whose owner begins another epoch' => sub { own('1-me:2', $long, 0, '') },
);
wishes();
my $num_keys = $redis->cli('DBSIZE');
for my $what (sort keys %unsure)
{
	# what a call has read before may be kept
	is(claim('["A-2"]')->{outcome}, 'taken', 'a whole map: taken');
	$unsure{$what}->();
	is_deeply(claim('["A-2"]'), answer('ask'), "a map $what: ask");
	is($redis->call_as('map_page', 'FCALL', 'seatlock_map', 2, $owner, $map), undef, "a map $what: is not shown")
	  if $what =~ /owner|epoch whose|of this worker|without an epoch/;
	own($me, $long, 1, '');
	is_deeply(wishes(), $what =~ /owner left|intake|backlog|seats|state/ ? [] : ['e'], "a map $what: is wanted, unless there is no owner, or it is there");
	is($redis->cli('DBSIZE'), $num_keys, "a map $what: nothing else was written");
	publish($states);
	load_labels($me, $long, 1, 1, @pairs);
}

# What is kept of one call for the next is never another map's: maps of one
# millisecond, and more events than are kept.
sub run_at_once
{
	my @lines = ('MULTI', (map { join ' ', 'FCALL', @$_ } @_), 'EXEC');
	my @out = split /\n/, $redis->run_cli(join('', map { "$_\n" } @lines))->{out};

	return grep { !/^(OK|QUEUED)$/ } @out;
}

sub publish_line { return [ 'seatlock_publish', 2, $owner, "$p:map:$_[0]", $me, $long, 1, $_[1], $_[2] // 5, 1, 1000, "$p:changes:$_[0]" ] }

sub claim_line
{
	return [ 'seatlock_claim', 4, $owner, "$p:map:$_[0]", $in, ticket_key(new_ticket()), q('["A-1"]'), 'ann', q(''), q('') ];
}

my @turns = map { [ $_ % 2 ? ('h', 'held') : ('b', 'booked') ] } 1 .. 40;
my @said = run_at_once(map { (publish_line('e', $_->[0]), claim_line('e')) } @turns);
is_deeply([ map { /"reason":"(\w+)"/ } @said ], [ map { $_->[1] } @turns ], 'a call goes by the map published last');

is($redis->fcall('seatlock_labels', [ $owner, "$p:labels:6" ], $me, $long, 1, 1, 'A-1', 2), 'ok', 'labels of another layout');
run_at_once(publish_line('e', 'h'), publish_line('d', 'n'), publish_line('f', 'hb', 6), map { publish_line("other $_" =~ tr/ /-/r, 'h', 7) } 1 .. 200);
@said = run_at_once(map { claim_line($_) } 'e', 'd', 'f', 'e', (map { "other-$_" } 1 .. 200), 'e', 'd', 'f');
is_deeply([ map { /"reason":"(\w+)"/ } @said ], [qw(held not_for_sale booked held held not_for_sale booked)], 'each by its own map and the labels of its layout');
is(scalar(grep { /"outcome":"ask"/ } @said), 200, 'and without labels: ask');
is($redis->cli('SCARD', "$p:wanted"), 200, 'and they are wanted');
$redis->cli('DEL', "$p:wanted", "$p:map:d", "$p:map:f", "$p:labels:6", map { "$p:map:other-$_" } 1 .. 200);
publish($states);

# A free seat is queued.
my $stream_is_empty = take('0-0', 10);
is_deeply([ $stream_is_empty->[0], @$stream_is_empty[ 2, 3 ] ], [ 'ok', 0, [] ], 'nothing was queued until now');
my $ticket = new_ticket();
my @claim = ('claim', '["A-1", "A-5"]', 'ann', 300, 2000);
is_deeply(ask_with($ticket, @claim), answer('pending'), 'free seats: pending');
lives(ticket_key($ticket), 0, 3000, 'its ticket');
lives($in, 0, $minute, 'the queue');
my ($ok, $now, $length, $entries) = @{ take('0-0', 10) };
ok(abs($now - 1000 * $seconds) < 5 * $minute, 'take: the time');
is_deeply([ $ok, $length, scalar @$entries ], [ 'ok', 1, 1 ], 'take: one entry');
my $fields = fields($entries->[0]);
my $deadline = delete $fields->{deadline};
ok($deadline > $now - 2000 && $deadline <= $now + 2000, 'its deadline') or diag "$deadline at $now";
is_deeply($fields, { v => 1, verb => 'claim', ticket => $ticket, event => 'e', seats => '["A-1", "A-5"]', holder => 'ann', ttl => 300 }, 'all of the claim is in it');
changes_nothing('the ticket again', sub {
	is_deeply(ask_with($ticket, @claim), answer('pending'), 'the ticket again: pending');
	is_deeply(ask_with($ticket, 'claim', '["A-2"]', 'bob', '', ''), answer('pending'), 'the ticket with another claim: pending');
	$redis->cli('RENAME', $map, 'elsewhere');
	is_deeply(ask_with($ticket, @claim), answer('pending'), 'the ticket without a map: pending');
	$redis->cli('RENAME', 'elsewhere', $map);
});

# Seats by their guids, which the map does not know.
my @by_guid = ('[{"guid":"A-2"}]', ' [ {"guid" : "x"} , "A-1", {"guid": "x"} ]', '["A-2",{"gu\\u0069d":"x"}]', '["{\\"guid\\": \\"x\\"}"]');
changes_nothing('guids', sub {
	is_deeply(claim($_), answer('ask'), "ask: $_") for @by_guid;
	is_deeply(ask_with($ticket, 'claim', $_, 'ann', '', ''), answer('pending'), "a queued ticket: $_") for @by_guid;
});

# The other verbs, whatever the map says of seats.
my %queued = (
	claim => [ [ '["0"]', 'bob', '', '' ], { seats => '["0"]', holder => 'bob', ttl => '' } ],
	claim_best => [ [ 3, 'cat', 'Stalls', 'Best', 'require', 60, $minute ],
		{ quantity => 3, holder => 'cat', section => 'Stalls', category => 'Best', adjacency => 'require', ttl => 60 } ],
	release => [ [ 'a token', '["A-2"]', '' ], { token => 'a token', seats => '["A-2"]' } ],
);
for my $verb (sort keys %queued)
{
	my ($args, $expected) = @{ $queued{$verb} };
	my $last = $entries->[-1][0];

	$ticket = new_ticket();
	is_deeply(ask_with($ticket, $verb, @$args), answer('pending'), "$verb: pending");
	(undef, $now, undef, $entries) = @{ take($last, 10) };
	is(scalar @$entries, 1, "$verb: one entry after the last");
	$fields = fields($entries->[0]);
	$deadline = delete $fields->{deadline};
	my $ms = $args->[-1] || 10000;
	ok($deadline > $now + $ms - 5000 && $deadline <= $now + $ms, "$verb: its deadline");
	lives(ticket_key($ticket), $ms - 5000, $ms + 1000, "$verb: its ticket");
	is_deeply($fields, { v => 1, verb => $verb, ticket => $ticket, event => 'e', %$expected }, "$verb: its entry");
}
for my $adjacency ('', 'prefer', 'any')
{
	is_deeply(ask_for('claim_best', 100, 'cat', '', '', $adjacency, '', ''), answer('pending'), "adjacency '$adjacency'");
}
is_deeply(ask_for('release', 'a token', '', ''), answer('pending'), 'release of all seats');
is_deeply(ask_for('release', 'a token', '[{"guid": "x"}]', ''), answer('pending'), 'release of a seat by its guid');
is(scalar @{ take('0-0', 3)->[3] }, 3, 'take: no more than asked for');
is(take('0-0', 3)->[2], 9, 'take: but all are counted');
is_deeply(take('0-0', 9, take('0-0', 3)->[3][2][0])->[3], take('0-0', 3)->[3], 'take: no more than up to the last id');

# The queue is full.
publish($states, backlog => 9);
changes_nothing('a full queue', sub {
	is_deeply(claim('["A-1"]'), answer('busy', retry_after_ms => 1000), 'claim: busy');
	is_deeply(ask_for('claim_best', 1, 'cat', '', '', '', '', ''), answer('busy', retry_after_ms => 1000), 'claim_best: busy');
	is_deeply(ask_for('release', 'a token', '', ''), answer('busy', retry_after_ms => 1000), 'release: busy');
	is_deeply(claim('["A-2"]'), answer('taken', conflicts => conflicts([ 'A-2', 'held' ]), retry_after_ms => 5000), 'but taken is taken');
	is_deeply(ask_with($ticket, 'release', 'a token', '["A-2"]', ''), answer('pending'), 'and a queued ticket pending');
});
publish($states);

# Misuse, whose error names the argument.
my $name256 = 'x' x 256;
my @misuse = (
	[ seats => 'claim', '', 'ann', '', '' ], [ seats => 'claim', 'A-1', 'ann', '', '' ], [ seats => 'claim', '[]', 'ann', '', '' ],
	[ seats => 'claim', '{}', 'ann', '', '' ], [ seats => 'claim', '{"a":"A-1"}', 'ann', '', '' ], [ seats => 'claim', '["A-1"', 'ann', '', '' ],
	[ seats => 'claim', '[""]', 'ann', '', '' ], [ seats => 'claim', '[1]', 'ann', '', '' ], [ seats => 'claim', '[null]', 'ann', '', '' ],
	(map { [ seats => 'claim', "[\"A-1\", $_]", 'ann', '', '' ] } '{}', '{"guid": 1}', '{"guid": ""}', '{"guid": null}', '{"guid": "x", "a": "x"}', '{"a": "x"}', '["guid"]', '{"guid": {"guid": "x"}}'),
	[ seats => 'claim', '[["A-1"]]', 'ann', '', '' ], [ seats => 'claim', 'null', 'ann', '', '' ], [ seats => 'claim', '"A-1"', 'ann', '', '' ],
	[ seats => 'claim', '[' x 2000, 'ann', '', '' ], [ seats => 'claim', encode_json([ map { "$_" } 0 .. 100 ]), 'ann', '', '' ],
	[ seats => 'claim', '["' . 'x' x 66000 . '"]', 'ann', '', '' ],
	[ holder => 'claim', '["A-1"]', '', '', '' ], [ holder => 'claim', '["A-1"]', $name256, '', '' ], [ holder => 'claim', '["A-1"]' ],
	(map { [ ttl => 'claim', '["A-1"]', 'ann', $_, '' ] } 0, -1, '1.5', '1e3', 'x', ' 1', '010', 2147483648, '9' x 30),
	[ ttl => 'claim', '["A-1"]', 'ann' ],
	(map { [ deadline_ms => 'claim', '["A-1"]', 'ann', '', $_ ] } 0, -1, 'x', 60001),
	[ deadline_ms => 'claim', '["A-1"]', 'ann', '' ], [ '5' => 'claim', '["A-1"]', 'ann', '', '', '' ],
	(map { [ quantity => 'claim_best', $_, 'ann', '', '', '', '', '' ] } '', 0, 101, 'x', -1),
	[ holder => 'claim_best', 1, '', '', '', '', '', '' ], [ section => 'claim_best', 1, 'ann', $name256, '', '', '', '' ],
	[ category => 'claim_best', 1, 'ann', '', $name256, '', '', '' ], [ adjacency => 'claim_best', 1, 'ann', '', '', 'never', '', '' ],
	[ ttl => 'claim_best', 1, 'ann', '', '', '', 0, '' ], [ deadline_ms => 'claim_best', 1, 'ann', '', '', '', '', 0 ],
	[ quantity => 'claim_best' ], [ deadline_ms => 'claim_best', 1, 'ann', '', '', '', '' ], [ '8' => 'claim_best', 1, 'ann', '', '', '', '', '', '' ],
	[ token => 'release', '', '', '' ], [ token => 'release', $name256, '', '' ], [ seats => 'release', 'token', '[]', '' ],
	[ seats => 'release', 'token', 'A-1', '' ], [ deadline_ms => 'release', 'token', '', 'x' ], [ seats => 'release', 'token' ],
);
my @keys = ($owner, $map, $in, ticket_key(new_ticket()));
my @wrong_keys = (
	[ owner => [] ], [ owner => [ '{}:owner', @keys[ 1 .. 3 ] ] ], [ owner => [ 'seatlock:owner', @keys[ 1 .. 3 ] ] ],
	[ owner => [ "$p:owners", @keys[ 1 .. 3 ] ] ], [ owner => [ "x$p:owner", @keys[ 1 .. 3 ] ] ],
	[ map => [$owner] ], [ map => [ $owner, '{other}:map:e', @keys[ 2, 3 ] ] ], [ map => [ $owner, "$p:map:", @keys[ 2, 3 ] ] ],
	[ map => [ $owner, $labels, @keys[ 2, 3 ] ] ], [ map => [ $owner, "$p:map", @keys[ 2, 3 ] ] ],
	[ in => [ $owner, $map ] ], [ in => [ $owner, $map, "$p:in2", $keys[3] ] ], [ in => [ $owner, $map, '{other}:in', $keys[3] ] ],
	[ ticket => [ @keys[ 0 .. 2 ] ] ], [ ticket => [ @keys[ 0 .. 2 ], $map ] ], [ ticket => [ @keys[ 0 .. 2 ], '{other}:ticket:' . 'x' x 16 ] ],
	(map { [ ticket => [ @keys[ 0 .. 2 ], ticket_key($_) ] ] } '', 'x' x 15, 'x' x 65, 'x' x 16 . ' ', 'x' x 16 . ':', 'é' x 16),
	[ 5 => [ @keys, $in ] ],
);
changes_nothing('misuse', sub {
	for my $case (@misuse)
	{
		my ($argument, @call) = @$case;
		my $name = substr "@call", 0, 60;

		like(ask_for(@call), qr/^ERROR: SEATLOCK argument $argument /, "misuse of $argument: $name");
	}
	for my $case (@wrong_keys)
	{
		my ($key, $keys) = @$case;

		for my $call (@verbs)
		{
			my ($verb, @args) = @$call;

			# keys that the buyer's user has no access to do not come as far as this
			like($redis->cli('FCALL', "seatlock_$verb", scalar @$keys, @$keys, @args), qr/^ERROR: SEATLOCK key $key /, "$verb, wrong key $key: @$keys");
		}
	}
});
is_deeply(ask_with('x' x 16, @{ $verbs[0] }), answer('pending'), 'the shortest ticket');
is_deeply(ask_with('-' x 64, @{ $verbs[0] }), answer('pending'), 'the longest ticket');

# Verdicts.
my $verdict = '{"ok":true,"outcome":"held"}';
my @tickets = map { fields($_)->{ticket} } @{ take('0-0', 4)->[3] };
my @ids = map { $_->[0] } @{ take('0-0', 4)->[3] };
sub answer_as { my ($name, @args) = @_; return $redis->fcall('seatlock_answer', [ $owner, $in, map { ticket_key($_) } @{ shift @args } ], $name, @args) }
my $waiting = $redis->subscriber(map { ticket_key($_) } @tickets);
is_deeply(answer_as($me, [ @tickets[ 0, 1 ] ], $long, map { ($ids[$_], $verdict) } 0, 1), [ 'ok', 2 ], 'two verdicts');
is($redis->cli('GET', ticket_key($tickets[0])), $verdict, 'the verdict is there');
lives(ticket_key($tickets[0]), $minute, $long, 'the verdict');
is_deeply(ask_with($tickets[0], @claim), decode_json($verdict), 'and is what its ticket answers');
is_deeply(ask_with($tickets[0], 'claim', '["A-2"]', 'ann', '', ''), decode_json($verdict), 'before the map is looked at');
is_deeply([ map { $_->[0] } @{ take('0-0', 2)->[3] } ], [ @ids[ 2, 3 ] ], 'the entries are gone');
is_deeply(answer_as($me, [ @tickets[ 0, 2 ] ], $long, $ids[0], '{"other":1}', $ids[2], $verdict), [ 'ok', 1 ], 'a verdict is set once');
is($redis->cli('GET', ticket_key($tickets[0])), $verdict, 'the first stays');
$redis->cli('DEL', ticket_key($tickets[3]));
is_deeply(answer_as($me, [ $tickets[3] ], $long, $ids[3], $verdict), [ 'ok', 1 ], 'a verdict for a ticket that was forgotten');
is_deeply(ask_with($tickets[3], @claim), decode_json($verdict), 'is its answer');
ok(wait_until('all are told', sub { $redis->messages($waiting) == 5 }), 'all are told');
is_deeply([ $redis->messages($waiting) ], [ map { ticket_key($_) . ' ready' } @tickets[ 0, 1, 0, 2, 3 ] ], 'ready, each on the channel of its ticket');
$redis->finish_subscriber($waiting);
like(answer_as($me, [ $tickets[0] ], $long, $ids[0]), qr/^ERROR: SEATLOCK argument verdict/, 'an id without a verdict');

# Entries that are no claims.
my $malformed = $redis->cli('XADD', $in, '*', 'what', 'ever');
my $huge = $redis->run_cli('x' x 200_000, '-x', 'XADD', $in, '*', 'v', '1', 'seats')->{out} =~ s/\s//r;
my $wide = $redis->cli('XADD', $in, '*', map { ($_, $_) } 1 .. 40);
my %taken = map { $_->[0] => $_->[1] } @{ take('0-0', 100)->[3] };
is_deeply([ @taken{ $malformed, $huge, $wide } ], [ [ 'what', 'ever' ], [], [] ], 'what no claim can be comes without its fields');
is_deeply($redis->fcall('seatlock_drop', [ $owner, $in ], $me, $malformed, $huge, $wide, '1-1'), [ 'ok', 3 ], 'and is dropped');
is_deeply($redis->fcall('seatlock_drop', [ $owner, $in ], $me), [ 'ok', 0 ], 'none to drop');
is(scalar(grep { $_->[0] eq $malformed || $_->[0] eq $huge } @{ take('0-0', 100)->[3] }), 0, 'gone');

# Keys live on while the worker does.
sub refresh { my ($name, $ms, @keys) = @_; return $redis->fcall('seatlock_refresh', [ $owner, @keys ], $name, $ms) }
$redis->cli('HSET', "$p:map:old", 'epoch', '1-me:0');
$redis->cli('PEXPIRE', $in, $long);
is_deeply(refresh($me, 3 * $long, $in, $map, "$p:map:none", $labels, "$p:labels:none", "$p:map:old"), [ 'ok', 4, 6, 7 ], 'refresh tells which are lost, or of another epoch');
is($redis->fcall('seatlock_remove', [ $owner, "$p:map:old" ], $me), 'ok', 'remove');
is($redis->cli('EXISTS', "$p:map:old"), 0, 'removed');
lives($map, 2 * $long, 3 * $long, 'the refreshed map');
lives($labels, 2 * $long, 3 * $long, 'the refreshed labels');
lives($in, 0, $minute, 'the refreshed queue');
is($redis->cli('EXISTS', "$p:map:none", "$p:labels:none"), 0, 'what is lost stays so');
is_deeply(refresh($me, $long), ['ok'], 'none to refresh');
is_deeply(refresh($me, $long, "$p:in"), ['ok'], 'the queue alone');

# What others have put under a key is removed, and is as if nothing had been there.
{
	my %wrong = (owner => [ $owner, 'HSET', 'x', 'y' ], map => [ $map, 'SET', 'x' ], labels => [ $labels, 'SET', 'x' ], in => [ $in, 'SET', 'x' ],
		ticket => [ ticket_key('wrong-type-of-ticket'), 'HSET', 'x', 'y' ]);
	my $spoil = sub
	{
		my ($key, $command, @args) = @{ $wrong{ $_[0] } };

		$redis->cli('DEL', $key);
		return $redis->cli($command, $key, @args);
	};
	my $is_gone = sub { return is($redis->cli('EXISTS', $wrong{ $_[0] }[0]), 0, "$_[0] of the wrong type, $_[1]: is removed") };

	$spoil->('owner');
	is(refresh($me, $long, $map), 'fenced', 'owner of the wrong type: nobody has the lease');
	$spoil->('owner');
	is(own($me, $long, 0), 'anew', 'owner of the wrong type: who asks has it');
	for my $kind ('map', 'labels')
	{
		$spoil->($kind);
		is_deeply(claim('["A-2"]'), answer('ask'), "$kind of the wrong type: ask");
		is_deeply(wishes(), ['e'], "$kind of the wrong type: and the event is wanted");
		is_deeply(refresh($me, $long, $wrong{$kind}[0]), [ 'ok', 2 ], "$kind of the wrong type: refresh tells that it is lost");
		$is_gone->($kind, 'refresh');
		publish($states);
	}
	$spoil->('map');
	is(publish($states), 'ok', 'map of the wrong type: published');
	is($redis->cli('HGET', $map, 'seats'), $states, 'map of the wrong type: is there');
	$spoil->('labels');
	is(load_labels($me, $long, 0, 1, 'A-1', 1), 'gone', 'labels of the wrong type: gone');
	$is_gone->('labels', 'a later portion');
	$spoil->('labels');
	is(load_labels($me, $long, 1, 1, @pairs), 'ok', 'labels of the wrong type: loaded');
	$spoil->('in');
	is_deeply(claim('["A-1"]'), answer('ask'), 'in of the wrong type: ask');
	is_deeply(refresh($me, $long, $in), ['ok'], 'in of the wrong type: refreshed');
	$is_gone->('in', 'refresh');
	$spoil->('in');
	is_deeply([ @{ take('0-0', 10) }[ 0, 2, 3 ] ], [ 'ok', 0, [] ], 'in of the wrong type: nothing to take');
	$is_gone->('in', 'take');
	$spoil->('in');
	is_deeply($redis->fcall('seatlock_drop', [ $owner, $in ], $me, '1-1'), [ 'ok', 0 ], 'in of the wrong type: nothing to drop');
	$spoil->($_) for 'in', 'ticket';
	is_deeply(answer_as($me, ['wrong-type-of-ticket'], $long, '1-1', $verdict), [ 'ok', 1 ], 'ticket of the wrong type: answered');
	is($redis->cli('GET', $wrong{ticket}[0]), $verdict, 'ticket of the wrong type: by its verdict');

	# nothing can be added after the last id
	my $last = '18446744073709551615-18446744073709551615';
	is($redis->call_as('buyer', 'XADD', $in, $last, 'x', 'y'), $last, 'the last id is used up');
	is_deeply(claim('["A-1"]'), answer('ask'), 'the last id: ask');
	is_deeply([ map { $_->[0] } @{ take('0-0', 10)->[3] } ], [$last], 'the last id: is taken');
	is_deeply([ @{ take($last, 10) }[ 2, 3 ] ], [ 1, [] ], 'the last id: and nothing after it');
	is_deeply(refresh($me, $long, $in), ['ok'], 'the last id: refreshed');
	$is_gone->('in', 'the last id');
	is_deeply(claim('["A-1"]'), answer('pending'), 'the last id: then claims are queued again');

	# it lives while there are entries
	$redis->cli('PEXPIRE', $in, $long);
	refresh($me, $long, $in);
	lives($in, 0, $minute, 'a queue with entries');
	is_deeply($redis->fcall('seatlock_drop', [ $owner, $in ], $me, map { $_->[0] } @{ take('0-0', 10)->[3] }), [ 'ok', 1 ], 'the queue is empty');
	$redis->cli('PEXPIRE', $in, 20_000);
	refresh($me, $long, $in);
	lives($in, 0, 20_000, 'an empty queue is not renewed:');
}

# Who is not the owner touches nothing, nor does who calls wrongly.
my %calls = (
	labels => [ [$labels], $long, 1, 1, 'x', 1 ],
	publish => [ [$map], $long, 2, 'bbb', 5, 1, 5, $changes, 'message' ],
	refresh => [ [ $map, $labels, $in ], 9 * $long ],
	remove => [ [$map] ],
	wanted => [ ["$p:wanted"], 9 ],
	take => [ [$in], '0-0', '+', 10 ],
	answer => [ [ $in, ticket_key($ticket) ], $long, '1-1', $verdict ],
	drop => [ [$in], map { $_->[0] } @{ take('0-0', 100)->[3] } ],
);
my $deaf = $redis->subscriber($changes, ticket_key($ticket));
for my $function (sort keys %calls)
{
	my ($keys, @args) = @{ $calls{$function} };
	my @other = map { s/^\Q$p/{other}/r } @$keys;

	changes_nothing($function, sub {
		is($redis->fcall("seatlock_$function", [ $owner, @$keys ], '1-other:1', @args), 'fenced', "$function: fenced");
		like($redis->fcall("seatlock_$function", [ $owner, @$keys ], '', @args), qr/^ERROR: SEATLOCK argument name /, "$function: no name");
		like($redis->cli('FCALL', "seatlock_$function", 1 + @other, $owner, @other, $me, @args), qr/^ERROR: SEATLOCK key /, "$function: keys of another prefix");
		like($redis->cli('FCALL', "seatlock_$function", 1 + @$keys, 'owner', @$keys, $me, @args), qr/^ERROR: SEATLOCK key owner /, "$function: a wrong owner's key");
		like($redis->fcall("seatlock_$function", [ $owner, @$keys, $owner ], $me, @args), qr/^ERROR: SEATLOCK key /, "$function: a key too many");
		like($redis->fcall("seatlock_$function", [$owner], $me, @args), qr/^ERROR: SEATLOCK key /, "$function: a key too few")
		  if $function !~ /refresh|remove/;
		like($redis->fcall("seatlock_$function", [ $owner, @$keys ], $me, 'x', @args[ 1 .. $#args ]), qr/^ERROR: SEATLOCK argument (?:ttl_ms|count) /, "$function: no time to live")
		  if $function !~ /take|drop|remove/;
		like($redis->fcall("seatlock_$function", [ $owner, @$keys ]), qr/^ERROR: SEATLOCK argument name /, "$function: no arguments");
	});
}
like($redis->fcall('seatlock_take', [ $owner, $in ], $me, '0-0', '+'), qr/^ERROR: SEATLOCK argument count /, 'take: no count');
like($redis->fcall('seatlock_own', [$owner], $me), qr/^ERROR: SEATLOCK argument ttl_ms /, 'own: no time to live');
like(own($me, 0, 0), qr/^ERROR: SEATLOCK argument ttl_ms /, 'own: nor none');
like(own('', $minute, 0), qr/^ERROR: SEATLOCK argument name /, 'own: no name');
like($redis->fcall('seatlock_own', [ $owner, $map ], $me, $minute, 0, ''), qr/^ERROR: SEATLOCK key 2 /, 'own: a key too many');
like($redis->fcall('seatlock_own', [$map], $me, $minute, 0, ''), qr/^ERROR: SEATLOCK key owner /, 'own: a wrong key');
$redis->cli('DEL', $owner);
is_deeply([ map { $redis->fcall("seatlock_$_", [ $owner, @{ $calls{$_}[0] } ], $me, @{ $calls{$_} }[ 1 .. $#{ $calls{$_} } ]) } sort keys %calls ],
	[ ('fenced') x 8 ], 'nobody has the lease: all are fenced');
is_deeply([ $redis->messages($deaf) ], [], 'nobody heard of any of it');
$redis->finish_subscriber($deaf);

# Nothing stays for ever.
own($me, $long, 0);
for my $key (@{ $redis->cli('KEYS', '*') })
{
	my $ms = $redis->cli('PTTL', $key);

	ok($ms > 0 && $ms <= 3 * $long, "$key expires") or diag "in $ms ms";
}
is_deeply(ask_for('claim_best', 1, 'ann', '', '', '', '', 1), answer('pending'), 'a claim in a hurry');
my $hurried = fields(take('0-0', 100)->[3][-1])->{ticket};
lives(ticket_key($hurried), 0, 1001, 'its ticket');
ok(wait_until('the ticket is forgotten', sub { $redis->cli('EXISTS', ticket_key($hurried)) == 0 }), 'is forgotten');

# A full memory: no buyer may queue, but the queue can be emptied.
$redis->cli('CONFIG', 'SET', 'maxmemory', 1);
changes_nothing('a full memory', sub {
	like(ask_for(@$_), qr/^ERROR: OOM /, "$_->[0]: refused") for @verbs;
	like(publish($states), qr/^ERROR: OOM /, 'publish: refused');
	like(refresh($me, $long, $map), qr/^ERROR: OOM /, 'refresh: refused');
});
is(own($me, $long, 0), 'owner', 'own: goes on');
is($redis->fcall('seatlock_remove', [ $owner, $map ], $me), 'ok', 'remove: goes on');
is_deeply(wishes(), [], 'wanted: goes on');
my @left = @{ take('0-0', 100)->[3] };
is_deeply(answer_as($me, [ $hurried ], $long, $left[-1][0], $verdict), [ 'ok', 1 ], 'answer: goes on');
is_deeply($redis->fcall('seatlock_drop', [ $owner, $in ], $me, map { $_->[0] } @left), [ 'ok', $#left ], 'drop: goes on');
$redis->cli('CONFIG', 'SET', 'maxmemory', 0);
is(publish($states), 'ok', 'memory again: publish');
is_deeply(claim('["A-1"]'), answer('pending'), 'and claim');

# Redis loses its functions, or everything.
is($redis->cli('FUNCTION', 'FLUSH'), 'OK', 'functions are lost');
like(claim('["A-1"]'), qr/^ERROR: ERR Function not found/, 'the error that tells so');
is($redis->load_library, 'seatlock_1', 'loaded again');
is_deeply(claim('["A-1"]'), answer('pending'), 'all is as before');
$redis->kill9;
$redis->start;
is($redis->cli('DBSIZE'), 0, 'killed and started: empty');
is($redis->load_library, 'seatlock_1', 'loaded again');
is_deeply(claim('["A-1"]'), answer('ask'), 'ask');
$redis->stop;
done_testing();
