import { commandOf, UsageError } from './command-line';

const KEY = { VETO_API_KEY: 'veto_test_key' };

describe('the command line', () => {
  it('generates with what was asked for, and with defaults for the rest', () => {
    const args = ['generate', '--seed', '7', '--days', '30', '--out', 'traffic.ndjson'];
    expect(commandOf(args, {})).toEqual({
      name: 'generate',
      file: 'traffic.ndjson',
      options: { seed: 7, dayCount: 30, startMs: Date.UTC(2026, 0, 1), paymentsPerDay: 4_000 },
    });
    expect(
      commandOf([...args, '--start', '2026-03-01T00:00:00Z', '--rate-per-day', '250'], {}),
    ).toMatchObject({
      options: { startMs: Date.UTC(2026, 2, 1), paymentsPerDay: 250 },
    });
  });

  it('sends live traffic with the key of the environment', () => {
    expect(commandOf(['live', '--url', 'http://127.0.0.1:8080'], KEY)).toEqual({
      name: 'live',
      options: {
        url: 'http://127.0.0.1:8080',
        apiKey: 'veto_test_key',
        ratePerSecond: 20,
        seed: 1,
        durationMs: 0,
        labelSpeedup: 10_080,
      },
    });
    expect(
      commandOf(
        ['live', '--url', 'http://[::1]:1', '--rate', '0.5', '--duration', '60', '--label-speedup', '1'],
        KEY,
      ),
    ).toMatchObject({
      options: { ratePerSecond: 0.5, durationMs: 60_000, labelSpeedup: 1 },
    });
  });

  it.each([[[]], [['help']], [['--help']], [['live', '--help']]])('explains itself for %j', (args) => {
    expect(commandOf(args, {})).toEqual({ name: 'help' });
  });

  it.each([
    [
      ['generate', '--days', '3', '--out', 'x'],
      '--seed takes an integer from 0 to 9007199254740991, not nothing',
    ],
    [
      ['generate', '--seed', '1.5', '--days', '3', '--out', 'x'],
      '--seed takes an integer from 0 to 9007199254740991, not "1.5"',
    ],
    [
      ['generate', '--seed', '1', '--days', '0', '--out', 'x'],
      '--days takes an integer from 1 to 3650, not "0"',
    ],
    [['generate', '--seed', '1', '--days', '3'], '--out names the file'],
    [
      ['generate', '--seed', '1', '--days', '3', '--out', 'x', '--start', 'noon'],
      '--start takes an RFC 3339 time',
    ],
    [['generate', '--seed', '1', '--days', '3', '--out', 'x', '--rate', '9'], "Unknown option '--rate'"],
    [['live'], '--url takes the address of a running Veto'],
    [['live', '--url', 'ftp://x'], '--url takes the address of a running Veto'],
    [['live', '--url', 'http://x', '--rate', '2001'], '--rate takes a number from 0.1 to 2000, not "2001"'],
    [['live', '--url', 'http://x', '--rate', ''], '--rate takes a number from 0.1 to 2000, not ""'],
    [['flood'], 'there is no command "flood"'],
  ])('refuses %j and says what to change', (args, sentence) => {
    expect(() => commandOf(args, KEY)).toThrow(UsageError);
    expect(() => commandOf(args, KEY)).toThrow(sentence);
  });

  it('sends nothing without a key', () => {
    expect(() => commandOf(['live', '--url', 'http://x'], {})).toThrow('VETO_API_KEY');
  });
});
