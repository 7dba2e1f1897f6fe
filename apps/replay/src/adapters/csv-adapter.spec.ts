import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openCsv } from './csv-adapter';
import { handbookAdapter } from './handbook-adapter';
import type { ReplayEvent, ReplaySource } from './replay-event';
import { sparkovAdapter } from './sparkov-adapter';

const HANDBOOK_HEADER =
  'TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_TIME_DAYS,TX_FRAUD,TX_FRAUD_SCENARIO';

function aFile(name: string, bytes: string | Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), 'veto-csv-')), name);
  writeFileSync(path, bytes);
  return path;
}

async function eventsOf(source: ReplaySource): Promise<ReplayEvent[]> {
  const events: ReplayEvent[] = [];
  for await (const chunk of source.events()) events.push(...chunk);
  return events;
}

const idsInOrder = (events: readonly ReplayEvent[]): string[] =>
  events.map((event) =>
    event.type === 'label' ? `label ${event.label.transaction_id}` : event.payload.transaction.id,
  );

describe('the Handbook adapter', () => {
  const rows = [
    HANDBOOK_HEADER,
    '0,2018-04-01 00:00:31,596,3156,57.16,31,0,0,0',
    '1,2018-04-08 00:00:30,4961,3412,220.0049,130,7,1,1',
    '2,2018-04-08 00:00:31,2,3,1,131,7,0,0',
  ];

  it('puts each label seven days after its payment, to the second', async () => {
    const events = await eventsOf(openCsv(aFile('h.csv', `${rows.join('\n')}\n`), handbookAdapter));
    expect(idsInOrder(events)).toEqual(['0', '1', 'label 0', '2', 'label 1', 'label 2']);
    expect(events[2]).toMatchObject({ atMs: Date.parse('2018-04-08T00:00:31Z'), label: { label: 'legit' } });
  });

  it('takes terminals for merchants, times for UTC, and amounts to the cent', async () => {
    const [, second] = await eventsOf(openCsv(aFile('h.csv', rows.join('\n')), handbookAdapter));
    expect(second).toMatchObject({
      payload: {
        transaction: { occurred_at: '2018-04-08T00:00:30Z', amount: 22_000, currency: 'EUR' },
        merchant: { id: '3412' },
        customer: { id: '4961' },
      },
      truth: { fraud: true, pattern: 'scenario 1' },
    });
  });

  it('keeps the truth out of the payment', async () => {
    const events = await eventsOf(openCsv(aFile('h.csv', rows.join('\n')), handbookAdapter));
    for (const event of events)
      if (event.type === 'transaction') expect(JSON.stringify(event.payload)).not.toMatch(/fraud|scenario/i);
  });

  it('reads gzip', async () => {
    const events = await eventsOf(openCsv(aFile('h.csv.gz', gzipSync(rows.join('\n'))), handbookAdapter));
    expect(events).toHaveLength(6);
  });

  it('refuses a file that lacks a column, and names it', async () => {
    const path = aFile('h.csv', `TRANSACTION_ID,TX_DATETIME\n0,2018-04-01 00:00:31\n`);
    await expect(eventsOf(openCsv(path, handbookAdapter))).rejects.toThrow(
      /column CUSTOMER_ID, TERMINAL_ID, .* is missing/,
    );
  });

  it('refuses a row that is no payment, and names line and field', async () => {
    const path = aFile(
      'h.csv',
      [HANDBOOK_HEADER, '0,2018-04-01 00:00:31,596,3156,not a number,31,0,0,0'].join('\n'),
    );
    await expect(eventsOf(openCsv(path, handbookAdapter))).rejects.toThrow(/line 2: .*\/transaction\/amount/);
  });
});

describe('the Sparkov adapter', () => {
  const header =
    ',trans_date_trans_time,cc_num,merchant,category,amt,first,last,gender,street,city,state,zip,lat,long,city_pop,job,dob,trans_num,unix_time,merch_lat,merch_long,is_fraud';
  const row =
    '0,2023-01-01 00:01:13,4380348821541405306,fraud_Brekke and Sons,gas_transport,45.41,Carolyn,Bennett,F,86263 Lisa Coves,Seattle,WA,98112,47.6,-122.2,837792,"Investment banker, operational",1992-04-16,8110b5cbb5103ae3d9a7b8584a31192f,1672531273,47.7,-122.3,0';

  it('turns the card number into a fingerprint and keeps BIN and last four digits', async () => {
    const [event] = await eventsOf(openCsv(aFile('s.csv', `${header}\n${row}\n`), sparkovAdapter));
    expect(event).toMatchObject({
      type: 'transaction',
      payload: {
        transaction: { amount: 4_541, currency: 'USD', mcc: '5541', channel: 'pos' },
        card: { bin: '438034', last4: '5306' },
      },
    });
    expect(JSON.stringify(event)).not.toContain('4380348821541405306');
  });

  it('lets neither name nor gender, birth date, job or street through', async () => {
    const events = await eventsOf(openCsv(aFile('s.csv', `${header}\n${row}\n`), sparkovAdapter));
    expect(JSON.stringify(events)).not.toMatch(/Carolyn|Bennett|1992-04-16|banker|Lisa Coves/);
  });
});
