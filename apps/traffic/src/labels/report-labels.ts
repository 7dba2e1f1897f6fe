import type { Label } from '@veto/domain';
import type { Pattern, SimulatedLabel, SimulatedPayment } from '../payment';
import type { Random } from '../random';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How often fraud that went through is ever reported: nobody misses a dollar, everybody misses a thousand. */
const REPORTED_SHARE: Readonly<Record<Pattern, number>> = {
  card_testing: 0.55,
  bin_attack: 0.5,
  account_takeover: 0.92,
  stolen_card_spree: 0.9,
  terminal_compromise: 0.88,
  device_farm: 0.4,
  friendly_fraud: 1,
  bust_out: 0.8,
};

/** A chargeback arrives after 5 to 75 days, half of them within 20. */
function chargebackDelayMs(random: Random): number {
  return Math.min(75, Math.max(5, random.logNormal(20, 0.6))) * DAY_MS;
}

/** Issuers tell the networks (TC40, SAFE) after half a day to a month, half of them within four days. */
function earlyWarningDelayMs(random: Random): number {
  return Math.min(30, Math.max(0.5, random.logNormal(4, 0.7))) * DAY_MS;
}

/** An analyst gets to a payment after a quarter of an hour to two days, half of them within five hours. */
function reviewDelayMs(random: Random): number {
  return Math.min(48, Math.max(0.25, random.logNormal(5, 0.8))) * HOUR_MS;
}

/** Whether money moved: a refused code or authentication is where most attempts end. */
function wentThrough({ body }: SimulatedPayment): boolean {
  const status = body.three_ds?.trans_status;
  return body.checks?.cvv_result !== 'N' && status !== 'N' && status !== 'R';
}

/** What an analyst's queue would pick up: no fraud yet, but something to look at. */
function looksSuspicious({ body }: SimulatedPayment): boolean {
  const { checks, card, ip } = body;
  const isFarAway =
    ip?.country !== undefined && card?.issuer_country !== undefined && ip.country !== card.issuer_country;
  return isFarAway || checks?.cvv_result === 'N' || checks?.avs_result === 'N';
}

function warningSourceOf({ body }: SimulatedPayment): Label['source'] {
  if (body.card?.brand === 'visa') return 'tc40';
  return body.card?.brand === 'mastercard' ? 'safe' : 'early_fraud_warning';
}

/** The networks' own codes: fraud without the card present, or goods that "never came". */
function chargebackReasonOf(random: Random, { body, truth }: SimulatedPayment): string {
  const isDispute = truth.pattern === 'friendly_fraud' && random.chance(0.4);
  switch (body.card?.brand) {
    case 'visa':
      return isDispute ? '13.1' : body.transaction.channel === 'pos' ? '10.3' : '10.4';
    case 'mastercard':
    case 'maestro':
      return isDispute ? '4853' : '4837';
    case 'amex':
      return isDispute ? 'C08' : 'F29';
    case 'discover':
      return isDispute ? 'RG' : 'UA02';
    default:
      return 'fraud';
  }
}

function labelOf(
  payment: SimulatedPayment,
  label: Omit<Label, 'transaction_id' | 'reported_at'>,
  delayMs: number,
): SimulatedLabel {
  const atMs = Math.round(payment.atMs + delayMs);
  return {
    type: 'label',
    atMs,
    body: {
      transaction_id: payment.body.transaction.id,
      ...label,
      reported_at: new Date(atMs).toISOString(),
    },
  };
}

function labelsOfFraud(random: Random, payment: SimulatedPayment, pattern: Pattern): SimulatedLabel[] {
  const labels: SimulatedLabel[] = [];
  const isFriendly = pattern === 'friendly_fraud';
  // Analysts see some of it themselves, and are wrong once in eight times. Nobody sees friendly fraud.
  if (!isFriendly && random.chance(pattern === 'device_farm' ? 0.25 : 0.07)) {
    labels.push(
      labelOf(
        payment,
        { label: random.chance(0.88) ? 'fraud' : 'legit', source: 'manual_review' },
        reviewDelayMs(random),
      ),
    );
  }
  if (!wentThrough(payment) || !random.chance(REPORTED_SHARE[pattern])) return labels;
  const { amount, currency } = payment.body.transaction;
  const warned = !isFriendly && random.chance(0.5);
  const warningMs = earlyWarningDelayMs(random);
  if (warned) labels.push(labelOf(payment, { label: 'fraud', source: warningSourceOf(payment) }, warningMs));
  if (!warned || random.chance(0.7)) {
    const reason_code = chargebackReasonOf(random, payment);
    const delayMs = Math.max(chargebackDelayMs(random), warned ? warningMs + DAY_MS : 0);
    labels.push(
      labelOf(payment, { label: 'fraud', source: 'chargeback', reason_code, amount, currency }, delayMs),
    );
  }
  return labels;
}

function labelsOfGenuine(random: Random, payment: SimulatedPayment): SimulatedLabel[] {
  const labels: SimulatedLabel[] = [];
  if (random.chance(looksSuspicious(payment) ? 0.1 : 0.006)) {
    labels.push(labelOf(payment, { label: 'legit', source: 'manual_review' }, reviewDelayMs(random)));
  }
  // "Was that you?" — "Yes."
  if (random.chance(0.004)) {
    labels.push(
      labelOf(payment, { label: 'legit', source: 'customer' }, random.exponential(3 * HOUR_MS) + MINUTE_MS),
    );
  }
  return labels;
}

/**
 * What is told about a payment afterwards, and when: nothing for most, minutes later by the customer, hours later by an
 * analyst, days later by the issuer, weeks later as a chargeback. In no particular order.
 */
export function reportLabels(random: Random, payment: SimulatedPayment): SimulatedLabel[] {
  const { pattern } = payment.truth;
  return pattern === null ? labelsOfGenuine(random, payment) : labelsOfFraud(random, payment, pattern);
}
