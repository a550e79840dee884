#!lua name=seatlock_1
--
-- redis_library.lua
--		What Redis decides by itself: early refusals, the queue of claims, and
--		who may write.
--
-- The Redis function library of seatlock, for Redis or Valkey 7 and later; the
-- worker loads it.  Nothing here grants a seat.  A buyer's call is refused from
-- the map, told to ask the database, or queued; the verdict comes from the
-- database and is kept under the buyer's ticket.
--
-- Keys.  All begin with one hash-tagged prefix P = {...}, so that a cluster
-- keeps them in one slot:
--
--	P:owner           the epoch of the worker that may write ("<worker>:<number>");
--	                  lives for seconds
--	P:map:<event>     hash: epoch, version, updated_at (ms), seats (f, h, b or n
--	                  per seat), layout (of which the labels are), intake ("1":
--	                  claims are taken in), backlog (how many)
--	P:labels:<layout> hash: label => number of the seat, from 1; the field ''
--	                  is the map's epoch, and is set when all labels are there.
--	                  All nights of a house share it
--	P:wanted          set of events that were asked for and have no map
--	P:in              stream of the claims that wait for the worker
--	P:ticket:<ticket> PENDING, then the verdict
--
-- A map, or labels, whose epoch is not what P:owner holds are as good as none.
-- So they can live long: without a worker P:owner is gone after seconds, and with
-- another epoch all of them count for nothing.
--
-- The first key of every call is P:owner.  Keys that have another prefix or
-- kind are an error, as is every misuse: one that begins with "SEATLOCK ".
--
-- For buyers.  All take the keys P:owner P:map:<event> P:in P:ticket:<ticket>;
-- the ticket is 16 to 64 characters of A-Z a-z 0-9 _ -, made by the caller, and
-- unguessable.  An argument in brackets may be ''.
--
--	seatlock_claim       seats holder [ttl] [deadline_ms]
--	seatlock_claim_best  quantity holder [section] [category] [adjacency] [ttl]
--	                     [deadline_ms]
--	seatlock_release     token [seats] [deadline_ms]
--
-- And for those who only show maps, with the keys P:owner P:map:<event>:
--
--	seatlock_map         -
--	    {epoch, version, updated_at, seats}; nil: ask the database
--
-- seats is a JSON array of 1 to 100 labels, or {"guid": "..."} for a seat by its
-- guid: of such a claim the database must be asked.  The first three answer with the columns of
-- seatlock.claim_result as JSON: the verdict of a ticket that has one, or
--
--	pending  queued, now or by an earlier call with this ticket
--	taken    seatlock_claim alone: these seats are not free; nothing is queued
--	busy     the queue is full, nothing is queued: try again
--	ask      Redis does not know, or cannot queue it: ask the database
--
-- A ticket is forgotten a second after its deadline unless there is a verdict.
-- A full memory refuses these calls: the queue must not fill it further.
--
-- For the worker.  name is its epoch.  But for seatlock_own, all answer 'fenced',
-- and touch nothing, unless P:owner holds that name.
--
--	function          keys after P:owner    arguments
--	seatlock_own      -                     name ttl_ms take was
--	    'owner' when P:owner still holds was: it lives on.  'anew' when nobody had
--	    it, an epoch of the same worker had, or take is '1': it holds name now.
--	    Else 'fenced'
--	seatlock_labels   P:labels:<layout>     name ttl_ms first last, then pairs of
--	                                        label and number
--	    Loads labels in portions: the first with first = '1', the last with last =
--	    '1'.  'ok', or 'gone' when what was loaded before is lost: begin again
--	seatlock_publish  P:map:<event>         name ttl_ms version seats layout
--	                                        intake backlog channel, then messages
--	    Writes the map, then publishes the messages in order.  'ok'
--	seatlock_refresh  maps, labels, P:in    name ttl_ms
--	    {'ok', i, j, ...}: which keys of maps and labels are lost, by their place
--	    among the call's keys; P:owner is 1.  P:in lives on while it has entries,
--	    and is removed when its numbers are used up
--	seatlock_remove   maps                  name
--	    'ok', and they are gone
--	seatlock_wanted   P:wanted              name count
--	    {'ok', event, ...}: some of the events that were asked for, which are
--	    not among them any more
--	seatlock_take     P:in                  name after_id last_id count
--	    {'ok', now_ms, length of P:in, entries as XRANGE gives them}; an entry
--	    too big to be a claim comes without its fields
--	seatlock_answer   P:in, tickets         name ttl_ms, then pairs of the
--	                                        entry's id and the verdict
--	    Sets verdicts (the first one stays), publishes 'ready' on the channel
--	    named as the ticket's key, removes the entries.  {'ok', verdicts set}
--	seatlock_drop     P:in                  name, then ids
--	    Removes entries that are no claims.  {'ok', entries removed}
--
-- A client that may write to Redis may have put a value of another type under a key of
-- ours.  The worker's functions remove it, and go on as if there had been none.
--
-- Functions that a full memory must not stop are allow-oom: those that keep
-- the owner and those that empty the queue.  Maps and labels do not grow then,
-- and are not refreshed either: a map that cannot be written anew must expire.

