import * as namespace from 'kafkajs';

/** A message's headers: text or bytes by name, several of one name as an array. */
export type { IHeaders as MessageHeaders } from 'kafkajs';

/**
 * Names of the library that Node cannot import: it is CommonJS, and only some of its exports are seen from outside. The
 * default export, which its types do not know, has them all.
 */
const library = 'default' in namespace ? (namespace.default as typeof namespace) : namespace;

export const { CompressionCodecs, ConfigResourceTypes, ConfigSource } = library;
