import { Sessions } from './sessions';
import { SignInBackoff } from './sign-in-backoff';

const ana = { id: 'ana', name: 'Ana', role: 'analyst', tenant: 'acme' } as const;
const limits = { idleMs: 1_000, absoluteMs: 5_000 };
const aRing = (
  secure = false,
  restored: ConstructorParameters<typeof Sessions>[0]['restored'] = [],
): Sessions =>
  new Sessions({
    limits,
    cookie: { name: () => (secure ? '__Host-s' : 's'), secure },
    restored: restored ?? [],
  });
const cookieOf = (setCookie: string): string => setCookie.split(';', 1)[0] ?? '';

describe('a session', () => {
  it('is a cookie that no script reads and no other site sends', () => {
    expect(aRing().open(ana, 0)).toMatch(/^s=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=5$/);
    expect(aRing(true).open(ana, 0)).toMatch(
      /^__Host-s=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=5; Secure$/,
    );
  });

  it('lives while it is used, and no longer than its absolute limit', () => {
    const sessions = aRing();
    const cookie = cookieOf(sessions.open(ana, 0));
    for (let nowMs = 1_000; nowMs <= 5_000; nowMs += 1_000)
      expect(sessions.find(cookie, nowMs)?.analyst).toEqual(ana);
    expect(sessions.find(cookie, 5_001)).toBeNull();
  });

  it('ends when it is not used, and looking is not using', () => {
    const sessions = aRing();
    const cookie = cookieOf(sessions.open(ana, 0));
    expect(sessions.isLive(cookie, 1_000)).toBe(true);
    expect(sessions.isLive(cookie, 1_001)).toBe(false);
    expect(sessions.find(cookie, 1_001)).toBeNull();
    expect(sessions.find(cookie, 1_000)).toBeNull();
  });

  it('ends when it is ended', () => {
    const sessions = aRing();
    const cookie = cookieOf(sessions.open(ana, 0));
    expect(sessions.end(cookie)).toContain('Max-Age=0');
    expect(sessions.find(cookie, 0)).toBeNull();
  });

  it('is found among other cookies, and nowhere else', () => {
    const sessions = aRing();
    const cookie = cookieOf(sessions.open(ana, 0));
    expect(sessions.find(`a=b; ${cookie}; c=d`, 0)).not.toBeNull();
    for (const other of [undefined, '', 's=', 's=x', `x${cookie}`, cookie.replace('s=', 'S=')])
      expect(sessions.find(other, 0)).toBeNull();
  });

  it('goes on after a restart, and what is written down does not hold its id', () => {
    const sessions = aRing();
    const cookie = cookieOf(sessions.open(ana, 0));
    const written = JSON.stringify(sessions.entries());
    expect(written).not.toContain(cookie.slice(2));
    expect(aRing(false, JSON.parse(written) as never).find(cookie, 500)?.analyst).toEqual(ana);
  });

  it('is one of 10 000 at most: the oldest make room', () => {
    const sessions = aRing();
    const first = cookieOf(sessions.open(ana, 0));
    for (let i = 0; i < 10_000; i++) sessions.open(ana, 0);
    expect(sessions.entries()).toHaveLength(10_000);
    expect(sessions.find(first, 0)).toBeNull();
  });
});

describe('whoever guesses tokens', () => {
  it('waits after five failures: 1 s, 2 s, 4 s … 300 s', () => {
    const backoff = new SignInBackoff();
    const waits: number[] = [];
    for (let i = 0; i < 16; i++) {
      waits.push(backoff.waitS('192.0.2.1', 0));
      backoff.failed('192.0.2.1', 0);
    }
    expect(waits).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    expect(backoff.waitS('192.0.2.1', 299_000)).toBe(1);
    expect(backoff.waitS('192.0.2.1', 300_000)).toBe(0);
    expect(backoff.waitS('192.0.2.2', 0)).toBe(0);
  });
});
