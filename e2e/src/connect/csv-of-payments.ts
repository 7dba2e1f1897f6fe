import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workspaceRoot } from '@veto/testing/parts';

const HEADER =
  'order_id,paid_at,amount,currency,shop,card_token,card_bin,customer,email,ip,device,a column of no use';
const FIRST_PAID_AT_MS = Date.UTC(2026, 10, 1);

/** Payments of a shop, two seconds apart: 5 000 customers, each with a card and a device, behind 250 addresses. */
export async function writeCsv(file: string, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, row) => {
    const customer = row % 5_000;
    const paidAt = new Date(FIRST_PAID_AT_MS + row * 2_000).toISOString();
    const amount = `${(row % 300) + 1}.${String(row % 100).padStart(2, '0')}`;
    const place = `198.51.100.${customer % 250}`;
    const payer = `tok_${customer},457173,cus_${customer},c${customer}@example.org,${place},dev_${customer}`;
    return `ord_${row},${paidAt},${amount},EUR,"Nord, ""Sport""",${payer},`;
  });
  await writeFile(file, `${[HEADER, ...rows].join('\r\n')}\r\n`);
}

/** By the script that is shipped, and the description of columns beside it. */
export async function csvToNdjson(csv: string, ndjson: string): Promise<void> {
  const folder = join(workspaceRoot(), 'docker/connect');
  const script = [join(folder, 'csv-to-ndjson.mjs'), join(folder, 'columns.json')];
  const child = spawn(process.execPath, script, { stdio: ['pipe', 'pipe', 'inherit'] });
  createReadStream(csv).pipe(child.stdin);
  child.stdout.pipe(createWriteStream(ndjson));
  const [[code]] = await Promise.all([once(child, 'exit'), once(child.stdout, 'close')]);
  if (code !== 0) throw new Error(`csv-to-ndjson.mjs ended with ${String(code)}`);
}
