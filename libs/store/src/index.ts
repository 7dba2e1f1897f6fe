export { openEmbeddedStore, type EmbeddedStoreOptions } from './embedded/embedded-state-store';
export type { Ignored } from './embedded/restore-state';
