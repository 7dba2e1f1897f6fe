/** Rules of the protocol that a simulation can break, to show that it would notice. */
export const PLANTED_FAULTS = {
  claim_not_exclusive: 'a begin takes an id that another has begun',
  commit_not_first: 'a later commit replaces an earlier one',
  epoch_not_compared: 'Redis serves whoever asks, whatever epoch he knows of',
  begin_not_atomic: 'a begin does not see what was begun in the last few milliseconds',
  lead_not_fenced: 'whoever led a recovery once may go on writing',
  answered_before_append: 'an append resolves before it is on the log or in the file',
  doubt_not_told: 'the store does not say that another may have decided unseen',
  repetition_not_looked_up: 'what Redis says is decided is answered without a look at the log',
  key_spread: 'the records of one key go to several partitions',
  committed_forgotten: 'nobody looks after decisions that were committed and never logged',
  recovery_from_old_copy: 'a recovery does not wait until it can read all of the log',
  spool_in_memory: 'the write-ahead file is not synced before an append resolves',
  copy_loses_place: 'a copy forgets after a crash how far it was, and reads on from the end',
  label_not_logged: 'a label is in the histories, and not on the log',
  label_twice: 'a label that comes again counts again',
} as const;

export type PlantedFault = keyof typeof PLANTED_FAULTS;
