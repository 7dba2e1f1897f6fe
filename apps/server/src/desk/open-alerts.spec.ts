import fc from 'fast-check';
import { OpenAlerts, type AlertStatus } from './open-alerts';

interface Known {
  position: number;
  decidedAtMs: number;
  dueAtMs: number;
  urgency: number;
  critical: boolean;
  status: AlertStatus;
}

/** The obvious way: a list of objects, looked through each time. */
function expectSame(open: OpenAlerts, known: readonly Known[]): void {
  const live = known.filter((alert) => alert.status === 'open');
  expect(open.openCount).toBe(live.length);
  expect(open.criticalCount).toBe(live.filter((alert) => alert.critical).length);
  expect(open.reviewCount).toBe(live.filter((alert) => !Number.isNaN(alert.dueAtMs)).length);
  expect(open.oldestDecidedAtMs()).toBe(live[0]?.decidedAtMs ?? null);
  expect(open.nextDueAtMs()).toBe(live.find((alert) => !Number.isNaN(alert.dueAtMs))?.dueAtMs ?? null);
  const notClosed = known
    .filter((alert) => alert.status !== 'closed')
    .sort((a, b) => b.urgency - a.urgency || b.position - a.position);
  expect(open.mostUrgent(3)).toEqual(notClosed.slice(0, 3).map((alert) => alert.position));
  for (const alert of known) expect(open.has(alert.position)).toBe(alert.status !== 'closed');
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    gap: fc.integer({ min: 1, max: 9 }),
    isReview: fc.boolean(),
    critical: fc.boolean(),
    urgency: fc.integer({ min: 0, max: 5 }),
  }),
  fc.record({
    kind: fc.constant('set' as const),
    which: fc.nat(),
    status: fc.constantFrom<AlertStatus>('open', 'deciding', 'closed'),
  }),
  fc.record({ kind: fc.constant('restart' as const) }),
);

describe('the alerts that are not closed', () => {
  it('are counted as if each were looked at, whatever happens to them, across restarts', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let open = new OpenAlerts();
        const known: Known[] = [];
        for (const each of steps) {
          if (each.kind === 'add') {
            const position = (known.at(-1)?.position ?? 0) + each.gap;
            const decidedAtMs = 1_000 * position;
            const alert = {
              position,
              decidedAtMs,
              dueAtMs: each.isReview ? decidedAtMs + 60 : Number.NaN,
              urgency: each.urgency,
              critical: each.critical,
            };
            open.add(alert);
            known.push({ ...alert, status: 'open' });
          } else if (each.kind === 'set' && known.length > 0) {
            const alert = known[each.which % known.length]!;
            expect(open.setStatus(alert.position, each.status)).toBe(alert.status !== 'closed');
            if (alert.status !== 'closed') alert.status = each.status;
          } else if (each.kind === 'restart') open = OpenAlerts.restore(open.snapshot());
          expectSame(open, known);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('may be 100 000, and forget the closed ones', () => {
    const open = new OpenAlerts();
    for (let i = 0; i < 100_000; i++)
      open.add({ position: i, decidedAtMs: i, dueAtMs: Number.NaN, urgency: i, critical: i % 2 === 0 });
    for (let i = 0; i < 99_999; i++) open.setStatus(i, 'closed');
    expect(open.openCount).toBe(1);
    expect(open.oldestDecidedAtMs()).toBe(99_999);
    expect(open.mostUrgent(10)).toEqual([99_999]);
    expect(Buffer.from(open.snapshot().numbers, 'base64')).toHaveLength(32);
  });

  it('are added once, in order', () => {
    const open = new OpenAlerts();
    const alert = { position: 5, decidedAtMs: 1, dueAtMs: Number.NaN, urgency: 1, critical: false };
    open.add(alert);
    open.add(alert);
    open.add({ ...alert, position: 4 });
    expect(open.openCount).toBe(1);
  });
});
