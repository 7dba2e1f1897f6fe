import { createHash, createHmac } from 'node:crypto';
import { appendFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VetoError } from '@veto/domain';
import { until } from '../a-server.spec-support';
import { AnalystRing, mayAct } from './analyst-ring';
import { checksumOf, newApiKey, parseApiKey } from './api-key';
import { DEMO_API_KEY } from './demo-key';
import { readKeyFile, watchKeyFile } from './key-file';
import { KeyRing, type ApiKeyEntry } from './key-ring';
import { newAnalystText, newKeyText } from './new-secret';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function anEntry(key: string, overrides: Partial<ApiKeyEntry> = {}): ApiKeyEntry {
  return {
    id: parseApiKey(key)?.publicId ?? '',
    tenant: 'acme',
    scopes: ['decide'],
    sha256: sha256(key),
    ...overrides,
  };
}

describe('an API key', () => {
  it('is veto, its environment, a public id of 8, a secret of 43 and a checksum of 6', () => {
    const key = newApiKey('live');
    expect(key).toMatch(/^veto_live_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}$/);
    expect(parseApiKey(key)).toEqual({ environment: 'live', publicId: key.slice(10, 18) });
  });

  it('is refused when any one character is another', () => {
    const key = newApiKey('test');
    for (let i = 0; i < key.length; i++) {
      const other = key[i] === 'x' ? 'y' : 'x';
      expect(parseApiKey(key.slice(0, i) + other + key.slice(i + 1))).toBeNull();
    }
  });

  it('has the CRC-32 of the text before it: 0x352441c2 of "abc" is 891568578, base 62 "0yKviM"', () => {
    // 891568578 = 60·62⁴ + 20·62³ + 57·62² + 44·62 + 22; these digits are y, K, v, i, M.
    expect(60 * 62 ** 4 + 20 * 62 ** 3 + 57 * 62 ** 2 + 44 * 62 + 22).toBe(0x352441c2);
    expect(checksumOf('abc')).toBe('0yKviM');
  });

  it('of a demo is published and whole', () => {
    expect(parseApiKey(DEMO_API_KEY)).toEqual({ environment: 'test', publicId: 'demo0000' });
  });
});

describe('the ring of keys', () => {
  const key = newApiKey('live');

  it('knows a key by its hash and says whose it is', () => {
    const ring = KeyRing.ofEntries([anEntry(key, { scopes: ['read', 'label'] })], null);
    expect(ring.callerOf(key, 0)).toMatchObject({
      tenantId: 'acme',
      scopes: ['read', 'label'],
      loopbackOnly: false,
    });
  });

  it('does not know a whole key with the same public id and another secret', () => {
    const other = newApiKey('live');
    const ring = KeyRing.ofEntries([anEntry(key, { sha256: sha256(other) })], null);
    expect(ring.callerOf(key, 0)).toBeNull();
  });

  it('does not know a key that was never issued', () => {
    expect(KeyRing.ofEntries([anEntry(key)], null).callerOf(newApiKey('live'), 0)).toBeNull();
  });

  it('knows a key until the very millisecond that it expires', () => {
    const ring = KeyRing.ofEntries([anEntry(key, { expires_at: '2026-01-01T00:00:00Z' })], null);
    const expiresAtMs = Date.UTC(2026, 0, 1);
    expect(ring.callerOf(key, expiresAtMs - 1)).not.toBeNull();
    expect(ring.callerOf(key, expiresAtMs)).toBeNull();
  });

  it('knows a peppered key only under its pepper', () => {
    const { sha256: _plain, ...entry } = anEntry(key);
    const peppered = {
      ...entry,
      hmac_sha256: createHmac('sha256', 'p'.repeat(32)).update(key).digest('hex'),
    };
    expect(KeyRing.ofEntries([peppered], 'p'.repeat(32)).callerOf(key, 0)).not.toBeNull();
    expect(KeyRing.ofEntries([peppered], 'q'.repeat(32)).callerOf(key, 0)).toBeNull();
    expect(KeyRing.ofEntries([peppered], null).callerOf(key, 0)).toBeNull();
  });

  it('never takes the published key from a file', () => {
    expect(KeyRing.ofEntries([anEntry(DEMO_API_KEY)], null).callerOf(DEMO_API_KEY, 0)).toBeNull();
  });

  it('of a demo takes the published key, for loopback addresses only', () => {
    expect(KeyRing.ofDemo().callerOf(DEMO_API_KEY, 0)).toMatchObject({
      tenantId: 'demo',
      loopbackOnly: true,
    });
  });
});

