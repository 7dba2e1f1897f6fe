import type { Rule } from '@veto/domain';

/** Version 1 of a rule of the starting set. */
function rule(declared: Omit<Rule, 'version' | 'mode'> & { readonly mode?: Rule['mode'] }): Rule {
  return { ...declared, version: 1, mode: declared.mode ?? 'live' };
}

/**
 * What a fraud team begins with on its first day: rules that need no model and name their reason in one line.
 * Two run in shadow, since their thresholds depend on the shop's own traffic and want a week of watching first.
 */
export const startingRules: readonly Rule[] = [
  rule({
    id: 'rl_bin_attack',
    name: 'BIN attack',
    description:
      'Many cards of one BIN within ten minutes, and nearly all for small amounts: numbers are being guessed.',
    expression: 'bin_card_distinct_10m >= 12 && bin_small_amount_share_1h >= 0.8 && transaction.amount < 15',
    effect: 'block',
    reason_code: 'BIN_ATTACK',
  }),
  rule({
    id: 'rl_card_prior_fraud',
    name: 'Card with confirmed fraud',
    description:
      'A payment with this card was confirmed as fraud within 30 days. Asked, not refused: the holder often keeps the card, and most of what follows is genuine.',
    expression: 'card_fraud_count_30d >= 1',
    effect: 'challenge',
    reason_code: 'CARD_PRIOR_FRAUD',
  }),
  rule({
    id: 'rl_card_testing',
    name: 'Card testing',
    description:
      'One card tried again and again for small amounts within ten minutes. Asked, not refused: so do people at a kiosk.',
    expression: 'card_count_10m >= 5 && transaction.amount < 25 && transaction.initiator == "customer"',
    effect: 'challenge',
    reason_code: 'CARD_TESTING',
  }),
  rule({
    id: 'rl_country_mismatch_unauthenticated',
    name: 'Foreign card, large amount, not authenticated',
    description:
      "The card's country and the address's differ, the amount is large, and nobody authenticated the cardholder.",
    expression:
      'card.issuer_country != ip.country && transaction.amount >= 250\n' +
      '  && !(known(three_ds.trans_status) && three_ds.trans_status in ["Y", "A"])',
    effect: 'challenge',
    reason_code: 'COUNTRY_MISMATCH_UNAUTHENTICATED',
  }),
  rule({
    id: 'rl_cvv_mismatch',
    name: 'Wrong card verification value',
    description:
      'The issuer says that the card verification value does not match, and the customer entered it.',
    expression: 'checks.cvv_result == "N" && transaction.initiator == "customer"',
    effect: 'challenge',
    reason_code: 'CVV_MISMATCH',
  }),
  rule({
    id: 'rl_device_many_cards',
    name: 'Device with many cards',
    description: 'One device paid with five or more cards within seven days.',
    expression: 'device_card_distinct_7d >= 5',
    effect: 'review',
    reason_code: 'DEVICE_MANY_CARDS',
  }),
  rule({
    id: 'rl_device_prior_fraud',
    name: 'Device with confirmed fraud',
    description: 'A payment from this device was confirmed as fraud within 30 days.',
    expression: 'device_fraud_count_30d >= 1',
    effect: 'review',
    reason_code: 'DEVICE_PRIOR_FRAUD',
  }),
  rule({
    id: 'rl_disposable_email_digital',
    name: 'Disposable e-mail, digital goods',
    description:
      'A throw-away address buys what is delivered at once and can be resold: games, media, software, gift cards.',
    expression:
      'email_is_disposable == 1 && transaction.mcc in ["5734", "5815", "5816", "5817", "5818", "5947"] && transaction.amount >= 20',
    effect: 'challenge',
    reason_code: 'DISPOSABLE_EMAIL_DIGITAL',
  }),
  rule({
    id: 'rl_far_above_habit',
    name: "Far above the customer's habit",
    description:
      "The amount lies six standard deviations above the customer's last 30 days, and is worth a look.",
    expression: 'customer_amount_zscore_30d >= 6 && transaction.amount >= 400',
    effect: 'review',
    reason_code: 'AMOUNT_FAR_ABOVE_HABIT',
  }),
  rule({
    id: 'rl_ip_many_cards',
    name: 'Address with many cards',
    description:
      'Eight or more cards from one address within an hour; in shadow, since mobile carriers share addresses.',
    expression: 'ip_card_distinct_1h >= 8',
    effect: 'challenge',
    mode: 'shadow',
    reason_code: 'IP_MANY_CARDS',
  }),
  rule({
    id: 'rl_new_account_high_amount',
    name: 'New account, high amount',
    description: 'An account younger than two days buys for 300 euros or more.',
    expression: 'customer_account_age_days < 2 && transaction.amount >= 300',
    effect: 'challenge',
    reason_code: 'NEW_ACCOUNT_HIGH_AMOUNT',
  }),
  rule({
    id: 'rl_spree',
    name: 'Card at many merchants',
    description: 'One card at six or more merchants within a day; in shadow, since travellers do it too.',
    expression: 'card_merchant_distinct_24h >= 6 && card_amount_sum_24h >= 1000',
    effect: 'review',
    mode: 'shadow',
    reason_code: 'CARD_SPREE',
  }),
  rule({
    id: 'rl_trusted_repeat',
    name: 'Known customer, authenticated, small amount',
    description:
      'A customer with a clean month and a known device, authenticated by the issuer, pays a small amount.',
    expression:
      'three_ds_authenticated == 1 && transaction.amount < 60 && customer_count_30d >= 3\n' +
      '  && customer_fraud_count_30d == 0 && customer_device_is_new == 0',
    effect: 'allow',
    reason_code: 'TRUSTED_REPEAT',
  }),
];
