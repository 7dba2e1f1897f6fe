import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';

/** As V8 writes one. */
interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly children?: readonly number[];
}

/** Where the time of a profile goes: the first that a source's path begins with, or a package's name. */
const AREAS: readonly (readonly [area: string, paths: readonly string[]])[] = [
  [
    'reading and validating the body',
    ['apps/server/src/http', 'apps/server/src/stream', 'node_modules/zod', 'libs/domain/src/transaction'],
  ],
  [
    'canonical text, fingerprint, entity keys',
    [
      'libs/decision/src/prepare',
      'libs/decision/src/fingerprint',
      'libs/domain/src/canonical',
      'libs/features/src/entity',
      'libs/features/src/record-codec',
      'libs/features/src/hash32',
      'libs/features/src/ip',
      'libs/features/src/email',
    ],
  ],
  ['features', ['libs/features']],
  ['model', ['libs/model', 'libs/decision/src/score-with-deadline', 'node_modules/onnxruntime']],
  ['rules', ['libs/rules', 'node_modules/@marcbachmann']],
  ['decision and its JSON', ['libs/decision', 'libs/domain']],
  [
    'state: begin and commit',
    ['libs/store', 'node_modules/@redis', 'node_modules/redis', 'node_modules/lmdb'],
  ],
  ['consumer of payments', ['libs/log/src/kafka/consumer']],
  [
    'writing to Kafka',
    ['libs/log/src/kafka/write', 'libs/log/src/kafka/log-message', 'libs/log/src/kafka/partition-of-key'],
  ],
  ['copy of the log', ['libs/log']],
  ['views', ['apps/server/src/views', 'apps/server/src/desk']],
  ['telemetry', ['apps/server/src/telemetry', 'node_modules/prom-client', 'node_modules/pino']],
  ['kafkajs: protocol, requests, fetching', ['node_modules/kafkajs']],
];

/** A part of the work, and its share of the time in which the process was at work. */
export interface AreaShare {
  readonly area: string;
  readonly share: number;
}

/**
 * Shares of a profile by areas: a sample belongs to the nearest of its callers that is ours or a package's, so that what
 * a library of ours has a socket do counts as its own.
 * @param bundle whose lines the profile names; its source map lies beside it
 */
export function areasOf(profilePath: string, bundle: string): readonly AreaShare[] {
  const profile = JSON.parse(readFileSync(profilePath, 'utf8')) as Profile;
  const map = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')) as SourceMapPayload);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const callers = new Map<number, number>();
  for (const { id, children = [] } of profile.nodes) for (const child of children) callers.set(child, id);
  const areaOfNode = (from: number): string | null => {
    for (let id: number | undefined = from; id !== undefined; id = callers.get(id)) {
      const { functionName, url, lineNumber, columnNumber } = nodes.get(id)!.callFrame;
      // The profiler's own, and nobody's.
      if (functionName === '(idle)' || url === 'node:inspector') return null;
      if (functionName === '(garbage collector)') return 'garbage collector';
      const entry = url.endsWith(bundle) ? map.findEntry(lineNumber, columnNumber) : {};
      const area = areaOf('originalSource' in entry ? String(entry.originalSource) : url);
      if (area !== null) return area;
    }
    return 'Node itself: sockets, files, timers';
  };
  const known = new Map<number, string | null>();
  const times = new Map<string, number>();
  profile.samples.forEach((id, i) => {
    if (!known.has(id)) known.set(id, areaOfNode(id));
    const area = known.get(id) ?? null;
    if (area !== null) times.set(area, (times.get(area) ?? 0) + (profile.timeDeltas[i] ?? 0));
  });
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times].map(([area, time]) => ({ area, share: time / total })).sort((a, b) => b.share - a.share);
}

function areaOf(source: string): string | null {
  const path = /(libs|apps|node_modules)\/.*/.exec(source)?.[0];
  if (path === undefined) return null;
  return AREAS.find(([, paths]) => paths.some((start) => path.startsWith(start)))?.[0] ?? null;
}
