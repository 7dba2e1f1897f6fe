import { LIBRARY_CODE } from '@veto/store';
import { startRedis, type RedisPart } from '@veto/testing/parts';
import { PLANTED_FAULTS, type PlantedFault } from './planted-faults.spec-support';
import { RedisTwins } from './redis-twins.spec-support';

const SEED = Number(process.env['VETO_SEED'] ?? Date.now() % 1_000_000);
const WALK_COUNT = 250;
/** Within so many walks every broken rule is found. */
const BROKEN_WALK_COUNT_MAX = 600;

/** Of the faults that the simulation knows, those of its Redis. */
const FAULTS: readonly PlantedFault[] = [
  'claim_not_exclusive',
  'commit_not_first',
  'epoch_not_compared',
  'begin_not_atomic',
  'lead_not_fenced',
  'committed_forgotten',
  'label_twice',
];

/** The library with one rule broken: what is written there, and what in its place. */
const BROKEN: readonly (readonly [string, string, string])[] = [
  ['an epoch is not compared', 'return opened ~= token and', 'return false and'],
  ['a commit does not ask for the epoch', 'wrong_epoch(keys[1], args[1])', 'nil'],
  ['nobody is behind', 'if seq < tonumber(seen)', 'if seq < 0'],
  ['a claim that is there takes a number', 'answers[i] = old', 'answers[i] = old seq = seq + 1'],
  ['a record has the number before its own', 'numbered(all, at + 2, seq)', 'numbered(all, at + 2, seq - 1)'],
  ['a record goes to one history alone', 'for j = places, behind - 2, 2 do', 'for j = places, places do'],
  ['a begin lists nothing as pending', `redis.call('ZADD', keys[3], unpack(taken))`, ''],
  ['a commit replaces what is decided', 'if tag == 68 then', 'if tag == 0 then'],
  [
    'a claim of another epoch is committed',
    `(args[2] ~= '' and string.sub(head, 34, 37) ~= args[2])`,
    'false',
  ],
  [
    'the claim of another is committed',
    `(seq ~= '' and string.sub(head, 2) ~= string.sub(bytes, 2, HEAD))`,
    'false',
  ],
  ['a decision has no head', `redis.call('SETRANGE', key, 0, 'D' .. string.sub(head, 2))`, ''],
  ['what is committed stays pending', `redis.call('ZREM', keys[2], unpack(done))`, ''],
  ['what is committed is not listed', `redis.call('ZADD', keys[3], unpack(places))`, ''],
  ['a label does not have its number', `redis.call('SETRANGE', keys[5], 1, struct.pack('<I6', seq))`, ''],
  ['a label is not listed', `redis.call('ZADD', keys[4], seq, args[5])`, ''],
  [
    'a cut takes one record too many',
    '(count - VISIBLE - since) * RECORD, -1)',
    '(count - VISIBLE - since + 1) * RECORD, -1)',
  ],
  ['a cut takes what is pending', 'since = since * 2', 'break'],
  ['a history is held up for ever', 'if count < CUT_ALWAYS_AT then', 'if true then'],
  ['a cut forgets the expiry', `, 'KEEPTTL')`, ')'],
  ['an expiry is not put off', 'TTL_SLACK)\n  end\n  cut', 'DAY)\n  end\n  cut'],
  ['an expiry is not looked at', '(is_due or bytes == #records)', 'bytes == #records'],
  ['a new history is kept for ever', '(is_due or bytes == #records)', 'is_due'],
  ['an expiry lasts for less than a day', '< ttl + DAY', '< ttl'],
  ['an instance is never forgotten', 'if now - heard > tonumber(args[4])', 'if false'],
  ['who is silent is not doubted', 'if now - heard > gone_ms then', 'if false then'],
  ['who is on his own is not doubted', `if args[5] == '1' then`, 'if false then'],
  ['a lease is taken from its holder', 'if holder and holder ~= args[1] then return 0 end', ''],
  [
    'a lease is given back by anybody',
    `if redis.call('GET', keys[1]) == args[1] then redis.call('DEL', keys[1]) end`,
    `redis.call('DEL', keys[1])`,
  ],
  [
    'whoever led once may go on',
    `if redis.call('GET', keys[1]) == args[1] then return nil end`,
    'if true then return nil end',
  ],
  [
    'a lead does not end when the epoch is open',
    `redis.call('DEL', keys[1])\n  return 1\nend\n\nredis.reg`,
    `return 1\nend\n\nredis.reg`,
  ],
  ['an epoch opens without a doubt', `if args[5] ~= '0' then`, 'if false then'],
];

let redis: RedisPart;
let twins: RedisTwins;

beforeAll(async () => {
  redis = await startRedis();
  twins = await RedisTwins.connect(redis.url);
});

afterAll(async () => {
  twins.close();
  await redis.stop();
});

/** How many walks it takes until the two differ. */
async function walksUntilFound(faults: ReadonlySet<PlantedFault> = new Set()): Promise<number> {
  for (let i = 0; i < BROKEN_WALK_COUNT_MAX; i++)
    if ((await twins.walk(SEED + i, faults)) !== null) return i + 1;
  return Infinity;
}

describe('the functions in Redis and those of the simulation', () => {
  it(`answer alike and leave the same behind, in ${WALK_COUNT} walks from seed ${SEED} on`, async () => {
    process.stdout.write(
      `${JSON.stringify({ differential: 'redis functions', VETO_SEED: SEED, walkCount: WALK_COUNT })}\n`,
    );
    for (let i = 0; i < WALK_COUNT; i++) expect(await twins.walk(SEED + i)).toBeNull();
  });

  it.each(FAULTS.map((fault) => [fault, PLANTED_FAULTS[fault]]))(
    'differ where the simulation breaks a rule: %s, %s',
    async (fault) => {
      expect(await walksUntilFound(new Set([fault]))).toBeLessThan(BROKEN_WALK_COUNT_MAX);
    },
  );
});

describe('the library in Redis', () => {
  afterAll(() => twins.load(LIBRARY_CODE));

  it.each(BROKEN)('is found to be another when %s', async (_, rule, broken) => {
    // The rule is there, and once.
    expect(LIBRARY_CODE.split(rule)).toHaveLength(2);
    await twins.load(LIBRARY_CODE.replace(rule, () => broken));
    expect(await walksUntilFound()).toBeLessThan(BROKEN_WALK_COUNT_MAX);
  });
});
