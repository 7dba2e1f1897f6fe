import type { DecisionRecord } from '@veto/domain';
import { createLogger } from './log-lines';
import { Telemetry } from './telemetry';

function aTelemetry(): { readonly telemetry: Telemetry; readonly lines: string[] } {
  const lines: string[] = [];
  const sink = { write: (text: string) => void lines.push(text) };
  const logger = createLogger({ level: 'info', forPeople: false, sink });
  const none = (): number => 0;
  const sources = { inFlight: none, openAlerts: none, openReviews: none, logEnd: none, viewLag: none };
  return { telemetry: new Telemetry(logger, sources), lines };
}

const aDecision = (id: string, degraded: readonly string[]): Parameters<Telemetry['decisionMade']>[0] => ({
  // Only what a line and the counters look at.
  record: {
    tenant_id: 'ten_a',
    seq: 1,
    decision: { id, outcome: 'review', score: null, degraded, decided_by: { kind: 'default' } },
  } as unknown as DecisionRecord,
  replayed: false,
  timingsMs: { total: 3 },
  requestId: 'req_1',
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
