export { computeFeatures, type EntityHistory, type FeatureInput } from './compute-features';
export { describeFeatureValue } from './describe-feature-value';
export { entityKeysOf, entityValueOf, type EntityRef } from './entity-keys';
export { featureSet } from './feature-set';
export { hash32 } from './hash32';
export {
  decodeRecord,
  encodeLabelRecord,
  encodePaymentRecord,
  HISTORY_CODEC_VERSION,
  type HistoryLabel,
  type HistoryPayment,
  type HistoryRecord,
  type LabelFacts,
} from './record-codec';
