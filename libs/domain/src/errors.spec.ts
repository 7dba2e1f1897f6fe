import { ERROR_CODES, invariant, problemOf, VetoError, type ErrorCode } from './errors';

describe('an error code', () => {
  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('%s becomes a problem document', (code) => {
    const problem = problemOf({ code, detail: 'why', instance: 'req_1' });
    expect(problem).toEqual({
      ...ERROR_CODES[code],
      type: `https://veto.dev/problems/${code}`,
      detail: 'why',
      instance: 'req_1',
      code,
      errors: [],
    });
    expect(problem.status).toBeGreaterThanOrEqual(400);
  });
});

describe('an error of the world', () => {
  it('says whether trying again may help, and keeps its cause', () => {
    const cause = new Error('disk full');
    expect(new VetoError('log_unavailable', 'no append', { retryable: true, cause })).toMatchObject({
      code: 'log_unavailable',
      retryable: true,
      cause,
    });
    expect(new VetoError('rule_invalid', 'no').retryable).toBe(false);
  });
});

describe('an invariant', () => {
  it('that does not hold is our own mistake, in a sentence', () => {
    expect(() => invariant(false, 'amount of ord_1: expected finite, got NaN')).toThrow(
      'amount of ord_1: expected finite, got NaN',
    );
    expect(() => invariant(true, 'never said')).not.toThrow();
  });
});
