import { aTransaction, type TransactionOverrides } from '@veto/testing';
import { aFeatureSet, aVector } from './a-feature-set.spec-support';
import { compileRuleset } from './compile-ruleset';
import { evaluateRules } from './evaluate-rules';
import { startingRules } from './starting-rules';

interface Example {
  readonly of: string;
  readonly transaction?: TransactionOverrides;
  readonly features?: Readonly<Record<string, number>>;
}

/** For each rule a payment that it is for, and one that only looks like it. */
const EXAMPLES: Readonly<Record<string, { readonly hit: Example; readonly miss: Example }>> = {
  rl_bin_attack: {
    hit: {
      of: 'the thirtieth card of a BIN in ten minutes, for two euros',
      transaction: { amountMinor: 2_00 },
      features: { bin_card_distinct_10m: 30, bin_small_amount_share_1h: 0.95 },
    },
    miss: {
      of: 'a BIN of a large bank on a busy day: many cards, ordinary amounts',
      transaction: { amountMinor: 12_00 },
      features: { bin_card_distinct_10m: 60, bin_small_amount_share_1h: 0.3 },
    },
  },
  rl_card_prior_fraud: {
    hit: { of: 'a card that was charged back last week', features: { card_fraud_count_30d: 1 } },
    miss: { of: 'a card with a clean month', features: { card_fraud_count_30d: 0 } },
  },
  rl_card_testing: {
    hit: {
      of: 'the sixth try for one euro within minutes',
      transaction: { amountMinor: 1_00 },
      features: { card_count_10m: 5 },
    },
    miss: {
      of: 'a subscription service that collects several small sums at once',
      transaction: { amountMinor: 1_00, payload: { transaction: { initiator: 'merchant' } } },
      features: { card_count_10m: 8 },
    },
  },
  rl_country_mismatch_unauthenticated: {
    hit: {
      of: 'a Spanish card from a French address for 300 euros, nobody asked the issuer',
      transaction: {
        amountMinor: 300_00,
        payload: { card: { issuer_country: 'ES' }, ip: { country: 'FR' } },
      },
    },
    miss: {
      of: 'the same, authenticated by the issuer',
      transaction: {
        amountMinor: 300_00,
        payload: { card: { issuer_country: 'ES' }, ip: { country: 'FR' }, three_ds: { trans_status: 'Y' } },
      },
    },
  },
  rl_cvv_mismatch: {
    hit: { of: 'a wrong verification value', transaction: { payload: { checks: { cvv_result: 'N' } } } },
    miss: {
      of: 'a verification value that was not processed',
      transaction: { payload: { checks: { cvv_result: 'P' } } },
    },
  },
  rl_device_many_cards: {
    hit: { of: 'the seventh card on one phone this week', features: { device_card_distinct_7d: 6 } },
    miss: { of: 'a family that shares a tablet', features: { device_card_distinct_7d: 3 } },
  },
  rl_device_prior_fraud: {
    hit: { of: 'a device from which fraud was confirmed', features: { device_fraud_count_30d: 2 } },
    miss: { of: 'a payment without a device' },
  },
  rl_disposable_email_digital: {
    hit: {
      of: 'a game key bought with a throw-away address',
      transaction: { amountMinor: 60_00, payload: { transaction: { mcc: '5816' } } },
      features: { email_is_disposable: 1 },
    },
    miss: {
      of: 'shoes bought with a throw-away address',
      transaction: { amountMinor: 60_00, payload: { transaction: { mcc: '5661' } } },
      features: { email_is_disposable: 1 },
    },
  },
  rl_far_above_habit: {
    hit: {
      of: 'a camera, bought by one who buys lunches',
      transaction: { amountMinor: 900_00 },
      features: { customer_amount_zscore_30d: 11 },
    },
    miss: {
      of: 'a birthday cake, bought by one who buys the same lunch every day',
      transaction: { amountMinor: 60_00 },
      features: { customer_amount_zscore_30d: 11 },
    },
  },
  rl_ip_many_cards: {
    hit: { of: 'the ninth card from one address in an hour', features: { ip_card_distinct_1h: 8 } },
    miss: { of: 'an office at lunch', features: { ip_card_distinct_1h: 5 } },
  },
  rl_new_account_high_amount: {
    hit: {
      of: 'an account of this morning that buys for 400 euros',
      transaction: { amountMinor: 400_00 },
      features: { customer_account_age_days: 0.2 },
    },
    miss: {
      of: 'a guest who buys for 400 euros, of whom no account is known',
      transaction: { amountMinor: 400_00 },
    },
  },
  rl_spree: {
    hit: {
      of: 'a card at seven shops for 1 800 euros since yesterday',
      features: { card_merchant_distinct_24h: 7, card_amount_sum_24h: 1_800 },
    },
    miss: {
      of: 'a tourist with seven small purchases',
      features: { card_merchant_distinct_24h: 7, card_amount_sum_24h: 140 },
    },
  },
  rl_trusted_repeat: {
    hit: {
      of: 'the fourth coffee order this month, authenticated, from the usual phone',
      transaction: { amountMinor: 12_00 },
      features: {
        three_ds_authenticated: 1,
        customer_count_30d: 4,
        customer_fraud_count_30d: 0,
        customer_device_is_new: 0,
      },
    },
    miss: {
      of: 'the same order from a phone never seen with this customer',
      transaction: { amountMinor: 12_00 },
      features: {
        three_ds_authenticated: 1,
        customer_count_30d: 4,
        customer_fraud_count_30d: 0,
        customer_device_is_new: 1,
      },
    },
  },
};

const names = [
  ...new Set(
    Object.values(EXAMPLES).flatMap(({ hit, miss }) => Object.keys({ ...hit.features, ...miss.features })),
  ),
];
const featureSet = aFeatureSet(names);
const ruleset = compileRuleset(startingRules, featureSet);

function hitIds({ transaction, features }: Example): readonly string[] {
  const facts = {
    transaction: aTransaction(transaction),
    features: aVector(featureSet, features ?? {}),
    score: null,
    listHits: [],
  };
  return evaluateRules(ruleset, facts).hits.map(({ id }) => id);
}

describe.each(Object.entries(EXAMPLES))('the starting rule %s', (id, { hit, miss }) => {
  it(`matches ${hit.of}`, () => {
    expect(hitIds(hit)).toContain(id);
  });

  it(`does not match ${miss.of}`, () => {
    expect(hitIds(miss)).not.toContain(id);
  });
});

describe('the starting rules', () => {
  it('have an example each', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(startingRules.map(({ id }) => id).sort());
  });

  it('run two of their number in shadow, and none of them fails on a dull payment', () => {
    const shadow = startingRules.filter(({ mode }) => mode === 'shadow').map(({ id }) => id);
    expect(shadow).toEqual(['rl_ip_many_cards', 'rl_spree']);
    expect(hitIds({ of: 'a dull payment' })).toEqual([]);
  });

  it('give each its own reason code', () => {
    expect(new Set(startingRules.map(({ reason_code: code }) => code)).size).toBe(startingRules.length);
  });
});
