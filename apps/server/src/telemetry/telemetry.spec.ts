import type { DecisionRecord } from '@veto/domain';
import { createLogger } from './log-lines';
import { Telemetry } from './telemetry';

function aTelemetry(): { readonly telemetry: Telemetry; readonly lines: string[] } {
  const lines: string[] = [];
  const sink = { write: (text: string) => void lines.push(text) };
  const logger = createLogger({ level: 'info', forPeople: false, sink });
  return { telemetry: new Telemetry(logger), lines };
}

const aDecision = (id: string, degraded: readonly string[]): Parameters<Telemetry['decisionMade']>[0] => ({
  // Only what a line and the counters look at.
  record: {
    tenant_id: 'ten_a',
    seq: 1,
    decision: { id, outcome: 'review', score: null, degraded, decided_by: { kind: 'default' } },
  } as unknown as DecisionRecord,
  replayed: false,
  durability: 'log',
  timingsMs: { total: 3 },
  requestId: 'req_1',
});

describe('the ladder', () => {
  it('counts each decision once, at its deepest level, and what could not be decided as L5', async () => {
    const { telemetry } = aTelemetry();
    telemetry.decisionMade(aDecision('dec_0', []));
    telemetry.decisionMade(aDecision('dec_1', ['histories', 'model']));
    telemetry.decisionMade({ ...aDecision('dec_2', []), durability: 'wal' });
    telemetry.decisionMade({ ...aDecision('dec_0', []), replayed: true });
    telemetry.requestRefused('req_1', 'log_unavailable');
    const counted = await telemetry.metrics.expose();
    const levels = [...counted.matchAll(/^veto_ladder_total\{level="(L\d)"\} (\d+)$/gm)].map(
      ([, level, count]) => [level, count],
    );
    expect(levels).toEqual([
      ['L0', '1'],
      ['L1', '0'],
      ['L2', '1'],
      ['L3', '0'],
      ['L4', '1'],
      ['L5', '1'],
    ]);
    telemetry.metrics.close();
  });
});

describe('degraded decisions', () => {
  it('are told of once a second at most, and all are counted', async () => {
    const { telemetry, lines } = aTelemetry();
    for (let i = 0; i < 500; i++) telemetry.decisionMade(aDecision(`dec_${i}`, ['model']));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ decision: 'dec_0', silent: ['model'], count: 1 });
    const counted = await telemetry.metrics.expose();
    expect(counted).toMatch(/^veto_degraded_total\{stage="model"\} 500$/m);
    telemetry.metrics.close();
  });

  it('are not confused with complete ones, which write no line at this level', () => {
    const { telemetry, lines } = aTelemetry();
    telemetry.decisionMade(aDecision('dec_1', []));
    expect(lines).toEqual([]);
    telemetry.metrics.close();
  });
});
