'use strict';

/**
 * In CI a test on real parts that failed runs once more: brokers and servers share two cores there, and what failed first
 * is printed and is to be looked at. Elsewhere, and for every other suite, a failure is a failure at once.
 */
if (process.env.CI !== undefined && expect.getState().testPath?.endsWith('.parts.ts') === true) {
  jest.retryTimes(1, { logErrorsBeforeRetry: true });
}