local MAX_SEATS = 100
local MAX_SEATS_BYTES = 65536
local MAX_NAME_BYTES = 255
local MAX_TTL_SECONDS = 2147483647
local MAX_DEADLINE_MS = 60000
local DEFAULT_DEADLINE_MS = 10000

-- events that are noted as asked for
local MAX_WANTED = 1000
local WANTED_TTL_MS = 60000

-- what no claim's entry exceeds
local MAX_ENTRY_FIELDS = 64
local MAX_ENTRY_BYTES = 131072

local STREAM_TTL_MS = 60000
-- the last id of a stream: nothing can be added after it
local LAST_ID = '18446744073709551615-18446744073709551615'
-- a ticket outlives its deadline by this much
local TICKET_GRACE_MS = 1000

local TAKEN_RETRY_MS = '5000'
local BUSY_RETRY_MS = '1000'

-- values in one call of a command, below what Lua's stack takes; even, as
-- some come in pairs
local PORTION = 1000

local ADJACENCIES = { [''] = true, prefer = true, require = true, any = true }

-- An answer with ok = false is made of its head, the conflicts and its end.
local function answer_head(outcome, retry_after_ms)
	return '{"ok":false,"outcome":"' .. outcome
		.. '","token":null,"expires_at":null,"expires_in_seconds":null,"retry_after_ms":' .. retry_after_ms
		.. ',"seats":[],"conflicts":['
end

local ANSWER_END = '],"replayed":false,"together":null,"order_ref":null}'
local PENDING = answer_head('pending', 'null') .. ANSWER_END
local ASK = answer_head('ask', 'null') .. ANSWER_END
local BUSY = answer_head('busy', BUSY_RETRY_MS) .. ANSWER_END
local TAKEN_FOR_NOW = answer_head('taken', TAKEN_RETRY_MS)
local TAKEN_FOR_GOOD = answer_head('taken', 'null')

-- A conflict is made of its head, the label and the end for the reason.
local CONFLICT_HEAD = '{"seat":"'

local function conflict_end(reason)
	return '","reason":"' .. reason .. '","seconds_left":null}'
end

local HELD = conflict_end('held')
local UNKNOWN = conflict_end('unknown_seat')
-- by the map's letter: f, h, b or n; what is free is no conflict
local CONFLICT_ENDS = { [102] = false, [104] = HELD, [98] = conflict_end('booked'), [110] = conflict_end('not_for_sale') }

local function misuse(what)
	return redis.error_reply('SEATLOCK ' .. what)
end

local function now_ms()
	local time = redis.call('TIME')

	return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- A whole number as text; Lua would write big ones as 1.7e+12.
local function digits(number)
	return ('%.0f'):format(number)
end

-- A command that shall not fail because of what others have put under the key:
-- what is of the wrong type is removed, and the command meets no key.
local function call_anew(command, key, ...)
	local reply = redis.pcall(command, key, ...)

	if type(reply) ~= 'table' or not reply.err then
		return reply
	elseif reply.err:find('WRONGTYPE', 1, true) then
		redis.call('DEL', key)
	end
	return redis.call(command, key, ...)
end

