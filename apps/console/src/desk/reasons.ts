import type { CaseAction } from '@veto/domain';

export type AnalystOutcome = CaseAction['outcome'];

/** Why an analyst decides as she does: one list per outcome, in the order of the number keys 1–9. */
export const REASONS: Readonly<Record<AnalystOutcome, readonly string[]>> = {
  block: [
    'stolen_card',
    'card_testing',
    'bin_attack',
    'account_takeover',
    'device_farm',
    'terminal_compromise',
    'bust_out',
    'friendly_fraud',
    'other_fraud',
  ],
  approve: ['known_customer', 'customer_confirmed', 'usual_pattern', 'rule_too_strict', 'test_payment'],
  challenge: ['verify_cardholder', 'new_device', 'unusual_amount', 'unusual_country'],
};

/** Words in the deciding clause that tell which kind of fraud it looks like; the first that fits is taken. */
const BLOCK_HINTS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/\bbin\b|bin_|_bin/i, 'bin_attack'],
  [/test|declin|small amount|micro/i, 'card_testing'],
  [/takeover|password|e-?mail|shipping|account/i, 'account_takeover'],
  [/device.*card|cards.*device|farm|emulator/i, 'device_farm'],
  [/terminal|skim|merchant/i, 'terminal_compromise'],
  [/bust|credit line/i, 'bust_out'],
];

const CHALLENGE_HINTS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/device/i, 'new_device'],
  [/country|\bip\b/i, 'unusual_country'],
  [/amount/i, 'unusual_amount'],
];

/** The reason that is chosen beforehand, from the sentence that decided; the analyst changes it with R. */
export function defaultReason(outcome: AnalystOutcome, decidingClause: string): string {
  const hints = outcome === 'block' ? BLOCK_HINTS : outcome === 'challenge' ? CHALLENGE_HINTS : [];
  return hints.find(([pattern]) => pattern.test(decidingClause))?.[1] ?? REASONS[outcome][0]!;
}
