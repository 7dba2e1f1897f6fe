import { Modal } from '@mantine/core';
import { Fragment, type ReactElement } from 'react';
import { useRegisteredHotkeys } from '../../../keys/hotkeys';
import type { Hotkey } from '../../../keys/hotkey-registry';
import { setPreferences, usePreferences } from '../../../preferences/preferences';
import { KeyCap } from '../../../ui/key-cap';
import classes from './shortcut-sheet.module.css';

const GROUPS: readonly Hotkey['group'][] = ['Decide', 'Move', 'List', 'Go', 'General'];

/** The keys of this page, as they are registered, and the switch that turns single letters off. */
export function ShortcutSheet({ onClose }: { readonly onClose: () => void }): ReactElement {
  const hotkeys = useRegisteredHotkeys().filter(({ keys }) => keys.length > 0);
  const { singleKeys } = usePreferences();
  return (
    <Modal
      opened
      onClose={onClose}
      title="Keyboard shortcuts"
      size="xl"
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="shortcut-sheet"
    >
      <label className={classes['switch']}>
        <input
          type="checkbox"
          checked={singleKeys}
          onChange={(event) => setPreferences({ singleKeys: event.currentTarget.checked })}
          data-autofocus
        />
        Single-key shortcuts (keys with Ctrl, arrows, Enter and Esc always work)
      </label>
      <div className={classes['groups']}>
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {hotkeys
                .filter((hotkey) => hotkey.group === group)
                .map(({ id, keys, label }) => (
                  <div key={id}>
                    <dt>{label}</dt>
                    <dd>
                      {keys.map((each) => (
                        <Fragment key={each}>
                          <span className={classes['spoken']}>{each}</span>
                          <KeyCap keys={each} />{' '}
                        </Fragment>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
