import type { FeatureDeclaration } from '../declaration';
import {
  amountMaxOf,
  amountMeanOf,
  amountRatioOf,
  amountShareOf,
  amountSumOf,
  amountZscoreOf,
} from './amount-features';
import {
  countOf,
  cvvMismatchCountOf,
  distinctOf,
  isNewOf,
  sameCountOf,
  shareOf,
  smallCountOf,
} from './count-features';
import { fraudCountOf, fraudShareOf, genuineRunOf, labelCountOf, timeSinceFraudOf } from './label-features';
import { amountAndTime, countriesAndAddresses, mailboxAndAccount, mannerOfPaying } from './payment-features';
import { timeSinceFirstOf, timeSinceLastOf } from './time-features';

/** Card testing, a stolen card's spree, a card that travels. */
const card: readonly FeatureDeclaration[] = [
  countOf('card', '1m'),
  countOf('card', '10m'),
  countOf('card', '1h'),
  countOf('card', '24h'),
  countOf('card', '7d'),
  smallCountOf('card', '24h'),
  cvvMismatchCountOf('card', '24h'),
  amountSumOf('card', '1h'),
  amountSumOf('card', '24h'),
  amountMaxOf('card', '30d'),
  amountRatioOf('card'),
  distinctOf('card', 'merchant', '24h'),
  distinctOf('card', 'country', '24h'),
  distinctOf('card', 'device', '7d'),
  isNewOf('card', 'country'),
  timeSinceLastOf('card'),
  timeSinceFirstOf('card'),
  fraudCountOf('card', '30d'),
];

/** Account takeover (a known customer, new things), bust-out (spending out of habit), friendly fraud (own past disputes). */
const customer: readonly FeatureDeclaration[] = [
  countOf('customer', '1h'),
  countOf('customer', '24h'),
  countOf('customer', '7d'),
  countOf('customer', '30d'),
  amountMeanOf('customer', '24h'),
  amountMeanOf('customer', '7d'),
  amountMeanOf('customer', '30d'),
  amountMaxOf('customer', '30d'),
  amountRatioOf('customer'),
  amountZscoreOf('customer'),
  amountShareOf('customer'),
  shareOf('customer', '30d', {
    measure: 'night',
    which: 'at night',
    count: (past, window) => past.nightCount(window),
  }),
  isNewOf('customer', 'device'),
  isNewOf('customer', 'merchant'),
  isNewOf('customer', 'ip'),
  sameCountOf('customer', 'merchant', '30d'),
  distinctOf('customer', 'device', '7d'),
  distinctOf('customer', 'card', '7d'),
  distinctOf('customer', 'country', '7d'),
  timeSinceLastOf('customer'),
  fraudCountOf('customer', '30d'),
  timeSinceFraudOf('customer'),
];

/** Device farms, and one visitor behind many cards. */
const deviceIpAndEmail: readonly FeatureDeclaration[] = [
  countOf('device', '1h'),
  distinctOf('device', 'card', '1h'),
  distinctOf('device', 'card', '7d'),
  distinctOf('device', 'customer', '7d'),
  distinctOf('device', 'email', '7d'),
  fraudCountOf('device', '30d'),
  countOf('ip', '10m'),
  countOf('ip', '1h'),
  distinctOf('ip', 'card', '1h'),
  distinctOf('ip', 'card', '24h'),
  distinctOf('ip', 'customer', '24h'),
  fraudCountOf('ip', '30d'),
  countOf('email', '24h'),
  distinctOf('email', 'card', '7d'),
  timeSinceFirstOf('email'),
];

/** BIN attacks (many cards of one range), card testing at one merchant, compromised terminals (known frauds come in runs). */
const binAndMerchant: readonly FeatureDeclaration[] = [
  countOf('bin', '10m'),
  distinctOf('bin', 'card', '10m'),
  distinctOf('bin', 'card', '1h'),
  shareOf('bin', '1h', {
    measure: 'small_amount',
    which: 'below 5 EUR',
    count: (past, window) => past.smallCount(window),
  }),
  cvvMismatchCountOf('bin', '1h'),
  countOf('merchant', '1h'),
  countOf('merchant', '24h'),
  smallCountOf('merchant', '10m'),
  distinctOf('merchant', 'card', '1h'),
  amountRatioOf('merchant'),
  labelCountOf('merchant', '24h'),
  labelCountOf('merchant', '7d'),
  labelCountOf('merchant', '30d'),
  fraudShareOf('merchant', '24h'),
  fraudShareOf('merchant', '7d'),
  fraudShareOf('merchant', '30d'),
  fraudCountOf('merchant', '30d'),
  timeSinceFraudOf('merchant'),
  genuineRunOf('merchant'),
];

/** Every feature, in the order in which models take them. A new one is added at the end of its family. */
export const featureDeclarations: readonly FeatureDeclaration[] = [
  ...amountAndTime,
  ...mannerOfPaying,
  ...countriesAndAddresses,
  ...mailboxAndAccount,
  ...card,
  ...customer,
  ...deviceIpAndEmail,
  ...binAndMerchant,
];
