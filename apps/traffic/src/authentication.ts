import type { TransactionPayload } from '@veto/domain';
import type { CvvResult } from './payment';
import type { Random } from './random';
import type { Card } from './world/cards';
import type { Merchant } from './world/merchants';

export type ThreeDs = TransactionPayload['three_ds'];

/** What came back of 3-D Secure. */
export type ThreeDsStatus = 'Y' | 'N' | 'U' | 'A' | 'C' | 'R';

/** Electronic commerce indicator: networks write the same result in different numbers. */
function eciOf(card: Card, status: ThreeDsStatus): '00' | '01' | '02' | '05' | '06' | '07' {
  const isMastercard = card.range.brand === 'mastercard' || card.range.brand === 'maestro';
  if (status === 'Y') return isMastercard ? '02' : '05';
  if (status === 'A') return isMastercard ? '01' : '06';
  return isMastercard ? '00' : '07';
}

export function threeDsOf(random: Random, card: Card, status: ThreeDsStatus): ThreeDs {
  return {
    version: random.chance(0.8) ? '2.2.0' : '2.1.0',
    trans_status: status,
    eci: eciOf(card, status),
    exemption: null,
  };
}

/** An acquirer's exemption from strong authentication. */
export function exemptionOf(
  card: Card,
  exemption: 'low_value' | 'transaction_risk_analysis' | 'trusted_beneficiary',
): ThreeDs {
  return { version: '2.2.0', trans_status: 'I', eci: eciOf(card, 'N'), exemption };
}

/** Whether the payment goes through 3-D Secure, by where it is and how much it is worth. */
export function isAuthenticated(
  random: Random,
  merchant: Merchant,
  card: Card,
  euros: number,
): 'yes' | 'exempt' | 'no' {
  if (merchant.category.channel === 'pos') return 'no';
  if (!card.range.country.requiresSca) return random.chance(0.1) ? 'yes' : 'no';
  // A card from there at a shop outside (one leg out) is mostly not asked.
  if (!merchant.country.requiresSca) return random.chance(0.25) ? 'yes' : 'no';
  if (euros < 30) return random.chance(0.2) ? 'yes' : 'exempt';
  return random.chance(0.72) ? 'yes' : 'exempt';
}

/** The real cardholder is asked: nearly always it works; some give up, some issuers cannot. */
export function genuineThreeDsOf(random: Random, merchant: Merchant, card: Card, euros: number): ThreeDs {
  const authenticated = isAuthenticated(random, merchant, card, euros);
  if (authenticated === 'no') return undefined;
  if (authenticated === 'exempt')
    return exemptionOf(
      card,
      euros < 30 ? 'low_value' : random.chance(0.8) ? 'transaction_risk_analysis' : 'trusted_beneficiary',
    );
  return threeDsOf(
    random,
    card,
    random.pickWeighted([
      ['Y', 88],
      ['A', 5],
      ['U', 3],
      ['N', 3],
      ['C', 1],
    ] as const),
  );
}

/** Somebody else is asked: a thief gets through where nobody asks, or where the code is coaxed out of the cardholder. */
export function thiefsThreeDsOf(
  random: Random,
  merchant: Merchant,
  card: Card,
  options: { readonly euros: number; readonly passes: number },
): ThreeDs {
  const authenticated = isAuthenticated(random, merchant, card, options.euros);
  if (authenticated === 'no') return undefined;
  if (authenticated === 'exempt')
    return exemptionOf(card, options.euros < 30 ? 'low_value' : 'transaction_risk_analysis');
  if (random.chance(options.passes)) return threeDsOf(random, card, random.chance(0.7) ? 'Y' : 'A');
  return threeDsOf(
    random,
    card,
    random.pickWeighted([
      ['N', 6],
      ['R', 2],
      ['U', 2],
      ['A', 2],
    ] as const),
  );
}

/** How well whoever pays knows the cardholder's address and the code on the back. */
export interface Knowledge {
  /** Probability that the address matches, in [0, 1]. */
  readonly address: number;
  /** Probability that the code matches, in [0, 1]. */
  readonly code: number;
}

export const CARDHOLDER: Knowledge = { address: 0.9, code: 0.985 };

/** The address check's letter; null where it is not asked for. Outside the countries that have it, G or U. */
export function avsOf(random: Random, merchant: Merchant, card: Card, knowledge: Knowledge): string | null {
  if (merchant.category.channel === 'pos' || !merchant.asksForAddress) return null;
  if (!card.range.country.hasAvs) return random.chance(0.4) ? random.pick(['G', 'U', 'S']) : null;
  if (random.chance(0.04)) return random.pick(['U', 'R', 'S']);
  if (random.chance(knowledge.address)) return random.chance(0.93) ? 'Y' : 'X';
  return random.pickWeighted([
    ['Z', 4],
    ['A', 3],
    ['N', 4],
    ['W', 1],
  ] as const);
}

/** The code check's letter; null where it is not asked for. */
export function cvvOf(random: Random, merchant: Merchant, knowledge: Knowledge): CvvResult {
  if (merchant.category.channel === 'pos') return null;
  if (random.chance(0.03)) return random.pick(['P', 'S', 'U'] as const);
  return random.chance(knowledge.code) ? 'M' : 'N';
}
