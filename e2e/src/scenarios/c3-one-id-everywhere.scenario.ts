import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { WORKSPACE } from '../support/start-server';
import { until } from './support/cluster';
import { readDecisions } from './support/decisions';
import { askUntilAnswered, type AskedPayment } from './support/load';
import { paymentMaker, type SentPayment } from './support/payments';
import { judge } from './support/judge';
import { sized } from './support/scale';
import { scenario, type Run } from './support/scenario';
import { sendPayments } from './support/stream';

const IDS = sized({ asked: 2_000, here: 500 });
/** Of the twenty, one comes through Kafka. */
const CALLERS = 19;
const AT_ONCE = 8;

scenario(
  {
    id: 'C3',
    title:
      'one id sent twenty times at once, to two servers and through Kafka, while a new model is rolled out, is one decision',
    asked: '2 000 ids × 20',
    here: `${IDS} ids × 20`,
    timeoutMs: 300_000,
  },
  async (run) => {
    const cluster = await run.cluster({
      instances: [
        { name: 'score-1', roles: 'score' },
        { name: 'score-2', roles: 'score' },
        { name: 'stream-1', roles: 'stream' },
      ],
    });
    const targets = ['score-1', 'score-2'].map((name) => cluster.instance(name).url);
    const make = paymentMaker('c3', run.random);
    const payments = Array.from({ length: IDS }, (_, i) => make(i));
    const half = Math.floor(IDS / 2);

    const answers = await askEverywhere(run, {
      payments: payments.slice(0, half),
      targets,
      brokers: cluster.brokers,
    });
    // One instance at a time, as a new model is rolled out: from now on the two would decide differently.
    const promoted = promotedModel(run);
    const second = cluster.instance('score-2');
    expect((await second.stop()).code).toBe(0);
    await second.start({ VETO_MODEL_DIR: promoted });
    answers.push(
      ...(await askEverywhere(run, { payments: payments.slice(half), targets, brokers: cluster.brokers })),
    );

    const distinct = new Map<string, Set<string>>();
    for (const { id, status, text } of answers) {
      expect(status).toBe(200);
      distinct.set(id, (distinct.get(id) ?? new Set()).add(text));
    }
    expect(distinct.size).toBe(IDS);
    expect([...distinct].filter(([, bodies]) => bodies.size !== 1)).toEqual([]);
    const versions = new Set([...distinct.values()].map((bodies) => modelVersionOf([...bodies][0] ?? '')));
    run.say(
      `${answers.length} answers by HTTP, ${distinct.size} bodies, of models ${[...versions].join(' and ')}`,
    );
    // Some may have been decided without a model, when a processor was too busy for their deadline.
    versions.delete('none');
    expect(versions.size).toBe(2);
    const decided = await readDecisions(cluster.brokers);
    expect([...decided.values()].reduce((sum, { otherCount }) => sum + otherCount, 0)).toBe(0);
    const report = await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
    expect(report.decisions).toBe(IDS);
  },
);

async function askEverywhere(
  run: Run,
  of: {
    readonly payments: readonly SentPayment[];
    readonly targets: readonly string[];
    readonly brokers: readonly string[];
  },
): Promise<AskedPayment[]> {
  const { journal } = run;
  const answers: AskedPayment[] = [];
  for (let i = 0; i < of.payments.length; i += AT_ONCE) {
    const group = of.payments.slice(i, i + AT_ONCE);
    const asked = group.flatMap((payment) =>
      Array.from({ length: CALLERS }, async (_, caller) =>
        askUntilAnswered(payment, { targets: of.targets, journal, firstTarget: caller }),
      ),
    );
    const [answered] = await Promise.all([Promise.all(asked), sendPayments(of.brokers, group, journal)]);
    answers.push(...answered);
  }
  await until(
    'every payment is decided',
    async () => (await readDecisions(of.brokers)).size >= of.payments.length,
    20_000,
    500,
  );
  return answers;
}

/** A remark in a field of ONNX for remarks (6, of length 8): another file that says the same. */
const REMARK = Buffer.concat([Buffer.from([0x32, 8]), Buffer.from('promoted')]);

/** The shipped model as another file under another version: what it scores is the same, and every decision names it. */
function promotedModel(run: Run): string {
  const directory = join(run.directory, 'promoted-model');
  cpSync(join(WORKSPACE, 'libs/model/artifacts/fraud-gbt'), directory, { recursive: true });
  const path = join(directory, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as {
    version: string;
    files: { model: { path: string; sha256: string } };
  };
  const model = join(directory, manifest.files.model.path);
  appendFileSync(model, REMARK);
  manifest.version += '-promoted';
  manifest.files.model.sha256 = createHash('sha256').update(readFileSync(model)).digest('hex');
  writeFileSync(path, JSON.stringify(manifest));
  return directory;
}

function modelVersionOf(body: string): string {
  return (JSON.parse(body) as { model: { version: string } | null }).model?.version ?? 'none';
}
