import '@mantine/spotlight/styles.css';
import {
  createSpotlight,
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
} from '@mantine/spotlight';
import { useEffect, type ReactElement } from 'react';
import type { Hotkey } from '../../../keys/hotkey-registry';
import { useRegisteredHotkeys } from '../../../keys/hotkeys';
import { KeyCap } from '../../../ui/key-cap';
import classes from './command-palette.module.css';

const [store, palette] = createSpotlight();

const GROUP_ORDER: readonly Hotkey['group'][] = ['Decide', 'List', 'Move', 'Go', 'General'];

function actionOf(hotkey: Hotkey): SpotlightActionData {
  const [keys] = hotkey.keys;
  return {
    id: hotkey.id,
    label: hotkey.label,
    onClick: hotkey.run,
    ...(keys !== undefined && { rightSection: <KeyCap keys={keys} /> }),
  };
}

/** Everything that can be done here, with the key that does it: looking something up teaches its shortcut. */
export function CommandPalette({ onClose }: { readonly onClose: () => void }): ReactElement {
  const hotkeys = useRegisteredHotkeys();
  useEffect(() => palette.open(), []);
  const groups: SpotlightActionGroupData[] = GROUP_ORDER.flatMap((group) => {
    const actions = hotkeys
      .filter((hotkey) => hotkey.group === group && hotkey.isHidden !== true)
      .map(actionOf);
    return actions.length === 0 ? [] : [{ group, actions }];
  });
  return (
    <Spotlight
      store={store}
      onSpotlightClose={onClose}
      actions={groups}
      shortcut={null}
      nothingFound="Nothing of that name"
      scrollable
      maxHeight={420}
      transitionProps={{ duration: 0 }}
      attributes={{ content: { 'aria-label': 'Command palette' } }}
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      overlayProps={{ backgroundOpacity: 0.4, blur: 0 }}
      classNames={{ action: classes['action'] ?? '' }}
      searchProps={{ placeholder: 'What do you want to do?', 'aria-label': 'Command' }}
      data-testid="command-palette"
    />
  );
}
