import { VetoError } from '@veto/domain';
import { onceCoordinated } from './once-coordinated';

const loading = new VetoError('log_unavailable', 'the scan of the log stopped', {
  cause: Object.assign(new Error('The coordinator is loading'), { type: 'GROUP_LOAD_IN_PROGRESS' }),
});

/** Fails so often, then is done. */
function anAttempt(failureCount: number, error: Error): { run: () => Promise<void>; count: () => number } {
  let count = 0;
  const run = (): Promise<void> => (++count <= failureCount ? Promise.reject(error) : Promise.resolve());
  return { run, count: () => count };
}

describe('a reading by a group', () => {
  it('is begun again while the coordinator is loading', async () => {
    const attempt = anAttempt(2, loading);
    await onceCoordinated(attempt.run, () => false);
    expect(attempt.count()).toBe(3);
  });

  it('is not begun again behind records that were handed over, nor after any other failure', async () => {
    const begun = anAttempt(1, loading);
    await expect(onceCoordinated(begun.run, () => true)).rejects.toBe(loading);
    const other = anAttempt(1, new Error('something else'));
    await expect(onceCoordinated(other.run, () => false)).rejects.toThrow('something else');
    expect([begun.count(), other.count()]).toEqual([1, 1]);
  });
});
