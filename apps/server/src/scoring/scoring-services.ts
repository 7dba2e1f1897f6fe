import type { Line, createScoringDoor } from '@veto/decision';
import type { Telemetry } from '../telemetry/telemetry';
import type { DecisionReader } from '../views/decision-reader';

export type ScoringDoor = ReturnType<typeof createScoringDoor>;

/** What the merchant's routes work with. */
export interface ScoringServices {
  readonly line: Line;
  readonly door: ScoringDoor;
  readonly reader: DecisionReader;
  readonly telemetry: Telemetry;
}

/** Injection token of the `ScoringServices`. */
export const SCORING = Symbol('ScoringServices');
