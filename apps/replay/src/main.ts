import { parseArgs } from 'node:util';
import { bundledModelDirectory } from '@veto/model';
import { bench } from './bench/bench';
import { clusterPlaceOf } from './cluster/cluster-place';
import { deadLetters } from './commands/dead-letters';
import { migrate } from './commands/migrate';
import { rebuild } from './commands/rebuild';
import { DATA_SETS, replayDataSet } from './commands/replay-data-set';
import { topics } from './commands/topics';
import { verify } from './commands/verify';
import { HELP } from './help';

const OPTIONS = {
  model: { type: 'string' },
  'no-model': { type: 'boolean', default: false },
  scores: { type: 'string' },
  export: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  report: { type: 'string' },
  data: { type: 'string' },
  scale: { type: 'string', default: '1' },
  journal: { type: 'string', multiple: true },
  json: { type: 'boolean', default: false },
  brokers: { type: 'string' },
  redis: { type: 'string' },
  'topic-prefix': { type: 'string' },
  partitions: { type: 'string' },
  replication: { type: 'string' },
  alter: { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const [command, ...rest] = positionals;
  if (values.help || command === undefined) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  const model = values['no-model'] ? null : (values.model ?? bundledModelDirectory());
  const data = values.data ?? process.env['VETO_DATA_DIR'] ?? 'tmp/veto';
  const { journal: journals = [], json, all, alter } = values;
  const place = clusterPlaceOf(values);
  // Who names a directory means it, whatever cluster the environment names.
  const verified =
    values.data !== undefined && values.brokers === undefined ? { ...place, brokers: [] } : place;
  switch (command) {
    case 'topics': {
      const partitions = countOf(values.partitions, '--partitions');
      return topics(place, { partitions, replication: countOf(values.replication, '--replication'), alter });
    }
    case 'dlq':
      return deadLetters(place, { action: rest[0], ids: rest.slice(1), all, json });
    case 'rebuild':
      return rebuild(place, { force: values.force });
    case 'migrate':
      return migrate(place, { data });
    case 'verify':
      return verify(verified, {
        ...{ data, modelDirectory: model, journals, json },
        withRedis: values.redis !== undefined,
      });
    case 'bench':
      await bench(Number(values.scale));
      return 0;
    default:
      return replay(command, rest[0], { ...values, modelDirectory: model });
  }
}

/** @throws Error when the text is no whole number above 0 */
function countOf(text: string | undefined, flag: string): number | null {
  if (text === undefined) return null;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${flag} ${text}: give a whole number above 0`);
  return count;
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

async function replay(
  dataSet: string,
  path: string | undefined,
  values: Values & { readonly modelDirectory: string | null },
): Promise<number> {
  if (!(dataSet in DATA_SETS)) throw new Error(`unknown command "${dataSet}"; try --help`);
  if (path === undefined)
    throw new Error(`${dataSet}: name the file, e.g. npm run replay -- ${dataSet} transactions.csv.gz`);
  const said = await replayDataSet({
    dataSet,
    path,
    model: values.modelDirectory,
    data: values.data ?? null,
    scores: values.scores ?? null,
    from: values.from ?? null,
    to: values.to ?? null,
    exportDirectory: values.export ?? null,
    report: values.report ?? null,
  });
  console.log(said);
  return 0;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