describe('the file of keys', () => {
  const aFile = async (text: string): Promise<string> => {
    const path = join(await mkdtemp(join(tmpdir(), 'veto-keys-')), 'keys.json');
    await writeFile(path, text);
    return path;
  };
  const messageOf = (read: () => unknown): string => {
    try {
      read();
    } catch (error) {
      return error instanceof VetoError ? error.message : 'another error';
    }
    return 'no error';
  };

  it('is refused with the place and without the value', async () => {
    const path = await aFile(JSON.stringify([anEntry(newApiKey('live'), { tenant: 'SECRET VALUE' })]));
    const message = messageOf(() => readKeyFile(path));
    expect(message).toContain('/0/tenant');
    expect(message).not.toContain('SECRET VALUE');
  });

  it.each([
    ['[', 'is not JSON'],
    ['[]', 'VETO_API_KEYS_FILE: in'],
    ['[{"id":"a"}]', '/0/'],
  ])('is refused when it holds %s', async (text, words) => {
    const path = await aFile(text);
    expect(messageOf(() => readKeyFile(path))).toContain(words);
  });

  it('revokes a key that is taken out, without a restart, and keeps all when it is broken', async () => {
    const [first, second] = [newApiKey('live'), newApiKey('live')];
    const path = await aFile(JSON.stringify([anEntry(first), anEntry(second)]));
    const ring = KeyRing.ofEntries(readKeyFile(path), null);
    const reports: string[] = [];
    const stop = watchKeyFile(path, ring, (message) => reports.push(message));
    try {
      await writeFile(path, JSON.stringify([anEntry(second)]));
      await until(() => ring.callerOf(first, 0) === null, 2_000);
      expect(ring.callerOf(second, 0)).not.toBeNull();
      await appendFile(path, 'broken');
      await until(() => reports.length === 1, 2_000);
      expect(ring.callerOf(second, 0)).not.toBeNull();
    } finally {
      stop();
    }
  });
});

describe('a new secret', () => {
  it('is printed with an entry that lets it in', () => {
    const text = newKeyText({ tenant: 'acme', scopes: 'decide,read' });
    const key = /veto_live_\w+/.exec(text)?.[0] ?? '';
    const entry = JSON.parse(/^\{.*\}$/m.exec(text)?.[0] ?? '') as ApiKeyEntry;
    expect(KeyRing.ofEntries([entry], null).callerOf(key, 0)).toMatchObject({
      tenantId: 'acme',
      scopes: ['decide', 'read'],
    });
  });

  it('for an analyst is known to the ring of analysts', () => {
    const text = newAnalystText({ tenant: 'acme', name: 'Ana Ruiz', role: 'lead' });
    const token = /veto_desk_\w+/.exec(text)?.[0] ?? '';
    const entry = JSON.parse(/^\{.*\}$/m.exec(text)?.[0] ?? '') as ConstructorParameters<
      typeof AnalystRing
    >[0][number];
    const ring = new AnalystRing([entry]);
    expect(ring.analystOf(token)).toEqual({ id: 'ana-ruiz', name: 'Ana Ruiz', role: 'lead', tenant: 'acme' });
    expect(ring.analystOf(`${token}x`)).toBeNull();
  });

  it.each([
    { tenant: 'Not a tenant', scopes: 'read' },
    { tenant: 'acme', scopes: 'admin' },
  ])('is refused for %o', (of) => {
    expect(() => newKeyText(of)).toThrow('--new-key: expected TENANT[:decide,read,label]');
  });
});

describe('a role', () => {
  it('may do what those before it may', () => {
    expect(mayAct('lead', 'viewer')).toBe(true);
    expect(mayAct('analyst', 'analyst')).toBe(true);
    expect(mayAct('viewer', 'analyst')).toBe(false);
  });
});
