import { OUTCOMES, recommendedActionOf, severityOf, stricterOutcome } from './outcome';

describe('outcomes', () => {
  it('have an order of precedence', () => {
    expect(OUTCOMES.map((outcome) => stricterOutcome('challenge', outcome))).toEqual([
      'challenge',
      'challenge',
      'review',
      'block',
    ]);
  });

  it.each([
    ['pre_auth', ['proceed', 'step_up', 'hold', 'decline']],
    ['post_auth', ['proceed', 'hold', 'capture_later', 'void_or_refund']],
    ['post_capture', ['proceed', 'hold', 'hold', 'void_or_refund']],
  ] as const)('become what can still be done %s', (stage, actions) => {
    expect(OUTCOMES.map((outcome) => recommendedActionOf(outcome, stage))).toEqual(actions);
  });
});

describe('the severity of a score', () => {
  it.each([
    [0, 'low'],
    [0.449, 'low'],
    [0.45, 'medium'],
    [0.65, 'high'],
    [0.849, 'high'],
    [0.85, 'critical'],
    [1, 'critical'],
    [null, 'high'],
  ] as const)('of %s is %s', (score, severity) => {
    expect(severityOf(score)).toBe(severity);
  });
});
