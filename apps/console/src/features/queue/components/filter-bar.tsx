import { useClickOutside, useFocusReturn } from '@mantine/hooks';
import { Pause, Play, Plus, X } from 'lucide-react';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { formatQuery, parseQuery, type AlertQuery } from '../../../desk/query-grammar';
import { QUEUE_ORDERS, QUEUE_ORDER_LABELS, type QueueOrder } from '../../../desk/queue-order';
import { sentenceOfCode } from '../../../format/text';
import { KeyCap } from '../../../ui/key-cap';
import classes from './filter-bar.module.css';
import { FilterPanel } from './filter-panel';

interface Chip {
  readonly label: string;
  readonly without: AlertQuery;
}

/** One chip for each thing that narrows the list, and the query without it. */
export function chipsOf(query: AlertQuery): readonly Chip[] {
  const list = (codes: readonly string[]): string => codes.map(sentenceOfCode).join(', ');
  return [
    ...(query.outcomes.length > 0
      ? [{ label: `Outcome: ${list(query.outcomes)}`, without: { ...query, outcomes: [] } }]
      : []),
    ...(query.severities.length > 0
      ? [{ label: `Severity: ${list(query.severities)}`, without: { ...query, severities: [] } }]
      : []),
    ...(query.scoreFrom !== null
      ? [{ label: `Score ≥ ${query.scoreFrom}`, without: { ...query, scoreFrom: null } }]
      : []),
    ...(query.amountFrom !== null
      ? [{ label: `Amount ≥ ${query.amountFrom}`, without: { ...query, amountFrom: null } }]
      : []),
    ...query.fields.map((term, index) => ({
      label: `${sentenceOfCode(term.field)}${term.isNot ? ' is not' : ':'} ${term.value}`,
      without: { ...query, fields: query.fields.filter((_, other) => other !== index) },
    })),
    ...query.words.map((word, index) => ({
      label: `“${word}”`,
      without: { ...query, words: query.words.filter((_, other) => other !== index) },
    })),
  ];
}

interface FilterBarProps {
  readonly text: string;
  readonly order: QueueOrder;
  readonly follow: boolean;
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly onText: (text: string) => void;
  readonly onOrder: (order: QueueOrder) => void;
  readonly onFollow: (follow: boolean) => void;
}

/** What the list shows, in which order, and whether it moves. Chips and text are two views of one query. */
export function FilterBar(props: FilterBarProps): ReactElement {
  const { text, order, follow, isOpen, onOpenChange, onText, onOrder, onFollow } = props;
  const query = parseQuery(text);
  const anchor = useClickOutside<HTMLDivElement>(() => onOpenChange(false));
  useFocusReturn({ opened: isOpen });
  return (
    <div className={classes['bar']} role="toolbar" aria-label="Filter and order" data-testid="filter-bar">
      <label className={classes['order']}>
        <span>Order</span>
        <select
          value={order}
          onChange={(event) =>
            onOrder(QUEUE_ORDERS.find((each) => each === event.currentTarget.value) ?? 'urgency')
          }
          title="Expected loss × time left: score × amount in EUR, weighted by what hangs on a person (review 4, approve 2, challenge 1, block ½); doubles until a review is due"
          data-testid="queue-order"
        >
          {QUEUE_ORDERS.map((each) => (
            <option key={each} value={each}>
              {QUEUE_ORDER_LABELS[each]}
            </option>
          ))}
        </select>
      </label>
      <div className={classes['chips']}>
        {chipsOf(query).map(({ label, without }) => (
          <button
            key={label}
            type="button"
            className={classes['chip']}
            onClick={() => onText(formatQuery(without))}
            aria-label={`Remove filter ${label}`}
            data-testid="filter-chip"
          >
            <bdi>{label}</bdi> <X size={14} strokeWidth={1.75} aria-hidden="true" />
          </button>
        ))}
      </div>
      <div className={classes['anchor']} ref={anchor}>
        <button
          type="button"
          className={classes['add']}
          onClick={() => onOpenChange(!isOpen)}
          aria-expanded={isOpen}
          aria-haspopup="dialog"
          data-testid="filter-add"
        >
          <Plus size={14} strokeWidth={1.75} aria-hidden="true" /> Filter <KeyCap keys="f" />
        </button>
        {isOpen && (
          <div
            className={classes['dropdown']}
            role="dialog"
            aria-label="Filter"
            onKeyDown={(event) => {
              if (event.key === 'Escape') onOpenChange(false);
            }}
            data-testid="filter-panel"
          >
            <FilterText key={text} text={text} onText={onText} onDone={() => onOpenChange(false)} />
            <FilterPanel query={query} onChange={(next) => onText(formatQuery(next))} />
          </div>
        )}
      </div>
      <button
        type="button"
        className={classes['hold']}
        onClick={() => onFollow(!follow)}
        aria-pressed={follow}
        data-testid="follow-switch"
        title={
          follow
            ? 'New alerts take their place at once'
            : 'The list holds still; new alerts wait behind the bar'
        }
      >
        {follow ? (
          <Play size={14} strokeWidth={1.75} aria-hidden="true" />
        ) : (
          <Pause size={14} strokeWidth={1.75} aria-hidden="true" />
        )}
        {follow ? 'Following' : 'Holding'} <KeyCap keys="p" />
      </button>
    </div>
  );
}

/** The query as text, for those who type; applied with Enter. */
function FilterText(props: {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onDone: () => void;
}): ReactElement {
  const [typed, setTyped] = useState(props.text);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        props.onText(formatQuery(parseQuery(typed)));
        props.onDone();
      }}
    >
      <label className={classes['text']}>
        <span>Filter as text</span>
        <input
          ref={field}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          placeholder="score>=65 outcome:review merchant:nordsport"
          spellCheck={false}
          autoComplete="off"
          data-testid="filter-text"
        />
      </label>
    </form>
  );
}
