import { REASONS, defaultReason } from './reasons';

describe('the reason that is chosen beforehand', () => {
  it.each([
    ['BIN 457173 tried 37 times in 10 minutes', 'bin_attack'],
    ['many small amounts: card testing', 'card_testing'],
    ['E-mail changed and shipping address new', 'account_takeover'],
    ['4th card on this device', 'stolen_card'],
    ['7 cards on one device in 7 days: device farm', 'device_farm'],
    ['terminal with known frauds', 'terminal_compromise'],
    ['something else', 'stolen_card'],
  ])('for a block of “%s” is %s', (clause, reason) => {
    expect(defaultReason('block', clause)).toBe(reason);
  });

  it('is always one that the palette offers', () => {
    for (const outcome of ['approve', 'block', 'challenge'] as const) {
      expect(REASONS[outcome]).toContain(defaultReason(outcome, 'device ip amount bin e-mail'));
    }
  });

  it('can always be chosen by a number key', () => {
    for (const reasons of Object.values(REASONS)) expect(reasons.length).toBeLessThanOrEqual(9);
  });
});
