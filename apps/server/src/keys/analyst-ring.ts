import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** What somebody at the desk may do; each may also do what stands before it. */
export const ROLES = ['viewer', 'analyst', 'lead'] as const;
export type Role = (typeof ROLES)[number];

/** One analyst in the file of analysts. */
export const analystEntrySchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/, 'lower case letters, digits, - . and _'),
  name: z.string().min(1).max(120),
  role: z.enum(ROLES),
  tenant: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'lower case letters, digits, - and _'),
  /** SHA-256 of the sign-in token. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits, lower case'),
});
export type AnalystEntry = z.infer<typeof analystEntrySchema>;

/** Somebody at the desk. */
export type Analyst = Omit<AnalystEntry, 'sha256'>;

export function mayAct(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** The analysts who may sign in with a token. */
export class AnalystRing {
  readonly #entries: readonly { readonly analyst: Analyst; readonly hash: Buffer }[];

  constructor(entries: readonly AnalystEntry[]) {
    this.#entries = entries.map(({ sha256, ...analyst }) => ({ analyst, hash: Buffer.from(sha256, 'hex') }));
  }

  /** Compares with every analyst, in constant time each, so that time does not tell who exists. */
  analystOf(token: string): Analyst | null {
    const hash = createHash('sha256').update(token).digest();
    let found: Analyst | null = null;
    for (const entry of this.#entries) {
      if (timingSafeEqual(entry.hash, hash)) found = entry.analyst;
    }
    return found;
  }
}
