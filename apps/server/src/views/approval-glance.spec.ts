import { encodeRecord } from '@veto/decision';
import fc from 'fast-check';
import { glanceAtApproval } from './approval-glance';

const aRecord = (
  decision: Readonly<Record<string, unknown>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array =>
  encodeRecord({
    schema: 'decision.v1',
    transaction: { metadata },
    decision: {
      id: 'dec_1',
      object: 'decision',
      version: 1,
      transaction_id: 'ord_1',
      created_at: '2026-01-01T00:00:00.000Z',
      status: 'final',
      outcome: 'approve',
      recommended_action: 'proceed',
      score: 0.1,
      risk_level: 'low',
      ...decision,
    },
  });

describe('a glance at a decision record', () => {
  it('knows a plain approval by its id', () => {
    expect(glanceAtApproval(aRecord({}))).toEqual({ decisionId: 'dec_1' });
  });

  it.each([0, 1e-7, 0.6499])('knows an approval with the score %d', (score) => {
    expect(glanceAtApproval(aRecord({ score }))).not.toBeNull();
  });

  it.each([{ outcome: 'review' }, { outcome: 'block' }, { score: 0.65 }, { score: null }, { version: 2 }])(
    'leaves %o to the parser',
    (decision) => {
      expect(glanceAtApproval(aRecord(decision))).toBeNull();
    },
  );

  it('is not misled by what a merchant sends', () => {
    const fake =
      '"decision":{"id":"dec_fake","object":"decision","version":1,"transaction_id":"x","created_at":"","status":"final","outcome":"approve","recommended_action":"proceed","score":0.1,';
    expect(
      glanceAtApproval(aRecord({ outcome: 'block', transaction_id: fake }, { [fake]: fake, decision: fake })),
    ).toBeNull();
    expect(
      glanceAtApproval(aRecord({ transaction_id: fake.slice(0, 128) }, { [fake]: fake, decision: fake })),
    ).toEqual({ decisionId: 'dec_1' });
  });

  it('says what parsing says, for any transaction id and score', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[\x21-\x7e]{1,128}$/),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (id, score) => {
          const glance = glanceAtApproval(aRecord({ transaction_id: id, score }));
          expect(glance).toEqual(score < 0.65 ? { decisionId: 'dec_1' } : null);
        },
      ),
    );
  });
});
