import { evolveCase, newCase, type CaseEvent } from './case';

const base = {
  tenant_id: 'ten_test',
  decision_id: 'dec_1',
  transaction_id: 'ord_1',
  at_ms: 1_000,
  analyst: { id: 'ana_1', name: 'Ada' },
};
const decided = (version: number): CaseEvent => ({
  ...base,
  type: 'case_decided',
  version,
  outcome: 'block',
  reason: 'stolen_card',
  note: 'called back',
  list_entry_id: 'le_00000001',
  effective_at_ms: 11_000,
});
const undone = (version: number): CaseEvent => ({
  ...base,
  type: 'case_undone',
  version,
  undoes_version: version - 1,
});
const effected = (version: number): CaseEvent => ({
  ...base,
  type: 'case_effected',
  version,
  decided_version: version - 1,
  decision_version: 2,
});
const claimed = (version: number): CaseEvent => ({
  ...base,
  type: 'case_claimed',
  version,
  until_ms: 61_000,
});
const released = (version: number): CaseEvent => ({ ...base, type: 'case_released', version });

const fold = (...events: readonly CaseEvent[]) => events.reduce(evolveCase, newCase('dec_1'));

describe('a case', () => {
  it('is open until somebody acts', () => {
    expect(newCase('dec_1')).toMatchObject({
      decisionId: 'dec_1',
      version: 0,
      status: 'open',
      outcome: null,
      claimedBy: null,
    });
  });

  it('is being decided until its effect leaves, and remembers by whom and why', () => {
    expect(fold(decided(1))).toMatchObject({
      version: 1,
      status: 'deciding',
      outcome: 'block',
      reason: 'stolen_card',
      note: 'called back',
      listEntryId: 'le_00000001',
      decidedBy: 'Ada',
      decidedAtMs: 1_000,
      effectiveAtMs: 11_000,
    });
  });

  it('is as it was after an undo, but for its version', () => {
    expect(fold(decided(1), undone(2))).toEqual({ ...newCase('dec_1'), version: 2 });
  });

  it('is closed when the effect has left, and keeps what was decided', () => {
    expect(fold(decided(1), effected(2))).toMatchObject({
      version: 2,
      status: 'closed',
      outcome: 'block',
      decidedBy: 'Ada',
    });
  });

  it('is claimed and let go', () => {
    expect(fold(claimed(1))).toMatchObject({ claimedBy: 'Ada', claimedUntilMs: 61_000, status: 'open' });
    expect(fold(claimed(1), released(2))).toMatchObject({
      claimedBy: null,
      claimedUntilMs: null,
      version: 2,
    });
  });

  it.each([
    ['of a version that somebody else was faster to', decided(1)],
    ['delivered a second time', claimed(1)],
    ['from the future', undone(4)],
  ])('does not change by an event %s', (_, event) => {
    const state = fold(claimed(1), decided(2));
    expect(evolveCase(state, event)).toBe(state);
  });

  it('comes out the same on every instance, whichever stale events each also heard', () => {
    const events = [claimed(1), decided(2), undone(3), decided(4), effected(5)];
    const noisy = events.flatMap((event) => [event, decided(1), event]);
    expect(fold(...noisy)).toEqual(fold(...events));
  });
});
