import { parseArgs } from 'node:util';
import { bundledModelDirectory } from '@veto/model';
import { bench } from './bench/bench';
import { DATA_SETS, replayDataSet } from './commands/replay-data-set';
import { verify } from './commands/verify';

const HELP = `Usage: npm run replay -- COMMAND …

  handbook FILE   Fraud Detection Handbook CSV (plain or .gz) through the line, labels 7 days after their payment
  sparkov FILE    Sparkov generator CSV through the line, card numbers replaced by fingerprints while reading
  ndjson FILE     events as "traffic generate" writes them
      --model DIR     model artifact (default: the shipped one); --no-model: rules and lists alone
      --scores FILE   write TRANSACTION_ID,score
      --export DIR    write features.npy, rows.csv, feature-set.json for training
      --from DAY      first day of scores and export, YYYY-MM-DD, UTC
      --to DAY        last day of scores and export, included; without --report the replay ends there
      --report FILE   write what came of it, in Markdown
      --data DIR      keep log and state in DIR (default: in memory)
  verify          recompute every decision of a log and compare, bit for bit
      --data DIR      data directory of a stopped server (default: VETO_DATA_DIR or tmp/veto)
  bench           the in-process benches: computation against JSON.parse, replay rate, memory
      --scale X       1 by default; less runs them smaller
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      'no-model': { type: 'boolean', default: false },
      scores: { type: 'string' },
      export: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      report: { type: 'string' },
      data: { type: 'string' },
      journal: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
      scale: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command, path] = positionals;
  if (values.help || command === undefined) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  const model = values['no-model'] ? null : (values.model ?? bundledModelDirectory());
  if (command === 'verify')
    return verify({
      data: values.data ?? process.env['VETO_DATA_DIR'] ?? 'tmp/veto',
      modelDirectory: model,
      journals: values.journal ?? [],
      json: values.json,
    });
  if (command === 'bench') {
    await bench(Number(values.scale));
    return 0;
  }
  if (!(command in DATA_SETS)) throw new Error(`unknown command "${command}"; try --help`);
  if (path === undefined)
    throw new Error(`${command}: name the file, e.g. npm run replay -- ${command} transactions.csv.gz`);
  const said = await replayDataSet({
    dataSet: command,
    path,
    model,
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
