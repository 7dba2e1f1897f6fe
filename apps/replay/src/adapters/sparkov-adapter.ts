import { createHash } from 'node:crypto';
import type { CsvAdapter } from './csv-adapter';

const SEVEN_DAYS_MS = 7 * 24 * 3_600_000;

/** Spending category of the generator → ISO 18245 merchant category code. */
const MCC_BY_CATEGORY: Readonly<Record<string, string>> = {
  entertainment: '7832',
  food_dining: '5812',
  gas_transport: '5541',
  grocery_net: '5411',
  grocery_pos: '5411',
  health_fitness: '8099',
  home: '5712',
  kids_pets: '5995',
  misc_net: '5999',
  misc_pos: '5999',
  personal_care: '7230',
  shopping_net: '5311',
  shopping_pos: '5311',
  travel: '4722',
};

/**
 * Output of the Sparkov generator: cards, merchants with categories, customers' addresses, in US dollars.
 * The card number becomes a fingerprint here, before anything else sees it, and only the BIN and the last four digits
 * go on. Name, gender, birth date and job are sensitive, and coordinates are finer than any feature needs: not read.
 */
export const sparkovAdapter: CsvAdapter<
  | 'trans_num'
  | 'unix_time'
  | 'cc_num'
  | 'merchant'
  | 'category'
  | 'amt'
  | 'city'
  | 'state'
  | 'zip'
  | 'is_fraud'
> = {
  name: 'sparkov',
  tenantId: 'sparkov',
  columns: [
    'trans_num',
    'unix_time',
    'cc_num',
    'merchant',
    'category',
    'amt',
    'city',
    'state',
    'zip',
    'is_fraud',
  ],
  labelDelayMs: SEVEN_DAYS_MS,
  labelSource: { fraud: 'chargeback', legit: 'manual_review' },
  map: (row) => {
    const online = row.category.endsWith('_net');
    const mcc = MCC_BY_CATEGORY[row.category];
    return {
      payload: {
        transaction: {
          id: row.trans_num,
          occurred_at: new Date(Number(row.unix_time) * 1_000).toISOString(),
          amount: Math.round(Number(row.amt) * 100),
          currency: 'USD',
          channel: online ? 'ecommerce' : 'pos',
          ...(mcc === undefined ? {} : { mcc }),
        },
        merchant: { id: row.merchant, country: 'US' },
        card: {
          fingerprint: cardFingerprint(row.cc_num),
          bin: row.cc_num.slice(0, 6),
          last4: row.cc_num.slice(-4),
          issuer_country: 'US',
        },
        billing_address: { city: row.city, region: row.state, postal_code: row.zip, country: 'US' },
      },
      truth: { fraud: row.is_fraud === '1', pattern: null },
    };
  },
};

/**
 * A token for a card of this public, generated data set. Numbers of real cards need a keyed hash whose key is kept
 * apart from the data (PCI DSS 3.5.1.1), which is the merchant's to make; here the numbers belong to nobody.
 */
function cardFingerprint(cardNumber: string): string {
  return `cfp_${createHash('sha256').update(`sparkov|${cardNumber}`).digest('hex').slice(0, 24)}`;
}
