import type { CsvAdapter } from './csv-adapter';

const SEVEN_DAYS_MS = 7 * 24 * 3_600_000;

/**
 * Fraud Detection Handbook (Le Borgne, Siblini, Lebichot, Bontempi 2022): simulated card payments at terminals.
 * A terminal is a merchant, a customer a customer; there is no card, device or address in this data.
 * `TX_FRAUD_SCENARIO` says how the simulator made a fraud: it is written beside the exported rows for the report by
 * pattern, and is no input of anything. Amounts are rounded to cents (1 214 of them are unrounded in the file).
 */
export const handbookAdapter: CsvAdapter<
  | 'TRANSACTION_ID'
  | 'TX_DATETIME'
  | 'CUSTOMER_ID'
  | 'TERMINAL_ID'
  | 'TX_AMOUNT'
  | 'TX_FRAUD'
  | 'TX_FRAUD_SCENARIO'
> = {
  name: 'handbook',
  tenantId: 'handbook',
  columns: [
    'TRANSACTION_ID',
    'TX_DATETIME',
    'CUSTOMER_ID',
    'TERMINAL_ID',
    'TX_AMOUNT',
    'TX_FRAUD',
    'TX_FRAUD_SCENARIO',
  ],
  labelDelayMs: SEVEN_DAYS_MS,
  labelSource: { fraud: 'chargeback', legit: 'manual_review' },
  map: (row) => ({
    payload: {
      transaction: {
        id: row.TRANSACTION_ID,
        occurred_at: `${row.TX_DATETIME.replace(' ', 'T')}Z`,
        amount: Math.round(Number(row.TX_AMOUNT) * 100),
        currency: 'EUR',
        channel: 'pos',
      },
      merchant: { id: row.TERMINAL_ID },
      customer: { id: row.CUSTOMER_ID },
    },
    truth: {
      fraud: row.TX_FRAUD === '1',
      pattern: row.TX_FRAUD_SCENARIO === '0' ? null : `scenario ${row.TX_FRAUD_SCENARIO}`,
    },
  }),
};
