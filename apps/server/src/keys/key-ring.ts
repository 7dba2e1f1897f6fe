import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { TenantId } from '@veto/domain';
import { z } from 'zod';
import { parseApiKey } from './api-key';
import { DEMO_API_KEY, DEMO_TENANT } from './demo-key';

export const SCOPES = ['decide', 'read', 'label'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who is calling: what a key says about its bearer. */
export interface Caller {
  /** The key's public id. */
  readonly keyId: string;
  readonly tenantId: TenantId;
  readonly scopes: readonly Scope[];
  /** True for the published key, which only loopback addresses may use. */
  readonly loopbackOnly: boolean;
}

const hex64 = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits, lower case');

/** One key in the file of keys: its hash, never itself. */
export const apiKeyEntrySchema = z
  .strictObject({
    id: z.string().regex(/^[0-9A-Za-z]{8}$/, 'the 8 characters after veto_live_'),
    tenant: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'lower case letters, digits, - and _'),
    scopes: z.array(z.enum(SCOPES)).min(1),
    /** SHA-256 of the whole key. */
    sha256: hex64.optional(),
    /** HMAC-SHA-256 of the whole key under the pepper. */
    hmac_sha256: hex64.optional(),
    /** RFC 3339; refused from then on. */
    expires_at: z.iso.datetime({ offset: true }).optional(),
  })
  .refine(
    (entry) => (entry.sha256 === undefined) !== (entry.hmac_sha256 === undefined),
    'give either sha256 or hmac_sha256',
  );
export type ApiKeyEntry = z.infer<typeof apiKeyEntrySchema>;

interface StoredKey {
  readonly caller: Caller;
  readonly hash: Buffer;
  readonly peppered: boolean;
  readonly expiresAtMs: number;
}

const NO_KEY: StoredKey = {
  caller: { keyId: '', tenantId: '' as TenantId, scopes: [], loopbackOnly: true },
  hash: Buffer.alloc(32),
  peppered: false,
  expiresAtMs: 0,
};

/** The keys that this process accepts. Keys have 256 bits of chance, so a plain hash is enough, and compared in constant time. */
export class KeyRing {
  readonly #pepper: string | null;
  #keys: ReadonlyMap<string, StoredKey>;

  private constructor(keys: ReadonlyMap<string, StoredKey>, pepper: string | null) {
    this.#keys = keys;
    this.#pepper = pepper;
  }

  /** Of the entries of a file. The published demo key is never among them, whatever the file says. */
  static ofEntries(entries: readonly ApiKeyEntry[], pepper: string | null): KeyRing {
    return new KeyRing(storedKeys(entries), pepper);
  }

  /** The published key alone. */
  static ofDemo(): KeyRing {
    const demoHash = hash('sha256', DEMO_API_KEY, 'buffer');
    const parts = parseApiKey(DEMO_API_KEY);
    const keyId = parts?.publicId ?? '';
    const caller = { keyId, tenantId: DEMO_TENANT as TenantId, scopes: SCOPES, loopbackOnly: true };
    return new KeyRing(
      new Map([[keyId, { caller, hash: demoHash, peppered: false, expiresAtMs: Infinity }]]),
      null,
    );
  }

  /** Takes the place of all keys: one that is gone is refused from now on. */
  replace(entries: readonly ApiKeyEntry[]): void {
    this.#keys = storedKeys(entries);
  }

  get keyCount(): number {
    return this.#keys.size;
  }

  /** @returns null when no such key is active at this moment. */
  callerOf(key: string, nowMs: number): Caller | null {
    const parts = parseApiKey(key);
    if (parts === null) return null;
    // An unknown id costs the same comparison as a known one, so that time tells nothing.
    const stored = this.#keys.get(parts.publicId) ?? NO_KEY;
    const presented =
      stored.peppered && this.#pepper !== null
        ? createHmac('sha256', this.#pepper).update(key).digest()
        : hash('sha256', key, 'buffer');
    const same = timingSafeEqual(presented, stored.hash);
    return same && nowMs < stored.expiresAtMs ? stored.caller : null;
  }
}

function storedKeys(entries: readonly ApiKeyEntry[]): ReadonlyMap<string, StoredKey> {
  const demoId = parseApiKey(DEMO_API_KEY)?.publicId;
  const keys = new Map<string, StoredKey>();
  for (const entry of entries) {
    if (entry.id === demoId) continue;
    keys.set(entry.id, {
      caller: {
        keyId: entry.id,
        tenantId: entry.tenant as TenantId,
        scopes: entry.scopes,
        loopbackOnly: false,
      },
      hash: Buffer.from(entry.sha256 ?? entry.hmac_sha256 ?? '', 'hex'),
      peppered: entry.hmac_sha256 !== undefined,
      expiresAtMs: entry.expires_at === undefined ? Infinity : Date.parse(entry.expires_at),
    });
  }
  return keys;
}
