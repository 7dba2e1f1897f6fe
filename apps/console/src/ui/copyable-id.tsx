import { Check, Copy } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import { shortenId } from '../format/text';
import { announce } from './announcer';
import classes from './copyable-id.module.css';

/** How long the tick stays, in ms. */
const CONFIRM_MS = 1_500;

/** Puts the text into the clipboard and says so. @returns false when the browser refuses */
export async function copyText(text: string, what: string): Promise<boolean> {
  const isCopied = await navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
  announce(isCopied ? `Copied ${what} ${text}` : `The browser does not let ${what} be copied.`);
  return isCopied;
}

/** An id: short to read, whole in its title and in the clipboard. */
export function CopyableId(props: {
  readonly id: string;
  readonly what: string;
  readonly isWhole?: boolean;
}): ReactElement {
  const { id, what, isWhole = false } = props;
  const [isCopied, setIsCopied] = useState(false);
  const copy = async (): Promise<void> => {
    if (!(await copyText(id, what))) return;
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), CONFIRM_MS);
  };
  return (
    <span className={classes['id']} title={id}>
      <code data-testid="id">{isWhole ? id : shortenId(id)}</code>
      <button type="button" className={classes['copy']} onClick={copy} aria-label={`Copy ${what}`}>
        {isCopied ? <Check size={14} strokeWidth={1.75} /> : <Copy size={14} strokeWidth={1.75} />}
      </button>
    </span>
  );
}
