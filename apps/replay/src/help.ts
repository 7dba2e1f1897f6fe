export const HELP = `Usage: npm run replay -- COMMAND …

  handbook FILE   Fraud Detection Handbook CSV (plain or .gz) through the line, labels 7 days after their payment
  sparkov FILE    Sparkov generator CSV through the line, card numbers replaced by fingerprints while reading
  ndjson FILE     events as "traffic generate" writes them
      --model DIR     model artifact (default: the shipped one); --no-model: rules and lists alone
      --scores FILE   write TRANSACTION_ID,score
      --export DIR    write features.npy, rows.csv, feature-set.json for training
      --from DAY      first day of scores and export, YYYY-MM-DD, UTC
      --to DAY        last day of scores and export, included; without --report the replay ends there
      --report FILE   write what came of it, in Markdown
      --data DIR      keep log and state in DIR (default: in memory)
  verify          check I1 … I10 against a log: recompute every vector and decision, bit for bit
      --data DIR      data directory of a stopped server (default: VETO_DATA_DIR or tmp/veto)
      --journal FILE  what a client asked and was told, NDJSON; once for each file
      --json          one JSON object instead of lines
      --brokers …     a cluster's log instead; with --redis also what Redis holds, while nobody decides
  bench           the in-process benches: computation against JSON.parse, replay rate, memory
      --scale X       1 by default; less runs them smaller

On a cluster: --brokers HOST:PORT,… (KAFKA_BROKERS), --redis URL,… (REDIS_URL), --topic-prefix TEXT (VETO_TOPIC_PREFIX).
TLS and logins by the environment alone, as for the server: KAFKA_SSL…, KAFKA_SASL_…, REDIS_CA_FILE, REDIS_PASSWORD_FILE …

  topics          make the topics what they must be; run again, it changes nothing
      --partitions N  of the topics that have more than one (default 12)
      --replication N copies of each partition (default 3; 1 for a single broker)
      --alter         make right what differs; without it a difference is an error
  rebuild         make the state in Redis anew from the log, in an epoch of its own
      --force         also while instances serve: they decide by what they know themselves meanwhile
  migrate         move a stopped server's data to a cluster that is empty; interrupted, run it again
      --data DIR      the data directory
  dlq list        records that were set aside, oldest first
  dlq show ID     one of them, with its bytes
  dlq redrive ID… produce them again, as they were; --all: every one that was not yet
      --json          list and show as JSON
`;
