/** Bytes of a claim before its entity keys: tag, fingerprint, epoch, time, instance. `claim-codec.ts` writes them. */
export const CLAIM_HEAD_BYTES = 47;
/** Payments in one call. */
export const BATCH_COUNT_MAX = 32;

/** The library's name carries its version: another version stands beside it while instances are replaced one by one. */
export const LIBRARY = 'veto2';

/**
 * Everything that has to happen in one step. It knows keys and bytes and the place of the sequence number in a record,
 * and nothing of payments. Histories are never read here but to cut them: Redis hashes every byte that enters Lua.
 */
export const LIBRARY_CODE = `#!lua name=${LIBRARY}
local RECORD, VISIBLE, BATCH = 60, 256, ${BATCH_COUNT_MAX}
-- So many records more than a cut leaves, and a history is cut: readers read them all.
local CUT_AFTER = 128
-- Whoever is pending holds a cut up, until here.
local CUT_ALWAYS_AT = 8192
local HEAD = ${CLAIM_HEAD_BYTES}
local DAY = 86400
local TTL_SLACK = 5 * DAY

local function seq_at(key, offset)
  local a, b, c, d, e, f = string.byte(redis.call('GETRANGE', key, offset + 4, offset + 9), 1, 6)
  return a + b * 256 + c * 65536 + d * 16777216 + e * 4294967296 + f * 1099511627776
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Leaves what a reader may see, before the appends of one batch, or before whatever came since the oldest that is pending.
local function cut(key, bytes, pending)
  local count = bytes / RECORD
  local since = BATCH
  if count <= VISIBLE + since + CUT_AFTER then return end
  if count < CUT_ALWAYS_AT then
    local oldest = tonumber(redis.call('ZRANGE', pending, 0, 0, 'WITHSCORES')[2])
    while oldest and since < count - VISIBLE and seq_at(key, (count - since - 1) * RECORD) >= oldest do
      since = since * 2
    end
    if count <= VISIBLE + since + CUT_AFTER then return end
  end
  redis.call('SET', key, redis.call('GETRANGE', key, (count - VISIBLE - since) * RECORD, -1), 'KEEPTTL')
end

-- Kept for ttl and a day from when it was last asked how long it is kept, which costs as much as to append: so whoever asked
-- today need not ask again. Written once in some days, for a write goes to the append-only file, too.
local function append(key, records, ttl, pending, is_due)
  local bytes = redis.call('APPEND', key, records)
  if (is_due or bytes == #records) and redis.call('TTL', key) < ttl + DAY then
    redis.call('EXPIRE', key, ttl + TTL_SLACK)
  end
  cut(key, bytes, pending)
end

-- The record that lies at a place among others.
local function numbered(records, at, seq)
  return string.sub(records, at, at + 3) .. struct.pack('<I6', seq) .. string.sub(records, at + 10, at + RECORD - 1)
end

-- The epoch is the one that the caller knows; returns nil, or an error.
local function wrong_epoch(open, token)
  local opened = redis.call('GET', open)
  return opened ~= token and redis.error_reply('WRONG_EPOCH ' .. (opened or 'none')) or nil
end

-- Of the caller's epoch, and nothing that it saw is missing; returns the last seq, or an error.
local function last_seq(open, seq_key, token, seen)
  local refusal = wrong_epoch(open, token)
  if refusal then return nil, refusal end
  local seq = tonumber(redis.call('GET', seq_key) or '0')
  if seq < tonumber(seen) then return nil, redis.error_reply('BEHIND ' .. seq) end
  return seq
end

-- KEYS open seq pending, n claims, entities. ARGV token seen n claim-ttl history-ttl name-at due records, then n claims. A claim's
-- name is in its key, from name-at on. In due each entity has '1' where it is to be asked how long it is kept. In records each
-- has two bytes that say to how many entities it goes, its record, and two bytes for each of these. Answers a seq, or the
-- claim that was there first.
local function begin(keys, args)
  local seq, refusal = last_seq(keys[1], keys[2], args[1], args[2])
  if not seq then return refusal end
  local n, claim_ttl, ttl, name_at = tonumber(args[3]), args[4], tonumber(args[5]), tonumber(args[6])
  local due, all = args[7], args[8]
  local answers, taken, records = {}, {}, {}
  local first, at = seq, 1
  for i = 1, n do
    local high, low = string.byte(all, at, at + 1)
    local places = at + 2 + RECORD
    local behind = places + 2 * (high * 256 + low)
    local old = redis.call('SET', keys[3 + i], args[8 + i], 'NX', 'GET', 'EX', claim_ttl)
    if old then
      answers[i] = old
    else
      seq = seq + 1
      answers[i] = seq
      taken[#taken + 1] = seq
      taken[#taken + 1] = string.sub(keys[3 + i], name_at)
      local record = numbered(all, at + 2, seq)
      for j = places, behind - 2, 2 do
        high, low = string.byte(all, j, j + 1)
        local entity = 3 + n + high * 256 + low + 1
        local before = records[entity]
        records[entity] = before and before .. record or record
      end
    end
    at = behind
  end
  if seq > first then
    redis.call('INCRBY', keys[2], seq - first)
    redis.call('ZADD', keys[3], unpack(taken))
    for entity, bytes in pairs(records) do
      append(keys[entity], bytes, ttl, keys[3], string.byte(due, entity - 3 - n) == 49)
    end
  end
  return answers
end

-- KEYS open pending unlogged, claims. ARGV token epoch claim-ttl name-at, then for each its seq and what the claim becomes.
-- Whoever began it knows both; for others the seq is '', and the claim keeps the head that it has. Answers 1 for the winner,
-- the winner's claim for others, 0 where the claim is gone, another, or of another epoch ('' = of any). What is committed is
-- kept with its seq until its place is known to be on the log: whoever committed it may die before.
local function commit(keys, args)
  local refusal = wrong_epoch(keys[1], args[1])
  if refusal then return refusal end
  local name_at = tonumber(args[4])
  local answers, done, places = {}, {}, {}
  for i = 1, #keys - 3 do
    local key, seq, bytes = keys[3 + i], args[3 + 2 * i], args[4 + 2 * i]
    local head = redis.call('GETRANGE', key, 0, HEAD - 1)
    local tag = string.byte(head, 1)
    if tag == 68 then
      answers[i] = redis.call('GET', key)
    elseif tag ~= 80 or (args[2] ~= '' and string.sub(head, 34, 37) ~= args[2])
      or (seq ~= '' and string.sub(head, 2) ~= string.sub(bytes, 2, HEAD)) then
      answers[i] = 0
    else
      local name = string.sub(key, name_at)
      redis.call('SET', key, bytes, 'EX', args[3])
      if seq == '' then
        redis.call('SETRANGE', key, 0, 'D' .. string.sub(head, 2))
        seq = redis.call('ZSCORE', keys[2], name)
      end
      if seq then
        done[#done + 1] = name
        places[#places + 1] = seq
        places[#places + 1] = name
      end
      answers[i] = 1
    end
  end
  if #done > 0 then
    redis.call('ZREM', keys[2], unpack(done))
    redis.call('ZADD', keys[3], unpack(places))
  end
  return answers
end

-- KEYS open seq pending labels label, entities. ARGV token seen label-ttl history-ttl name label record. Answers the seq,
-- or the label that was there first.
local function label(keys, args)
  local seq, refusal = last_seq(keys[1], keys[2], args[1], args[2])
  if not seq then return refusal end
  local old = redis.call('SET', keys[5], args[6], 'NX', 'GET', 'EX', args[3])
  if old then return old end
  seq = redis.call('INCR', keys[2])
  redis.call('SETRANGE', keys[5], 1, struct.pack('<I6', seq))
  redis.call('ZADD', keys[4], seq, args[5])
  local record = numbered(args[7], 1, seq)
  for i = 6, #keys do append(keys[i], record, tonumber(args[4]), keys[3], true) end
  return seq
end

-- KEYS open seq instances. ARGV instance doubt-ms gone-ms forget-ms is-local. Answers open, seq, and for how many ms more
-- somebody may have decided unseen: an instance that is silent, or that said that it could not reach this place.
local function look(keys, args)
  local now = now_ms()
  local doubt_ms, gone_ms = tonumber(args[2]), tonumber(args[3])
  if args[1] ~= '' then
    local known = redis.call('HGET', keys[3], args[1])
    local until_ms = known and tonumber(string.match(known, '|(%d+)$')) or 0
    if args[5] == '1' then until_ms = now + doubt_ms end
    redis.call('HSET', keys[3], args[1], string.format('%.0f|%.0f', now, until_ms))
  end
  local doubt = 0
  local all = redis.call('HGETALL', keys[3])
  for i = 1, #all, 2 do
    local heard, until_ms = string.match(all[i + 1], '^(%d+)|(%d+)$')
    heard, until_ms = tonumber(heard), tonumber(until_ms)
    if now - heard > tonumber(args[4]) then redis.call('HDEL', keys[3], all[i])
    elseif all[i] ~= args[1] then
      if now - heard > gone_ms then until_ms = math.max(until_ms, heard + gone_ms + doubt_ms) end
      doubt = math.max(doubt, until_ms - now)
    end
  end
  return { redis.call('GET', keys[1]) or '', redis.call('GET', keys[2]) or '', doubt }
end

-- KEYS lease. ARGV holder ttl-ms. Answers 1 for the holder.
local function lease(keys, args)
  local holder = redis.call('GET', keys[1])
  if holder and holder ~= args[1] then return 0 end
  redis.call('SET', keys[1], args[1], 'PX', args[2])
  return 1
end

local function release(keys, args)
  if redis.call('GET', keys[1]) == args[1] then redis.call('DEL', keys[1]) end
  return 1
end

local function fenced(keys, args)
  if redis.call('GET', keys[1]) == args[1] then return nil end
  return redis.error_reply('FENCED ' .. args[1])
end

-- KEYS lead open. ARGV holder. From here on nobody is served.
local function close(keys, args)
  local refusal = fenced(keys, args)
  if refusal then return refusal end
  return redis.call('DEL', keys[2])
end

-- KEYS lead, histories. ARGV holder lease-ms history-ttl, bytes of each.
local function load(keys, args)
  local refusal = fenced(keys, args)
  if refusal then return refusal end
  redis.call('PEXPIRE', keys[1], args[2])
  for i = 2, #keys do redis.call('SET', keys[i], args[2 + i], 'EX', args[3] + TTL_SLACK) end
  return #keys - 1
end

-- KEYS lead open seq generations instances. ARGV holder token epoch seq ('' = as it is) doubt-ms.
local function open(keys, args)
  local refusal = fenced(keys, args)
  if refusal then return refusal end
  redis.call('SET', keys[2], args[2])
  if args[4] ~= '' then redis.call('SET', keys[3], args[4]) end
  redis.call('SADD', keys[4], args[3])
  if args[5] ~= '0' then
    local now = now_ms()
    redis.call('HSET', keys[5], 'opened', string.format('%.0f|%.0f', now, now + args[5]))
  end
  redis.call('DEL', keys[1])
  return 1
end

redis.register_function('${LIBRARY}_begin', begin)
redis.register_function('${LIBRARY}_commit', commit)
redis.register_function('${LIBRARY}_label', label)
redis.register_function('${LIBRARY}_look', look)
redis.register_function('${LIBRARY}_lease', lease)
redis.register_function('${LIBRARY}_release', release)
redis.register_function('${LIBRARY}_close', close)
redis.register_function('${LIBRARY}_load', load)
redis.register_function('${LIBRARY}_open', open)
`;
