import type { DecisionDetail } from '@veto/domain';
import { useState, type ReactElement } from 'react';
import { copyText } from '../../../ui/copyable-id';
import classes from './decision.module.css';

function Json(props: {
  readonly title: string;
  readonly value: unknown;
  readonly isOpen?: boolean | undefined;
}): ReactElement {
  const [isOpen, setIsOpen] = useState(props.isOpen ?? false);
  // Most are never opened: the text is made when it is looked at.
  const text = isOpen ? JSON.stringify(props.value, null, 2) : '';
  return (
    <details
      className={classes['json']}
      open={isOpen}
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary>{props.title}</summary>
      <button type="button" onClick={() => void copyText(text, props.title)} className={classes['copyJson']}>
        Copy
      </button>
      <pre tabIndex={0}>{text}</pre>
    </details>
  );
}

/** The bytes themselves: what the merchant sent (contact data masked) and what was answered, with every revision. */
export function PayloadSection({
  detail,
  isOpen,
}: {
  readonly detail: DecisionDetail;
  readonly isOpen?: boolean;
}): ReactElement {
  return (
    <section aria-labelledby="payload" data-testid="payload">
      <h2 id="payload">Payload</h2>
      <Json title="Payment as received" value={detail.transaction} isOpen={isOpen} />
      <Json title="Decision as answered" value={detail.decision} />
      {detail.revisions.map((revision) => (
        <Json
          key={revision.revisedAtMs}
          title={`Revision ${revision.decision.version} by ${revision.revisedBy}`}
          value={revision.decision}
        />
      ))}
    </section>
  );
}
