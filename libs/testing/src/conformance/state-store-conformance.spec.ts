import type {
  AppendLabelRequest,
  BeginRequest,
  BeginResult,
  CommitRequest,
  CommitResult,
  PendingClaim,
} from '@veto/domain';
import { aClock } from '../builders/a-clock';
import { PlainJournal, PlainStateStore } from '../oracle/plain-state-store';
import {
  stateStoreConformance,
  stateStoreGuarantees,
  type StateStoreUnderTest,
} from './state-store-conformance';

function copyOf(journal: PlainJournal): PlainJournal {
  const copied = new PlainJournal();
  copied.events.push(...journal.events);
  return copied;
}

/** @param Store the class of the first store, and of whatever is opened later */
function underTest(
  Store: typeof PlainStateStore,
  reopened: (journal: PlainJournal) => PlainJournal = (journal) => journal,
): StateStoreUnderTest {
  const clock = aClock();
  let journal = new PlainJournal();
  return {
    store: new Store(journal, clock),
    clock,
    logDecision: (id, bytes) => {
      journal.logDecision(id, bytes);
      return Promise.resolve();
    },
    restart: () => {
      journal = reopened(journal);
      return Promise.resolve(new Store(journal, clock));
    },
    crash: () => Promise.resolve(new Store(reopened(copyOf(journal)), clock)),
    twin: () => Promise.resolve(new Store(journal, clock)),
    dispose: () => Promise.resolve(),
  };
}

stateStoreConformance('the oracle', () => Promise.resolve(underTest(PlainStateStore)));

function without(journal: PlainJournal, type: 'begun' | 'label' | 'decided'): PlainJournal {
  const kept = new PlainJournal();
  kept.events.push(...journal.events.filter((event) => event.type !== type));
  return kept;
}

/** For each guarantee a store that breaks it, and as little else as can be. */
const BREAKERS: Readonly<Record<string, () => StateStoreUnderTest>> = {
  SS1: () =>
    underTest(
      class extends PlainStateStore {
        // Looks at all claims of a batch before it makes any.
        override begin(requests: readonly BeginRequest[]): Promise<readonly BeginResult[]> {
          const known = requests.map((request) => this.begunOf(request) !== undefined);
          return Promise.resolve(
            requests.map((request, i) => {
              if (known[i] === true) return super.beginOne(request);
              const { status: _status, ...fresh } = super.beginOne({
                ...request,
                transactionId: `${request.transactionId}#${i}`,
              }) as Extract<BeginResult, { status: 'begun' }>;
              return { status: 'begun', ...fresh };
            }),
          );
        }
      },
    ),
  SS2: () =>
    underTest(
      class extends PlainStateStore {
        // Whoever asks again takes a number with him.
        protected override lastSeq(): number {
          return super.lastSeq() + this.#askedAgainCount;
        }
        #askedAgainCount = 0;
        protected override beginOne(request: BeginRequest): BeginResult {
          if (this.begunOf(request) !== undefined) this.#askedAgainCount += 1;
          return super.beginOne(request);
        }
      },
    ),
  SS3: () =>
    underTest(
      class extends PlainStateStore {
        protected override historyBefore(key: string, seq: number): Uint8Array {
          return super.historyBefore(key, seq).subarray(-60 * 255);
        }
      },
    ),
  SS4: () =>
    underTest(
      class extends PlainStateStore {
        // Reads for the whole batch, then writes.
        override begin(requests: readonly BeginRequest[]): Promise<readonly BeginResult[]> {
          const seq = this.lastSeq() + 1;
          const before = requests.map(({ entityKeys }) =>
            entityKeys.map((key) => this.historyBefore(key, seq)),
          );
          return Promise.resolve(
            requests.map((request, i) => {
              const result = super.beginOne(request);
              return result.status === 'begun' ? { ...result, histories: before[i] ?? [] } : result;
            }),
          );
        }
      },
    ),
  SS5: () =>
    underTest(
      class extends PlainStateStore {
        protected override commitOne(request: CommitRequest): CommitResult {
          return { ...super.commitOne(request), bytes: request.bytes };
        }
      },
    ),
  SS6: () => underTest(PlainStateStore, (journal) => without(journal, 'decided')),
  SS7: () =>
    underTest(
      class extends PlainStateStore {
        protected override beginOne(request: BeginRequest): BeginResult {
          const result = super.beginOne(request);
          const isTrace = result.status === 'fingerprint_mismatch';
          if (isTrace) super.beginOne({ ...request, transactionId: `${request.transactionId}#refused` });
          return result;
        }
      },
    ),
  SS8: () =>
    underTest(
      class extends PlainStateStore {
        override async appendLabel(
          request: AppendLabelRequest,
        ): Promise<{ readonly seq: number; readonly duplicate: boolean }> {
          // Two tenants share a namespace.
          const { duplicate } = await super.appendLabel({ ...request, tenantId: 'ten_test' });
          return { seq: this.lastSeq(), duplicate };
        }
      },
    ),
  SS9: () =>
    underTest(
      class extends PlainStateStore {
        override async pending(query: {
          readonly ageMs: number;
          readonly countMax: number;
        }): Promise<readonly PendingClaim[]> {
          const claims = await super.pending(query);
          return claims.map((claim) => ({
            ...claim,
            histories: claim.histories.map(() => new Uint8Array(0)),
          }));
        }
      },
    ),
  SS10: () =>
    underTest(
      class extends PlainStateStore {
        #shared = new Uint8Array(60 * 256);
        protected override historyBefore(key: string, seq: number): Uint8Array {
          const history = super.historyBefore(key, seq);
          this.#shared.set(history);
          return this.#shared.subarray(0, history.length);
        }
      },
    ),
  SS11: () => underTest(PlainStateStore, (journal) => without(journal, 'label')),
  SS12: () => {
    const committed = new Set<string>();
    return underTest(
      class extends PlainStateStore {
        protected override commitOne(request: CommitRequest): CommitResult {
          committed.add(request.transactionId);
          return super.commitOne(request);
        }
        // Takes whatever was once committed for finished.
        override async pending(query: {
          readonly ageMs: number;
          readonly countMax: number;
        }): Promise<readonly PendingClaim[]> {
          const claims = await super.pending(query);
          return claims.filter(({ transactionId }) => !committed.has(transactionId));
        }
      },
    );
  },
};

describe('the suite of the state store', () => {
  it.each(stateStoreGuarantees)('sees when $id is broken', async ({ id, check }) => {
    const breaker = BREAKERS[id];
    expect(breaker).toBeDefined();
    await expect(check(breaker!())).rejects.toThrow();
  });
});