-- A command with more values than one call takes; the sum of its answers.
local function call_in_portions(command, key, values, first)
	local sum = 0

	for i = first, #values, PORTION do
		sum = sum + call_anew(command, key, unpack(values, i, math.min(i + PORTION - 1, #values)))
	end
	return sum
end

----------------------------------------------------------------------
-- Names of keys
----------------------------------------------------------------------

-- What all keys of a call begin with; nil when the first is not P:owner.
local function prefix_of(keys)
	return keys[1] and keys[1]:match('^({.+}):owner$')
end

-- Whether the key is P:<kind>, or P:<kind>:<name>.
local function is_named(key, prefix, kind)
	if kind == 'in' or kind == 'wanted' then
		return key == prefix .. ':' .. kind
	end
	local head = prefix .. ':' .. kind .. ':'

	return #key > #head and key:find(head, 1, true) == 1
end

-- What seatlock_refresh takes.
local function is_lasting(key, prefix)
	return is_named(key, prefix, 'map') or is_named(key, prefix, 'labels') or is_named(key, prefix, 'in')
end

-- What follows the kind in a key that is_named.
local function name_in(key, prefix, kind)
	return key:sub(#prefix + #kind + 3)
end

-- What is wrong with the keys after the first: they must be of these kinds, and
-- any more of kinds.rest; nil when nothing is.
local function misnamed(keys, kinds)
	local prefix = prefix_of(keys)

	if not prefix then
		return 'key owner must be {prefix}:owner'
	end
	for i = 2, math.max(#keys, #kinds + 1) do
		local kind = kinds[i - 1] or kinds.rest

		if not kind then
			return 'key ' .. i .. ' is one too many'
		elseif not keys[i] then
			return 'key ' .. kind .. ' is missing'
		elseif kind == 'lasting' then
			if not is_lasting(keys[i], prefix) then
				return 'key ' .. i .. ' must be a map, labels or in of the owner\'s prefix'
			end
		elseif not is_named(keys[i], prefix, kind) then
			return 'key ' .. kind .. ' must be {prefix}:' .. kind .. ((kind == 'in' or kind == 'wanted') and '' or ':...') .. ' with the owner\'s prefix'
		end
	end
	return nil
end

----------------------------------------------------------------------
-- Arguments; each check returns what is wrong, or nil
----------------------------------------------------------------------

local function wrong_count(args, names)
	if #args < #names then
		return 'argument ' .. names[#args + 1] .. ' is missing'
	elseif #args > #names then
		return 'argument ' .. #names + 1 .. ' is one too many'
	end
	return nil
end

local function wrong_name(value, name)
	if value == '' then
		return 'argument ' .. name .. ' is empty'
	elseif #value > MAX_NAME_BYTES then
		return 'argument ' .. name .. ' is longer than ' .. MAX_NAME_BYTES .. ' bytes'
	end
	return nil
end

local function wrong_number(value, name, max)
	if not value:find('^[1-9]%d*$') or #value > 10 or value + 0 > max then
		return 'argument ' .. name .. ' must be a whole number from 1 to ' .. digits(max)
	end
	return nil
end

local function each_once(list)
	local once, seen = {}, {}

	for i = 1, #list do
		if not seen[list[i]] then
			seen[list[i]] = true
			once[#once + 1] = list[i]
		end
	end
	return once
end

-- A seat named by its guid, which the map does not know.
local function is_guid(item)
	return type(item) == 'table' and type(item.guid) == 'string' and item.guid ~= ''
		and next(item) == 'guid' and next(item, 'guid') == nil
end

-- The labels, each once; or nil and what is wrong.  by_guid is set in the list when
-- the database alone knows which seats are meant.  As there, a string may stand
-- for the object: no label begins so.
local function read_seats(text)
	if #text > MAX_SEATS_BYTES then
		return nil, 'argument seats is longer than ' .. MAX_SEATS_BYTES .. ' bytes'
	end
	-- one label without escapes, which many ask for: what cjson would find
	local label = text:match('^%["([^"\\%c]+)"%]$')

	if label then
		return { label }
	end
	local is_json, list = pcall(cjson.decode, text)

	-- to cjson an object is a table too
	if not is_json or not text:find('^%s*%[') then
		return nil, 'argument seats must be a JSON array'
	elseif #list < 1 or #list > MAX_SEATS then
		return nil, 'argument seats must name 1 to ' .. MAX_SEATS .. ' seats'
	end
	local by_guid = false

	for i = 1, #list do
		if is_guid(list[i]) then
			by_guid = true
		elseif type(list[i]) ~= 'string' or list[i] == '' then
			return nil, 'argument seats must hold strings or {"guid": string}, none of them empty'
		else
			by_guid = by_guid or list[i]:find('^{"guid": "') ~= nil
		end
	end
	list = #list == 1 and list or each_once(list)
	list.by_guid = by_guid
	return list
end

local function wrong_seats(text)
	return select(2, read_seats(text))
end

----------------------------------------------------------------------
-- For buyers
----------------------------------------------------------------------

local BUYER_KINDS = { 'map', 'in', 'ticket' }

local function is_ticket(key, head)
	local length = #key - #head

	return length >= 16 and length <= 64 and key:find(head, 1, true) == 1
		and key:find('^[A-Za-z0-9_%-]+$', #head + 1)
end

-- What is known of the events that buyers ask for, by the map's key.  Buyers come
-- in crowds, those of one event name the same keys, and asking Redis costs more
-- than all else here: so what was read for one call is kept for the next.
--
--	prefix, event, ticket_head   names that go with the map's, as are *_key but
--	                             for labels_key, which the map tells
--	owner, epoch, updated_at     what the rest was read under: it holds only
--	                             while Redis says the same.  updated_at is nil
--	                             when all must be read again
--	is_valid                     whether it is a map
--	backlog                      how many claims may wait; nil when the map is
--	                             not to be gone by
--	seats                        a letter per seat, as in the map
--
-- updated_at tells apart all maps but those of one millisecond, so a map that is
-- published here is read again in any case.  Numbers of labels are not kept: so
-- many objects would make Lua collect garbage for longer than asking Redis takes.
local places, num_places = {}, 0

-- When there are more, all are forgotten.
local MAX_PLACES = 64

local function keep_place(found)
	if num_places == MAX_PLACES then
		places, num_places = {}, 0
	end
	num_places = num_places + 1
	places[found.map_key] = found
end

local function forget_map(map_key)
	if places[map_key] then
		places[map_key].updated_at = nil
	end
end

local function new_place(keys, prefix)
	local event = name_in(keys[2], prefix, 'map')

	return { prefix = prefix, owner_key = keys[1], map_key = keys[2], in_key = keys[3], event = event,
		ticket_head = prefix .. ':ticket:' }
end

-- The place; or nil and what is wrong with the keys.
local function read_keys(keys)
	local found = places[keys[2]]

	if not found or keys[1] ~= found.owner_key or keys[3] ~= found.in_key or #keys ~= 4 then
		local problem = misnamed(keys, BUYER_KINDS)

		if problem then
			return nil, problem
		end
		found = new_place(keys, prefix_of(keys))
	end
	if not is_ticket(keys[4], found.ticket_head) then
		return nil, misnamed(keys, BUYER_KINDS) or 'key ticket must end with 16 to 64 characters of A-Z a-z 0-9 _ -'
	end
	return found
end

-- Fields of a hash; none when the key is of another type, which the worker will notice.
local function read_hash(key, ...)
	local values = redis.pcall('HMGET', key, ...)

	return values.err and {} or values
end

-- The event was asked for, and there is no map, or no labels.
local function want(prefix, event)
	local key = prefix .. ':wanted'
	local length = redis.pcall('SCARD', key)

	if #event <= MAX_NAME_BYTES and type(length) == 'number' and length < MAX_WANTED
		and type(redis.pcall('SADD', key, event)) == 'number' then
		redis.pcall('PEXPIRE', key, WANTED_TTL_MS)
	end
end

local function read_map(found, owner)
	local map = read_hash(found.map_key, 'epoch', 'updated_at', 'seats', 'layout', 'intake', 'backlog')
	local epoch, updated_at, seats, layout, intake, backlog = unpack(map, 1, 6)

	found.owner, found.epoch, found.updated_at, found.seats = owner, epoch, updated_at, seats
	found.labels_key = layout and found.prefix .. ':labels:' .. layout
	found.is_valid = epoch == owner and updated_at and seats and layout
	found.backlog = found.is_valid and intake == '1' and tonumber(backlog) or nil
	if found.backlog and places[found.map_key] ~= found then
		keep_place(found)
	end
end

-- The answer when the ticket, or what is missing, decides; else nil.
local function look(keys, found)
	local values = redis.call('MGET', keys[1], keys[4])
	local owner, known = values[1], values[2]

	if known then
		return known
	elseif not owner then
		return ASK
	end
	local map = read_hash(keys[2], 'epoch', 'updated_at')

	if map[2] ~= found.updated_at or map[1] ~= found.epoch or owner ~= found.owner then
		read_map(found, owner)
	end
	if found.backlog then
		return nil
	elseif not found.is_valid then
		want(found.prefix, found.event)
	end
	return ASK
end

-- A label as in a JSON string; cjson would write every / as \/.
local function escape(label)
	return label:find('[%c"\\]') and cjson.encode(label):sub(2, -2) or label
end

-- As strcmp: < on Lua's strings goes by the server's locale.
local function is_byte_before(a, b)
	for i = 1, math.min(#a, #b) do
		local x, y = a:byte(i), b:byte(i)

		if x ~= y then
			return x < y
		end
	end
	return #a < #b
end

-- Where labels stand in the SQL function's list of conflicts, as indexes of
-- labels: unknown seats by label, then seats as in the map.  numbers[i + 1] is
-- that of labels[i].
local function order_of(labels, numbers)
	local order = {}

	for i = 1, #labels do
		order[i] = i
	end
	table.sort(order, function(a, b)
		local x, y = tonumber(numbers[a + 1] or 0), tonumber(numbers[b + 1] or 0)

		if x ~= y then
			return x < y
		end
		return is_byte_before(labels[a], labels[b])
	end)
	return order
end

-- The conflicts as JSON, and whether all of them may expire; nil when the map does
-- not say what becomes of a seat.
local function find_conflicts(labels, numbers, seats)
	local order = #labels > 1 and order_of(labels, numbers)
	local conflicts, may_expire = '', true

	for k = 1, #labels do
		local i = order and order[k] or k
		local ending = UNKNOWN

		if numbers[i + 1] then
			ending = CONFLICT_ENDS[seats:byte(numbers[i + 1])]
		end
		-- the map is shorter than its labels, or lies
		if ending == nil then
			return nil
		elseif ending then
			conflicts = (conflicts ~= '' and conflicts .. ',' or '') .. CONFLICT_HEAD .. escape(labels[i]) .. ending
			may_expire = may_expire and ending == HELD
		end
	end
	return conflicts, may_expire
end

-- The answer when a seat is not free, or when the map does not say; else nil.
local function refuse(found, labels)
	local numbers = read_hash(found.labels_key, '', unpack(labels))

	if numbers[1] ~= found.epoch then
		want(found.prefix, found.event)
		return ASK
	end
	local conflicts, may_expire = find_conflicts(labels, numbers, found.seats)

	if not conflicts then
		return ASK
	elseif conflicts == '' then
		return nil
	end
	return (may_expire and TAKEN_FOR_NOW or TAKEN_FOR_GOOD) .. conflicts .. ANSWER_END
end

-- Queue a claim, given as fields of its entry.  Where the stream is no stream, or
-- its numbers are used up, the worker will notice.
local function enqueue(keys, found, deadline_ms, fields)
	local length = redis.pcall('XLEN', keys[3])

	if type(length) ~= 'number' then
		return ASK
	elseif length >= found.backlog then
		return BUSY
	end
	deadline_ms = deadline_ms == '' and DEFAULT_DEADLINE_MS or tonumber(deadline_ms)
	fields[#fields + 1] = 'deadline'
	fields[#fields + 1] = digits(now_ms() + deadline_ms)
	local id = redis.pcall('XADD', keys[3], '*', 'v', '1', 'ticket', keys[4]:sub(#found.ticket_head + 1),
		'event', found.event, unpack(fields))

	if type(id) ~= 'string' then
		return ASK
	end
	redis.call('PEXPIRE', keys[3], STREAM_TTL_MS)
	redis.call('SET', keys[4], PENDING, 'PX', deadline_ms + TICKET_GRACE_MS)
	return PENDING
end

local CLAIM_ARGUMENTS = { 'seats', 'holder', 'ttl', 'deadline_ms' }

-- The labels; or nil and what is wrong with a claim's arguments.
local function read_claim(args)
	local problem = wrong_count(args, CLAIM_ARGUMENTS)
		or wrong_name(args[2], 'holder')
		or args[3] ~= '' and wrong_number(args[3], 'ttl', MAX_TTL_SECONDS)
		or args[4] ~= '' and wrong_number(args[4], 'deadline_ms', MAX_DEADLINE_MS)

	if problem then
		return nil, problem
	end
	return read_seats(args[1])
end

local function claim(keys, args)
	local found, problem = read_keys(keys)

	if problem then
		return misuse(problem)
	end
	local labels

	labels, problem = read_claim(args)
	if problem then
		return misuse(problem)
	end
	if labels.by_guid then
		return look(keys, found) or ASK
	end
	return look(keys, found) or refuse(found, labels) or enqueue(keys, found, args[4],
		{ 'verb', 'claim', 'seats', args[1], 'holder', args[2], 'ttl', args[3] })
end

-- A verb that the map says nothing about.
local function look_and_enqueue(keys, found, problem, deadline_ms, fields)
	if problem then
		return misuse(problem)
	end
	return look(keys, found) or enqueue(keys, found, deadline_ms, fields)
end

local BEST_ARGUMENTS = { 'quantity', 'holder', 'section', 'category', 'adjacency', 'ttl', 'deadline_ms' }

local function claim_best(keys, args)
	local found, problem = read_keys(keys)
	local quantity, holder, section, category, adjacency, ttl, deadline_ms = unpack(args, 1, #BEST_ARGUMENTS)

	problem = problem or wrong_count(args, BEST_ARGUMENTS)
		or wrong_number(quantity, 'quantity', MAX_SEATS)
		or wrong_name(holder, 'holder')
		or section ~= '' and wrong_name(section, 'section')
		or category ~= '' and wrong_name(category, 'category')
		or not ADJACENCIES[adjacency] and 'argument adjacency must be prefer, require, any or empty'
		or ttl ~= '' and wrong_number(ttl, 'ttl', MAX_TTL_SECONDS)
		or deadline_ms ~= '' and wrong_number(deadline_ms, 'deadline_ms', MAX_DEADLINE_MS)
	return look_and_enqueue(keys, found, problem, deadline_ms,
		{ 'verb', 'claim_best', 'quantity', quantity, 'holder', holder, 'section', section,
			'category', category, 'adjacency', adjacency, 'ttl', ttl })
end

local RELEASE_ARGUMENTS = { 'token', 'seats', 'deadline_ms' }

local function release(keys, args)
	local found, problem = read_keys(keys)
	local token, seats, deadline_ms = unpack(args, 1, #RELEASE_ARGUMENTS)

	problem = problem or wrong_count(args, RELEASE_ARGUMENTS)
		or wrong_name(token, 'token')
		or seats ~= '' and wrong_seats(seats)
		or deadline_ms ~= '' and wrong_number(deadline_ms, 'deadline_ms', MAX_DEADLINE_MS)
	return look_and_enqueue(keys, found, problem, deadline_ms, { 'verb', 'release', 'token', token, 'seats', seats })
end

redis.register_function('seatlock_claim', claim)
redis.register_function('seatlock_claim_best', claim_best)
redis.register_function('seatlock_release', release)

local function show(keys, args)
	local problem = misnamed(keys, { 'map' }) or wrong_count(args, {})

	if problem then
		return misuse(problem)
	end
	local owner = redis.call('GET', keys[1])
	local map = read_hash(keys[2], 'epoch', 'version', 'updated_at', 'seats')

	if owner and map[1] == owner and map[4] then
		return map
	elseif owner then
		local prefix = prefix_of(keys)

		want(prefix, name_in(keys[2], prefix, 'map'))
	end
	return false
end

redis.register_function('seatlock_map', show)

----------------------------------------------------------------------
-- For the worker
----------------------------------------------------------------------

local FENCED = 'fenced'

-- Whether the call's keys and arguments are those of a worker's function: what
-- is wrong, or nil.
local function wrong_call(keys, kinds, args, names)
	local problem = misnamed(keys, kinds)

	if problem then
		return problem
	end
	for i = 1, #names do
		if not args[i] then
			return 'argument ' .. names[i] .. ' is missing'
		elseif names[i] == 'ttl_ms' or names[i] == 'count' then
			problem = wrong_number(args[i], names[i], MAX_TTL_SECONDS)
		end
		if problem then
			return problem
		end
	end
	return args[1] == '' and 'argument name is empty' or nil
end

-- A function of the owner's alone.
local function register_owned(name, kinds, names, flags, body)
	local function callback(keys, args)
		local problem = wrong_call(keys, kinds, args, names)

		if problem then
			return misuse(problem)
		elseif call_anew('GET', keys[1]) ~= args[1] then
			return FENCED
		end
		return body(keys, args)
	end

	redis.register_function { function_name = name, callback = callback, flags = flags }
end

-- Of an epoch.
local function worker_of(epoch)
	return epoch:match('^(.*):[^:]*$') or epoch
end

local function own(keys, args)
	local problem = wrong_call(keys, {}, args, { 'name', 'ttl_ms', 'take', 'was' })

	if problem then
		return misuse(problem)
	end
	local name, ttl_ms, take, was = unpack(args)
	local owner = call_anew('GET', keys[1])

	if owner and owner == was then
		redis.call('PEXPIRE', keys[1], ttl_ms)
		return 'owner'
	elseif owner and worker_of(owner) ~= worker_of(name) and take ~= '1' then
		return FENCED
	end
	redis.call('SET', keys[1], name, 'PX', ttl_ms)
	return 'anew'
end

local function labels(keys, args)
	local name, ttl_ms, first, last = unpack(args, 1, 4)

	if #args % 2 ~= 0 then
		return misuse('argument number is missing: labels and numbers must be pairs')
	end
	if first == '1' then
		redis.call('DEL', keys[2])
	else
		call_anew('HEXISTS', keys[2], '')
		-- to go on would make seats that were in the lost portions unknown
		if redis.call('EXISTS', keys[2]) == 0 then
			return 'gone'
		end
	end
	call_in_portions('HSET', keys[2], args, 5)
	if last == '1' then
		redis.call('HSET', keys[2], '', name)
	end
	redis.call('PEXPIRE', keys[2], ttl_ms)
	return 'ok'
end

local function publish(keys, args)
	local name, ttl_ms, version, seats, layout, intake, backlog, channel = unpack(args, 1, 8)
	local prefix = prefix_of(keys)

	if not is_named(channel, prefix, 'changes') then
		return misuse('argument channel must be {prefix}:changes:... with the owner\'s prefix')
	end
	call_anew('HSET', keys[2], 'epoch', name, 'version', version, 'updated_at', digits(now_ms()),
		'seats', seats, 'layout', layout, 'intake', intake, 'backlog', backlog)
	redis.call('PEXPIRE', keys[2], ttl_ms)
	forget_map(keys[2])
	for i = 9, #args do
		redis.call('PUBLISH', channel, args[i])
	end
	return 'ok'
end

-- False when the map or the labels are lost, or are of another epoch.
local function refresh_hash(key, field, name, ttl_ms)
	return call_anew('HGET', key, field) == name and redis.call('PEXPIRE', key, ttl_ms) == 1
end

-- Whether nothing can be added to the stream any more: somebody has given an
-- entry the last id.
local function is_used_up(key)
	local info = redis.pcall('XINFO', 'STREAM', key)

	for i = 1, #info, 2 do
		if info[i] == 'last-generated-id' then
			return info[i + 1] == LAST_ID
		end
	end
	return false
end

local function refresh_stream(key)
	if call_anew('XLEN', key) > 0 then
		redis.call('PEXPIRE', key, STREAM_TTL_MS)
	end
	if is_used_up(key) then
		redis.call('DEL', key)
	end
end

local function refresh(keys, args)
	local prefix, name, ttl_ms = prefix_of(keys), args[1], args[2]
	local lost = { 'ok' }

	for i = 2, #keys do
		local lives = true

		if is_named(keys[i], prefix, 'in') then
			refresh_stream(keys[i])
		elseif is_named(keys[i], prefix, 'map') then
			lives = refresh_hash(keys[i], 'epoch', name, ttl_ms)
		else
			lives = refresh_hash(keys[i], '', name, ttl_ms)
		end
		if not lives then
			lost[#lost + 1] = i
		end
	end
	return lost
end

local function remove(keys)
	for i = 2, #keys do
		redis.call('DEL', keys[i])
	end
	return 'ok'
end

local function take_wanted(keys, args)
	local wanted = call_anew('SPOP', keys[2], args[2])

	table.insert(wanted, 1, 'ok')
	return wanted
end

-- Anybody who may write to Redis may have put an entry of any size into the
-- stream; a worker that gives up on such a reply would meet it again and again.
local function cut_oversized(entry)
	local fields, bytes = entry[2], 0

	for i = 1, #fields do
		bytes = bytes + #fields[i]
	end
	if #fields > MAX_ENTRY_FIELDS or bytes > MAX_ENTRY_BYTES then
		entry[2] = {}
	end
end

local function take(keys, args)
	local after_id, last_id, count = unpack(args, 2)
	-- to Redis nothing can come after the last id
	local entries = after_id == LAST_ID and {} or call_anew('XRANGE', keys[2], '(' .. after_id, last_id, 'COUNT', count)

	for i = 1, #entries do
		cut_oversized(entries[i])
	end
	return { 'ok', now_ms(), redis.call('XLEN', keys[2]), entries }
end

-- True when this verdict is the ticket's first.
local function set_verdict(ticket, verdict, ttl_ms)
	local known = call_anew('GET', ticket)

	if known and known ~= PENDING then
		return false
	end
	redis.call('SET', ticket, verdict, 'PX', ttl_ms)
	return true
end

local function answer_tickets(keys, args)
	local ids, num_set = {}, 0

	if #args - 2 ~= 2 * (#keys - 2) then
		return misuse('argument verdict: there must be an id and a verdict for each ticket')
	end
	for i = 3, #keys do
		local id, verdict = args[2 * i - 3], args[2 * i - 2]

		if set_verdict(keys[i], verdict, args[2]) then
			num_set = num_set + 1
		end
		-- also for a verdict set before: who set it may not have come to this
		redis.call('PUBLISH', keys[i], 'ready')
		ids[#ids + 1] = id
	end
	call_in_portions('XDEL', keys[2], ids, 1)
	return { 'ok', num_set }
end

local function drop(keys, args)
	return { 'ok', call_in_portions('XDEL', keys[2], args, 2) }
end

redis.register_function { function_name = 'seatlock_own', callback = own, flags = { 'allow-oom' } }
register_owned('seatlock_labels', { 'labels' }, { 'name', 'ttl_ms', 'first', 'last' }, {}, labels)
register_owned('seatlock_publish', { 'map' },
	{ 'name', 'ttl_ms', 'version', 'seats', 'layout', 'intake', 'backlog', 'channel' }, {}, publish)
register_owned('seatlock_refresh', { rest = 'lasting' }, { 'name', 'ttl_ms' }, {}, refresh)
register_owned('seatlock_remove', { rest = 'map' }, { 'name' }, { 'allow-oom' }, remove)
register_owned('seatlock_wanted', { 'wanted' }, { 'name', 'count' }, { 'allow-oom' }, take_wanted)
register_owned('seatlock_take', { 'in' }, { 'name', 'after_id', 'last_id', 'count' }, { 'allow-oom' }, take)
register_owned('seatlock_answer', { 'in', rest = 'ticket' }, { 'name', 'ttl_ms' }, { 'allow-oom' }, answer_tickets)
register_owned('seatlock_drop', { 'in' }, { 'name' }, { 'allow-oom' }, drop)
