/**
 * Latency of the decision API at a fixed arrival rate, against plain Fastify with Ajv on the same body in the same run.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answering, freePort, openLoop } from './open-loop.mjs';
import { paymentBody } from './payment-body.mjs';

/** @param {{rate: number, seconds: number, rounds: number}} options */
export async function benchDecisionApi({ rate, seconds, rounds }) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'veto-bench-'));
  const [vetoPort, metricsPort, plainPort] = [await freePort(), await freePort(), await freePort()];
  const environment = {
    ...process.env,
    PORT: `${vetoPort}`,
    METRICS_PORT: `${metricsPort}`,
    VETO_DATA_DIR: dataDirectory,
  };
  const veto = spawn('node', ['dist/apps/server/main.mjs', '--rate', '0'], {
    env: environment,
    stdio: 'ignore',
  });
  const plain = spawn('node', ['e2e/bench/plain-fastify.mjs', `${plainPort}`], { stdio: 'ignore' });
  try {
    await Promise.all([answering(vetoPort, '/v1/health/ready'), answering(plainPort, '/')]);
    /** @type {Record<'veto' | 'plain', {p50: number, p99: number, failures: number}[]>} */
    const results = { veto: [], plain: [] };
    // Long enough that the compiler has seen everything: neither server is measured while it warms up.
    await openLoop({ port: vetoPort, rate: rate / 2, seconds, bodyOf: (i) => bodyOf('warm', i) });
    await openLoop({ port: plainPort, rate: rate / 2, seconds, bodyOf: (i) => bodyOf('warm', i) });
    for (let round = 0; round < rounds; round++) {
      results.plain.push(
        await openLoop({ port: plainPort, rate, seconds, bodyOf: (i) => bodyOf(`p${round}`, i) }),
      );
      results.veto.push(
        await openLoop({ port: vetoPort, rate, seconds, bodyOf: (i) => bodyOf(`v${round}`, i) }),
      );
    }
    print(results, rate, seconds);
    console.log(`    outcomes: ${await outcomesOf(metricsPort)}`);
  } finally {
    veto.kill();
    plain.kill();
    await new Promise((resolve) => veto.once('exit', resolve));
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

/** What was decided, so that a reader sees which payments the figures are of. @param {number} metricsPort */
async function outcomesOf(metricsPort) {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const counts = [...text.matchAll(/^veto_decisions_total\{outcome="(\w+)",decided_by="(\w+)".*\} (\d+)$/gm)];
  return counts.map(([, outcome, by, count]) => `${outcome} by ${by} ${count}`).join(', ');
}

/** @param {Record<'veto' | 'plain', {p50: number, p99: number, failures: number}[]>} results @param {number} rate @param {number} seconds */
function print(results, rate, seconds) {
  const median = (/** @type {number[]} */ values) =>
    values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
  const of = (/** @type {'veto' | 'plain'} */ who, /** @type {'p50' | 'p99'} */ what) =>
    median(results[who].map((each) => each[what]));
  for (const what of /** @type {const} */ (['p50', 'p99'])) {
    const ratio = of('veto', what) / of('plain', what);
    console.log(
      `${ratio <= 2 ? '✓' : '✗'} decision API ${what} at ${rate}/s: ${ratio.toFixed(2)} × plain Fastify + Ajv (goal ≤ 2)\n` +
        `    ${of('veto', what).toFixed(2)} ms against ${of('plain', what).toFixed(2)} ms; open loop, ${results.veto.length} rounds of ${seconds} s, medians`,
    );
  }
  console.log(JSON.stringify({ bench: 'decision-api', rate, seconds, results }));
}

/** Customers who pay once in a while, each with a card, a device and an address of his own: nearly all are approved. */
const CUSTOMER_COUNT = 200_000;
const MERCHANT_COUNT = 300;

/** @param {string} prefix @param {number} i */
function bodyOf(prefix, i) {
  const who = (i * 7_919) % CUSTOMER_COUNT;
  return paymentBody({
    ...{ id: `${prefix}_${i}`, occurredAtMs: Date.now(), who, n: i },
    merchantCount: MERCHANT_COUNT,
  });
}
