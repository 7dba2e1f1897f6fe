import { createHash, randomBytes } from 'node:crypto';
import type { Analyst } from '../keys/analyst-ring';

/** A signed-in analyst. */
export interface Session {
  readonly analyst: Analyst;
  readonly createdAtMs: number;
  readonly seenAtMs: number;
}

export interface SessionLimits {
  /** Without a request for this long the session ends, in ms. */
  readonly idleMs: number;
  /** It ends after this long in any case, in ms. */
  readonly absoluteMs: number;
}

/** ASVS 7.3: 15 minutes idle, a working day at most. */
export const PRODUCTION_SESSION_LIMITS: SessionLimits = { idleMs: 15 * 60_000, absoluteMs: 8 * 3_600_000 };
/** A demo signs its one analyst in by itself, so its sessions only have to end at some time. */
export const DEMO_SESSION_LIMITS: SessionLimits = { idleMs: 24 * 3_600_000, absoluteMs: 7 * 24 * 3_600_000 };

const SESSION_COUNT_MAX = 10_000;
const TOKEN_BYTES = 32;

export interface CookieOptions {
  /** Asked for each time: it may hold the port, which is known once it is open. */
  readonly name: () => string;
  /** With the prefix `__Host-`: only over https, only this host. */
  readonly secure: boolean;
}

/**
 * Sessions of the desk: an opaque id of 256 bits in a cookie; only its hash is kept. What is written down lets consoles
 * go on after a restart without signing in again.
 */
export class Sessions {
  readonly #limits: SessionLimits;
  readonly #cookie: CookieOptions;
  readonly #sessions = new Map<string, Session>();
  #changed = false;

  constructor(options: {
    readonly limits: SessionLimits;
    readonly cookie: CookieOptions;
    readonly restored?: readonly (readonly [string, Session])[];
  }) {
    this.#limits = options.limits;
    this.#cookie = options.cookie;
    for (const [hash, session] of options.restored ?? []) this.#sessions.set(hash, session);
  }

  /** @returns the value of `Set-Cookie` */
  open(analyst: Analyst, nowMs: number): string {
    const id = randomBytes(TOKEN_BYTES).toString('base64url');
    this.#dropEnded(nowMs);
    this.#changed = true;
    this.#sessions.set(hashOf(id), { analyst, createdAtMs: nowMs, seenAtMs: nowMs });
    return this.#setCookie(id, this.#limits.absoluteMs / 1_000);
  }

  /** True while the session lives; looking does not prolong it. */
  isLive(cookieHeader: string | undefined, nowMs: number): boolean {
    const id = this.#idIn(cookieHeader);
    const session = id === null ? undefined : this.#sessions.get(hashOf(id));
    return session !== undefined && !this.#hasEnded(session, nowMs);
  }

  /** The live session that a `Cookie` header names, now seen. */
  find(cookieHeader: string | undefined, nowMs: number): Session | null {
    const id = this.#idIn(cookieHeader);
    if (id === null) return null;
    const hash = hashOf(id);
    const session = this.#sessions.get(hash);
    if (session === undefined) return null;
    if (this.#hasEnded(session, nowMs)) {
      this.#sessions.delete(hash);
      return null;
    }
    const seen = { ...session, seenAtMs: nowMs };
    this.#sessions.set(hash, seen);
    this.#changed = true;
    return seen;
  }

  /** @returns the value of `Set-Cookie` that removes it */
  end(cookieHeader: string | undefined): string {
    const id = this.#idIn(cookieHeader);
    if (id !== null) this.#sessions.delete(hashOf(id));
    this.#changed = true;
    return this.#setCookie('', 0);
  }

  /** True when there is something new to write down since it was last asked. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** Hashes of ids and what they stand for; an id cannot be had from it. */
  entries(): readonly (readonly [string, Session])[] {
    return [...this.#sessions];
  }

  #setCookie(value: string, maxAgeS: number): string {
    return `${this.#cookie.name()}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}${this.#cookie.secure ? '; Secure' : ''}`;
  }

  #idIn(cookieHeader: string | undefined): string | null {
    const name = this.#cookie.name();
    for (const part of (cookieHeader ?? '').split(';')) {
      const at = part.indexOf('=');
      if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
    }
    return null;
  }

  #hasEnded(session: Session, nowMs: number): boolean {
    return (
      nowMs - session.seenAtMs > this.#limits.idleMs || nowMs - session.createdAtMs > this.#limits.absoluteMs
    );
  }

  #dropEnded(nowMs: number): void {
    for (const [hash, session] of this.#sessions)
      if (this.#hasEnded(session, nowMs)) this.#sessions.delete(hash);
    // Whoever opens sessions without end loses the oldest, not the server's memory.
    while (this.#sessions.size >= SESSION_COUNT_MAX) {
      const oldest = this.#sessions.keys().next();
      if (oldest.done === true) return;
      this.#sessions.delete(oldest.value);
    }
  }
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
