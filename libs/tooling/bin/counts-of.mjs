/**
 * What a step of the run adds to the sum.
 * @param {readonly object[]} reports of Jest, of Playwright, or of `run-check.mjs`
 * @param {boolean} succeeded whether the step's command exited with 0
 * @param {boolean} isOneTest a step without reports, such as the installation, counts as one test
 * @returns {{ passed: number, failed: number }}
 */
export function countsOf(reports, succeeded, isOneTest) {
  const counts = reports.map(countsOfReport);
  const passed = counts.reduce((sum, each) => sum + each.passed, 0);
  const failed = counts.reduce((sum, each) => sum + each.failed, 0);
  if (isOneTest) return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1 };
  // A step that broke before any of its tests could fail has failed all the same; one without any result as well.
  const broke = (!succeeded || reports.length === 0) && failed === 0;
  return { passed, failed: failed + (broke ? 1 : 0) };
}

/** @param {any} report */
function countsOfReport(report) {
  if (report.stats)
    return { passed: report.stats.expected + report.stats.flaky, failed: report.stats.unexpected };
  if (report.numTotalTests === undefined) return { passed: report.passed, failed: report.failed };
  return { passed: report.numPassedTests, failed: report.numFailedTests + report.numRuntimeErrorTestSuites };
}
