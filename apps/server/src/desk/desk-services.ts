import type { Clock, DeskSession, FeatureSet, ModelScorer } from '@veto/domain';
import type { AnalystRing, Analyst } from '../keys/analyst-ring';
import type { Telemetry } from '../telemetry/telemetry';
import type { DecisionReader } from '../views/decision-reader';
import type { CaseDesk } from './case-desk';
import type { DeskView } from './desk-view';
import type { LiveSource } from './live-source';
import type { Sessions } from './sessions';

/** What the desk's routes and its gateway work with. */
export interface DeskServices {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly sessions: Sessions;
  readonly analysts: AnalystRing;
  /** Who sits at a demo's desk; null in production, where everybody signs in. */
  readonly demoAnalyst: Analyst | null;
  readonly mode: DeskSession['mode'];
  readonly version: string;
  readonly source: LiveSource;
  readonly view: DeskView;
  readonly cases: CaseDesk;
  readonly reader: DecisionReader;
  readonly featureSet: FeatureSet;
  readonly scorer: ModelScorer | null;
}

/** Injection token of the `DeskServices`. */
export const DESK = Symbol('DeskServices');
