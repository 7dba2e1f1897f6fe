#!/usr/bin/env node
/**
 * Rows of a CSV file into the lines that transactions-source.properties reads, one API body of a payment each:
 * `csv-to-ndjson.mjs columns.json < payments.csv > payments.ndjson`. README.md says how the columns are described.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const WRITE_BYTE_COUNT = 1 << 16;

/**
 * What becomes of a cell, by the name in `as`.
 * @type {Record<string, (cell: string) => string | number | boolean | undefined>}
 */
const KINDS = {
  text: (cell) => cell,
  integer: (cell) => (/^-?\d{1,15}$/.test(cell) ? Number(cell) : undefined),
  hundredths: hundredthsOf,
  boolean: (cell) => ({ true: true, 1: true, false: false, 0: false })[cell.toLowerCase()],
  time: (cell) => isoTimeOf(Date.parse(cell)),
  seconds: (cell) => isoTimeOf(Number(cell) * 1_000),
};

/** @typedef {{ column?: string, value?: string | number | boolean, as?: string }} Source */

const [columnsFile] = process.argv.slice(2);
if (!columnsFile) fail('csv-to-ndjson.mjs columns.json < payments.csv > payments.ndjson');

/** @type {Record<string, Source>} */
const sources = JSON.parse(readFileSync(columnsFile, 'utf8'));
for (const [member, { column, value, as = 'text' }] of Object.entries(sources)) {
  if ((column === undefined) === (value === undefined)) fail(`${member}: expected either column or value`);
  if (!(as in KINDS)) fail(`${member}: as: expected ${Object.keys(KINDS).join(', ')}, got ${as}`);
}

/** @type {string[] | undefined} */
let header;
let rowNumber = 0;
let lines = '';
for await (const row of rowsOf(process.stdin)) {
  rowNumber++;
  if (header === undefined) {
    header = headerOf(row);
    continue;
  }
  if (row.length !== header.length)
    fail(`row ${rowNumber}: expected ${header.length} cells, got ${row.length}`);
  lines += `${JSON.stringify(bodyOf(header, row))}\n`;
  if (lines.length >= WRITE_BYTE_COUNT) await flush();
}
await flush();

async function flush() {
  const isTaken = process.stdout.write(lines);
  lines = '';
  if (!isTaken) await once(process.stdout, 'drain');
}

/** @param {string[]} row */
function headerOf(row) {
  const names = row.map((name) => name.trim());
  const missing = Object.values(sources).find(
    ({ column }) => column !== undefined && !names.includes(column),
  );
  if (missing) fail(`column ${missing.column} is missing; the header says ${names.join(', ')}`);
  return names;
}

/**
 * An empty cell leaves its member out: what is missing is not zero.
 * @param {string[]} names
 * @param {string[]} row
 */
function bodyOf(names, row) {
  /** @type {Record<string, any>} */
  const body = {};
  for (const [path, { column, value, as = 'text' }] of Object.entries(sources)) {
    const cell = column === undefined ? undefined : (row[names.indexOf(column)] ?? '').trim();
    if (cell === '') continue;
    const member = cell === undefined ? value : KINDS[as]?.(cell);
    if (member === undefined) fail(`row ${rowNumber}, column ${column}: expected ${as}`);
    const [section = '', name] = path.split('.');
    if (name === undefined) body[section] = member;
    else body[section] = { ...body[section], [name]: member };
  }
  return body;
}

/**
 * `12.5` is 1250, by its digits: no floating point touches money.
 * @param {string} cell
 */
function hundredthsOf(cell) {
  const [, sign = '', whole = '', part = ''] = /^(-?)(\d{1,13})(?:\.(\d{1,2}))?$/.exec(cell) ?? [];
  return whole === '' ? undefined : Number(`${sign}${whole}${part.padEnd(2, '0')}`);
}

/** @param {number} ms */
function isoTimeOf(ms) {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : undefined;
}

/**
 * As RFC 4180 says: cells in quotes may hold commas, line ends, and quotes that are written twice.
 * @param {NodeJS.ReadStream} input
 * @returns {AsyncGenerator<string[]>}
 */
async function* rowsOf(input) {
  /** @type {string[]} */
  let row = [];
  let cell = '';
  let isQuoted = false;
  let wasQuote = false;
  input.setEncoding('utf8');
  for await (const chunk of input) {
    for (const character of chunk) {
      if (isQuoted && character === '"') {
        isQuoted = false;
        wasQuote = true;
      } else if (isQuoted) cell += character;
      else if (character === '"') {
        if (wasQuote) cell += '"';
        isQuoted = true;
        wasQuote = false;
      } else if (character === ',') {
        row.push(cell);
        [cell, wasQuote] = ['', false];
      } else if (character === '\n') {
        row.push(cell);
        yield row;
        [row, cell, wasQuote] = [[], '', false];
      } else if (character !== '\r' && character !== '\uFEFF') [cell, wasQuote] = [cell + character, false];
    }
  }
  if (isQuoted) fail(`row ${rowNumber + 1}: a quote is never closed`);
  if (cell === '' && row.length === 0) return;
  row.push(cell);
  yield row;
}

/**
 * Names the place and what was expected, never what was there: a cell may hold a card's number.
 * @param {string} sentence
 * @returns {never}
 */
function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
