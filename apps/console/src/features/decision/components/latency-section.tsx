import type { DecisionDetail } from '@veto/domain';
import type { ReactElement } from 'react';
import { formatLatency } from '../../../format/number';
import classes from './decision.module.css';

/** The time a merchant grants a decision by default, ms. */
const BUDGET_MS = 100;

interface Stage {
  readonly name: string;
  readonly durationMs: number;
}

/** A colour for each stage; the seventh and what no stage accounts for share the last. */
function colourOf(index: number): string {
  return index < 6 ? `var(--series-${index + 1})` : 'var(--control)';
}

/** The stages in the order of the line, and what of the total none of them accounts for. */
export function stagesOf(timingsMs: Readonly<Record<string, number>>): {
  readonly stages: readonly Stage[];
  readonly totalMs: number;
} {
  const stages = Object.entries(timingsMs)
    .filter(([name]) => name !== 'total')
    .map(([name, durationMs]) => ({ name, durationMs }));
  const sumMs = stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const totalMs = Math.max(timingsMs['total'] ?? 0, sumMs);
  const restMs = totalMs - sumMs;
  return { stages: restMs > 0.05 ? [...stages, { name: 'other', durationMs: restMs }] : stages, totalMs };
}

/** Where the milliseconds went; each stage in its own colour and named below. */
export function LatencySection({ detail }: { readonly detail: DecisionDetail }): ReactElement {
  const { stages, totalMs } = stagesOf(detail.decision.timings_ms);
  const share = Math.round((totalMs / BUDGET_MS) * 1000) / 10;
  return (
    <section aria-labelledby="latency" data-testid="latency">
      <h2 id="latency">
        Decision latency {formatLatency(totalMs)} ms{' '}
        <span>
          {share} % of the {BUDGET_MS} ms budget · on the log {formatLatency(detail.loggedAfterMs)} ms later
        </span>
      </h2>
      <div className={classes['latency']} aria-hidden="true">
        {stages.map(({ name, durationMs }, index) => (
          <i
            key={name}
            style={{ flexGrow: durationMs, background: colourOf(index) }}
            title={`${name} ${formatLatency(durationMs)} ms`}
          />
        ))}
      </div>
      <ul className={classes['stages']}>
        {stages.map(({ name, durationMs }, index) => (
          <li key={name}>
            <i style={{ background: colourOf(index) }} aria-hidden="true" /> {name}{' '}
            {formatLatency(durationMs)}
          </li>
        ))}
      </ul>
    </section>
  );
}
