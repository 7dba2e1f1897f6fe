export { openEmbeddedStore, type EmbeddedStoreOptions } from './embedded/embedded-state-store';
export type { HistoryEvent } from './history-event';
