import type { DecisionDetail } from '@veto/domain';
import type { ReactElement } from 'react';
import { plainText } from '../../../format/text';
import classes from './decision.module.css';

interface Fact {
  readonly label: string;
  readonly text: string;
}

const AVS_WORDS: Readonly<Record<string, string>> = {
  Y: 'street and postcode match',
  A: 'street matches, postcode does not',
  Z: 'postcode matches, street does not',
  N: 'street and postcode do not match',
  X: 'street and postcode match',
  W: 'postcode matches, street does not',
  U: 'not available',
  R: 'try again',
  S: 'not supported',
  G: 'issuer does not take part',
};
const CVV_WORDS: Readonly<Record<string, string>> = {
  M: 'matches',
  N: 'does not match',
  P: 'not processed',
  S: 'should be there, is not',
  U: 'issuer does not check',
};

function at(value: unknown, ...path: readonly string[]): string | null {
  let current: unknown = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return null;
    current = (current as Readonly<Record<string, unknown>>)[key];
  }
  return typeof current === 'string' || typeof current === 'number' ? plainText(String(current)) : null;
}

function joined(...parts: readonly (string | null)[]): string | null {
  const known = parts.filter((part) => part !== null && part !== '');
  return known.length === 0 ? null : known.join(' · ');
}

function coded(code: string | null, words: Readonly<Record<string, string>>): string | null {
  return code === null ? null : `${code} — ${words[code] ?? 'not documented'}`;
}

/** What of the payment a person looks at first; what it did not carry is left out, not shown as empty. */
export function factsOf(transaction: unknown): readonly Fact[] {
  const get = (...path: readonly string[]): string | null => at(transaction, ...path);
  const last4 = get('card', 'last4');
  const candidates: readonly (readonly [string, string | null])[] = [
    [
      'Card',
      joined(
        get('card', 'bin'),
        last4 === null ? null : `••${last4}`,
        get('card', 'brand'),
        get('card', 'funding'),
        get('card', 'issuer_country'),
      ),
    ],
    ['Customer', joined(get('customer', 'id'), get('customer', 'email'), get('customer', 'phone'))],
    ['Device', joined(get('device', 'fingerprint'), get('device', 'language'), get('device', 'timezone'))],
    ['IP', joined(get('ip', 'address'), get('ip', 'country'))],
    ['Merchant', joined(get('merchant', 'name'), get('merchant', 'id'), get('merchant', 'country'))],
    [
      'Payment',
      joined(
        get('transaction', 'channel'),
        get('transaction', 'type'),
        get('transaction', 'stage'),
        get('transaction', 'mcc') === null ? null : `MCC ${get('transaction', 'mcc')}`,
      ),
    ],
    ['AVS', coded(get('checks', 'avs_result'), AVS_WORDS)],
    ['CVV', coded(get('checks', 'cvv_result'), CVV_WORDS)],
    [
      '3-D Secure',
      joined(
        get('three_ds', 'trans_status'),
        get('three_ds', 'eci') === null ? null : `ECI ${get('three_ds', 'eci')}`,
      ),
    ],
    ['Billing', joined(get('billing_address', 'city'), get('billing_address', 'country'))],
    ['Shipping', joined(get('shipping_address', 'city'), get('shipping_address', 'country'))],
  ];
  return candidates.flatMap(([label, text]) => (text === null ? [] : [{ label, text }]));
}

export function FactsSection({ detail }: { readonly detail: DecisionDetail }): ReactElement {
  return (
    <section aria-labelledby="facts">
      <h2 id="facts">Payment</h2>
      <dl className={classes['factList']}>
        {factsOf(detail.transaction).map(({ label, text }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <bdi>{text}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
