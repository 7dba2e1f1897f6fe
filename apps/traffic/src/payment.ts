import type { Label, TransactionPayload } from '@veto/domain';
import type { NetworkAddress, StreetAddress } from './world/addresses';
import type { Card } from './world/cards';
import type { Device } from './world/devices';
import type { Merchant } from './world/merchants';

/** The ways in which the traffic's fraud happens; one file each in `fraud/`. */
export const PATTERNS = [
  'card_testing',
  'bin_attack',
  'account_takeover',
  'stolen_card_spree',
  'terminal_compromise',
  'device_farm',
  'friendly_fraud',
  'bust_out',
] as const;
export type Pattern = (typeof PATTERNS)[number];

/** What really happened, known to the simulation and to nobody who decides. */
export interface Truth {
  readonly fraud: boolean;
  readonly pattern: Pattern | null;
}

/** One line of the stream: a payment, when it is attempted, and what it really is. */
export interface SimulatedPayment {
  readonly type: 'transaction';
  readonly atMs: number;
  readonly body: TransactionPayload;
  readonly truth: Truth;
}

/** One line of the stream: what a payment turned out to be, when that is reported. */
export interface SimulatedLabel {
  readonly type: 'label';
  readonly atMs: number;
  readonly body: Label;
}

export type SimulatedEvent = SimulatedPayment | SimulatedLabel;

export type CvvResult = 'M' | 'N' | 'P' | 'S' | 'U' | null;

/** A payment in the simulation's words, before it is written as a merchant would send it. */
export interface PaymentDraft {
  readonly atMs: number;
  readonly merchant: Merchant;
  readonly card: Card;
  readonly amountMinor: number;
  readonly currency: string;
  readonly initiator?: 'customer' | 'merchant';
  readonly wallet?: 'apple_pay' | 'google_pay' | null;
  readonly avs?: string | null;
  readonly cvv?: CvvResult;
  readonly threeDs?: TransactionPayload['three_ds'];
  readonly customer?: TransactionPayload['customer'];
  readonly billing?: StreetAddress;
  readonly shipping?: StreetAddress;
  readonly device?: Device;
  readonly sessionId?: string;
  readonly network?: NetworkAddress;
  /** Not every merchant looks up where an address is. */
  readonly namesNetworkCountry?: boolean;
  readonly itemCount?: number;
}

function cardOf(draft: PaymentDraft): NonNullable<TransactionPayload['card']> {
  const { card } = draft;
  return {
    fingerprint: card.fingerprint,
    bin: card.range.bin,
    last4: card.last4,
    exp_month: card.expMonth,
    exp_year: card.expYear,
    brand: card.range.brand,
    funding: card.range.funding,
    issuer_country: card.range.country.code,
    wallet: draft.wallet ?? null,
  };
}

function deviceOf(device: Device, sessionId: string | undefined): NonNullable<TransactionPayload['device']> {
  return {
    fingerprint: device.fingerprint,
    ...(sessionId !== undefined && { session_id: sessionId }),
    user_agent: device.userAgent,
    language: device.language,
    timezone: device.timezone,
  };
}

/** A draft → the body of `POST /v1/decisions`. */
export function payloadOf(id: string, draft: PaymentDraft): TransactionPayload {
  const { merchant, network } = draft;
  const { category } = merchant;
  return {
    transaction: {
      id,
      occurred_at: new Date(draft.atMs).toISOString(),
      amount: draft.amountMinor,
      currency: draft.currency,
      type: 'payment',
      stage: 'pre_auth',
      channel: category.channel,
      mcc: category.mcc,
      initiator: draft.initiator ?? 'customer',
      capture_method: category.isDigital || category.channel === 'pos' ? 'automatic' : 'manual',
    },
    merchant: { id: merchant.id, name: merchant.name, country: merchant.country.code },
    card: cardOf(draft),
    ...((draft.avs != null || draft.cvv != null) && {
      checks: { avs_result: draft.avs ?? null, cvv_result: draft.cvv ?? null },
    }),
    ...(draft.threeDs && { three_ds: draft.threeDs }),
    ...(draft.customer && { customer: draft.customer }),
    ...(draft.billing && { billing_address: draft.billing }),
    ...(draft.shipping && { shipping_address: draft.shipping }),
    ...(draft.device && { device: deviceOf(draft.device, draft.sessionId) }),
    ...(network && {
      ip: {
        address: network.address,
        ...(draft.namesNetworkCountry !== false && { country: network.country }),
      },
    }),
    ...(draft.itemCount !== undefined && { metadata: { cart_items: String(draft.itemCount) } }),
  };
}
