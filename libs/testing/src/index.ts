export {
  aBeginRequest,
  aHistoryRecord,
  anAppendLabelRequest,
  decisionBytes,
  dullHistoryEventOf,
  type BeginRequestOverrides,
} from './builders/a-begin-request';
export { aClock, DULL_NOW_MS, type ManualClock } from './builders/a-clock';
export { aLabel } from './builders/a-label';
export { aListEntry, aRule } from './builders/a-rule';
export {
  aTransaction,
  aTransactionPayload,
  DULL_TENANT_ID,
  type PayloadOverrides,
  type TransactionOverrides,
} from './builders/a-transaction';
export { type Disposable, type Guarantee } from './conformance/guarantee';
export {
  MODEL_DAMAGES,
  modelScorerConformance,
  modelScorerGuarantees,
  type ModelDamage,
  type ModelScorerUnderTest,
} from './conformance/model-scorer-conformance';
export {
  eventLogConformance,
  eventLogGuarantees,
  WAITING_RECORD_COUNT_MAX,
  type EventLogUnderTest,
} from './conformance/event-log-conformance';
export { aTempDirectory, type TempDirectory } from './temp-directory';
export {
  stateStoreConformance,
  stateStoreGuarantees,
  type DecisionPlace,
  type StateStoreUnderTest,
} from './conformance/state-store-conformance';
export { PlainJournal, PlainStateStore } from './oracle/plain-state-store';
export { bundleScript, killAfter } from './killed-process';
