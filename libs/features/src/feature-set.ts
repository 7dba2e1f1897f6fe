import {
  BASE_CURRENCY,
  canonicalJson,
  REFERENCE_RATES_AS_OF,
  sha256Hex,
  type FeatureDefinition,
  type FeatureSet,
} from '@veto/domain';
import { DISPOSABLE_DOMAINS_DIGEST } from './email';
import { featureDeclarations } from './families/declarations';
import { HISTORY_CODEC_VERSION } from './record-codec';

/** Grows when a feature's meaning changes while its declaration stays the same. */
const COMPUTATION_VERSION = 1;

const definitions: readonly FeatureDefinition[] = featureDeclarations.map((declaration) => ({
  name: declaration.name,
  description: declaration.description,
  unit: declaration.unit,
  windowMs: declaration.windowMs,
  range: declaration.range,
  missing: declaration.missing,
  entity: declaration.entity,
  derivesFrom: declaration.derivesFrom,
}));

/**
 * Everything that a feature vector's meaning hangs on. The sentences are left out: a better one is no reason to refuse
 * a model.
 */
const canonicalDeclaration = canonicalJson({
  computation: COMPUTATION_VERSION,
  codec: HISTORY_CODEC_VERSION,
  currency: BASE_CURRENCY,
  rates_as_of: REFERENCE_RATES_AS_OF,
  disposable_domains: DISPOSABLE_DOMAINS_DIGEST,
  features: definitions.map(({ name, unit, windowMs, range, missing, entity, derivesFrom }) => ({
    name,
    unit,
    windowMs,
    range,
    mayBeMissing: missing !== null,
    entity,
    derivesFrom,
  })),
});

/** The declared features; their order is the order of a model's inputs, and their hash travels with every decision. */
export const featureSet: FeatureSet = { definitions, hash: `sha256:${sha256Hex(canonicalDeclaration)}` };
