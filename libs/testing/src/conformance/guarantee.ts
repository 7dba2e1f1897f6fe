/** A promise of a port, and how to see whether something keeps it. */
export interface Guarantee<UnderTest> {
  /** As on the port: `EL1` … */
  readonly id: string;
  /** What is seen to hold, in the present tense. */
  readonly title: string;
  /** Uses `expect`; rejects when the promise is not kept. */
  readonly check: (underTest: UnderTest) => Promise<void>;
}

/** What a suite needs of whatever it looks at. */
export interface Disposable {
  /** Lets go of files and processes. */
  readonly dispose: () => Promise<void>;
}

/** One fresh thing under test for each guarantee, one test for each, its title starting with the id. */
export function describeGuarantees<UnderTest extends Disposable>(
  name: string,
  guarantees: readonly Guarantee<UnderTest>[],
  factory: () => Promise<UnderTest>,
): void {
  describe(name, () => {
    it.each(guarantees)('$id $title', async ({ check }) => {
      const underTest = await factory();
      try {
        await check(underTest);
      } finally {
        await underTest.dispose();
      }
    });
  });
}
