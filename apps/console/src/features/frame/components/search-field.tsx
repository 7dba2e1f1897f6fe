import type { Alert } from '@veto/domain';
import { useId, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import { useDesk } from '../../../desk/desk-context';
import { matcherOf, parseQuery } from '../../../desk/query-grammar';
import { rowTextOf } from '../../../desk/row-text';
import { shortenId } from '../../../format/text';
import { useHotkeys } from '../../../keys/hotkeys';
import { KeyCap } from '../../../ui/key-cap';
import { OutcomeChip } from '../../../ui/outcome-chip';
import classes from './search-field.module.css';

/** Hits shown below the field. */
const HIT_COUNT_MAX = 8;

interface Hit {
  readonly decisionId: string;
  /** Undefined for a pasted id that this console does not hold: the server is asked. */
  readonly alert: Alert | undefined;
}

/** Alerts held here that match, and a pasted id in any case: what is not here is asked of the server. */
export function findHits(text: string, alerts: Iterable<Alert>): readonly Hit[] {
  const typed = text.trim();
  if (typed === '') return [];
  const matches = matcherOf(parseQuery(typed));
  const hits: Hit[] = [];
  for (const alert of alerts) {
    const isExact = alert.decisionId === typed || alert.transactionId === typed;
    if (isExact) return [{ decisionId: alert.decisionId, alert }];
    if (hits.length < HIT_COUNT_MAX && matches(alert)) hits.push({ decisionId: alert.decisionId, alert });
  }
  if (hits.length === 0 && /^\S{4,128}$/.test(typed)) return [{ decisionId: typed, alert: undefined }];
  return hits;
}

/** Finds a payment by anything on its row, or by a pasted id. */
export function SearchField({ onFind }: { readonly onFind: (decisionId: string) => void }): ReactElement {
  const { queue } = useDesk();
  const field = useRef<HTMLInputElement>(null);
  const listId = useId();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const hits = findHits(text, queue.alerts());
  useHotkeys([
    {
      id: 'general.search',
      keys: ['/'],
      label: 'Search',
      group: 'General',
      run: () => field.current?.select(),
    },
  ]);
  const open = (hit: Hit | undefined): void => {
    if (hit === undefined) return;
    setText('');
    field.current?.blur();
    onFind(hit.decisionId);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setActive((index) => Math.min(hits.length - 1, index + 1));
    else if (event.key === 'ArrowUp') setActive((index) => Math.max(0, index - 1));
    else if (event.key === 'Enter') open(hits[active]);
    else if (event.key === 'Escape') {
      setText('');
      field.current?.blur();
    } else return;
    event.preventDefault();
  };
  return (
    <div className={classes['search']} role="search">
      <input
        ref={field}
        type="text"
        role="combobox"
        aria-label="Search by id, card, merchant or reason"
        aria-expanded={hits.length > 0}
        aria-controls={listId}
        aria-activedescendant={hits.length > 0 ? `${listId}-${active}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder="Search id, card, merchant, reason…"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setText('')}
        data-testid="search"
      />
      <span className={classes['key']}>
        <KeyCap keys="/" />
      </span>
      <ul
        id={listId}
        role="listbox"
        aria-label="Matches"
        className={classes['hits']}
        hidden={hits.length === 0}
      >
        {hits.map((hit, index) => (
          <li
            key={hit.decisionId}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === active}
            onMouseDown={(event) => {
              event.preventDefault();
              open(hit);
            }}
            data-testid="search-hit"
          >
            {hit.alert === undefined ? (
              <>
                Open <code>{shortenId(hit.decisionId)}</code> from the server
              </>
            ) : (
              <>
                <OutcomeChip outcome={hit.alert.case.outcome ?? hit.alert.outcome} />{' '}
                {rowTextOf(hit.alert).amount} · <bdi>{rowTextOf(hit.alert).merchant}</bdi> ·{' '}
                {rowTextOf(hit.alert).card} <code>{shortenId(hit.alert.transactionId)}</code>
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
