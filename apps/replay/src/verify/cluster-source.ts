import { TOPICS } from '@veto/domain';
import type { ClusterPlace } from '../cluster/cluster-place';
import { scanCluster } from '../cluster/scan-cluster';
import { withPosition } from '../cluster/with-position';
import type { LogToVerify } from './verify-records';

/** What the verifier reads of a cluster's log. Case events and lists take no part in what it checks. */
const VERIFIED_TOPICS = [TOPICS.decisions, TOPICS.labels, TOPICS.epochs] as const;

/** The log of a cluster up to what Kafka holds when it is read. */
export function clusterSource(place: ClusterPlace): LogToVerify {
  let position = 0;
  return {
    readAll: async (take) => {
      await scanCluster(place, {
        topics: VERIFIED_TOPICS,
        take: (records) => take(records.map((record) => withPosition(record, position++))),
      });
    },
  };
}
