import { packApplied, TOPICS, type AppendLabelRequest, type EventLog } from '@veto/domain';
import type { ClaimIndex } from '../embedded/claim-index';
import { labelKeyOf } from '../embedded/state-of-log';
import type { RedisShard } from './redis-shard';

const SWEPT_LABEL_COUNT_MAX = 256;

/** Labels get their place in Redis, and are kept on the log. */
export class SharedLabels {
  readonly #log: EventLog;
  readonly #index: ClaimIndex;
  readonly #underWay = new Map<string, Promise<{ readonly seq: number; readonly duplicate: boolean }>>();
  /** Labels of each shard that the last sweep saw. */
  readonly #seen = new Map<RedisShard, ReadonlySet<string>>();

  constructor(log: EventLog, index: ClaimIndex) {
    this.#log = log;
    this.#index = index;
  }

  /** Resolves when it is on the log. @throws VetoError store_unavailable | log_unavailable */
  async append(
    shard: RedisShard,
    request: AppendLabelRequest,
  ): Promise<{ readonly seq: number; readonly duplicate: boolean }> {
    const labelKey = labelKeyOf(request);
    const known = this.#index.labelSeq(labelKey);
    if (known !== null) return { seq: known, duplicate: true };
    const underWay = this.#underWay.get(labelKey);
    if (underWay !== undefined) return { ...(await underWay), duplicate: true };
    const recorded = this.#record(shard, labelKey, request);
    this.#underWay.set(labelKey, recorded);
    try {
      return await recorded;
    } finally {
      this.#underWay.delete(labelKey);
    }
  }

  /** A label that is known to Redis and not to the log may be under way elsewhere, or was left by a crash: it is logged again. */
  async #record(
    shard: RedisShard,
    labelKey: string,
    request: AppendLabelRequest,
  ): Promise<{ readonly seq: number; readonly duplicate: boolean }> {
    const { seq, epoch, duplicate } = await shard.label(request);
    await this.#put(shard, { ...request, labelKey, seq, epoch });
    return { seq, duplicate };
  }

  async #put(
    shard: RedisShard,
    label: Omit<AppendLabelRequest, 'tenantId'> & { readonly seq: number; readonly epoch: number },
  ): Promise<void> {
    const { labelKey, seq, epoch, payload, entityKeys, record } = label;
    const applied = packApplied({ entityKeys, record });
    await this.#log.append([{ topic: TOPICS.labels, key: labelKey, value: payload, seq, epoch, applied }]);
    await shard.ask((calls) => calls.noteLabelLogged(labelKey));
  }

  /** Labels of which a second sweep does not know that they are on the log were left by a crash. */
  async sweep(shard: RedisShard): Promise<void> {
    const seen = this.#seen.get(shard);
    const labels = await shard.sweep.labels(SWEPT_LABEL_COUNT_MAX);
    for (const label of labels) {
      if (seen?.has(label.labelKey) === true && !this.#underWay.has(label.labelKey))
        await this.#put(shard, label);
    }
    this.#seen.set(shard, new Set(labels.map(({ labelKey }) => labelKey)));
  }
}
