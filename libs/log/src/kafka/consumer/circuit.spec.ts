import { Circuit } from './circuit';

const OPTIONS = { failedCountMax: 3, failedShareMax: 0.01, windowMs: 60_000, openMs: 10_000 };

function fail(circuit: Circuit, count: number, nowMs: number): boolean {
  let isOpen = false;
  for (let index = 0; index < count; index++) isOpen = circuit.failed(nowMs);
  return isOpen;
}

describe('a circuit that allows three failures and one in a hundred within a minute', () => {
  it('stays closed at three failures and opens at the fourth', () => {
    const circuit = new Circuit(OPTIONS);
    expect(fail(circuit, 3, 0)).toBe(false);
    expect(circuit.isOpen(0)).toBe(false);
    expect(fail(circuit, 1, 0)).toBe(true);
    expect(circuit.isOpen(9_999)).toBe(true);
    expect(circuit.isOpen(10_000)).toBe(false);
  });

  it('stays closed while four failures are no more than one in a hundred', () => {
    const circuit = new Circuit(OPTIONS);
    for (let index = 0; index < 396; index++) circuit.succeeded(0);
    // 4 of 400 are exactly 1 %; the next makes 5 of 401.
    expect(fail(circuit, 4, 0)).toBe(false);
    expect(fail(circuit, 1, 0)).toBe(true);
  });

  it('forgets what is older than its window', () => {
    const circuit = new Circuit(OPTIONS);
    fail(circuit, 3, 0);
    expect(fail(circuit, 3, 60_000)).toBe(false);
    expect(fail(circuit, 1, 60_000)).toBe(true);
  });

  it('lets one attempt through when its time is over: a success closes it, a failure opens it again', () => {
    const circuit = new Circuit(OPTIONS);
    fail(circuit, 4, 0);
    expect(circuit.probe()).toBe(true);
    expect(circuit.probe()).toBe(false);
    expect(fail(circuit, 1, 10_000)).toBe(true);
    expect(circuit.isOpen(19_999)).toBe(true);
    expect(circuit.probe()).toBe(true);
    expect(circuit.succeeded(20_000)).toBe(true);
    expect(circuit.isBroken).toBe(false);
    expect(fail(circuit, 3, 20_000)).toBe(false);
  });
});
